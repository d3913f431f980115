"""What is found about functions, whoever found it out: this process, another one, or an earlier run."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from lmi_lint.facts.files import FileRead
from lmi_lint.index.questions import Question
from lmi_lint.model.finding import Finding, Problem
from lmi_lint.triage.model import Analysed


class Judged(Struct, frozen=True):
    """What was found about one function. ``analysed`` is None for what looked like a handler and is none. ``rests``:
    the numbers of the questions (in ``Part.asked`` and those before) that it rests on, None if it is not to be kept;
    ``fields``: the settings of the function that it rests on."""

    analysed: Analysed | None
    findings: tuple[Finding, ...] = ()
    problems: tuple[Problem, ...] = ()
    errors: tuple[str, ...] = ()
    rests: tuple[int, ...] | None = None
    fields: tuple[str, ...] = ()


class Part(Struct, frozen=True):
    """Some functions by their positions, and what was read for them beyond what was read before: ``files`` with facts,
    ``paths`` of everything read; ``seconds`` by stage; ``asked``: questions with the digests of their answers, as they
    were numbered by the process ``who`` since its last part, from ``since`` on."""

    judged: dict[int, Judged]
    files: tuple[FileRead, ...] = ()
    paths: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    seconds: dict[str, float] = {}
    asked: tuple[tuple[Question, bytes], ...] = ()
    who: int = 0
    since: int = 0


def whole(parts: Iterable[Part]) -> Part:
    """All parts as one, in the order of functions and of paths, whoever judged which and when."""
    found = list(parts)
    judged = {position: each for part in found for position, each in part.judged.items()}
    files = {file.path: file for part in found for file in part.files}
    paths = {path for part in found for path in part.paths}
    problems = dict.fromkeys(problem for part in found for problem in part.problems)
    seconds: dict[str, float] = {}
    for part in found:
        for stage, spent in part.seconds.items():
            seconds[stage] = seconds.get(stage, 0.0) + spent
    return Part(
        dict(sorted(judged.items())),
        tuple(files[path] for path in sorted(files)),
        tuple(sorted(paths)),
        tuple(sorted(problems, key=_place)),
        seconds,
    )


def _place(problem: Problem) -> tuple[str, str, str]:
    return problem.location.path if problem.location is not None else "", problem.kind, problem.message
