"""What sets the share of the second function at a trigger, as commented configuration: the first step, 10 %.

What is in angle brackets is to be filled in: from what a trigger comes is not part of a deployed function.

Sources: https://docs.aws.amazon.com/apigateway/latest/developerguide/canary-release.html,
https://docs.aws.amazon.com/apigateway/latest/developerguide/stage-variables.html,
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-lambda-eventsourcemapping-scalingconfig.html
"""

from __future__ import annotations

from string import Template
from typing import Final

from lmi_lint.deploy.model import Dialect
from lmi_lint.fitness.snippets.model import Plan
from lmi_lint.fitness.snippets.quoting import camel, comment, snake

_SAM_HTTP: Final = """\
# In AWS::Serverless::Api; the integration names arn:…:function:$${stageVariables.handledBy}
Variables: {handledBy: !Ref $first}
CanarySetting:
  PercentTraffic: 10
  StageVariableOverrides: {handledBy: !Ref $second}"""
_CLOUDFORMATION_HTTP: Final = """\
# In AWS::ApiGateway::Stage; the integration names arn:…:function:$${stageVariables.handledBy}
Variables: {handledBy: !Ref $first}
CanarySetting:
  PercentTraffic: 10
  StageVariableOverrides: {handledBy: !Ref $second}"""
_TERRAFORM_HTTP: Final = """\
# In aws_api_gateway_stage; the integration names arn:…:function:$$$${stageVariables.handledBy}
variables = { handledBy = <$first>.function_name }
canary_settings {
  deployment_id            = <the stage's>
  percent_traffic          = 10
  stage_variable_overrides = { handledBy = aws_lambda_function.$second_snake.function_name }
}"""
_SAM_SQS: Final = """\
# In $second; fewer at once than in $first
Events:
  Work:
    Type: SQS
    Properties:
      Queue: <ARN of the queue>
      ScalingConfig: {MaximumConcurrency: 2}"""
_CLOUDFORMATION_SQS: Final = """\
# Fewer at once than in the mapping of $first
${second}Work:
  Type: AWS::Lambda::EventSourceMapping
  Properties:
    FunctionName: !Ref $second
    EventSourceArn: <ARN of the queue>
    ScalingConfig: {MaximumConcurrency: 2}"""
_SERVERLESS_SQS: Final = """\
# In $second_camel; fewer at once than in $first
events:
  - sqs:
      arn: <ARN of the queue>
      maximumConcurrency: 2"""
_TERRAFORM_SQS: Final = """\
# Fewer at once than in the mapping of $first
resource "aws_lambda_event_source_mapping" "$second_snake" {
  function_name    = aws_lambda_function.$second_snake.arn
  event_source_arn = <ARN of the queue>
  scaling_config {
    maximum_concurrency = 2
  }
}"""
_CLOUDFORMATION_STREAM: Final = """\
# In the AWS::Lambda::EventSourceMapping of $first, all at once
FunctionName: !Ref $second"""
_TERRAFORM_STREAM: Final = """\
# In the aws_lambda_event_source_mapping of $first, all at once
function_name = aws_lambda_function.$second_snake.arn"""

_EXAMPLES: Final = {
    (Dialect.SAM, "http"): _SAM_HTTP,
    (Dialect.SAM, "sqs"): _SAM_SQS,
    (Dialect.CLOUDFORMATION, "http"): _CLOUDFORMATION_HTTP,
    (Dialect.CLOUDFORMATION, "sqs"): _CLOUDFORMATION_SQS,
    (Dialect.SERVERLESS, "sqs"): _SERVERLESS_SQS,
    (Dialect.TERRAFORM, "http"): _TERRAFORM_HTTP,
    (Dialect.TERRAFORM, "sqs"): _TERRAFORM_SQS,
    **{(Dialect.CLOUDFORMATION, kind): _CLOUDFORMATION_STREAM for kind in ("kinesis", "dynamodb", "msk", "kafka")},
    **{(Dialect.TERRAFORM, kind): _TERRAFORM_STREAM for kind in ("kinesis", "dynamodb", "msk", "kafka")},
}
"""By dialect and trigger. The CDK names constructs in the text; an event of the Serverless Framework has no canary."""


def examples(plan: Plan) -> str:
    """The first step as comments, one example for each kind of trigger; empty where there is none."""
    kinds = dict.fromkeys(each.kind for each in plan.first.events)
    dialect = plan.first.dialect or Dialect.CDK
    names = {
        "first": comment(plan.first.name),
        "second": plan.second,
        "second_camel": camel(plan.second),
        "second_snake": snake(plan.second),
    }
    texts = dict.fromkeys(_EXAMPLES[dialect, kind] for kind in kinds if (dialect, kind) in _EXAMPLES)
    lines = [line for text in texts for line in ("", *Template(text).substitute(names).splitlines())]
    if not lines:
        return ""
    return "".join(f"#   {line}".rstrip() + "\n" for line in ("", "The first step, 10 %:", *lines, ""))
