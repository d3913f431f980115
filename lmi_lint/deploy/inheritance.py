"""Java and C# classes that are handlers because of a type they derive from elsewhere in the project."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from lmi_lint.discover.found import BaseType, Called, Relation, Shape
from lmi_lint.discover.project import Project, language_of
from lmi_lint.discover.shapes import JAVA_INTERFACES
from lmi_lint.index import Index
from lmi_lint.model.names import Language
from lmi_lint.model.source import Span

_RUNTIME = "com.amazonaws.services.lambda.runtime."
_ENTRY = "FunctionHandler"
"""What .NET's project templates call the method."""


def of_type(number: int) -> Span:
    """Stands for the place of the name of a file's type, by its number: places are put in late."""
    return Span(-1, number)


class HandlerClasses:
    """Finds such classes of both languages in one project."""

    def __init__(self, project: Project, index: Index) -> None:
        self._java = _JavaClasses(project, index)
        self._csharp = _CsharpClasses(project, index)

    def shapes(self, path: str) -> tuple[Shape, ...]:
        """Concrete classes of a file that are handlers by what they derive from; none for other languages."""
        language = language_of(path)
        if language is Language.JAVA:
            return self._java.shapes(path)
        return self._csharp.shapes(path) if language is Language.CSHARP else ()


class _JavaClasses:
    """Other files are looked at only once a class extends or implements something."""

    def __init__(self, project: Project, index: Index) -> None:
        self.project = project
        self.index = index
        self._known: dict[tuple[str, str], bool] = {}
        self._any: bool | None = None

    def shapes(self, path: str) -> tuple[Shape, ...]:
        """Concrete classes of a Java file that come to the runtime's interfaces through other types of the project."""
        if not self.index.derives(path) or not self._may_inherit():
            return ()
        return tuple(
            Shape(item.qualified, None, of_type(item.number))
            for item in self.index.heritage(path).types
            if item.kind == "class" and not item.abstract and self._is_handler(path, item)
        )

    def _may_inherit(self) -> bool:
        """Whether some type that can have subtypes of the project names the runtime's interfaces."""
        if self._any is None:
            self._any = any(
                language_of(path) is Language.JAVA and self._names_interface(path)
                for path in sorted(self.project.all_sources)
            )
        return self._any

    def _names_interface(self, path: str) -> bool:
        """Whether an abstract class or an interface of a file names the runtime's interfaces in its declaration."""
        if not self.index.says_one_of(path, *sorted(JAVA_INTERFACES)):
            return False
        return any(
            base.name.rpartition(".")[2] in JAVA_INTERFACES
            for item in self.index.heritage(path).types
            if item.kind == "interface" or item.abstract
            for base in item.bases
        )

    def _is_handler(self, path: str, item: Relation) -> bool:
        """Whether a supertype at any level is one of the runtime's interfaces."""
        start = (path, item.qualified)
        seen = {start}
        pending = [(path, item)]
        while pending:
            file, current = pending.pop()
            if self._known.get((file, current.qualified)):
                self._known[start] = True
                return True
            for base in current.bases:
                found = list(self._resolve(file, base.name))
                if not found and self._is_interface(file, base.name):
                    self._known[start] = True
                    return True
                for target, declared in found:
                    if (target, declared.qualified) not in seen:
                        seen.add((target, declared.qualified))
                        pending.append((target, declared))
        return False

    def _is_interface(self, path: str, name: str) -> bool:
        """Whether a name that no file of the project declares is that of an interface of the runtime."""
        qualified = self._imported(path, name) or name
        simple = qualified.rpartition(".")[2]
        return simple in JAVA_INTERFACES and qualified in (simple, _RUNTIME + simple)

    def _resolve(self, path: str, name: str) -> Iterator[tuple[str, Relation]]:
        """The type of the project that a name means in a file: one of the file, an imported one, one of the package, or
        the only one so called."""
        here = self.index.heritage(path)
        own = here.find(name)
        if own is not None:
            yield path, own
            return
        imported = self._imported(path, name)
        for qualified in [imported] if imported else [f"{here.package}.{name}" if here.package else name, name]:
            files = self.index.find_type(qualified)
            if len(files) == 1:
                declared = self.index.heritage(files[0]).find(qualified)
                if declared is not None:
                    yield files[0], declared
                return

    def _imported(self, path: str, name: str) -> str | None:
        """The qualified name of a type that a file imports by its simple name."""
        first, dot, rest = name.partition(".")
        imports = self.index.heritage(path).imports
        found = next((each for each in imports if "." in each and each.rpartition(".")[2] == first), None)
        return found + dot + rest if found is not None else None


class _CsharpClasses:
    """Classes below one that declares a public instance method with the runtime's context. Other files are looked at
    only once a class derives from something, and followed only if the project has such a class."""

    def __init__(self, project: Project, index: Index) -> None:
        self.project = project
        self.index = index
        self._resolved: dict[tuple[str, int, BaseType], list[tuple[str, Relation]]] = {}
        self._any: bool | None = None

    def shapes(self, path: str) -> tuple[Shape, ...]:
        """Concrete classes of a file that inherit the method to invoke, with the method's name."""
        if not self.index.derives(path) or not self._may_inherit():
            return ()
        found: dict[str, Shape] = {}
        for item in self.index.heritage(path).types:
            if item.kind != "class" or not item.bases or item.arity:
                continue
            method = self._inherited(path, item)
            if method is not None:
                found.setdefault(item.qualified, Shape(item.qualified, method, of_type(item.number)))
        return tuple(found.values())

    def _may_inherit(self) -> bool:
        """Whether some class of the project has a method to inherit."""
        if self._any is None:
            self._any = any(
                "static" not in method.modifiers
                for path in sorted(self.project.all_sources)
                if language_of(path) is Language.CSHARP and self.index.says_one_of(path, "ILambdaContext")
                for item in self.index.heritage(path).types
                for method in item.methods
            )
        return self._any

    def _inherited(self, path: str, item: Relation) -> str | None:
        """The method of a class above that a concrete class is invoked by; None if it has one of its own."""
        parts = self._parts(path, item)
        if any(part.abstract for _, part in parts):
            return None
        naming = [file for file, part in parts if part.bases]
        if naming[0] != path:  # a partial class is reported once
            return None
        own = [method for _, part in parts for method in part.methods]
        if any("override" not in method.modifiers or method.name.startswith(_ENTRY) for method in own):
            return None
        best = min(self._above(parts), key=lambda pair: _rank(*pair), default=None)
        if best is None or (own and not best[1].name.startswith(_ENTRY)):
            return None
        return best[1].name

    def _above(self, parts: list[tuple[str, Relation]]) -> Iterator[tuple[int, Called]]:
        """Instance methods of the classes above one that take the context, each with how many levels up it is."""
        seen = {(file, part.number) for file, part in parts}
        level = 0
        while parts:
            level += 1
            parts = [
                found for file, part in parts for base in part.bases
                for found in self._resolve(file, part, base)
                if (found[0], found[1].number) not in seen
            ]  # fmt: skip
            seen.update((file, part.number) for file, part in parts)
            for _, part in parts:
                for method in part.methods:
                    if not {"static", "abstract"}.intersection(method.modifiers):
                        yield level, method

    def _resolve(self, path: str, item: Relation, base: BaseType) -> list[tuple[str, Relation]]:
        """The class of the project, in all its parts, that a name in a list of bases means: one in scope, or else the
        only one so called, as it may be in scope by a using of the whole project. Looked up once."""
        key = (path, item.number, base)
        if key not in self._resolved:
            self._resolved[key] = self._look_up(path, item, base)
        return self._resolved[key]

    def _look_up(self, path: str, item: Relation, base: BaseType) -> list[tuple[str, Relation]]:
        usings = self.index.heritage(path).usings
        aliases = {alias: name for alias, name in usings if alias}
        name = aliases.get(base.name, base.name)
        simple = name.rpartition(".")[2]
        declared = [
            (file, found)
            for file in self.index.find_type(simple, Language.CSHARP)
            for found in self.index.heritage(file).types
            if found.name == simple and found.kind == "class"
            and f".{found.qualified}".endswith(f".{name}")
            and (base.name in aliases or found.arity == base.arity)
        ]  # fmt: skip
        around = item.qualified.split(".")
        scopes = [".".join(around[:length]) for length in range(len(around), -1, -1)]
        scopes += [name for alias, name in usings if not alias]
        for scope in scopes:
            inside = [pair for pair in declared if pair[1].qualified == (f"{scope}.{name}" if scope else name)]
            if inside:
                return self._parts(*_nearest(path, inside))
        if len({found.qualified for _, found in declared}) == 1:
            return self._parts(*_nearest(path, declared))
        return []

    def _parts(self, path: str, item: Relation) -> list[tuple[str, Relation]]:
        """All declarations of a class, by path: one, or several of a partial class."""
        if not item.partial:
            return [(path, item)]
        files = sorted({path, *self.index.find_type(item.qualified, Language.CSHARP)})
        return [
            (file, part)
            for file in files
            for part in self.index.heritage(file).types
            if part.qualified == item.qualified and part.partial and part.arity == item.arity
        ]


def _rank(level: int, method: Called) -> tuple[bool, bool, int]:
    """Which of several methods is the one to invoke, least first: called as usual, most general, nearest."""
    return not method.name.startswith(_ENTRY), not method.takes_stream, level


def _nearest(path: str, declared: list[tuple[str, Relation]]) -> tuple[str, Relation]:
    """Of classes of one name in several files the one whose file shares most folders with a path."""
    folder = posixpath.dirname(path)
    return max(declared, key=lambda pair: len(posixpath.commonpath([folder, posixpath.dirname(pair[0])])))
