"""The link stage: deployed functions → programs that rules can query."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from lmi_lint.deploy.model import DeployedFunction, Entry
from lmi_lint.facts.source import FactSource
from lmi_lint.garbage import uncollected
from lmi_lint.index.questions import Questions
from lmi_lint.knowledge.known import Known
from lmi_lint.link.entrypoints import start
from lmi_lint.link.machine import Machine
from lmi_lint.link.names import ModuleInfo
from lmi_lint.link.outside import Outside
from lmi_lint.link.program import Program
from lmi_lint.link.recording import record
from lmi_lint.link.world import World
from lmi_lint.model.runtime import RUNTIMES
from lmi_lint.model.source import SourceFile
from lmi_lint.packs import rules_root

if TYPE_CHECKING:
    from lmi_lint.discover import Project
    from lmi_lint.model.names import Language


class Linked(Struct, frozen=True, eq=False):
    """One function and its program; ``problem`` says why there is none. ``files``: the paths of what it reached.
    ``failed``: lmi-lint could not cope with it; ``error``: what went wrong, for people who can mend it."""

    function: DeployedFunction
    program: Program | None
    problem: str = ""
    files: frozenset[str] = frozenset()
    failed: bool = False
    error: str = ""

    def of(self, function: DeployedFunction) -> Linked:
        """The same code, deployed as another function."""
        program = self.program.of(function) if self.program is not None else None
        return msgspec.structs.replace(self, function=function, program=program)


def together(functions: Sequence[DeployedFunction]) -> list[list[int]]:
    """The positions of functions, those together that run the same code: two templates may deploy it, or two stages."""
    found: dict[object, list[int]] = {}
    for position, function in enumerate(functions):
        found.setdefault(_code(function) or position, []).append(position)
    return list(found.values())


def _code(function: DeployedFunction) -> object:
    """What tells the code that a function runs from all other code; None if it is not linked."""
    if function.language is None or function.edge or function.custom_runtime:
        return None
    if function.entry is None and function.inline is None:
        return None
    return (function.language, function.entry, function.inline, function.inline and function.handler)


class Linker:
    """Links functions one after another over the facts that they share."""

    def __init__(
        self,
        project: Project,
        facts: FactSource | None = None,
        known: Known | None = None,
        questions: Questions | None = None,
    ) -> None:
        self.facts = facts or FactSource(project)
        self.questions = questions or Questions(project)
        self._outside = Outside(self.facts, self.questions)
        self._known = known or Known((rules_root(),))
        self._worlds: dict[str, World] = {}

    def noted(self) -> tuple[int, ...]:
        """The numbers of the questions that everything found out about the function linked last rests on, so far."""
        return tuple(sorted(self._outside.noted))

    def world(self, language: Language) -> World:
        """The modules and the knowledge of a language's family."""
        family = language.family
        if family not in self._worlds:
            self._worlds[family] = World(self._outside, self._known.base(family, self.facts.cache), language)
        return self._worlds[family]

    def link(self, functions: tuple[DeployedFunction, ...]) -> Iterator[Linked]:
        """The program of each function, in order. What comes right after a function with the same code is not evaluated
        anew. Whoever drops one before asking for the next has its memory back."""
        linked: Linked | None = None
        for function in functions:
            code = _code(function)
            if linked is not None and not linked.error and code is not None and code == _code(linked.function):
                yield linked.of(function)
                continue
            linked = None
            with uncollected():
                linked = self._guarded(function)
            yield linked

    def _guarded(self, function: DeployedFunction) -> Linked:
        """The program of a function; if linking fails, only this function goes without."""
        self._outside.noted = set()
        limit = sys.getrecursionlimit()
        try:
            return self._link(function)
        except RecursionError:
            return Linked(
                function, None, "its code is nested too deeply to be analysed", self._reached(function), failed=True
            )
        except Exception as error:  # noqa: BLE001  one function must not cost the others
            what = f"{function.name} could not be analysed: {type(error).__name__}: {error}"
            return Linked(function, None, "lmi-lint failed on it", self._reached(function), failed=True, error=what)
        finally:
            sys.setrecursionlimit(limit)

    def _reached(self, function: DeployedFunction) -> frozenset[str]:
        return frozenset(self.world(function.language).reached) if function.language is not None else frozenset()

    def _link(self, function: DeployedFunction) -> Linked:
        language = function.language
        if function.edge or function.custom_runtime:
            return Linked(function, None, function.unresolved)
        if language is None:
            return Linked(function, None, f"{function.runtime or 'this runtime'} is not supported yet")
        if function.entry is None and function.inline is None:
            return Linked(function, None, function.unresolved or "no handler found")
        world = self.world(language)
        world.begin()
        entry = function.entry or _entry_of_inline(function)
        module = self._module(world, function)
        if module is None or entry is None:
            return Linked(function, None, "the handler's file could not be read", frozenset(world.reached))
        machine = Machine(world, world.knowledge)
        started = start(machine, module, entry)
        machine.run()
        recorder = record(machine)
        files = frozenset(world.reached)
        unreadable = sorted(path for path in files if self.facts.unreadable(path))
        problem = started.problem or (f"{unreadable[0]} could not be read" if unreadable else "")
        texts = {path: self.facts.files[path] for path in (*sorted(files), module.path) if path in self.facts.files}
        program = Program(function, RUNTIMES[language], machine, recorder, started, texts)
        return Linked(function, program, problem, files)

    def _module(self, world: World, function: DeployedFunction) -> ModuleInfo | None:
        if function.inline is not None:
            code = function.inline
            facts = self.facts.add(SourceFile(code.path, code.data, language=code.language))
            return ModuleInfo(facts) if facts is not None else None
        return world.module(function.entry.path) if function.entry is not None else None


def _entry_of_inline(function: DeployedFunction) -> Entry | None:
    """Code in a template is one module, whatever its file would be called; the handler's last part is the function."""
    if function.inline is None or not function.handler:
        return None
    return Entry(function.inline.path, function.handler.rpartition(".")[2])
