"""Collects traffic from an AWS account: functions from Lambda, metrics from CloudWatch. Reads only.

Metrics: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html, and for memory
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Lambda-Insights-metrics.html (where Insights is on).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Any, Final

from msgspec import Struct

from lmi_lint.errors import LmiLintError, UsageError
from lmi_lint.traffic.load import written
from lmi_lint.traffic.model import Traffic

SOURCE: Final = "cloudwatch"
_MONTH_HOURS: Final = Decimal(730)
_HOUR: Final = 3600
_DAY: Final = 86_400
_BATCH: Final = 500
"""Queries in one call of GetMetricData, which is its limit (CloudWatch API reference)."""
_ATTEMPTS: Final = 8
"""How often a call is tried."""
_MESSAGE: Final = 200
"""Characters of a message of AWS that are shown."""
_LOGICAL_ID: Final = "aws:cloudformation:logical-id"
_PERMISSIONS: Final = ("lambda:ListFunctions", "lambda:ListTags", "cloudwatch:GetMetricData")


class _Metric(Struct, frozen=True):
    """A metric of a function: where it is, which statistic of which period."""

    namespace: str
    name: str
    dimension: str
    stat: str
    period: int


_METRICS: Final[Mapping[str, _Metric]] = {
    "invocations": _Metric("AWS/Lambda", "Invocations", "FunctionName", "Sum", _HOUR),
    "duration": _Metric("AWS/Lambda", "Duration", "FunctionName", "Sum", _DAY),
    "samples": _Metric("AWS/Lambda", "Duration", "FunctionName", "SampleCount", _DAY),
    "p99": _Metric("AWS/Lambda", "Duration", "FunctionName", "p99", _DAY),
    "concurrency": _Metric("AWS/Lambda", "ConcurrentExecutions", "FunctionName", "Maximum", _HOUR),
    "memory": _Metric("LambdaInsights", "used_memory_max", "function_name", "Maximum", _DAY),
}


class Function(Struct, frozen=True):
    """A function of an account: ``name`` there, the ``table`` of the traffic file for it, and ``about`` for people."""

    name: str
    table: str
    about: str


class Collected(Struct, frozen=True):
    """What was collected. ``head``: lines that say from where and when."""

    functions: tuple[tuple[Function, Traffic], ...]
    head: tuple[str, ...]
    warnings: tuple[str, ...] = ()

    def text(self) -> str:
        """As a traffic file."""
        return written(((function.table, traffic, function.about) for function, traffic in self.functions), self.head)


def collect(*, profile: str | None, region: str | None, days: int, patterns: Sequence[str] = ()) -> Collected:
    """Traffic of the functions of an account and region in the last ``days``. ``patterns``: only such names.

    UsageError where boto3, credentials, a region or permissions are missing; it says which.
    """
    boto3, botocore = _libraries()
    try:
        session = boto3.Session(profile_name=profile, region_name=region)
        patient = botocore.config.Config(retries={"mode": "standard", "max_attempts": _ATTEMPTS})
        functions, metrics = (session.client(service, config=patient) for service in ("lambda", "cloudwatch"))
        account = _Account(functions, metrics, botocore)
        found, warnings = account.functions(patterns)
        now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
        values = account.metrics([function.name for function in found], now - timedelta(days=days), now)
    except botocore.exceptions.NoRegionError as error:
        raise UsageError("no AWS region is set", "--region REGION, or set it in the profile") from error
    except botocore.exceptions.ProfileNotFound as error:
        raise UsageError(f"--profile {profile}: there is no such profile", "aws configure list-profiles") from error
    except (botocore.exceptions.NoCredentialsError, botocore.exceptions.PartialCredentialsError) as error:
        hint = "log in, name a --profile, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
        raise UsageError("no AWS credentials were found", hint) from error
    except botocore.exceptions.ClientError as error:
        raise _refused(error, "AWS") from error
    except botocore.exceptions.BotoCoreError as error:
        raise UsageError(f"AWS cannot be reached: {error}", "check network, region and login") from error
    traffic = tuple((function, _traffic(values.get(function.name, {}), days)) for function in found)
    head = (
        f"Traffic of {len(found)} functions in {session.region_name}, collected from CloudWatch by lmi-lint.",
        f"The {days} days before {now:%Y-%m-%d %H:%M} UTC, taken to a month of 730 hours.",
        "duration_p99 is that of the worst day, peak_concurrency the highest seen.",
    )
    return Collected(traffic, head, warnings)


def _libraries() -> tuple[Any, Any]:
    try:
        import boto3
        import botocore.config
        import botocore.exceptions
    except ImportError as error:
        raise UsageError("collecting needs boto3, which is not installed", "pip install 'lmi-lint[aws]'") from error
    return boto3, botocore


def _refused(error: Any, action: str) -> LmiLintError:
    """What AWS said no to."""
    code = error.response.get("Error", {}).get("Code", "")
    message = " ".join(error.response.get("Error", {}).get("Message", "").split())[:_MESSAGE]
    operation = error.operation_name
    if code.removesuffix("Exception") in {"AccessDenied", "UnauthorizedOperation"}:
        missing = next((name for name in _PERMISSIONS if name.endswith(f":{operation}")), operation)
        return UsageError(f"AWS refuses {missing}", f"collecting needs {', '.join(_PERMISSIONS)}")
    if code in {"ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException"}:
        return UsageError(f"AWS does not accept the credentials: {message}", "log in again")
    return UsageError(f"{action}: {operation} failed: {code}: {message}", "try again later")


class _Account:
    """Lambda and CloudWatch of one account and region."""

    def __init__(self, functions: Any, metrics: Any, botocore: Any) -> None:
        self._lambda = functions
        self._cloudwatch = metrics
        self._botocore = botocore

    def functions(self, patterns: Sequence[str]) -> tuple[list[Function], tuple[str, ...]]:
        """The functions, each with the table it gets, and warnings. UsageError if there are none."""
        pages = self._lambda.get_paginator("list_functions").paginate()
        settings = [each for page in pages for each in page["Functions"] if _wanted(each["FunctionName"], patterns)]
        if not settings:
            what = f"like {', '.join(patterns)} " if patterns else ""
            raise UsageError(f"no functions {what}in this account and region", "check --region, --profile, --functions")
        tables, warnings = self._tables(settings)
        return [
            Function(each["FunctionName"], tables[each["FunctionName"]], _about(each)) for each in settings
        ], warnings

    def _tables(self, settings: Sequence[Mapping[str, Any]]) -> tuple[dict[str, str], tuple[str, ...]]:
        """Name → table. CloudFormation makes names of its own from logical ids, which templates go by."""
        ids: dict[str, str] = {}
        warnings: tuple[str, ...] = ()
        for each in settings:
            name = each["FunctionName"]
            try:
                tags = self._lambda.list_tags(Resource=each["FunctionArn"]).get("Tags", {})
            except self._botocore.exceptions.ClientError as error:
                refused = _refused(error, "tags")
                warnings = (f"{refused.message}: functions keep the names they have in AWS",)
                break
            if f"-{tags.get(_LOGICAL_ID)}-" in name:
                ids[name] = tags[_LOGICAL_ID]
        names = {each["FunctionName"] for each in settings}
        taken = list(ids.values())
        unique = {name: table for name, table in ids.items() if taken.count(table) == 1 and table not in names}
        twice = sorted({table for table in taken if taken.count(table) > 1})
        warnings += tuple(
            f"several functions are called {table} in their templates: AWS names are kept" for table in twice
        )
        return {name: unique.get(name, name) for name in names}, warnings

    def metrics(self, names: Sequence[str], start: datetime, end: datetime) -> dict[str, dict[str, list[Decimal]]]:
        """Function → metric of ``_METRICS`` → its values, without periods that have none."""
        values: dict[str, dict[str, list[Decimal]]] = {}
        queries = [(name, what) for name in names for what in _METRICS]
        pages = self._cloudwatch.get_paginator("get_metric_data")
        for at in range(0, len(queries), _BATCH):
            batch = {f"q{number}": query for number, query in enumerate(queries[at : at + _BATCH])}
            asked = [_query(key, name, _METRICS[what]) for key, (name, what) in batch.items()]
            for page in pages.paginate(MetricDataQueries=asked, StartTime=start, EndTime=end):
                for result in page["MetricDataResults"]:
                    name, what = batch[result["Id"]]
                    found = values.setdefault(name, {}).setdefault(what, [])
                    found += [Decimal(str(value)) for value in result.get("Values", [])]
        return values


def _wanted(name: str, patterns: Sequence[str]) -> bool:
    return not patterns or any(fnmatchcase(name, pattern) for pattern in patterns)


def _query(key: str, name: str, metric: _Metric) -> dict[str, Any]:
    dimensions = [{"Name": metric.dimension, "Value": name}]
    return {
        "Id": key,
        "MetricStat": {
            "Metric": {"Namespace": metric.namespace, "MetricName": metric.name, "Dimensions": dimensions},
            "Period": metric.period,
            "Stat": metric.stat,
        },
    }


def _about(settings: Mapping[str, Any]) -> str:
    parts = [
        settings["FunctionName"],
        settings.get("Runtime") or settings.get("PackageType") or "",
        f"{settings['MemorySize']} MB" if settings.get("MemorySize") else "",
        *settings.get("Architectures", []),
        "on managed instances" if settings.get("CapacityProviderConfig") else "",
    ]
    return ", ".join(part for part in parts if part)


def _traffic(values: Mapping[str, Sequence[Decimal]], days: int) -> Traffic:
    """What the metrics of a function say. Where nothing was invoked, only that."""
    hourly = values.get("invocations", ())
    total = sum(hourly, Decimal(0))
    month = _MONTH_HOURS / (days * 24)
    if not total:
        return Traffic(requests=Decimal(0), source=SOURCE)
    active = sum(1 for value in hourly if value)
    samples = sum(values.get("samples", ()), Decimal(0))
    duration = sum(values.get("duration", ()), Decimal(0))
    return Traffic(
        requests=_rounded(total * month, 0),
        duration_ms=_rounded(duration / samples, 2) if samples and duration else None,
        duration_p99_ms=_highest(values.get("p99", ()), 2),
        peak_concurrency=_highest(values.get("concurrency", ()), 0),
        active_hours=_rounded(min(active * month, _MONTH_HOURS), 1),
        memory_used_mb=_highest(values.get("memory", ()), 0),
        source=SOURCE,
    )


def _highest(values: Sequence[Decimal], digits: int) -> Decimal | None:
    highest = max(values, default=None)
    return _rounded(highest, digits) if highest else None


def _rounded(value: Decimal, digits: int) -> Decimal:
    """Not to nothing: a small amount stays one."""
    unit = Decimal(1).scaleb(-digits)
    return max(value.quantize(unit), unit)
