"""``lmi-lint traffic``: files that say how much a function is used."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from lmi_lint.commands.output import OK, complain, emit
from lmi_lint.commands.project import NO_CACHE, deployed_functions

if TYPE_CHECKING:
    from lmi_lint.deploy.model import DeployedFunction

_OUTPUT = click.option("--output", metavar="FILE", type=click.Path(path_type=Path), help="Write to a file.")
_FUNCTIONS = click.option("--functions", multiple=True, metavar="GLOBS", help="Only functions with such names.")


@click.group("traffic")
def traffic_group() -> None:
    """Traffic files, for lmi-lint cost."""


@traffic_group.command("template")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@_FUNCTIONS
@_OUTPUT
@NO_CACHE
def template_command(paths: tuple[Path, ...], functions: tuple[str, ...], output: Path | None, no_cache: bool) -> int:
    """Write a traffic file to fill in, with a table for each function of a project."""
    from lmi_lint.traffic.template import Known, template

    found = deployed_functions(paths, functions, no_cache=no_cache).functions
    return emit(template([Known(each.name, _about(each)) for each in found]), output)


def _about(function: DeployedFunction) -> str:
    memory = f"{function.memory_mb} MB" if function.memory_mb is not None else None
    parts = (function.runtime, memory, function.architecture, function.template)
    return ", ".join(part for part in parts if part)


@traffic_group.command("collect")
@click.option("--profile", metavar="NAME", help="Profile of the AWS configuration.")
@click.option("--region", metavar="REGION", help="Instead of the profile’s.")
@click.option("--days", type=click.IntRange(1, 63), default=30, show_default=True, help="How far to look back.")
@_FUNCTIONS
@_OUTPUT
def collect_command(
    profile: str | None, region: str | None, days: int, functions: tuple[str, ...], output: Path | None
) -> int:
    """Write a traffic file from the functions and CloudWatch metrics of an AWS account.

    Reads only. Needs lmi-lint[aws], credentials, and the permissions lambda:ListFunctions, lambda:ListTags and
    cloudwatch:GetMetricData.
    """
    from lmi_lint.traffic.collect import collect

    patterns = tuple(part.strip() for text in functions for part in text.split(",") if part.strip())
    collected = collect(profile=profile, region=region, days=days, patterns=patterns)
    for warning in collected.warnings:
        complain(f"warning: {warning}")
    emit(collected.text(), output)
    return OK
