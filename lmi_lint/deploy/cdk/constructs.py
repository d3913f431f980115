"""The constructs that make or change Lambda functions, and what their properties mean.

Sources: https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_lambda-readme.html,
https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_lambda_nodejs-readme.html,
https://docs.aws.amazon.com/cdk/api/v2/docs/@aws-cdk_aws-lambda-python-alpha-readme.html,
https://docs.aws.amazon.com/cdk/api/v2/docs/@aws-cdk_aws-lambda-go-alpha-readme.html,
https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_cloudfront.experimental.EdgeFunction.html,
https://github.com/xaaskit-cdk/aws-lambda-dotnet
"""

from __future__ import annotations

from enum import Enum
from typing import Final


class Kind(Enum):
    """What a construct is to us."""

    FUNCTION = "function"  # code, handler, runtime
    NODEJS = "nodejs"  # entry is one source file
    PYTHON = "python"  # entry is a folder, index a file in it
    GO = "go"
    IMAGE = "image"
    DOTNET = "dotnet"  # projectDir holds the project file
    EDGE = "edge"
    CFN = "cfn"  # CloudFormation's properties in camel case
    SAM = "sam"
    SST = "sst"
    PROVIDER = "provider"
    CFN_PROVIDER = "cfn provider"
    ALIAS = "alias"
    VERSION = "version"
    URL = "url"


CONSTRUCTS: Final[dict[str, Kind]] = {
    "cdk.aws_lambda.Function": Kind.FUNCTION,
    "cdk.aws_lambda.SingletonFunction": Kind.FUNCTION,
    "cdk.triggers.TriggerFunction": Kind.FUNCTION,
    "cdk.aws_lambda_nodejs.NodejsFunction": Kind.NODEJS,
    "cdk.aws_lambda_python.PythonFunction": Kind.PYTHON,
    "cdk.aws_lambda_go.GoFunction": Kind.GO,
    "cdk.aws_lambda.DockerImageFunction": Kind.IMAGE,
    "cdk.aws_lambda_dotnet.DotNetFunction": Kind.DOTNET,
    "cdk.aws_cloudfront.experimental.EdgeFunction": Kind.EDGE,
    "cdk.aws_lambda.CfnFunction": Kind.CFN,
    "cdk.aws_sam.CfnFunction": Kind.SAM,
    "sst.Function": Kind.SST,
    "cdk.aws_lambda.CapacityProvider": Kind.PROVIDER,
    "cdk.aws_lambda.CfnCapacityProvider": Kind.CFN_PROVIDER,
    "cdk.aws_lambda.Alias": Kind.ALIAS,
    "cdk.aws_lambda.Version": Kind.VERSION,
    "cdk.aws_lambda.FunctionUrl": Kind.URL,
}  # fmt: skip

FUNCTIONS: Final = frozenset(
    {
        Kind.FUNCTION, Kind.NODEJS, Kind.PYTHON, Kind.GO, Kind.IMAGE, Kind.DOTNET, Kind.EDGE, Kind.CFN, Kind.SAM,
        Kind.SST,
    }
)  # fmt: skip

EVENTS: Final[dict[str, tuple[str, bool]]] = {
    "SqsEventSource": ("sqs", True),
    "KinesisEventSource": ("kinesis", True),
    "KinesisConsumerEventSource": ("kinesis", True),
    "DynamoEventSource": ("dynamodb", True),
    "ManagedKafkaEventSource": ("msk", True),
    "SelfManagedKafkaEventSource": ("kafka", True),
    "S3EventSource": ("s3", False),
    "S3EventSourceV2": ("s3", False),
    "SnsEventSource": ("sns", False),
    "ApiEventSource": ("http", False),
    "StreamEventSource": ("other", True),
    "LambdaSubscription": ("sns", False),
    "LambdaDestination": ("s3", False),
    "LambdaFunction": ("eventbridge", False),
    "LambdaInvoke": ("other", False),
    "LambdaIntegration": ("http", False),
    "HttpLambdaIntegration": ("http", False),
    "LambdaProxyIntegration": ("http", False),
    "WebSocketLambdaIntegration": ("http", False),
    "LambdaRestApi": ("http", False),
    "LambdaTarget": ("http", False),
    "LambdaWebSocketIntegration": ("http", False),
}
"""Class or method → what invokes the function that it is given, and whether Lambda polls it. Of ``LambdaFunction`` a
rule of EventBridge decides whether it is a schedule."""

RUNTIMES: Final[dict[str, str]] = {
    "JAVA_8_CORRETTO": "java8.al2",
    "JAVA_8": "java8",
    "DOTNET_CORE_3_1": "dotnetcore3.1",
    "PROVIDED": "provided",
    "PROVIDED_AL2": "provided.al2",
    "PROVIDED_AL2023": "provided.al2023",
    "NODEJS": "nodejs",
}
"""Constants of ``Runtime`` whose identifier is not their words joined."""
