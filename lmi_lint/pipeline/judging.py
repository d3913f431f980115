"""What is found about each function: link and check, one function after another."""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import islice
from typing import Final

import msgspec

from lmi_lint.checks.base import AnyRule
from lmi_lint.checks.run import check
from lmi_lint.deploy.consulted import Consulted
from lmi_lint.deploy.model import DeployedFunction, Provenance
from lmi_lint.index.questions import NEVER, Question
from lmi_lint.link.link import Linked, Linker, together
from lmi_lint.link.program import Program
from lmi_lint.model.finding import Problem
from lmi_lint.pipeline.judged import Judged, Part
from lmi_lint.triage.model import Analysed

_ENOUGH: Final = 250_000
"""Objects made since garbage was looked for last, from where on it is worth the time: some 40 MB."""


class Judge:
    """Links functions and has the rules look at them. ``notes``: say what judgements rest on."""

    def __init__(self, linker: Linker, rules: Sequence[AnyRule], *, notes: bool = False) -> None:
        self._linker = linker
        self._rules = rules
        self._told = 0
        self._troubles = 0
        self._left: list[Program] = []
        self._notes = notes
        self._numbered = len(linker.questions.asked)

    def prepare(self, functions: Sequence[DeployedFunction]) -> None:
        """Read what is known about libraries and what files can be told to be needed, once for all processes that are
        to come, which read other files themselves."""
        self.ahead(functions)
        for language in dict.fromkeys(function.language for function in functions):
            if language is not None:
                self._linker.world(language)
        self._linker.facts.reader.finish()
        self._linker.facts.reader.close()

    def ahead(self, functions: Sequence[DeployedFunction]) -> None:
        """Have the files of handlers read while this process prepares for them."""
        self._linker.facts.ahead(each.file for each in functions if each.file is not None)

    @contextmanager
    def apart(self) -> Iterator[None]:
        """Read files apart from the process that this one is a copy of."""
        gc.freeze()  # to look for garbage in what is the parent's would copy it
        with closing(self._linker.facts.reader.apart()) as reader:
            self._linker.facts.reader = reader
            yield

    def part(self, functions: Sequence[DeployedFunction], positions: Sequence[int]) -> Part:
        """What is found about the functions at these positions, which run the same code."""
        facts = self._linker.facts
        before = dict(facts.seconds)
        seconds = {"check": 0.0, "link": 0.0}
        chosen = tuple(functions[position] for position in positions)
        judged = dict(zip(positions, self._judged(chosen, seconds), strict=True))
        reading = {stage: facts.seconds[stage] - before[stage] for stage in before}
        seconds["link"] = max(seconds["link"] - sum(reading.values()), 0.0)
        fresh = tuple(islice(facts.files, self._told, None))
        self._told += len(fresh)
        problems = [*facts.reader.problems, *facts.problems[self._troubles :]]
        self._troubles = len(facts.problems)
        since, asked = self._numbered, tuple(self._asked()) if self._notes else ()
        part = Part(judged, tuple(facts.read(fresh)), fresh, tuple(problems), {**seconds, **reading})
        return msgspec.structs.replace(part, asked=asked, who=os.getpid(), since=since)

    def _asked(self) -> Iterator[tuple[Question, bytes]]:
        """The questions numbered since this was asked last."""
        questions = self._linker.questions
        for number in range(self._numbered, len(questions.asked)):
            yield questions.asked[number], questions.digest(number)
        self._numbered = len(questions.asked)

    def _judged(self, functions: tuple[DeployedFunction, ...], seconds: dict[str, float]) -> Iterator[Judged]:
        began = time.perf_counter()
        if self._left:  # the last program goes, as all its deployments know it, before the next one comes
            for each in self._left:
                each.dissolve()
            self._left.clear()
            if gc.get_count()[0] > _ENOUGH:
                gc.collect(0)  # whatever else holds itself in circles
        consulted = [Consulted(function) for function in functions]
        programs = self._linker.link(tuple(each.view for each in consulted))
        for function in consulted:
            linked = next(programs)
            between = time.perf_counter()
            seconds["link"] += between - began
            found = self._checked(linked, function)
            self._left += [linked.program] if linked.program is not None else []
            del linked
            began = time.perf_counter()
            seconds["check"] += began - between
            yield found

    def _checked(self, linked: Linked, function: Consulted) -> Judged:
        if _mistaken(linked):
            return Judged(None, rests=self._rests(linked, ()), fields=_sorted(function))
        findings, failed = check(linked.function, linked.program, self._rules)
        errors = [error.message for error in failed] + ([linked.error] if linked.error else [])
        return Judged(
            _analysed(linked, function.function, bool(failed)),
            tuple(findings),
            _cut(linked, function.function),
            tuple(errors),
            self._rests(linked, errors),
            _sorted(function),
        )

    def _rests(self, linked: Linked, errors: Sequence[str]) -> tuple[int, ...] | None:
        """What a judgement rests on. What failed or was given up may go otherwise the next time."""
        if not self._notes or errors or linked.failed or _is_cut(linked):
            return None
        rests, questions = self._linker.noted(), self._linker.questions
        return None if any(questions.answer(number) == NEVER for number in rests) else rests


def in_turn(judge: Judge, functions: Sequence[DeployedFunction]) -> Iterator[Part]:
    """Judge all functions in this process."""
    judge.ahead(functions)
    for positions in together(functions):
        yield judge.part(functions, positions)


def _sorted(function: Consulted) -> tuple[str, ...]:
    """The settings that were looked at."""
    return tuple(sorted(function.fields))


def _analysed(linked: Linked, function: DeployedFunction, failed: bool) -> Analysed:
    program = linked.program
    problem = linked.problem or ("a rule failed on it" if failed else "")
    return Analysed(
        function,
        program.recorder.resolved if program is not None else 0,
        program.recorder.unresolved if program is not None else 0,
        problem,
        handler_missing=bool(program.started.problem if program is not None else linked.problem and not linked.failed),
        outside=program is not None and program.started.outside,
        cut=_is_cut(linked),
        files=linked.files,
    )


def _mistaken(linked: Linked) -> bool:
    """Something that looked like a handler in the text, deployed by nothing, and turned out to be none."""
    started = linked.program.started if linked.program is not None else None
    guessed = linked.function.provenance is Provenance.CONVENTION
    return guessed and started is not None and bool(started.problem) and not started.outside


def _is_cut(linked: Linked) -> bool:
    """Whether something was not analysed to the end; merged evaluations only cost precision."""
    return linked.program is not None and bool(linked.program.cut - {"contexts"})


def _cut(linked: Linked, function: DeployedFunction) -> tuple[Problem, ...]:
    what = "too large to be analysed to the end; some findings may be missing"
    found = Problem("limit", f"{function.name}: {what}", function.location)
    return (found,) if _is_cut(linked) else ()
