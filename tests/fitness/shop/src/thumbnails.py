def handler(event, context):
    return {"size": event["size"]}
