"""The data that ships, and what is said of data that cannot be used."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest

from lmi_lint.cost.assumptions import read_assumptions
from lmi_lint.cost.load import load_prices
from lmi_lint.cost.prices import read_ec2, read_lambda
from lmi_lint.errors import ConfigError, UsageError
from lmi_lint.packs import rules_root
from tests.cost.examples import shipped_assumptions, shipped_prices
from tests.harness import ROOT

PRICES = ROOT / "rules" / "prices"
HEAD = "region,type,vcpu,mem_gib,arch,usd_per_hour,basis\n"
ROW = "us-east-1,m7g.large,2,8,arm64,0.0816,exact\n"


def test_shipped_prices_are_dated_and_whole() -> None:
    (table,) = shipped_prices().tables
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", table.as_of)
    assert table.source.startswith("https://")
    assert len(table.regions) == 12
    assert all(len(kinds) > 80 for kinds in table.regions.values())
    assert {kind.basis for kind in table.regions["us-east-1"]} == {"exact"}
    for kinds in table.regions.values():
        assert {kind.architecture for kind in kinds} == {"arm64", "x86_64"}
        assert all(("g" in kind.family[2:]) == (kind.architecture == "arm64") for kind in kinds)


def test_shipped_assumptions_name_their_source() -> None:
    for entry in shipped_assumptions().entries.values():
        assert entry.what, entry.name
        assert entry.unit, entry.name
        assert re.fullmatch(r"20\d\d-\d\d(-\d\d)?", entry.date), entry.name
        assert entry.source.startswith(("https://", "a choice of this tool")), entry.name
        assert not (entry.verified and entry.source.startswith("a choice")), entry.name


def test_every_assumption_is_used_and_documented() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "lmi_lint" / "cost").glob("*.py"))
    page = (ROOT / "docs" / "cost.md").read_text(encoding="utf-8")
    for name in shipped_assumptions().entries:
        assert f'"{name}"' in code, name
        assert f"`{name}`" in page, name


@pytest.mark.parametrize(
    ("given", "message", "hint"),
    [
        ("ec2_3y=0.5", "--assume ec2_3y=0.5: no assumption is called ec2_3y", "did you mean ec2_3yr?"),
        ("zzz=1", "--assume zzz=1: no assumption is called zzz", "known: management_fee, lmi_requests"),
        ("ec2_3yr", "--assume ec2_3yr: no value", "write --assume NAME=VALUE, such as ec2_3yr=0.55"),
        ("ec2_3yr=lots", "--assume ec2_3yr=lots: no number", "it is in off the EC2 price; 0.65 unless stated"),
        ("ec2_3yr=55", "--assume ec2_3yr=55: more than 1", "discount of a three-year commitment"),
        ("cpu_target=0", "--assume cpu_target=0: less than 0.01", "how far the vCPUs"),
        ("min_instances=2.5", "--assume min_instances=2.5: not a whole number", "fewest instances"),
        ("peak_factor=inf", "--assume peak_factor=inf: not a finite number", "invocations at once"),
        ("peak_factor=nan", "--assume peak_factor=nan: not a finite number", "invocations at once"),
    ],
)
def test_wrong_overrides(given: str, message: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        shipped_assumptions().override([given])
    assert caught.value.message == message
    assert caught.value.hint.startswith(hint)


def test_overrides_take_percents_and_words() -> None:
    entries = shipped_assumptions().override(["ec2_3yr=55%", "free_tier=yes", "peak_factor=3"]).entries
    assert [entries[name].value for name in ("ec2_3yr", "free_tier", "peak_factor")] == [Decimal("0.55"), 1, 3]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", ":1: no table of EC2 prices"),
        ("a,b\n", ":1: no table of EC2 prices"),
        (HEAD, ": the table of EC2 prices is empty"),
        (HEAD + "us-east-1,m7g.large\n", ":2: 2 columns instead of 7"),
        (HEAD + ROW + ROW, ":3: m7g.large in us-east-1 is priced twice"),
        (HEAD + ROW.replace("0.0816", "cheap"), ":2: usd_per_hour is 'cheap'"),
        (HEAD + ROW.replace("0.0816", "-1"), ":2: usd_per_hour is '-1'"),
        (HEAD + ROW.replace("0.0816", "nan"), ":2: usd_per_hour is 'nan'"),
        (HEAD + ROW.replace("arm64", "riscv"), ":2: arch is 'riscv'"),
        (HEAD + ROW.replace("exact", "guess"), ":2: basis is 'guess'"),
        (HEAD + ROW.replace("m7g.large", "m7g"), ":2: no region, instance type and whole number of vCPUs"),
        ("# as-of: 2026-01-01\n" + HEAD + "us-east-1,m7g.large\n", ":3: 2 columns instead of 7"),
    ],
)
def test_wrong_tables(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "ec2.csv"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        read_ec2(path)
    assert caught.value.message == f"{path}{message}"


def test_own_table_comes_first_for_its_regions(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text("# as-of: 2026-11-02\n# source: a contract\n" + HEAD + ROW.replace("0.0816", "0.05"))
    prices = load_prices(rules_root(), [path])
    own, shipped = prices.table("us-east-1"), prices.table("eu-west-1")
    assert own is not None
    assert (own.as_of, own.source, own.regions["us-east-1"][0].usd_per_hour) == (
        "2026-11-02",
        "a contract",
        Decimal("0.05"),
    )
    assert shipped is prices.tables[1]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("usd_per_million = 0.20", "usd_per_million = true", "requests.usd_per_million"),
        ("[free_tier]", "[free_beer]", "free_beer"),
        ("{ usd_per_gb_second = 0.0000133334 },", "", "tiers must rise, and the last has no up_to_gb_seconds"),
        ("6_000_000_000", "16_000_000_000", "tiers must rise"),
        ("[rates.arm64]", "[rates.arm]", "no [rates.arm64]"),
        ("as_of", "as_of = ", "not valid TOML"),
    ],
)
def test_wrong_lambda_prices(tmp_path: Path, old: str, new: str, message: str) -> None:
    text = (PRICES / "lambda.toml").read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "lambda.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        read_lambda(path)
    assert str(path) in caught.value.message
    assert message in caught.value.message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[a]\nvalue = 1\n", "a: Object missing required field `unit`"),
        ("[a]\nvalue = 2\nmost = 1\nunit=''\nwhat=''\nsource=''\ndate=''\nverified=true\n", "a: value is more than 1"),
        ("[a]\nvalue = '1'\nunit=''\nwhat=''\nsource=''\ndate=''\nverified=1\n", "a: Expected"),
    ],
)
def test_wrong_assumptions(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "assumptions.toml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        read_assumptions(path)
    assert f"{path}: {message}" in caught.value.message


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        read_ec2(tmp_path / "none.csv")
