"""``lmi-lint prices``: EC2 prices from AWS's public price list."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from lmi_lint.commands.output import OK, complain, emit

if TYPE_CHECKING:
    from lmi_lint.cost.prices import Ec2Prices

_REGION: Final = re.compile(r"[a-z]{2,3}(?:-[a-z]+)+-[0-9]")


def default_table() -> Path | None:
    """The user's own table of EC2 prices: in ``LMI_LINT_CONFIG_DIR``, else where the system keeps settings; None if
    there is no home folder."""
    named = os.environ.get("LMI_LINT_CONFIG_DIR")
    if named:
        return Path(named) / "ec2.csv"
    try:
        if sys.platform == "win32":
            base = Path(os.environ.get("APPDATA") or Path.home() / "AppData" / "Roaming")
        elif sys.platform == "darwin":
            base = Path.home() / "Library" / "Application Support"
        else:
            base = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    except RuntimeError:
        return None
    return base / "lmi-lint" / "ec2.csv"


def tables(given: tuple[Path, ...]) -> tuple[Path, ...]:
    """Tables of prices that come before ours; one that ``prices update`` wrote is found without being named, and that
    is said."""
    kept = default_table()
    if given or kept is None or not kept.is_file():
        return given
    complain(f"note: EC2 prices from {kept}", "written by lmi-lint prices update")
    return (kept,)


@click.group("prices")
def prices_group() -> None:
    """Prices that estimates rest on."""


@prices_group.command("update")
@click.option("--region", "regions", multiple=True, metavar="REGION", required=True, help="Repeat for several.")
@click.option("--from", "source", metavar="URL|FILE", help="The list of one region, instead of AWS’s address of it.")
@click.option("--output", metavar="FILE", type=click.Path(path_type=Path), help="Instead of the user’s own table.")
def update_command(regions: tuple[str, ...], source: str | None, output: Path | None) -> int:
    """Write EC2 prices of regions from AWS's public price list; no credentials are needed.

    The list of a region has some hundred MB. Regions that the table holds already and that are not named stay as they
    are.
    """
    from lmi_lint.cost.price_list import as_table, merged
    from lmi_lint.cost.prices import read_ec2
    from lmi_lint.errors import UsageError

    for region in regions:
        if not _REGION.fullmatch(region):
            raise UsageError(f"--region {region}: no region", "such as us-east-1")
    if source is not None and len(regions) > 1:
        raise UsageError("--from is the list of one region", "give one --region with it")
    target = output or default_table()
    if target is None:
        raise UsageError("there is no home folder to write to", "--output FILE names a file")
    old = read_ec2(target) if target.is_file() else None
    new = [_fetched(region, source) for region in regions]
    table = merged(new, old)
    if output is None:
        _make_folder(target.parent)
    emit(as_table(table), target)
    counts = ", ".join(f"{len(kinds)} types in {region}" for region, kinds in sorted(table.regions.items()))
    used = "cost takes them from there" if output is None else f"use them with --prices {output}"
    complain(f"wrote {target}: {counts}", used)
    return OK


def _fetched(region: str, source: str | None) -> Ec2Prices:
    """The prices of a region, from the network or a file. LmiLintError."""
    from lmi_lint.commands.download import text_of
    from lmi_lint.cost.price_list import SOURCE, read_price_list
    from lmi_lint.errors import UsageError

    address = source or SOURCE.format(region=region)
    if not address.startswith(("https://", "http://")):
        try:
            with Path(address).open(encoding="utf-8-sig", errors="replace", newline="") as lines:
                return read_price_list(lines, region, address)
        except OSError as error:
            raise UsageError(f"{address}: cannot be read: {error.strerror or error}", "a file or https://…") from error
    complain(f"reading {address}", "this takes a while")
    with text_of(address) as text:
        return read_price_list(text, region, address)


def _make_folder(folder: Path) -> None:
    from lmi_lint.errors import UsageError

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"{folder}: cannot be made: {error.strerror or error}", "--output FILE names another"
        ) from error
