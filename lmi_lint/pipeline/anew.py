"""The stage that judges functions: what it takes is imported when a function is to be judged anew."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from lmi_lint.catalog.page import Page
from lmi_lint.catalog.registry import Registry, load_pages
from lmi_lint.checks import discover as discover_rules
from lmi_lint.checks.base import AnyRule
from lmi_lint.checks.declarative import rule_of
from lmi_lint.deploy.model import DeployedFunction
from lmi_lint.facts.source import FactSource
from lmi_lint.index.questions import Questions
from lmi_lint.knowledge.known import Known
from lmi_lint.link.link import Linker, together
from lmi_lint.model.names import Language, RuleId
from lmi_lint.model.source import SourceFile
from lmi_lint.packs import rules_root
from lmi_lint.pipeline.judged import Part
from lmi_lint.pipeline.judging import Judge
from lmi_lint.pipeline.progress import Progress
from lmi_lint.pipeline.workers import judge_all


def registry(pages: Mapping[RuleId, Page] | None = None) -> Registry[AnyRule]:
    """The rules that pages describe (None: our own), with their code. PackError."""
    return Registry.of(pages if pages is not None else load_pages([rules_root()]), discover_rules(), rule_of)


class Anew:
    """Judges functions over the facts that they share."""

    def __init__(self, questions: Questions, facts: FactSource, known: Known, pages: Mapping[RuleId, Page]) -> None:
        self._linker = Linker(questions.project, facts, known, questions)
        self._pages = pages

    @property
    def files(self) -> Mapping[str, SourceFile]:
        """The sources that this process has read."""
        return self._linker.facts.files

    def judge(
        self,
        functions: Sequence[DeployedFunction],
        rules: Collection[RuleId],
        jobs: int | None,
        progress: Progress,
        *,
        notes: bool,
    ) -> Iterator[Part]:
        """What is found about functions, by their positions, with what it rests on if it is to be noted. ``jobs``:
        processes, None for as many as pay. PackError."""
        self._linker.facts.reader.prepare(_unread(functions, self._linker.facts))
        chosen = [rule for rule in registry(self._pages).rules if rule.id in rules]
        judge = Judge(self._linker, chosen, notes=notes)
        yield from _told(judge_all(judge, functions, self._linker.facts.project, jobs), functions, progress)


def _told(parts: Iterable[Part], functions: Sequence[DeployedFunction], progress: Progress) -> Iterator[Part]:
    """The parts; meanwhile, how many functions are done with and what the first of the others runs."""
    waiting = dict.fromkeys(position for group in together(functions) for position in group)
    found = iter(parts)
    while True:
        first = functions[next(iter(waiting))] if waiting else None
        file = first.entry.path if first is not None and first.entry is not None else ""
        progress.at(f"judging functions, {len(functions) - len(waiting)} of {len(functions)}", file)
        part = next(found, None)
        if part is None:
            return
        for position in part.judged:
            waiting.pop(position, None)
        yield part


def _unread(functions: Sequence[DeployedFunction], facts: FactSource) -> list[Language]:
    """The languages in which some handler's file has to be read, not only remembered."""
    entries = [(each.language, each.entry) for each in functions if each.inline is None]
    unread = {language for language, entry in entries if language and entry and not facts.recall(entry.path)}
    return sorted(unread, key=str)
