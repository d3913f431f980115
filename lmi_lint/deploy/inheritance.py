"""Java and C# classes that are handlers because of a type they derive from elsewhere in the project."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from lmi_lint.discover.found import DeclaredType, Shape
from lmi_lint.discover.project import Project, language_of
from lmi_lint.discover.scan import BaseType, base_types, is_abstract, is_partial, supertypes, type_parameters
from lmi_lint.discover.shapes import JAVA_INTERFACES, ContextMethod, context_methods
from lmi_lint.index import Index
from lmi_lint.model.names import Language
from lmi_lint.model.source import Span

_INTERFACE = re.compile(rb"\bRequest(?:Stream)?Handler\b")
_RUNTIME = "com.amazonaws.services.lambda.runtime."
_DERIVES = re.compile(rb"\b(?:class|record)\s+\w[^{};]{0,1000}:")
_USING = re.compile(rb"^[ \t]*(?:global\s+)?using\s+(?:(\w+)\s*=\s*)?(?:global::)?([\w.]+)\s*;", re.MULTILINE)
_ENTRY = "FunctionHandler"
"""What .NET's project templates call the method."""

_SUBTYPE = re.compile(rb"\b(?:extends|implements)\b")


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
    """Other files are read only once a class extends or implements something."""

    def __init__(self, project: Project, index: Index) -> None:
        self.project = project
        self.index = index
        self._kept: dict[str, bytes] = {}
        self._known: dict[tuple[str, str], bool] = {}
        self._any: bool | None = None

    def shapes(self, path: str) -> tuple[Shape, ...]:
        """Concrete classes of a Java file that come to the runtime's interfaces through other types of the project."""
        data = self._bytes(path)
        if not _SUBTYPE.search(data) or not self._may_inherit():
            return ()
        return tuple(
            Shape(item.qualified, None, item.span)
            for item in self.index.types_of(path)
            if item.kind == "class" and not is_abstract(data, item) and self._is_handler(path, item)
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
        data = self.project.peek(path)
        if not _INTERFACE.search(data):
            return False
        return any(
            name.rpartition(".")[2] in JAVA_INTERFACES
            for item in self.index.types_of(path)
            if item.kind == "interface" or is_abstract(data, item)
            for name in _names(data, item)
        )

    def _is_handler(self, path: str, item: DeclaredType) -> bool:
        """Whether a supertype at any level is one of the runtime's interfaces."""
        start = (path, item.qualified)
        seen = {start}
        pending = [(path, item)]
        while pending:
            file, current = pending.pop()
            if self._known.get((file, current.qualified)):
                self._known[start] = True
                return True
            for name in _names(self._bytes(file), current):
                found = list(self._resolve(file, name))
                if not found and self._is_interface(file, name):
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

    def _resolve(self, path: str, name: str) -> Iterator[tuple[str, DeclaredType]]:
        """The type of the project that a name means in a file: one of the file, an imported one, one of the package, or
        the only one so called."""
        own = self.index.find_declared(path, name)
        if own is not None:
            yield path, own
            return
        imported = self._imported(path, name)
        package = self.index.package_of(path)
        for qualified in [imported] if imported else [f"{package}.{name}" if package else name, name]:
            files = self.index.find_type(qualified)
            if len(files) == 1:
                declared = self.index.find_declared(files[0], qualified)
                if declared is not None:
                    yield files[0], declared
                return

    def _imported(self, path: str, name: str) -> str | None:
        """The qualified name of a type that a file imports by its simple name."""
        first, dot, rest = name.partition(".")
        pattern = re.compile(rb"^[ \t]*import\s+([\w.]+\." + re.escape(first.encode()) + rb")\s*;", re.MULTILINE)
        match = pattern.search(self._bytes(path))
        return match.group(1).decode("utf-8", "replace") + dot + rest if match else None

    def _bytes(self, path: str) -> bytes:
        kept = self._kept.get(path)
        if kept is None:
            kept = self._kept[path] = self.project.peek(path)
        return kept


def _names(data: bytes, item: DeclaredType) -> tuple[str, ...]:
    """All supertypes that a declaration names."""
    found = supertypes(data, item)
    return (*found.interfaces, *([found.base] if found.base else []))


class _CsharpClasses:
    """Classes below one that declares a public instance method with the runtime's context. Other files are read only
    once a class derives from something, and followed only if the project has such a class."""

    def __init__(self, project: Project, index: Index) -> None:
        self.project = project
        self.index = index
        self._kept: dict[str, bytes] = {}
        self._methods: dict[str, tuple[ContextMethod, ...]] = {}
        self._resolved: dict[tuple[str, Span, BaseType], list[tuple[str, DeclaredType]]] = {}
        self._any: bool | None = None

    def shapes(self, path: str) -> tuple[Shape, ...]:
        """Concrete classes of a file that inherit the method to invoke, with the method's name."""
        data = self._bytes(path)
        if not _DERIVES.search(data) or not self._may_inherit():
            return ()
        found: dict[str, Shape] = {}
        for item in self.index.types_of(path):
            if item.kind != "class" or not base_types(data, item) or type_parameters(data, item):
                continue
            method = self._inherited(path, item)
            if method is not None:
                found.setdefault(item.qualified, Shape(item.qualified, method, item.span))
        return tuple(found.values())

    def _may_inherit(self) -> bool:
        """Whether some class of the project has a method to inherit."""
        if self._any is None:
            self._any = any(
                "static" not in method.modifiers
                for path in sorted(self.project.all_sources)
                if language_of(path) is Language.CSHARP
                for method in self._methods_of(path)
            )
        return self._any

    def _inherited(self, path: str, item: DeclaredType) -> str | None:
        """The method of a class above that a concrete class is invoked by; None if it has one of its own."""
        parts = self._parts(path, item)
        if any(is_abstract(self._bytes(file), part) for file, part in parts):
            return None
        naming = [file for file, part in parts if base_types(self._bytes(file), part)]
        if naming[0] != path:  # a partial class is reported once
            return None
        own = [method for file, part in parts for method in self._declared_in(file, part)]
        if any("override" not in method.modifiers or method.name.startswith(_ENTRY) for method in own):
            return None
        best = min(self._above(parts), key=lambda pair: _rank(*pair), default=None)
        if best is None or (own and not best[1].name.startswith(_ENTRY)):
            return None
        return best[1].name

    def _above(self, parts: list[tuple[str, DeclaredType]]) -> Iterator[tuple[int, ContextMethod]]:
        """Instance methods of the classes above one that take the context, each with how many levels up it is."""
        seen = {(file, part.span) for file, part in parts}
        level = 0
        while parts:
            level += 1
            parts = [
                found for file, part in parts for base in base_types(self._bytes(file), part)
                for found in self._resolve(file, part, base)
                if (found[0], found[1].span) not in seen
            ]  # fmt: skip
            seen.update((file, part.span) for file, part in parts)
            for file, part in parts:
                for method in self._declared_in(file, part):
                    if not method.modifiers & {"static", "abstract"}:
                        yield level, method

    def _resolve(self, path: str, item: DeclaredType, base: BaseType) -> list[tuple[str, DeclaredType]]:
        """The class of the project, in all its parts, that a name in a list of bases means: one in scope, or else the
        only one so called, as it may be in scope by a using of the whole project. Looked up once."""
        key = (path, item.span, base)
        if key not in self._resolved:
            self._resolved[key] = self._look_up(path, item, base)
        return self._resolved[key]

    def _look_up(self, path: str, item: DeclaredType, base: BaseType) -> list[tuple[str, DeclaredType]]:
        usings = _USING.findall(self._bytes(path))
        aliases = {alias.decode("utf-8", "replace"): name.decode("utf-8", "replace") for alias, name in usings if alias}
        name = aliases.get(base.name, base.name)
        simple = name.rpartition(".")[2]
        declared = [
            (file, found)
            for file in self.index.find_type(simple, Language.CSHARP)
            for found in self.index.types_of(file)
            if found.name == simple and found.kind == "class"
            and f".{found.qualified}".endswith(f".{name}")
            and (base.name in aliases or type_parameters(self._bytes(file), found) == base.arity)
        ]  # fmt: skip
        around = item.qualified.split(".")
        scopes = [".".join(around[:length]) for length in range(len(around), -1, -1)]
        scopes += [name.decode("utf-8", "replace") for alias, name in usings if not alias]
        for scope in scopes:
            inside = [pair for pair in declared if pair[1].qualified == (f"{scope}.{name}" if scope else name)]
            if inside:
                return self._parts(*_nearest(path, inside))
        if len({found.qualified for _, found in declared}) == 1:
            return self._parts(*_nearest(path, declared))
        return []

    def _parts(self, path: str, item: DeclaredType) -> list[tuple[str, DeclaredType]]:
        """All declarations of a class, by path: one, or several of a partial class."""
        data = self._bytes(path)
        if not is_partial(data, item):
            return [(path, item)]
        arity = type_parameters(data, item)
        files = sorted({path, *self.index.find_type(item.qualified, Language.CSHARP)})
        return [
            (file, part)
            for file in files
            for part in self.index.types_of(file)
            if part.qualified == item.qualified
            and is_partial(self._bytes(file), part)
            and type_parameters(self._bytes(file), part) == arity
        ]

    def _declared_in(self, path: str, item: DeclaredType) -> list[ContextMethod]:
        return [method for method in self._methods_of(path) if method.owner.span == item.span]

    def _methods_of(self, path: str) -> tuple[ContextMethod, ...]:
        kept = self._methods.get(path)
        if kept is None:
            kept = self._methods[path] = context_methods(self._bytes(path))
        return kept

    def _bytes(self, path: str) -> bytes:
        kept = self._kept.get(path)
        if kept is None:
            kept = self._kept[path] = self.project.peek(path)
        return kept


def _rank(level: int, method: ContextMethod) -> tuple[bool, bool, int]:
    """Which of several methods is the one to invoke, least first: called as usual, most general, nearest."""
    return not method.name.startswith(_ENTRY), not method.takes_stream, level


def _nearest(path: str, declared: list[tuple[str, DeclaredType]]) -> tuple[str, DeclaredType]:
    """Of classes of one name in several files the one whose file shares most folders with a path."""
    folder = posixpath.dirname(path)
    return max(declared, key=lambda pair: len(posixpath.commonpath([folder, posixpath.dirname(pair[0])])))
