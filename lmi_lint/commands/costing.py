"""Options on prices that ``cost`` and ``fitness`` share."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

_OPTIONS = (
    click.option("--traffic", metavar="FILE", type=click.Path(path_type=Path), help="What is known of the traffic."),
    click.option("--region", metavar="REGION", help="Where the configuration names none.  [default: us-east-1]"),
    click.option("--stand-in", metavar="REGION", help="Take its EC2 prices for regions without any."),
    click.option("--instance-types", multiple=True, metavar="GLOBS", help="Only these, such as m7g.*,c7g.xlarge."),
    click.option(
        "--prices", multiple=True, metavar="FILE", type=click.Path(path_type=Path), help="EC2 prices of your own."
    ),
    click.option("--assume", multiple=True, metavar="NAME=VALUE", help="Replace an assumption, ec2_3yr=0.55."),
    click.option("--free-tier", is_flag=True, help="Lambda’s free tier is all left for this."),
    click.option("--together", is_flag=True, help="Functions without a capacity provider share one."),
)


def costing_options(command: Callable[..., int]) -> Callable[..., int]:
    """Adds the options to a command, which gets ``costing`` (a ``Costing``) and ``traffic`` (a path or None)."""

    @wraps(command)
    def with_costing(
        *,
        region: str | None,
        stand_in: str | None,
        instance_types: tuple[str, ...],
        prices: tuple[Path, ...],
        assume: tuple[str, ...],
        free_tier: bool,
        together: bool,
        **others: Any,
    ) -> int:
        from lmi_lint.commands.prices import tables
        from lmi_lint.request import Costing

        costing = Costing(
            region=region,
            assume=(*assume, *(["free_tier=1"] if free_tier else [])),
            prices=tables(prices),
            stand_in=stand_in or "",
            instance_types=listed(instance_types) or None,
            together=together,
            brief=False,
        )
        return command(costing=costing, **others)

    for option in reversed(_OPTIONS):
        with_costing = option(with_costing)
    return with_costing


def listed(given: tuple[str, ...]) -> tuple[str, ...]:
    """The values of an option that may be given again and may list several with commas."""
    return tuple(part.strip() for text in given for part in text.split(",") if part.strip())
