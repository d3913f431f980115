"""The table of functions and their verdicts."""

from __future__ import annotations

from collections.abc import Sequence

from lmi_lint.model.verdict import Verdict
from lmi_lint.report.neutral import neutral
from lmi_lint.report.paint import Paint
from lmi_lint.report.table import table
from lmi_lint.triage.model import FunctionReport

_HEAD = ("FUNCTION", "RUNTIME", "MEMORY", "MANAGED", "ERROR", "WARN", "NOTE", "VERDICT")
_RIGHT = frozenset({2, 4, 5, 6})


def function_table(functions: Sequence[FunctionReport], paint: Paint) -> list[str]:
    """Lines of the table; what is not known is left blank."""
    head, *lines = table(_HEAD, [_row(item) for item in functions], _RIGHT)
    painted = [_painted(line, item, paint) for line, item in zip(lines, functions, strict=True)]
    return [paint.dim(head), *painted]


def _row(item: FunctionReport) -> tuple[str, ...]:
    function = item.function
    memory = f"{function.memory_mb} MB" if function.memory_mb is not None else ""
    runtime = function.runtime or (function.language.value if function.language else "")
    counts = (str(number) if number else "" for number in (item.errors, item.warnings, item.notes))
    managed = "yes" if function.managed else "no"
    return (neutral(function.name), neutral(runtime), memory, managed, *counts, _verdict(item))


def verdict_words(item: FunctionReport) -> tuple[str, str]:
    """The verdict; beside *ready* the share of calls that were resolved, since the rest was not looked into."""
    calls = item.calls_resolved + item.calls_unresolved
    if item.verdict is Verdict.READY and item.calls_unresolved:
        return item.verdict.value, f"({item.calls_resolved} of {calls} calls resolved)"
    return item.verdict.value, ""


def _verdict(item: FunctionReport) -> str:
    return " ".join(verdict_words(item)).rstrip()


def _painted(line: str, item: FunctionReport, paint: Paint) -> str:
    text = _verdict(item)
    return line.removesuffix(text) + paint.verdict(item.verdict, text)
