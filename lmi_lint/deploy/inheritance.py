"""Java classes that are handlers because a type they extend or implement elsewhere in the project is one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lmi_lint.discover.project import Project, language_of
from lmi_lint.discover.scan import DeclaredType, is_abstract, supertypes
from lmi_lint.discover.shapes import JAVA_INTERFACES, Shape
from lmi_lint.index import Index
from lmi_lint.model.names import Language

_INTERFACE = re.compile(rb"\bRequest(?:Stream)?Handler\b")
_RUNTIME = "com.amazonaws.services.lambda.runtime."
_SUBTYPE = re.compile(rb"\b(?:extends|implements)\b")


class HandlerClasses:
    """Finds such classes in one project. Other files are read only once a class extends or implements something."""

    def __init__(self, project: Project, index: Index) -> None:
        self.project = project
        self.index = index
        self._kept: dict[str, bytes] = {}
        self._known: dict[tuple[str, str], bool] = {}
        self._any: bool | None = None

    def shapes(self, path: str) -> tuple[Shape, ...]:
        """Concrete classes of a Java file that come to the runtime's interfaces through other types of the project."""
        if language_of(path) is not Language.JAVA:
            return ()
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
