"""``lmi-lint fitness``: which functions belong on managed instances, and set up how."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from lmi_lint.commands.costing import costing_options
from lmi_lint.commands.output import ERROR, OK, colored, complain, emit
from lmi_lint.commands.project import NO_CACHE, checked, matching

if TYPE_CHECKING:
    from lmi_lint.fitness.model import Fitness
    from lmi_lint.request import Costing, Request

_MOST_PROBLEMS: Final = 10
_FORMATS: Final = ("text", "json", "markdown", "html")


@click.command("fitness")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@costing_options
@click.option(
    "--function", "functions", multiple=True, metavar="GLOB", help="Only functions with such names, at length."
)
@click.option(
    "--snippet", metavar="FUNCTION", help="Write the configuration of a second function beside this one, nothing else."
)
@click.option("--format", "output_format", type=click.Choice(_FORMATS), default="text", show_default=True)
@click.option("--output", metavar="FILE", type=click.Path(path_type=Path), help="Write the report to a file.")
@NO_CACHE
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", show_default=True)
def fitness_command(
    paths: tuple[Path, ...],
    traffic: Path | None,
    functions: tuple[str, ...],
    snippet: str | None,
    costing: Costing,
    output_format: str,
    output: Path | None,
    no_cache: bool,
    color: str,
) -> int:
    """Judge which functions of projects belong on managed instances: what speaks for and against it, at what cost, and
    in which configuration.

    The code is checked along. Without --traffic, or traffic in the settings, it says from what load on the move pays.
    """
    import msgspec

    from lmi_lint.pipeline.run import run
    from lmi_lint.request import Request

    costing = msgspec.structs.replace(costing, curves=output_format == "html")
    request = Request(paths=checked(paths), traffic=traffic, costing=costing, cache=not no_cache)
    report = run(request)
    for message in report.internal_errors:
        complain(f"internal error: {message}", "please report it; the other rules were run")
    for problem in report.problems[:_MOST_PROBLEMS]:
        complain(f"warning: {problem.message}")
    if len(report.problems) > _MOST_PROBLEMS:
        complain(f"warning: {len(report.problems) - _MOST_PROBLEMS} more problems", "lmi-lint check shows them")
    if report.fitness is None:
        return _nothing(request)
    code = ERROR if report.internal_errors else OK
    if snippet is not None:
        return emit(_one_snippet(report.fitness, snippet), output, code)
    fitness = _narrowed(report.fitness, functions)
    snippets = _snippets(fitness) if functions and output_format != "text" else ()
    return emit(_rendered(fitness, snippets, output_format, bool(functions), colored(color, output)), output, code)


def _nothing(request: Request) -> int:
    from lmi_lint.errors import UsageError

    raise UsageError(
        f"no deployed Lambda functions found in {', '.join(map(str, request.paths))}", "a template has to name them"
    )


def _narrowed(fitness: Fitness, patterns: tuple[str, ...]) -> Fitness:
    """The assessments of functions that patterns name, all if there are none. UsageError if one names none."""
    import msgspec

    if not patterns:
        return fitness
    names = matching("--function", patterns, [each.function.name for each in fitness.assessments])
    chosen = tuple(each for each in fitness.assessments if each.function.name in names)
    return msgspec.structs.replace(fitness, assessments=chosen)


def _snippets(fitness: Fitness) -> Sequence[str]:
    """Configuration of the second function for each, empty where there is none."""
    from lmi_lint.errors import UsageError
    from lmi_lint.fitness.snippets import snippet_for

    found = []
    for each in fitness.assessments:
        try:
            found.append(snippet_for(each, fitness.deployment).text)
        except UsageError:
            found.append("")
    return found


def _one_snippet(fitness: Fitness, name: str) -> str:
    """The text of one function's snippet; its notes go to standard error. UsageError if no function or several have
    that name, or there is no snippet for it."""
    from lmi_lint.errors import UsageError
    from lmi_lint.fitness.snippets import snippet_for

    found = [each for each in fitness.assessments if each.function.name == name]
    if len(found) != 1:
        names = sorted({each.function.name for each in fitness.assessments})
        where = ", ".join(str(each.function.template) for each in found)
        raise UsageError(
            f"--snippet {name}: {'several functions are' if found else 'no function is'} called so",
            f"in {where}; name one path" if found else f"there are: {', '.join(names[:8])}",
        )
    made = snippet_for(found[0], fitness.deployment)
    for note in made.notes:
        complain(f"note: {note}")
    return made.text


def _rendered(fitness: Fitness, snippets: Sequence[str], output_format: str, details: bool, color: bool) -> str:
    if output_format == "json":
        from lmi_lint.report import fitness_json

        return fitness_json.render_fitness(fitness, snippets)
    if output_format == "html":
        from lmi_lint.report.html import page

        return page.render_fitness(fitness, snippets)
    if output_format == "markdown":
        from lmi_lint.report import fitness_markdown

        return fitness_markdown.render_fitness(fitness, snippets)
    from lmi_lint.report import fitness_text

    return fitness_text.render_fitness(fitness, details=details, color=color)
