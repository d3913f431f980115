"""``lmi-lint traffic collect`` against an emulation of AWS."""

from __future__ import annotations

import builtins
import io
import json
import math
import urllib.request
import zipfile
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import boto3
import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError
from moto.cloudwatch.models import Statistics
from moto.server import ThreadedMotoServer

from lmi_lint.cli import run_command
from lmi_lint.traffic import collect as collecting
from lmi_lint.traffic.load import read_traffic

HOUR = timedelta(hours=1)
NOW = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)


def post(url: str, path: str, body: bytes = b"") -> None:
    # as plain text: a form is taken apart on arrival
    request = urllib.request.Request(url + path, data=body, headers={"Content-Type": "text/plain"}, method="POST")
    with urllib.request.urlopen(request):
        pass


@pytest.fixture(scope="module")
def server():
    emulation = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    emulation.start()
    host, port = emulation.get_host_and_port()
    yield f"http://{host}:{port}"
    emulation.stop()


@pytest.fixture
def aws(server: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """An empty account, and nothing of the user's own settings."""
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {
        "AWS_ENDPOINT_URL": server,
        "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "none",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_CONFIG_FILE": str(tmp_path / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials"),
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(Statistics, "get_statistics_for_type", statistic(Statistics.get_statistics_for_type))
    monkeypatch.setattr(collecting, "_ATTEMPTS", 1)
    post(server, "/moto-api/reset")
    return Account()


def statistic(known):
    """The emulation knows no percentiles."""

    def with_p99(self, stat: str):
        values = sorted(self.metric_single_values_list)
        return values[math.ceil(0.99 * len(values)) - 1] if stat == "p99" else known(self, stat)

    return with_p99


class Account:
    """What a test puts into the emulated account."""

    def __init__(self) -> None:
        trust = json.dumps({"Version": "2012-10-17", "Statement": []})
        self.role = boto3.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        self.functions = boto3.client("lambda")
        self.metrics = boto3.client("cloudwatch")

    def add(self, name: str, **given) -> None:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("a.py", "")
        settings = {"Runtime": "python3.13", "MemorySize": 512, "Architectures": ["arm64"]} | given
        code = {"ZipFile": buffer.getvalue()}
        self.functions.create_function(FunctionName=name, Role=self.role, Handler="a.b", Code=code, **settings)

    def measure(self, function: str, metric: str, *values: tuple[int, float], insights=False) -> None:
        """Values so many hours ago."""
        dimension = {"Name": "function_name" if insights else "FunctionName", "Value": function}
        for hours, value in values:
            self.metrics.put_metric_data(
                Namespace="LambdaInsights" if insights else "AWS/Lambda",
                MetricData=[
                    {"MetricName": metric, "Dimensions": [dimension], "Timestamp": NOW - hours * HOUR, "Value": value}
                ],
            )


@pytest.fixture
def refuse(monkeypatch: pytest.MonkeyPatch):
    """Lets AWS refuse an operation, as it does for who lacks the permission; the emulation checks none."""
    real = BaseClient._make_api_call

    def refusing(operation: str, code: str = "AccessDeniedException") -> None:
        def call(self, operation_name: str, arguments):
            if operation_name == operation:
                message = f"User: arn:aws:iam::1:user/u is not authorized to perform: {operation}"
                raise ClientError({"Error": {"Code": code, "Message": message}}, operation)
            return real(self, operation_name, arguments)

        monkeypatch.setattr(BaseClient, "_make_api_call", call)

    return refusing


@pytest.fixture
def orders(aws: Account) -> Account:
    name = "shop-Orders-1A2B3C"
    aws.add(name, Tags={"aws:cloudformation:logical-id": "Orders"})
    aws.measure(name, "Invocations", (3, 1000), (2, 0), (30, 500))
    aws.measure(name, "Duration", (3, 100), (3, 300), (30, 20))
    aws.measure(name, "ConcurrentExecutions", (3, 7), (30, 12))
    aws.measure(name, "used_memory_max", (3, 181.4), insights=True)
    aws.add("quiet", Runtime="nodejs22.x", MemorySize=1024)
    return aws


@pytest.mark.slow
class TestCollect:
    def test_file(self, orders, tmp_path: Path, capsys) -> None:
        target = tmp_path / "traffic.toml"
        assert run_command(["traffic", "collect", "--days", "10", "--output", str(target)]) == 0
        assert capsys.readouterr().err == ""
        text = target.read_text(encoding="utf-8")
        assert "# Traffic of 2 functions in eu-west-1, collected from CloudWatch" in text
        assert '# shop-Orders-1A2B3C, python3.13, 512 MB, arm64\n["Orders"]' in text
        told = read_traffic(target)
        found = told.of("Orders")
        # ten days of 730 / 24
        assert found.requests == Decimal(4562)
        assert found.duration_ms == 140
        assert found.duration_p99_ms == 300
        assert found.peak_concurrency == 12
        assert found.active_hours == Decimal("6.1")
        assert found.memory_used_mb == 181
        assert found.source == "cloudwatch"
        assert told.of("quiet").requests == 0
        assert told.of("quiet").duration_ms is None

    def test_calls_are_batched(self, orders, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
        assert run_command(["traffic", "collect"]) == 0
        whole = capsys.readouterr().out
        monkeypatch.setattr(collecting, "_BATCH", 5)
        assert run_command(["traffic", "collect"]) == 0
        assert capsys.readouterr().out == whole
        assert "peak_concurrency = 12" in whole

    def test_only_some(self, orders, capsys) -> None:
        assert run_command(["traffic", "collect", "--functions", "shop-*"]) == 0
        assert "quiet" not in capsys.readouterr().out
        assert run_command(["traffic", "collect", "--functions", "nosuch*"]) == 2
        assert "no functions like nosuch* in this account and region" in capsys.readouterr().err

    def test_functions_of_one_logical_id_keep_their_names(self, aws, capsys) -> None:
        for name in ("a-Orders-1", "b-Orders-2"):
            aws.add(name, Tags={"aws:cloudformation:logical-id": "Orders"})
        assert run_command(["traffic", "collect"]) == 0
        out, err = capsys.readouterr()
        assert '["a-Orders-1"]' in out
        assert "several functions are called Orders in their templates: AWS names are kept" in err

    def test_empty_account(self, aws, capsys) -> None:
        assert run_command(["traffic", "collect", "--region", "eu-north-1"]) == 2
        assert "no functions in this account and region" in capsys.readouterr().err

    @pytest.mark.parametrize(
        ("operation", "code", "missing"),
        [
            ("ListFunctions", "AccessDeniedException", "lambda:ListFunctions"),
            ("GetMetricData", "AccessDenied", "cloudwatch:GetMetricData"),
        ],
    )
    def test_missing_permission(self, orders, refuse, capsys, operation: str, code: str, missing: str) -> None:
        refuse(operation, code)
        assert run_command(["traffic", "collect"]) == 2
        err = capsys.readouterr().err
        assert (
            f"error: AWS refuses {missing} (collecting needs lambda:ListFunctions, lambda:ListTags, cloudwatch:" in err
        )

    def test_expired_login(self, orders, refuse, capsys) -> None:
        refuse("ListFunctions", "ExpiredTokenException")
        assert run_command(["traffic", "collect"]) == 2
        assert "error: AWS does not accept the credentials: " in capsys.readouterr().err

    def test_tags_are_a_convenience(self, orders, refuse, capsys) -> None:
        refuse("ListTags")
        assert run_command(["traffic", "collect"]) == 0
        out, err = capsys.readouterr()
        assert "warning: AWS refuses lambda:ListTags: functions keep the names they have in AWS" in err
        assert '["shop-Orders-1A2B3C"]' in out


class TestBeforeAws:
    """What goes wrong on this side."""

    @pytest.fixture(autouse=True)
    def nothing_set(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION", "AWS_REGION"):
            monkeypatch.delenv(name, raising=False)
        for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
            monkeypatch.setenv(name, str(tmp_path / name))
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")

    def test_no_credentials(self, capsys) -> None:
        assert run_command(["traffic", "collect", "--region", "eu-west-1"]) == 2
        assert "error: no AWS credentials were found (log in, name a --profile" in capsys.readouterr().err

    def test_no_region(self, capsys) -> None:
        assert run_command(["traffic", "collect"]) == 2
        assert "error: no AWS region is set (--region REGION" in capsys.readouterr().err

    def test_no_such_profile(self, capsys) -> None:
        assert run_command(["traffic", "collect", "--profile", "nosuch"]) == 2
        assert "error: --profile nosuch: there is no such profile" in capsys.readouterr().err

    def test_nobody_answers(self, capsys, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "a")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "b")
        monkeypatch.setattr(collecting, "_ATTEMPTS", 1)
        assert run_command(["traffic", "collect", "--region", "eu-west-1"]) == 2
        assert "error: AWS cannot be reached: " in capsys.readouterr().err

    def test_without_boto3(self, capsys, monkeypatch: pytest.MonkeyPatch) -> None:
        real = builtins.__import__

        def missing(name: str, *rest, **named):
            if name == "boto3":
                raise ImportError(name)
            return real(name, *rest, **named)

        monkeypatch.setattr(builtins, "__import__", missing)
        assert run_command(["traffic", "collect"]) == 2
        assert "error: collecting needs boto3, which is not installed (pip install 'lmi-lint[aws]')" in (
            capsys.readouterr().err
        )
