"""Packages of the CDK by one name in all languages: ``cdk.aws_lambda``.

Source: https://docs.aws.amazon.com/cdk/api/v2/docs/aws-construct-library.html names each module in every language.
"""

from __future__ import annotations

import re
from typing import Final

_JS: Final = re.compile(r"^(?:@aws-cdk/|aws-cdk-lib(?:/|$)|monocdk(?:/|$))(?:lib/)?(.*)$")
_PYTHON: Final = re.compile(r"^aws_cdk(?:\.(.*))?$")
_JAVA: Final = re.compile(r"^software\.amazon\.awscdk(?:\.services)?(?:\.(.*))?$")
_CSHARP: Final = re.compile(r"^Amazon\.CDK(?:\.(.*))?$")
_OTHERS: Final = {
    "sst/constructs": "sst",
    "@serverless-stack/resources": "sst",
    "XaasKit.CDK.AWS.Lambda.DotNet": "cdk.aws_lambda_dotnet",
    "@xaaskit-cdk/aws-lambda-dotnet": "cdk.aws_lambda_dotnet",
    "xaaskit_cdk.aws_lambda_dotnet": "cdk.aws_lambda_dotnet",
}
_ALPHA: Final = re.compile(r"[-_.]alpha$")

MENTIONS: Final = {
    "javascript": ("aws-cdk", "@serverless-stack/", "sst/constructs"),
    "python": ("aws_cdk",),
    "java": ("software.amazon.awscdk",),
    "csharp": ("Amazon.CDK",),
}
"""Language family → what a file that uses the CDK cannot do without."""


def package(module: str) -> str | None:
    """The common name of a module, package or namespace; None for what is not the CDK's."""
    if module in _OTHERS:
        return _OTHERS[module]
    for pattern, style in ((_JS, "js"), (_PYTHON, "python"), (_JAVA, "java"), (_CSHARP, "csharp")):
        match = pattern.match(module)
        if match is not None:
            return _joined(match.group(1) or "", style)
    return None


def _joined(rest: str, style: str) -> str:
    rest = _ALPHA.sub("", rest)
    if rest in ("", "core"):
        return "cdk"
    if style == "js":
        return "cdk." + rest.split("/lib")[0].replace("-", "_").replace("/", ".")
    if style == "python":
        return "cdk." + rest
    if style == "csharp":
        rest = rest.removeprefix("AWS.").removesuffix(".Alpha")
    flat = rest.replace(".", "_").lower()
    return "cdk." + _FLAT.get(flat, f"aws_{flat}")


_FLAT: Final = {
    "lambda_eventsources": "aws_lambda_event_sources",
    "lambda_destinations": "aws_lambda_destinations",
    "events_targets": "aws_events_targets",
    "sns_subscriptions": "aws_sns_subscriptions",
    "s3_notifications": "aws_s3_notifications",
    "apigatewayv2_integrations": "aws_apigatewayv2_integrations",
    "elasticloadbalancingv2_targets": "aws_elasticloadbalancingv2_targets",
    "cloudfront_experimental": "aws_cloudfront.experimental",
}
"""Packages whose words are not only joined."""
