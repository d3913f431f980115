"""Traffic files: reading, writing, templates."""

from __future__ import annotations

import re
import tomllib
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lmi_lint.cli import run_command
from lmi_lint.errors import ConfigError
from lmi_lint.traffic.load import KEYS, read_traffic, written
from lmi_lint.traffic.model import Traffic
from lmi_lint.traffic.template import Known, template


@pytest.fixture
def read(tmp_path: Path):
    path = tmp_path / "traffic.toml"

    def reading(text: str):
        path.write_text(text, encoding="utf-8")
        return read_traffic(path)

    return reading


def test_nearer_tables_win_key_by_key(read) -> None:
    told = read("""
        [orders-create]
        requests = "50M"
        source = "load test"
        ["orders-*"]
        requests = 1000
        duration = "120ms"
        cpu_share = 0.5
        [default]
        duration = "1s"
        memory_used = "180MB"
    """)
    assert told.of("orders-create") == Traffic(
        requests=Decimal(50_000_000),
        duration_ms=Decimal(120),
        cpu_share=Decimal("0.5"),
        memory_used_mb=Decimal(180),
        source="load test",
    )
    assert told.of("orders-list").requests == 1000
    assert told.of("other") == Traffic(duration_ms=Decimal(1000), memory_used_mb=Decimal(180))


def test_later_patterns_win(read) -> None:
    told = read('["a*"]\nrequests = 1\n["*b"]\nrequests = 2\n')
    assert told.of("ab").requests == 2
    assert told.of("ac").requests == 1
    assert told.of("zz") == Traffic()


def test_tables_without_a_function(read) -> None:
    told = read("[default]\n[Ordres]\nrequests = 1\n['x*']\n['Pay*']\n[Orders]\n")
    assert told.unmatched(["Orders", "Payments"]) == [
        f"{told.origin}: [Ordres] matches no function; did you mean Orders?",
        f"{told.origin}: [x*] matches no function",
    ]


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("[f]\nrequest = 1\n", ": [f] request: unknown key", "did you mean requests?"),
        ("[f]\nduration_ms = 1\n", ": [f] duration_ms: unknown key", "did you mean duration?"),
        ("[f]\nzzz = 1\n", ": [f] zzz: unknown key", "known: requests, duration"),
        ("[a.b]\nrequests = 1\n", ": [a] b: unknown key", 'names with dots need quotes: ["orders.create"]'),
        ("[f]\nduration = 120\n", ": [f] duration: 120 has no unit", 'for example "120ms"'),
        ("[f]\nduration = '0ms'\n", ": [f] duration: must be above 0", 'for example "120ms"'),
        ("[f]\nrequests = true\n", ": [f] requests: True is neither number nor text", 'for example "50M"'),
        ("[f]\nrequests = [1]\n", ": [f] requests: [1] is neither number nor text", 'for example "50M"'),
        ("[f]\nrequests = 'x'\n", ": [f] requests: 'x' is not a number such as 50M, or a rate such as 20/s", "for ex"),
        ("[f]\nrequests = -1\n", ": [f] requests: '-1' is not a number such as 50M, or a rate such as 20/s", "for ex"),
        ("[f]\nrequests = inf\n", ": [f] requests: ", "for example"),
        ("[f]\ncpu_share = 25\n", ": [f] cpu_share: '25' is more than the whole; write 0.25 or 25%", "for example"),
        ("requests = 1\n", ": requests stands outside a table", "put it below [default]"),
        ("f = 1\n", ": [f] is no table", 'write ["f"] and its keys below it'),
        ("[f\n", ": not valid TOML: ", "names with dots"),
    ],
)
def test_wrong_files(read, text: str, message: str, hint: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(text)
    assert re.search(r"traffic\.toml" + re.escape(message), caught.value.message)
    assert caught.value.hint.startswith(hint)


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: No such file") as caught:
        read_traffic(tmp_path / "none.toml")
    assert "traffic template" in caught.value.hint


amounts = st.decimals("0.01", "100000000", places=2)
traffics = st.builds(
    Traffic,
    requests=st.none() | amounts,
    duration_ms=st.none() | amounts,
    duration_p99_ms=st.none() | amounts,
    peak_concurrency=st.none() | amounts,
    active_hours=st.none() | st.decimals("0.1", "730", places=1),
    memory_used_mb=st.none() | amounts,
    cpu_share=st.none() | st.decimals("0.01", "1", places=2),
    burst=st.none() | amounts,
    source=st.sampled_from(["stated", "cloudwatch"]),
)
names = st.text(st.characters(codec="utf-8", exclude_characters="*?["), min_size=1, max_size=20)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(names.filter(lambda name: name != "default"), traffics, max_size=4), st.text(max_size=10))
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, tables, about: str) -> None:
    path = tmp_path_factory.mktemp("traffic") / "t.toml"
    about = about.encode(errors="replace").decode()
    path.write_text(written([(name, traffic, about) for name, traffic in tables.items()], [about]), encoding="utf-8")
    again = read_traffic(path)
    assert dict(again.tables) == tables


class TestTemplate:
    def test_every_line_may_be_used(self, tmp_path: Path) -> None:
        text = template([Known("orders.create", "python3.13, 512 MB"), Known('q"uote', "")])
        empty = tomllib.loads(text)
        assert empty == {"default": {}, "orders.create": {}, 'q"uote': {}}
        filled = re.sub(r"^# (\w+ = )", r"\1", text, flags=re.MULTILINE)
        path = tmp_path / "t.toml"
        path.write_text(filled, encoding="utf-8")
        told = read_traffic(path).of("orders.create")
        assert all(getattr(told, key.field) is not None for key in KEYS.values())

    def test_functions_of_one_name_share_a_table(self) -> None:
        text = template([Known("f", "a.yaml"), Known("f", "b.yaml"), Known("f", "b.yaml")])
        assert text.count('["f"]') == 1
        assert "# a.yaml\n# b.yaml\n[" in text

    def test_command(self, tmp_path: Path, capsys) -> None:
        (tmp_path / "template.yaml").write_text(
            "Resources:\n  Orders:\n    Type: AWS::Serverless::Function\n"
            "    Properties: {Handler: a.b, Runtime: python3.13, MemorySize: 512}\n"
        )
        assert run_command(["traffic", "template", str(tmp_path)]) == 0
        out = capsys.readouterr().out
        assert '# python3.13, 512 MB, template.yaml\n["Orders"]\n# requests = "50M"' in out
        target = tmp_path / "traffic.toml"
        assert run_command(["traffic", "template", str(tmp_path), "--output", str(target)]) == 0
        assert target.read_text(encoding="utf-8") == out
        assert run_command(["cost", str(tmp_path), "--traffic", str(target), "--region", "us-east-1"]) == 0
