"""The command line: arguments → ``Request``, report → output and exit code. No logic of the analysis.

Exit codes: 0 nothing at or above ``--fail-on``, 1 findings, 2 wrong usage or settings or an internal error, 130
interrupted, 143 terminated. Only click is imported at the top, so that ``--version`` and ``--help`` are quick.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeVar

import click

from lmi_lint import __version__
from lmi_lint.commands.output import colored, complain, emit
from lmi_lint.commands.packs import PACK, pages_in_force

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lmi_lint.catalog.page import Page
    from lmi_lint.model.names import RuleId
    from lmi_lint.request import Request
    from lmi_lint.triage.model import Report

_F = TypeVar("_F", bound=Callable[..., Any])
_OK: Final = 0
_FINDINGS: Final = 1
_ERROR: Final = 2
_INTERRUPTED: Final = 130
_TERMINATED: Final = 143
_SEVERITY_NAMES: Final = ("note", "warning", "error")
_GROUP_FLAGS: Final = frozenset({"--version", "--help", "-h"})
_EPILOG: Final = """\b
Exit codes: 0 clean, 1 findings at or above --fail-on, 2 usage, settings or internal error."""


_FORMAT_NAMES: Final = ("text", "json", "sarif", "concise", "github", "html", "markdown")
_LINES: Final = frozenset({"concise", "github"})
"""Formats of findings alone, which do not tell the fitness of functions."""
_FORMAT: Final = click.option(
    "--format", "output_format", type=click.Choice(["text", "json"]), default="text", show_default=True
)
_OUTPUT: Final = click.option(
    "--output", metavar="FILE", type=click.Path(path_type=Path), help="Write the report to a file."
)
_ORDER: Final = "lmi_lint.order"
_ELSEWHERE: Final = {
    "cost": "lmi_lint.commands.cost:cost_command",
    "fitness": "lmi_lint.commands.fitness:fitness_command",
    "knowledge": "lmi_lint.commands.knowledge:knowledge_command",
    "prices": "lmi_lint.commands.prices:prices_group",
    "schema": "lmi_lint.commands.knowledge:schema_command",
    "traffic": "lmi_lint.commands.traffic:traffic_group",
}
"""Commands in modules of their own."""


class _Cli(click.Group):
    """Shows the options of the default command in its own help, and loads commands of other modules when asked."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), *_ELSEWHERE])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _ELSEWHERE:
            return super().get_command(ctx, cmd_name)
        module, _, name = _ELSEWHERE[cmd_name].partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_usage("lmi-lint", "[check] [OPTIONS] [PATHS]...")
        formatter.write_usage("lmi-lint", "COMMAND [ARGS]...", prefix="       ")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        check_command.format_options(click.Context(check_command, parent=ctx), formatter)
        self.format_commands(ctx, formatter)


class _Ordered(click.Command):
    """Keeps the order of ``--format`` and ``--output``, which says what goes where."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        _, _, order = self.make_parser(ctx).parse_args(args=list(args))
        ctx.meta[_ORDER] = [parameter.name for parameter in order]
        return super().parse_args(ctx, args)


@click.group(cls=_Cli, context_settings={"help_option_names": ["-h", "--help"]}, epilog=_EPILOG)
@click.version_option(__version__, prog_name="lmi-lint", message="%(prog)s %(version)s")
def cli() -> None:
    """Find what in AWS Lambda code breaks on Lambda Managed Instances, where one execution environment serves many
    invocations at once.

    PATHS are folders or files; none means the current folder. Files are judged within their project. A path that is
    called like a command is reached as ./functions.
    """


def _project_options(command: _F) -> _F:
    """What ``check`` and ``functions`` have in common."""
    options = (
        click.argument("paths", nargs=-1, type=click.Path(path_type=Path)),
        click.option("--select", multiple=True, metavar="RULES", help="Only these rules: ids or starts, LMI1,LMI2."),
        click.option("--ignore", multiple=True, metavar="RULES", help="All but these rules."),
        click.option("--functions", multiple=True, metavar="GLOBS", help="Only functions with such names."),
        PACK,
        click.option("--only-managed", is_flag=True, help="Only functions attached to a capacity provider."),
        click.option(
            "--as-if-managed", is_flag=True, help="Judge the configuration of plain functions as if they had moved."
        ),
        click.option("--pedantic", is_flag=True, help="Show findings of low confidence too."),
        click.option("--no-cache", is_flag=True, help="Neither use nor keep what was read before."),
        click.option(
            "--jobs",
            type=click.IntRange(min=1),
            metavar="N",
            help="Divide functions among N processes; default: one per CPU if there is enough to do.",
        ),
        click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", show_default=True),
    )
    for option in reversed(options):
        command = option(command)
    return command


@cli.command("check", cls=_Ordered)
@_project_options
@click.option(
    "--format", "formats", multiple=True, type=click.Choice(_FORMAT_NAMES), help="Repeat for several.  [default: text]"
)
@click.option(
    "--output",
    "outputs",
    multiple=True,
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write the report of the --format before it to a file.",
)
@click.option("--min-severity", type=click.Choice(_SEVERITY_NAMES), help="Hide findings below.  [default: warning]")
@click.option("--fail-on", type=click.Choice(_SEVERITY_NAMES), help="Exit with 1 from here on.  [default: warning]")
@click.option(
    "--traffic", metavar="FILE", type=click.Path(path_type=Path), help="What is known of the traffic, for the fitness."
)
@click.option("--exit-zero", is_flag=True, help="Exit with 0 whatever is found.")
def check_command(
    paths: tuple[Path, ...],
    formats: tuple[str, ...],
    outputs: tuple[Path, ...],
    color: str,
    min_severity: str | None,
    fail_on: str | None,
    traffic: Path | None,
    exit_zero: bool,
    **narrowing: Any,
) -> int:
    """Check projects (the default command)."""
    targets = _targets(click.get_current_context().meta[_ORDER], formats, outputs)
    told = any(name not in _LINES for name, _ in targets)
    narrowed = _request(paths, min_severity=min_severity, fail_on=fail_on, **narrowing)
    report = _run(_costed(narrowed, traffic, wanted=told, plotted=any(name == "html" for name, _ in targets)))
    from lmi_lint.report.formats import FORMATS

    code = _FINDINGS if report.failed and not exit_zero else _OK
    if _internal_errors(report):
        code = _ERROR
    for name, output in targets:
        emit(FORMATS[name](report, report.pages, colored(color, output)), output, code)
    return code


def _targets(order: Sequence[str], formats: Sequence[str], outputs: Sequence[Path]) -> list[tuple[str, Path | None]]:
    """What is written where, None being standard output. UsageError."""
    from lmi_lint.errors import UsageError

    if len(formats) < 2 and len(outputs) < 2:
        return [(formats[0] if formats else _FORMAT_NAMES[0], outputs[0] if outputs else None)]
    names, files = iter(formats), iter(outputs)
    targets: list[tuple[str, Path | None]] = []
    for option in order:
        if option == "formats":
            targets.append((next(names), None))
        elif option == "outputs":
            file = next(files)
            if not targets or targets[-1][1] is not None:
                raise UsageError(f"--output {file}: no --format of its own", "put the --format before its --output")
            targets[-1] = (targets[-1][0], file)
    written = [str(file) for _, file in targets]
    twice = next((file for file in written if written.count(file) > 1), None)
    if twice is not None:
        where = "standard output" if twice == "None" else twice
        raise UsageError(f"two formats go to {where}", "give each an --output of its own")
    return targets


@cli.command("functions")
@_project_options
@_FORMAT
@_OUTPUT
def functions_command(
    paths: tuple[Path, ...], output_format: str, output: Path | None, color: str, **narrowing: Any
) -> int:
    """List the Lambda functions of projects and what stands between each and managed instances."""
    report = _run(_costed(_request(paths, min_severity=None, fail_on=None, **narrowing), None, wanted=False))
    if output_format == "json":
        from lmi_lint.report import json_v1

        text = json_v1.render_functions(report)
    else:
        from lmi_lint.report import text as text_report

        text = text_report.render_functions(report, color=colored(color, output))
    return emit(text, output, _ERROR if _internal_errors(report) else _OK)


@cli.command("explain")
@click.argument("rule")
@PACK
def explain_command(rule: str, packs: tuple[Path, ...]) -> int:
    """Explain a rule, by id or name: what it means, examples, what to do."""
    from lmi_lint.catalog.registry import find_page, suggest
    from lmi_lint.errors import UsageError
    from lmi_lint.report.prose import render_page

    pages = pages_in_force(packs)
    page = find_page(pages, rule)
    if page is None:
        close = suggest(pages, rule)
        raise UsageError(f"there is no rule {rule}", f"did you mean {close}?" if close else "see lmi-lint rules")
    return emit(render_page(page), None, _OK)


@cli.command("rules")
@_FORMAT
@PACK
def rules_command(output_format: str, packs: tuple[Path, ...]) -> int:
    """List all rules, of the packs of this folder's settings too."""
    from lmi_lint.report.prose import render_rules, render_rules_json

    pages = pages_in_force(packs)
    return emit(render_rules_json(pages) if output_format == "json" else render_rules(pages), None, _OK)


@cli.command("problem-matcher")
@click.argument("reader", type=click.Choice(["github", "vscode"]))
def problem_matcher_command(reader: str) -> int:
    """Print a problem matcher for --format concise: for GitHub Actions (add-matcher) or for .vscode/tasks.json."""
    from importlib import resources

    path = resources.files("lmi_lint") / "report" / "matchers" / f"{reader}.json"
    return emit(path.read_text(encoding="utf-8"), None, _OK)


@cli.command("debug")
@click.argument("stage", type=click.Choice(["ir", "facts", "heap", "summary"]))
@click.argument("path", type=click.Path(path_type=Path))
def debug_command(stage: str, path: Path) -> int:
    """Show what a stage makes of a file; for work on lmi-lint itself."""
    from lmi_lint.debug import show_stage

    return emit(show_stage(stage, path), None, _OK)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command line and exit; never shows a traceback unless ``LMI_LINT_DEBUG`` is set."""
    signal.signal(signal.SIGTERM, _terminate)
    code = run_command(sys.argv[1:] if arguments is None else arguments)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # all is done, but for the interpreter's own end
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    gc.freeze()  # the interpreter would look through all of it once more
    sys.exit(code)


def _terminate(*_: object) -> NoReturn:
    """End as an interrupt does: no process, no half-written file is left behind."""
    sys.exit(_TERMINATED)


def run_command(arguments: Sequence[str]) -> int:
    """Run the command line. The exit code."""
    given = list(arguments)
    if not given or (not _is_command(given[0]) and given[0] not in _GROUP_FLAGS):
        given.insert(0, "check")
    try:
        result = cli.main(given, prog_name="lmi-lint", standalone_mode=False)
    except click.ClickException as error:
        return complain(f"error: {error.format_message()}", _usage_hint(error))
    except (click.Abort, KeyboardInterrupt):
        return _INTERRUPTED
    except Exception as error:  # noqa: BLE001  the last line of defence: one line instead of a traceback
        return _failed(error)
    return result if isinstance(result, int) else _OK


def _is_command(word: str) -> bool:
    return word in cli.commands or word in _ELSEWHERE


def _failed(error: Exception) -> int:
    """Say what went wrong in one line."""
    from lmi_lint.errors import LmiLintError

    if isinstance(error, LmiLintError):
        return complain(f"error: {error.message}", error.hint)
    if os.environ.get("LMI_LINT_DEBUG"):
        raise error
    kind = type(error).__name__
    return complain(f"internal error: {kind}: {error}", "please report it; LMI_LINT_DEBUG=1 shows where")


def _usage_hint(error: click.ClickException) -> str:
    context = error.ctx if isinstance(error, click.UsageError) else None
    return f"see {context.command_path} --help" if context else ""


def _request(
    paths: tuple[Path, ...],
    *,
    min_severity: str | None,
    fail_on: str | None,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    functions: tuple[str, ...],
    packs: tuple[Path, ...],
    only_managed: bool,
    as_if_managed: bool,
    pedantic: bool,
    no_cache: bool,
    jobs: int | None,
) -> Request:
    """The request that arguments mean. UsageError for a path that is not there or a rule that does not exist."""
    from lmi_lint.errors import UsageError
    from lmi_lint.model.finding import Severity
    from lmi_lint.request import Request

    for path in paths:
        if not os.path.lexists(path):
            raise UsageError(f"{path}: no such file or folder", _path_hint(path))
    pages = pages_in_force(packs, paths, cached=not no_cache) if select or ignore else {}
    return Request(
        paths=paths or (Path(),),
        select=_prefixes(select, "--select", pages),
        ignore=_prefixes(ignore, "--ignore", pages),
        min_severity=Severity(min_severity) if min_severity else None,
        fail_on=Severity(fail_on) if fail_on else None,
        functions=_listed(functions),
        packs=packs,
        only_managed=only_managed,
        as_if_managed=as_if_managed,
        pedantic=pedantic,
        cache=not no_cache,
        jobs=jobs,
    )


def _path_hint(path: Path) -> str:
    if _is_command(str(path)):
        return f"a command comes first: lmi-lint {path} …"
    return "check the spelling of the path"


def _listed(values: tuple[str, ...]) -> tuple[str, ...] | None:
    """Comma-separated and repeated values as one list; None if the option was not given."""
    parts = tuple(part.strip() for value in values for part in value.split(",") if part.strip())
    return parts or None


def _prefixes(values: tuple[str, ...], option: str, pages: Mapping[RuleId, Page]) -> tuple[str, ...] | None:
    """Ids and starts of ids; a rule's name is taken for its id."""
    from lmi_lint.catalog.registry import find_page, suggest
    from lmi_lint.errors import UsageError

    words = _listed(values)
    if words is None:
        return None
    prefixes: list[str] = []
    for word in words:
        page = find_page(pages, word)
        prefix = page.id if page else word.upper()
        if not any(rule.startswith(prefix) for rule in pages):
            close = suggest(pages, word)
            raise UsageError(f"{option}: no rule {word}", f"did you mean {close}?" if close else "see lmi-lint rules")
        prefixes.append(prefix)
    return tuple(prefixes)


def _costed(request: Request, traffic: Path | None, *, wanted: bool, plotted: bool = False) -> Request:
    """A request with what is known of traffic and prices; the fitness is not judged where it is not told, and costed
    at length only for plots."""
    import msgspec

    from lmi_lint.commands.prices import default_table
    from lmi_lint.request import Costing

    if not wanted:
        return msgspec.structs.replace(request, traffic=traffic, costing=None)
    kept = default_table()
    tables = (kept,) if kept is not None and kept.is_file() else ()
    costing = Costing(prices=tables, brief=not plotted, curves=plotted)
    return msgspec.structs.replace(request, traffic=traffic, costing=costing)


def _run(request: Request) -> Report:
    from lmi_lint.pipeline.progress import on_terminal
    from lmi_lint.pipeline.run import run

    with on_terminal() as progress:
        return run(request, progress)


def _internal_errors(report: Report) -> bool:
    for message in report.internal_errors:
        complain(f"internal error: {message}", "please report it; the other rules were run")
    return bool(report.internal_errors)
