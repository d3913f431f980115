"""All modules of a run, shared by the programs of its functions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeVar, cast

from lmi_lint.facts.model import ImportFacts
from lmi_lint.index import GlobalUsing, Index
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

    from lmi_lint.facts.source import FactSource
    from lmi_lint.knowledge.query import KnowledgeBase


_Found = TypeVar("_Found")


def _common(left: list[str], right: list[str]) -> int:
    """How many leading folders two paths share."""
    return next((i for i, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), min(len(left), len(right)))


def _import(using: GlobalUsing) -> ImportFacts:
    module, _, last = using.name.rpartition(".") if using.alias else (using.name, "", "")
    kind = ImportKind.VALUE if using.alias else ImportKind.STATIC if using.static else ImportKind.WILDCARD
    return ImportFacts(module, last or None, using.alias, kind.value, False, 0, 0)


class World:
    """Pulls modules by path and answers where names lead. One per language family and run.
    ``reached``: the files that were asked for since ``begin``."""

    def __init__(self, facts: FactSource, knowledge: KnowledgeBase, language: Language) -> None:
        self.facts = facts
        self.knowledge = knowledge
        self.language = language
        self.index = Index.of(facts.project)
        self.reached: set[str] = set()
        self._modules: dict[str, ModuleInfo | None] = {}
        self._remembered: dict[object, tuple[Any, frozenset[str]]] = {}
        self._resolved: dict[tuple[str, str], str | None] = {}
        self._nearest: dict[tuple[str, str], tuple[str, ...]] = {}
        self._types: dict[str, tuple[str, ...]] = {}
        self._imports: dict[str, tuple[ImportFacts, ...]] = {}
        self._builds: tuple[int, frozenset[str | None]] = (0, frozenset())
        self.components = Components(self, self.index, knowledge)

    def begin(self) -> None:
        """Another function's program begins: nothing is reached yet."""
        self.reached.clear()
        self._builds = (0, frozenset())

    def module(self, path: str) -> ModuleInfo | None:
        """The module of a file, read on first use."""
        self.reached.add(path)
        if path not in self._modules:
            facts = self.facts.facts(path)
            self._modules[path] = ModuleInfo(facts) if facts is not None else None
        return self._modules[path]

    def remembered(self, key: object, find: Callable[[], _Found]) -> _Found:
        """What a look-up finds, looked up once; the files that it asked for count as reached by everyone who asks."""
        if key not in self._remembered:
            outer, self.reached = self.reached, set()
            try:
                self._remembered[key] = find(), frozenset(self.reached)
            finally:
                self.reached = outer
        found, reached = self._remembered[key]
        self.reached |= reached
        return cast("_Found", found)

    def resolve_module(self, path: str, specifier: str) -> str | None:
        """The project file that an import means."""
        key = (path, specifier)
        if key not in self._resolved:
            self._resolved[key] = self.index.resolve_module(self.language.family, path, specifier)
        return self._resolved[key]

    def find_type(self, qualified: str, near: str = "") -> tuple[str, ...]:
        """The files that declare a type, those that share most folders with ``near`` first: a repository may hold
        several projects with a class of one name."""
        if qualified not in self._types:
            self._types[qualified] = self.index.find_type(qualified, self.language)
        paths = self._types[qualified]
        if len(paths) < 2 or not near:
            return paths
        home = near.rpartition("/")[0]
        if (qualified, home) not in self._nearest:
            folders = home.split("/")
            order = sorted(paths, key=lambda path: -_common(folders, path.split("/")[:-1]))
            self._nearest[qualified, home] = tuple(order)
        return self._nearest[qualified, home]

    def belongs(self, path: str, near: str) -> bool:
        """Whether a file is of the same build project as ``near``, or as a file that was asked for."""
        if self._builds[0] != len(self.reached):
            self._builds = (len(self.reached), frozenset(map(self.index.build_file, self.reached)))
        build = self.index.build_file(path)
        return build == self.index.build_file(near) or build in self._builds[1]

    def shared_imports(self, path: str) -> tuple[ImportFacts, ...]:
        """The imports of every file of the build project around a file: C#'s global usings."""
        if path not in self._imports:
            usings = self.index.global_usings(path) if self.language is Language.CSHARP else ()
            self._imports[path] = tuple(map(_import, usings))
        return self._imports[path]

    def known(self, name: str) -> bool:
        """Whether knowledge has a type of this name, or calls of it."""
        return self.knowledge.speaks_of(name)

    def deriving(self, type_name: str, near: str) -> tuple[ClassInfo, ...]:
        """The classes of the program around a file that come to be of a library type, by what they extend."""
        found: dict[ClassInfo, None] = {}
        words = {type_name.rpartition(".")[2]} | {
            entry.name.rpartition(".")[2] for entry in self.knowledge.below(type_name)
        }
        seen: set[str] = set()
        while words:
            pattern = re.compile(rb"\b(?:" + b"|".join(re.escape(word.encode()) for word in sorted(words)) + rb")\b")
            fresh: set[str] = set()
            for klass in self._classes(near, pattern, seen):
                above = library_supers(self, klass)
                if klass not in found and any(type_name in self.knowledge.lineage_names(each) for each in above):
                    found[klass] = None
                    fresh.add(klass.name)
            words = fresh
        return tuple(found)

    def annotated(self, annotation: str, near: str) -> tuple[ClassInfo, ...]:
        """The classes of the program around a file that bear an annotation."""
        pattern = re.compile(rb"\b" + re.escape(annotation.rpartition(".")[2].encode()))
        classes = self._classes(near, pattern, set())
        return tuple(klass for klass in classes if has_annotation(klass.facts.annotations, annotation))

    def _classes(self, near: str, pattern: re.Pattern[bytes], seen: set[str]) -> list[ClassInfo]:
        """The classes of those files of the program around a file that a pattern occurs in and that were not seen."""
        found: list[ClassInfo] = []
        for path in self.index.files_around(near):
            if path in seen or not pattern.search(self.facts.project.peek(path)):
                continue
            seen.add(path)
            module = self.module(path)
            found += module.classes if module is not None else ()
        return found

    def extensions(self, name: str) -> tuple[FunctionInfo, ...]:
        """The extension methods of this name in the project, in order of their files."""
        return self.remembered(("extensions", name), lambda: self._extensions(name))

    def _extensions(self, name: str) -> tuple[FunctionInfo, ...]:
        modules = [self.module(path) for path in self.index.extension_files(name)]
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
        paths = self.index.wired(klass.module.language).deriving(klass.name)
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
