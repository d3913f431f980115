"""All modules of a run, shared by the programs of its functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from lmi_lint.facts.model import ImportFacts
from lmi_lint.ir.nodes import ImportKind
from lmi_lint.link.components import Components
from lmi_lint.link.limits import LIMITS
from lmi_lint.link.names import (
    ABSTRACT,
    EXTENSION,
    INTERFACE,
    ClassInfo,
    FunctionInfo,
    ModuleInfo,
    has_annotation,
    library_supers,
    superclasses,
)
from lmi_lint.model.names import Language

if TYPE_CHECKING:
    from collections.abc import Callable

    from lmi_lint.index import GlobalUsing
    from lmi_lint.knowledge.query import KnowledgeBase
    from lmi_lint.link.outside import Outside


_Found = TypeVar("_Found")


def _common(left: list[str], right: list[str]) -> int:
    """How many leading folders two paths share."""
    return next((i for i, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), min(len(left), len(right)))


def _import(using: GlobalUsing) -> ImportFacts:
    module, _, last = using.name.rpartition(".") if using.alias else (using.name, "", "")
    kind = ImportKind.VALUE if using.alias else ImportKind.STATIC if using.static else ImportKind.WILDCARD
    return ImportFacts(module, last or None, using.alias, kind.value, False, 0, 0)


class _Answer:
    """What a look-up found, the files and the questions that it asked for, and who has been told of them last."""

    __slots__ = ("asked", "reached", "told", "value")

    def __init__(self, value: Any, reached: frozenset[str], asked: frozenset[int]) -> None:
        self.value = value
        self.reached = reached
        self.asked = asked
        self.told: set[str] | None = None


class World:
    """Pulls modules by path and answers where names lead. One per language family and run.
    ``reached``: the files that were asked for since ``begin``."""

    def __init__(self, outside: Outside, knowledge: KnowledgeBase, language: Language) -> None:
        self.outside = outside
        self.knowledge = knowledge
        self.language = language
        self.reached: set[str] = set()
        self._modules: dict[str, ModuleInfo | None] = {}
        self._remembered: dict[object, _Answer] = {}
        self._nearest: dict[tuple[str, str], tuple[str, ...]] = {}
        self._imports: dict[str, tuple[ImportFacts, ...]] = {}
        self._builds: tuple[set[str], int, frozenset[str | None]] = (self.reached, 0, frozenset())
        self.components = Components(self, outside, knowledge)

    def begin(self) -> None:
        """Another function's program begins: nothing is reached yet."""
        self.reached = set()

    def module(self, path: str) -> ModuleInfo | None:
        """The module of a file, read on first use."""
        self.reached.add(path)
        facts = self.outside.facts(path)
        if path not in self._modules:
            self._modules[path] = ModuleInfo(facts) if facts is not None else None
        return self._modules[path]

    def remembered(self, key: object, find: Callable[[], _Found]) -> _Found:
        """What a look-up finds, looked up once; the files that it asked for count as reached by everyone who asks, and
        so does what else it rests on."""
        known = self._remembered.get(key)
        if known is None:
            outside = self.outside
            outer, self.reached = self.reached, set()
            noted, outside.noted = outside.noted, set()
            try:
                known = self._remembered[key] = _Answer(find(), frozenset(self.reached), frozenset(outside.noted))
            finally:
                self.reached, outside.noted = outer, noted
        answer: _Found = known.value
        if known.told is not self.reached:
            known.told = self.reached
            self.reached |= known.reached
            self.outside.noted |= known.asked
        return answer

    def resolve_module(self, path: str, specifier: str) -> str | None:
        """The project file that an import means."""
        return self.outside.resolve_module(self.language, path, specifier)

    def is_namespace(self, name: str) -> bool:
        """Whether the project declares something in a namespace of this name, or below it."""
        return self.outside.is_namespace(self.language, name)

    def find_type(self, qualified: str, near: str = "") -> tuple[str, ...]:
        """The files that declare a type, those that share most folders with ``near`` first: a repository may hold
        several projects with a class of one name."""
        paths = self.outside.find_type(self.language, qualified)
        if len(paths) < 2 or not near:
            return paths
        home = near.rpartition("/")[0]
        if (qualified, home) not in self._nearest:
            folders = home.split("/")
            order = sorted(paths, key=lambda path: -_common(folders, path.split("/")[:-1]))
            self._nearest[qualified, home] = tuple(order)
        return self._nearest[qualified, home]

    def built_together(self, path: str, other: str) -> bool:
        """Whether two files have the same project file, or one of them has none."""
        builds = {self.outside.build_file(path), self.outside.build_file(other)}
        return len(builds) == 1 or None in builds

    def belongs(self, path: str, near: str) -> bool:
        """Whether a file is of the same build project as ``near``, or as a file that was asked for."""
        reached = self.reached
        if self._builds[0] is not reached or self._builds[1] != len(reached):
            self._builds = (reached, len(reached), frozenset(map(self.outside.build_file, reached)))
        build = self.outside.build_file(path)
        return build == self.outside.build_file(near) or build in self._builds[2]

    def shared_imports(self, path: str) -> tuple[ImportFacts, ...]:
        """The imports of every file of the build project around a file: C#'s global usings."""
        usings = self.outside.global_usings(path) if self.language is Language.CSHARP else ()
        if path not in self._imports:
            self._imports[path] = tuple(map(_import, usings))
        return self._imports[path]

    def unsettled(self) -> None:
        """Say that what is being looked for rests on something that is not known to its end."""
        self.outside.unsettled()

    def known(self, name: str) -> bool:
        """Whether knowledge has a type of this name, or calls of it."""
        return self.knowledge.speaks_of(name)

    def spelt(self, name: str) -> bool:
        """Whether it has them by this very name, not by a pattern."""
        return self.knowledge.spells(name)

    def deriving(self, type_name: str, near: str) -> tuple[ClassInfo, ...]:
        """The classes of the program around a file that come to be of a library type, by what they extend."""
        found: dict[ClassInfo, None] = {}
        words = {type_name.rpartition(".")[2]} | {
            entry.name.rpartition(".")[2] for entry in self.knowledge.below(type_name)
        }
        seen: set[str] = set()
        while words:
            fresh: set[str] = set()
            for klass in self._classes(self.outside.holding(near, words), seen):
                above = library_supers(self, klass)
                if klass not in found and any(type_name in self.knowledge.lineage_names(each) for each in above):
                    found[klass] = None
                    fresh.add(klass.name)
            words = fresh
        return tuple(found)

    def annotated(self, annotation: str, near: str) -> tuple[ClassInfo, ...]:
        """The classes of the program around a file that bear an annotation."""
        classes = self._classes(self.outside.starting(near, annotation.rpartition(".")[2]), set())
        return tuple(klass for klass in classes if has_annotation(klass.facts.annotations, annotation))

    def _classes(self, paths: tuple[str, ...], seen: set[str]) -> list[ClassInfo]:
        """The classes of those files that were not seen."""
        found: list[ClassInfo] = []
        for path in paths:
            if path in seen:
                continue
            seen.add(path)
            module = self.module(path)
            found += module.classes if module is not None else ()
        return found

    def extensions(self, name: str) -> tuple[FunctionInfo, ...]:
        """The extension methods of this name in the project, in order of their files."""
        return self.remembered(("extensions", name), lambda: self._extensions(name))

    def _extensions(self, name: str) -> tuple[FunctionInfo, ...]:
        modules = [self.module(path) for path in self.outside.extension_files(name)]
        return tuple(
            function
            for module in modules
            if module is not None
            for function in module.functions
            if function.facts.name == name and function.has(EXTENSION)
        )

    def implementors(self, klass: ClassInfo) -> tuple[ClassInfo, ...]:
        """The concrete classes of the project that derive directly from a class, if they are few."""
        return self.remembered(("implementors", klass), lambda: self._implementors(klass))

    def _implementors(self, klass: ClassInfo) -> tuple[ClassInfo, ...]:
        paths = self.outside.deriving(klass.module.language, klass.name)
        if len(paths) > LIMITS.implementor_files:
            return ()
        modules = [self.module(path) for path in paths]
        found = [
            candidate
            for module in modules
            if module is not None
            for candidate in module.classes
            if not candidate.has(INTERFACE | ABSTRACT) and klass in superclasses(self, candidate)
        ]
        return tuple(found) if len(found) <= LIMITS.implementors else ()
