"""``lmi-lint cost``: what functions cost on plain Lambda and on managed instances."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from lmi_lint.commands.costing import costing_options
from lmi_lint.commands.output import colored, complain, emit
from lmi_lint.commands.project import NO_CACHE, deployed_functions

if TYPE_CHECKING:
    from lmi_lint.cost.model import Pool
    from lmi_lint.request import Costing
    from lmi_lint.traffic.load import TrafficFile

_AT_LENGTH: Final = 6
"""Pools that are shown at length unless asked for; more are shown in one line each, and that is said."""
_STAND_IN: Final = "us-east-1"
_ARCHITECTURES: Final = {"arm64": "arm64", "arm": "arm64", "x86_64": "x86_64", "x86-64": "x86_64", "x86": "x86_64"}
_OF_ONE: Final = {
    "requests": "--requests",
    "duration": "--duration",
    "duration_p99": "--duration-p99",
    "memory": "--memory",
    "runtime": "--runtime",
    "arch": "--arch",
    "peak_concurrency": "--peak-concurrency",
    "active_hours": "--active-hours",
    "memory_used": "--memory-used",
    "cpu_share": "--cpu-share",
    "max_concurrency": "--max-concurrency",
    "environment_memory": "--environment-memory",
    "gib_per_vcpu": "--gib-per-vcpu",
    "min_environments": "--min-environments",
}


@click.command("cost")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@costing_options
@click.option("--functions", multiple=True, metavar="GLOBS", help="Only functions with such names.")
@click.option("--requests", metavar="N", help="Of one function without a project: requests a month, 50M or 20/s.")
@click.option("--duration", metavar="TIME", help="… mean billed duration, 120ms.")
@click.option("--duration-p99", metavar="TIME", help="… its 99th percentile.")
@click.option("--memory", metavar="SIZE", help="… memory size on plain Lambda, 2GB.  [default: 128 MB]")
@click.option("--runtime", metavar="ID", help="… runtime, python3.13.")
@click.option("--arch", metavar="ARCH", help="… arm64 or x86_64.  [default: x86_64]")
@click.option("--peak-concurrency", metavar="N", help="… invocations at once in the busiest minute.")
@click.option("--active-hours", metavar="TIME", help="… hours with traffic, 8h/day.  [default: all]")
@click.option("--memory-used", metavar="SIZE", help="… the most that an invocation uses.")
@click.option("--cpu-share", metavar="SHARE", help="… of its time in which an invocation computes, 25%.")
@click.option(
    "--max-concurrency", metavar="N", type=click.IntRange(1, 1600), help="… PerExecutionEnvironmentMaxConcurrency."
)
@click.option("--environment-memory", metavar="SIZE", help="… memory of an execution environment, 4GB.")
@click.option("--gib-per-vcpu", metavar="N", type=click.Choice(["2", "4", "8"]), help="… its memory per vCPU.")
@click.option("--min-environments", metavar="N", type=click.IntRange(0, 15000), help="… the fewest environments.")
@click.option("--safe-concurrency", metavar="N", type=click.IntRange(1), help="Price running at most so many at once.")
@click.option(
    "--format", "output_format", type=click.Choice(["text", "json", "html"]), default="text", show_default=True
)
@click.option("--output", metavar="FILE", type=click.Path(path_type=Path), help="Write the estimate to a file.")
@NO_CACHE
@click.option("--details", is_flag=True, help=f"Every pool at length.  [default: up to {_AT_LENGTH}]")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", show_default=True)
def cost_command(
    paths: tuple[Path, ...],
    traffic: Path | None,
    functions: tuple[str, ...],
    costing: Costing,
    safe_concurrency: int | None,
    no_cache: bool,
    details: bool,
    output_format: str,
    output: Path | None,
    color: str,
    **of_one: Any,
) -> int:
    """Estimate what functions cost on plain Lambda and on managed instances, and from how many requests the move pays.

    PATHS are projects; without any, --requests, --duration and so on describe one function. What is known of traffic
    comes from --traffic, or from the file that the settings name. Everything assumed is printed, with its source.
    """
    from lmi_lint.cost.estimate import estimate
    from lmi_lint.cost.load import load_assumptions, load_prices
    from lmi_lint.packs import rules_root

    rules = rules_root()
    assumptions = load_assumptions(rules).override(costing.assume)
    where = costing.region or _STAND_IN
    given = {name: value for name, value in of_one.items() if value is not None}
    if given:
        _refuse_project(paths, traffic, functions, given)
        pools = [_one_function(where, costing.instance_types, safe_concurrency, **of_one)]
    else:
        pools = _project(paths, traffic, functions, where, costing, safe_concurrency, no_cache=no_cache)
    if costing.region is None and any(pool.region == where for pool in pools):
        complain(f"note: region {where} is assumed where none is stated", "--region says another")
    table = load_prices(rules, costing.prices)
    result = estimate(pools, assumptions, table, stand_in=costing.stand_in, curves=output_format == "html")
    if output_format == "json":
        from lmi_lint.report import cost_json

        return emit(cost_json.render_cost(result), output)
    if output_format == "html":
        from lmi_lint.report.html import page

        return emit(page.render_cost(result), output)
    from lmi_lint.report import cost_text

    at_length = details or len(result.pools) <= _AT_LENGTH
    if not at_length:
        complain(f"note: {len(result.pools)} pools in one line each", "--details shows each at length")
    return emit(cost_text.render_cost(result, details=at_length, color=colored(color, output)), output)


def _refuse_project(
    paths: tuple[Path, ...], traffic: Path | None, functions: tuple[str, ...], given: dict[str, Any]
) -> None:
    from lmi_lint.errors import UsageError

    if paths or traffic is not None or functions:
        option = _OF_ONE[next(iter(given))]
        raise UsageError(
            f"{option} describes one function without a project",
            "for a project, write it to a traffic file: lmi-lint traffic template",
        )


def _project(
    paths: tuple[Path, ...],
    traffic: Path | None,
    patterns: tuple[str, ...],
    region: str,
    costing: Costing,
    safe_concurrency: int | None,
    *,
    no_cache: bool,
) -> list[Pool]:
    from lmi_lint.cost.workloads import pools
    from lmi_lint.errors import UsageError

    deployment, functions, of_settings = deployed_functions(paths, patterns, no_cache=no_cache)
    told = _traffic(traffic or of_settings, [each.name for each in deployment.functions])
    found = pools(
        deployment,
        functions,
        told.of,
        region,
        instance_types=costing.instance_types,
        together=costing.together,
        safe_of=lambda _: safe_concurrency,
    )
    left_out = len(functions) - sum(len(pool.workloads) for pool in found)
    if left_out:
        complain(f"warning: {left_out} of {len(functions)} functions left out", "their runtime is not known")
    if not found:
        raise UsageError("no function is left to estimate", "their runtimes are not known")
    return found


def _traffic(path: Path | None, names: list[str]) -> TrafficFile:
    from lmi_lint.traffic.load import TrafficFile, read_traffic

    if path is None:
        return TrafficFile()
    told = read_traffic(path)
    for warning in told.unmatched(names):
        complain(f"warning: {warning}")
    return told


def _one_function(
    region: str,
    types: tuple[str, ...] | None,
    safe_concurrency: int | None,
    *,
    runtime: str | None,
    arch: str | None,
    memory: str | None,
    max_concurrency: int | None,
    environment_memory: str | None,
    gib_per_vcpu: str | None,
    min_environments: int | None,
    **traffic: str | None,
) -> Pool:
    """A pool with the one function that options describe. UsageError."""
    from lmi_lint.cost.model import Pool
    from lmi_lint.cost.workloads import DEFAULT_ARCHITECTURE, DEFAULT_MB, runtime_model, workload
    from lmi_lint.deploy.model import DeployedFunction, Provenance
    from lmi_lint.errors import UsageError
    from lmi_lint.traffic import units
    from lmi_lint.traffic.load import KEYS
    from lmi_lint.traffic.model import Traffic

    if runtime is None:
        raise UsageError(
            "--runtime is needed to describe a function", "such as python3.13, nodejs22.x, java21, dotnet8"
        )
    model = runtime_model(runtime)
    if model is None:
        raise UsageError(f"--runtime {runtime}: not known", "such as python3.13, nodejs22.x, java21, dotnet8")
    architecture = _ARCHITECTURES.get(arch.lower()) if arch is not None else DEFAULT_ARCHITECTURE
    if architecture is None:
        raise UsageError(f"--arch {arch}: not known", "arm64 or x86_64")
    values: dict[str, Any] = {
        KEYS[name].field: _read(name, text, KEYS[name].read) for name, text in traffic.items() if text is not None
    }
    memory_mb = int(_read("memory", memory, units.megabytes)) if memory is not None else DEFAULT_MB
    environment = int(_read("environment_memory", environment_memory, units.megabytes)) if environment_memory else None
    function = DeployedFunction(
        name="function",
        provenance=Provenance.DEPLOYED,
        memory_mb=environment or memory_mb,
        memory_per_vcpu=float(gib_per_vcpu) if gib_per_vcpu else None,
        max_concurrency=max_concurrency,
        min_environments=min_environments,
    )
    import msgspec

    item = msgspec.structs.replace(workload(function, model, Traffic(**values), safe_concurrency), memory_mb=memory_mb)
    return Pool("function", region, architecture, (item,), allowed=types)


def _read(name: str, text: str, read: Callable[[str], Decimal]) -> Decimal:
    from lmi_lint.errors import UsageError

    try:
        value = read(text)
    except ValueError as error:
        raise UsageError(f"{_OF_ONE[name]}: {error}") from None
    if value <= 0 and name != "requests":
        raise UsageError(f"{_OF_ONE[name]} {text}: must be above 0")
    return value
