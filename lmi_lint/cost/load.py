"""Finds the prices and assumptions that ship with the tool, and price tables of the user."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources.abc import Traversable
from pathlib import Path

from lmi_lint.cost.assumptions import Assumptions, read_assumptions
from lmi_lint.cost.prices import Prices, read_ec2, read_lambda

FOLDER = "prices"
"""The folder of this data below the rules."""


def load_assumptions(rules: Traversable) -> Assumptions:
    """The shipped assumptions. ``rules``: the folder with our rules. ConfigError."""
    return read_assumptions(rules / FOLDER / "assumptions.toml")


def load_prices(rules: Traversable, tables: Sequence[Path] = ()) -> Prices:
    """The shipped prices; for the regions that they hold, EC2 prices of ``tables`` come first. ConfigError."""
    own = [read_ec2(path) for path in tables]
    return Prices((*own, read_ec2(rules / FOLDER / "ec2.csv")), read_lambda(rules / FOLDER / "lambda.toml"))
