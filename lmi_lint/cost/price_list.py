"""Reads AWS's own price list of EC2 for one region, as CSV.

The format: https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/reading-service-price-list-file-for-services.html
Five lines about the file, a line of column names, then a line for each price.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal, InvalidOperation
from typing import Final

from lmi_lint.cost.prices import COLUMNS, Ec2Prices, InstanceType
from lmi_lint.errors import ConfigError

SOURCE: Final = "https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/AmazonEC2/current/{region}/index.csv"
"""Where the list of a region is."""
_HEAD_LINES: Final = 30
"""Lines within which the column names have to come; five stand before them."""
_WANTED: Final = {
    "TermType": "OnDemand",
    "Unit": "Hrs",
    "Currency": "USD",
    "Product Family": "Compute Instance",
    "Location Type": "AWS Region",
    "Tenancy": "Shared",
    "Operating System": "Linux",
    "Pre Installed S/W": "NA",
    "CapacityStatus": "Used",
}
"""Column → value of the prices that count: Linux without further software, shared tenancy, not reserved."""
_READ: Final = ("Instance Type", "vCPU", "Memory", "Physical Processor", "PricePerUnit")
_FAMILIES: Final = re.compile(r"[cmr]\d")
_NUMBER: Final = re.compile(r"[0-9][0-9,]*(?:\.[0-9]+)?")


def read_price_list(lines: Iterable[str], region: str, origin: str) -> Ec2Prices:
    """The prices of C, M and R instances in a region's list. ConfigError, naming ``origin``, if it is none."""
    rows = csv.reader(lines)
    head, published = _head(rows, origin)
    places = {name: head.index(name) for name in (*_WANTED, *_READ)}
    kinds: dict[str, InstanceType] = {}
    for row in rows:
        if len(row) == len(head) and all(row[places[name]] == value for name, value in _WANTED.items()):
            kind = _kind([row[places[name]] for name in _READ])
            if kind is not None:
                kinds[kind.name] = kind
    if not kinds:
        raise ConfigError(f"{origin}: holds no on-demand price of a C, M or R instance", "is it the list of EC2?")
    return Ec2Prices({region: tuple(sorted(kinds.values(), key=lambda kind: kind.name))}, published, origin, origin)


def _head(rows: Iterator[list[str]], origin: str) -> tuple[list[str], str]:
    """The column names, and the day on which the list was published."""
    published = "not dated"
    for _, row in zip(range(_HEAD_LINES), rows, strict=False):
        if row[:1] == ["Publication Date"] and len(row) > 1:
            published = row[1][:10]
        if row[:1] == ["SKU"]:
            missing = [name for name in (*_WANTED, *_READ) if name not in row]
            if missing:
                raise ConfigError(f"{origin}: the price list has no column {missing[0]!r}", "its format has changed")
            return row, published
    raise ConfigError(f"{origin}: no price list of EC2 as CSV", "it begins with FormatVersion")


def _kind(cells: Sequence[str]) -> InstanceType | None:
    """One instance type; None for other families and for prices of nothing."""
    name, vcpus, memory, processor, price = cells
    if not _FAMILIES.match(name) or ".metal" in name:
        return None
    amount = _NUMBER.match(memory)
    try:
        usd = Decimal(price)
        cores = int(vcpus)
    except (InvalidOperation, ValueError):
        return None
    if amount is None or not usd.is_finite() or usd <= 0:
        return None
    gib = Decimal(amount[0].replace(",", ""))
    architecture = "arm64" if "Graviton" in processor else "x86_64"
    return InstanceType(name, cores, gib, architecture, usd.normalize(), "price-list")


def merged(new: Sequence[Ec2Prices], old: Ec2Prices | None) -> Ec2Prices:
    """New tables with the regions of an old one that they lack; dated like the oldest of them."""
    tables = [*([old] if old is not None else []), *new]
    regions = {region: kinds for table in tables for region, kinds in table.regions.items()}
    return Ec2Prices(regions, min(table.as_of for table in tables), new[-1].source, new[-1].origin)


def as_table(prices: Ec2Prices) -> str:
    """The table as text, as ``cost`` reads it."""
    lines = [f"# as-of: {prices.as_of}", f"# source: {prices.source}", ",".join(COLUMNS)]
    for region, kinds in sorted(prices.regions.items()):
        lines += [
            f"{region},{kind.name},{kind.vcpus},{kind.memory_gib:f},{kind.architecture},{kind.usd_per_hour:f},{kind.basis}"
            for kind in kinds
        ]
    return "\n".join(lines) + "\n"
