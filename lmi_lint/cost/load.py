"""Finds the prices and assumptions that ship with the tool, and price tables of the user."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from lmi_lint.cache import NO_CACHE, Cache, digest
from lmi_lint.cost.assumptions import Assumptions, read_assumptions
from lmi_lint.cost.prices import Ec2Prices, File, Prices, read_ec2, read_lambda

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

FOLDER = "prices"
"""The folder of this data below the rules."""

_EC2: Final = msgspec.msgpack.Decoder(Ec2Prices)


def content(rules: Traversable, tables: Sequence[Path] = ()) -> list[bytes] | None:
    """All that ``load_assumptions`` and ``load_prices`` read; None if something cannot be read."""
    shipped = [rules / FOLDER / name for name in ("assumptions.toml", "ec2.csv", "lambda.toml")]
    try:
        return [file.read_bytes() for file in (*tables, *shipped)]
    except OSError:
        return None


def load_assumptions(rules: Traversable) -> Assumptions:
    """The shipped assumptions. ``rules``: the folder with our rules. ConfigError."""
    return read_assumptions(rules / FOLDER / "assumptions.toml")


def load_prices(rules: Traversable, tables: Sequence[Path] = (), cache: Cache = NO_CACHE) -> Prices:
    """The shipped prices; for the regions that they hold, EC2 prices of ``tables`` come first. ConfigError."""
    files = (*tables, rules / FOLDER / "ec2.csv")
    return Prices(tuple(_ec2(file, cache) for file in files), read_lambda(rules / FOLDER / "lambda.toml"))


def _ec2(file: File, cache: Cache) -> Ec2Prices:
    """A table of prices; reading some thousand lines takes longer than remembering them."""
    try:
        key = digest(str(file), file.read_bytes())
    except OSError:
        return read_ec2(file)  # which says what is wrong
    kept = cache.get(FOLDER, key, _EC2.decode)
    if kept is not None:
        return kept
    table = read_ec2(file)
    cache.put(FOLDER, key, msgspec.msgpack.encode(table))
    return table
