"""Prices of EC2 and Lambda: their types, and the files they are read from (``rules/prices``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Protocol, TypeVar

import msgspec
from msgspec import Struct

from lmi_lint.errors import ConfigError

_T = TypeVar("_T")
COLUMNS: Final = ("region", "type", "vcpu", "mem_gib", "arch", "usd_per_hour", "basis")
"""Columns of a table of EC2 prices, in order."""
BASES: Final = ("exact", "read", "scaled", "price-list")
"""What a price rests on; ``rules/prices/README.md`` says what each means."""
ARCHITECTURES: Final = ("x86_64", "arm64")


class File(Protocol):
    """A file of an installed package or of a disk; ``str`` of it is its name."""

    def read_bytes(self) -> bytes:
        """All of it. OSError."""
        ...


class InstanceType(Struct, frozen=True):
    """An EC2 instance type in one region: ``vcpus``, ``memory_gib``, USD per hour on demand (Linux, shared tenancy)."""

    name: str
    vcpus: int
    memory_gib: Decimal
    architecture: str
    usd_per_hour: Decimal
    basis: str

    @property
    def family(self) -> str:
        """``m7g`` of ``m7g.large``."""
        return self.name.partition(".")[0]

    @property
    def size(self) -> str:
        """``large`` of ``m7g.large``."""
        return self.name.partition(".")[2]


class Ec2Prices(Struct, frozen=True):
    """A table of EC2 prices. ``as_of`` and ``source`` as its head says, ``origin``: the file."""

    regions: Mapping[str, tuple[InstanceType, ...]]
    as_of: str
    source: str
    origin: str


class Tier(Struct, frozen=True, forbid_unknown_fields=True):
    """A rate up to so many GB-seconds of a month, or without end."""

    usd_per_gb_second: Decimal
    up_to_gb_seconds: Decimal | None = None


class LambdaRate(Struct, frozen=True, forbid_unknown_fields=True):
    """What plain Lambda charges for compute on one architecture."""

    tiers: tuple[Tier, ...]
    provisioned_usd_per_gb_second: Decimal
    provisioned_duration_usd_per_gb_second: Decimal


class Requests(Struct, frozen=True, forbid_unknown_fields=True):
    """What plain Lambda charges for requests."""

    usd_per_million: Decimal


class FreeTier(Struct, frozen=True, forbid_unknown_fields=True):
    """What plain Lambda gives each month; not for provisioned concurrency."""

    requests: Decimal
    gb_seconds: Decimal


class Ephemeral(Struct, frozen=True, forbid_unknown_fields=True):
    """What plain Lambda charges for /tmp above ``free_mb``."""

    free_mb: Decimal
    usd_per_gb_second: Decimal


class OtherRegions(Struct, frozen=True, forbid_unknown_fields=True):
    """Regions whose Lambda rates are known to differ."""

    differ: tuple[str, ...] = ()


class LambdaPrices(Struct, frozen=True, forbid_unknown_fields=True):
    """Prices of plain Lambda in ``region``; ``rates`` by architecture."""

    as_of: str
    source: str
    region: str
    verified: bool
    requests: Requests
    free_tier: FreeTier
    ephemeral: Ephemeral
    rates: dict[str, LambdaRate]
    other_regions: OtherRegions


class Prices(Struct, frozen=True):
    """All prices of an estimate. ``tables``: EC2 prices, the first that has a region wins."""

    tables: tuple[Ec2Prices, ...]
    plain: LambdaPrices

    def table(self, region: str) -> Ec2Prices | None:
        """The table of EC2 prices that is used for a region."""
        return next((table for table in self.tables if region in table.regions), None)

    @property
    def regions(self) -> tuple[str, ...]:
        """Regions with known EC2 prices."""
        return tuple(sorted({region for table in self.tables for region in table.regions}))


def read_ec2(file: File) -> Ec2Prices:
    """A table of EC2 prices. ConfigError names the file and the line."""
    import csv

    text = _text(file)
    head: dict[str, str] = {}
    lines: list[tuple[int, str]] = []
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("#"):
            key, separator, value = line[1:].partition(":")
            if separator and key.strip() in {"as-of", "source"}:
                head[key.strip()] = value.strip()
        elif line.strip():
            lines.append((number, line))
    if not lines or tuple(next(csv.reader([lines[0][1]]))) != COLUMNS:
        where = f"{file}:{lines[0][0] if lines else 1}"
        raise ConfigError(f"{where}: no table of EC2 prices", f"the first line is {','.join(COLUMNS)}")
    regions: dict[str, dict[str, InstanceType]] = {}
    for number, line in lines[1:]:
        region, kind = _row(next(csv.reader([line])), f"{file}:{number}")
        if kind.name in regions.setdefault(region, {}):
            raise ConfigError(f"{file}:{number}: {kind.name} in {region} is priced twice", "remove one of the lines")
        regions[region][kind.name] = kind
    if not regions:
        raise ConfigError(f"{file}: the table of EC2 prices is empty", "lmi-lint prices update writes one")
    rows = {region: tuple(kinds.values()) for region, kinds in regions.items()}
    return Ec2Prices(rows, head.get("as-of", "not dated"), head.get("source", str(file)), str(file))


def _row(cells: Sequence[str], where: str) -> tuple[str, InstanceType]:
    if len(cells) != len(COLUMNS):
        raise ConfigError(f"{where}: {len(cells)} columns instead of {len(COLUMNS)}", ",".join(COLUMNS))
    row = dict(zip(COLUMNS, cells, strict=True))
    vcpus = _number(row, "vcpu", where)
    if row["arch"] not in ARCHITECTURES:
        raise ConfigError(f"{where}: arch is {row['arch']!r}", f"one of {', '.join(ARCHITECTURES)}")
    if row["basis"] not in BASES:
        raise ConfigError(f"{where}: basis is {row['basis']!r}", f"one of {', '.join(BASES)}")
    if "." not in row["type"] or not row["region"] or vcpus != int(vcpus):
        raise ConfigError(f"{where}: no region, instance type and whole number of vCPUs", "us-east-1,m7g.large,2,…")
    memory, price = _number(row, "mem_gib", where), _number(row, "usd_per_hour", where)
    return row["region"], InstanceType(row["type"], int(vcpus), memory, row["arch"], price, row["basis"])


def _number(row: Mapping[str, str], key: str, where: str) -> Decimal:
    try:
        value = Decimal(row[key])
    except InvalidOperation:
        value = Decimal(0)
    if not value.is_finite() or value <= 0:
        raise ConfigError(f"{where}: {key} is {row[key]!r}", "it must be a number above 0")
    return value


def read_lambda(file: File) -> LambdaPrices:
    """Prices of plain Lambda. ConfigError names the file and the key."""
    prices = decode(toml(file), LambdaPrices, str(file))
    for architecture in ARCHITECTURES:
        if architecture not in prices.rates:
            raise ConfigError(f"{file}: no [rates.{architecture}]", "both architectures need rates")
    for architecture, rate in prices.rates.items():
        ends = [tier.up_to_gb_seconds for tier in rate.tiers]
        bounds = [end for end in ends[:-1] if end is not None]
        if not ends or ends[-1] is not None or len(bounds) != len(ends) - 1 or bounds != sorted(set(bounds)):
            raise ConfigError(f"{file}: rates.{architecture}.tiers must rise, and the last has no up_to_gb_seconds")
    return prices


def toml(file: File) -> dict[str, Any]:
    """A TOML file with exact numbers. ConfigError."""
    import tomllib

    try:
        return tomllib.loads(_text(file), parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{file}: not valid TOML: {error}", "mend the syntax there") from error
    except RecursionError:
        raise ConfigError(f"{file}: nested too deeply") from None


def decode(value: object, kind: type[_T], origin: str) -> _T:
    """Decoded TOML as a type. ConfigError names origin and key."""
    try:
        return msgspec.convert(value, kind, strict=True)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{origin}: {error}", "compare with the file that ships with lmi-lint") from error


def _text(file: File) -> str:
    try:
        return file.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{file}: not UTF-8: {error.reason} at byte {error.start}") from error
