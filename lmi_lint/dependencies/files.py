"""The files of a project that manifests consist of, each read once, with bounds; what cannot be read is a problem."""

from __future__ import annotations

import json
import posixpath
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar

from lmi_lint.deploy.jsonnodes import parse_json
from lmi_lint.deploy.nodes import Mapping, Node, TemplateError
from lmi_lint.discover.manifests import MAX_LOCK_BYTES, MAX_MANIFEST_BYTES
from lmi_lint.discover.project import Project
from lmi_lint.model.finding import Location, Problem
from lmi_lint.model.source import Span

if TYPE_CHECKING:
    from lmi_lint.dependencies.xmlnodes import Element

MAX_INCLUDES: Final = 100
"""Files that one manifest may include, inherit from or import, all in all."""

Wanted: TypeAlias = Callable[[str], bool]
"""Whether anything is known of a package; the others are left out before they cost anything."""

T = TypeVar("T")
_LOCK: Final = re.compile(r"(?:lock|lockfile|shrinkwrap)(?:\.json|\.yaml)?$")
_DEEPEST: Final = 500


class Files:
    """Reads manifests. A file is named by its path in the project; paths that lead out of it name nothing. ``asked``:
    the files that were asked for since somebody has set it anew, whether they were read before or not."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.known = frozenset(project.manifests)
        self.read: dict[str, bytes] = {}
        self.asked: set[str] = set()
        self._made: dict[tuple[str, str], tuple[Any, frozenset[str]]] = {}
        self._parsed: dict[tuple[str, str], Any] = {}
        self._problems: dict[str, Problem] = {}

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What could not be read, one for each file."""
        return self.problems_of(self._problems)

    def problems_of(self, paths: Iterable[str]) -> tuple[Problem, ...]:
        """What of some files could not be read."""
        return tuple(self._problems[path] for path in sorted(paths) if path in self._problems)

    def made(self, kind: str, path: str, make: Callable[[], T]) -> T:
        """What is made of a manifest and of others that it leads to, once for each ``kind``; all of them are asked for
        each time."""
        key = kind, path
        if key not in self._made:
            outer, self.asked = self.asked, set()
            try:
                value = make()
            finally:
                inner, self.asked = self.asked, outer
            self._made[key] = value, frozenset(inner)
        found: T = self._made[key][0]
        self.asked |= self._made[key][1]
        return found

    def beside(self, path: str, other: str) -> str | None:
        """The manifest that ``other`` means in the file ``path``; None if there is none in the project."""
        found = self.project.canonical(posixpath.join(posixpath.dirname(path), other))
        return found if found in self.known else None

    def upward(self, folder: str, *names: str) -> Iterator[str]:
        """The files of these names in a folder and those above it, nearest first, in the order of names; none for a
        folder that is not in the project."""
        if folder.startswith(("/", "../")) or folder == "..":
            return
        folder = "" if folder == "." else folder
        while True:
            for name in names:
                path = posixpath.join(folder, name)
                if path in self.known:
                    yield path
            if not folder:
                return
            folder = posixpath.dirname(folder)

    @cached_property
    def projects(self) -> dict[str, list[str]]:
        """The project files of .NET by their folders."""
        found: dict[str, list[str]] = {}
        for path in sorted(self.known):
            if path.endswith(".csproj"):
                found.setdefault(posixpath.dirname(path), []).append(path)
        return found

    def data(self, path: str) -> bytes:
        """A file as UTF-8; empty if it cannot be read."""
        self.asked.add(path)
        if path not in self.read:
            lock = _LOCK.search(path) is not None
            data = self.project.read_bytes(path, MAX_LOCK_BYTES if lock else MAX_MANIFEST_BYTES)
            if isinstance(data, Problem):
                self._problems[path] = data
                data = b""
            self.read[path] = data
        return self.read[path]

    def text(self, path: str) -> str:
        """A file as text; empty if it cannot be read."""
        return self.data(path).decode("utf-8", "replace")

    def xml(self, path: str) -> Element | None:
        """The root element of an XML file; None if it cannot be read."""
        from lmi_lint.dependencies.xmlnodes import parse_xml

        return self.once("xml", path, parse_xml)

    def json(self, path: str) -> Mapping | None:
        """The object of a JSON file, with spans; None if it cannot be read."""
        return self.once("json", path, _object)

    def yaml(self, path: str, until: bytes = b"") -> Mapping | None:
        """The mapping of a YAML file up to the first line that begins with ``until``; None if it cannot be read."""
        return self.once("yaml", path, lambda data: _yaml(data, until))

    def plain_json(self, path: str) -> dict[str, Any]:
        """The object of a JSON file that may be large, without spans; empty if it cannot be read."""
        return self.once("plain", path, _plain_json) or {}

    def toml(self, path: str) -> dict[str, Any]:
        """The table of a TOML file; empty if it cannot be read."""
        return self.once("toml", path, _toml) or {}

    def once(self, kind: str, path: str, parse: Callable[[bytes], T | None]) -> T | None:
        """What ``parse`` makes of a file, made once for each ``kind``; None if it cannot be read."""
        self.asked.add(path)
        key = kind, path
        if key not in self._parsed:
            data = self.data(path)
            try:
                self._parsed[key] = parse(data) if data.strip() else None
            except TemplateError as error:
                self._parsed[key] = None
                where = Location(path, Span(error.offset, error.offset))
                self._problems.setdefault(path, Problem("manifest-error", error.message, where))
        found: T | None = self._parsed[key]
        return found

    def has_room(self, path: str, count: int) -> bool:
        """Whether a manifest may lead to another file beside ``count`` ones; where it may not that is a problem."""
        if count < MAX_INCLUDES:
            return True
        message = f"leads to more than {MAX_INCLUDES} files; what the others ask for is not known"
        self._problems.setdefault(path, Problem("limit", message, Location(path, Span(0, 0))))
        return False

    def place(self, path: str, needle: bytes, after: int = 0) -> Location:
        """Where a text first stands in a file from an offset on; the whole first line of the file if it does not."""
        at = self.data(path).find(needle, after) if needle else -1
        return Location(path, Span(at, at + len(needle)) if at >= 0 else Span(0, 0))


def _object(data: bytes) -> Mapping | None:
    node = parse_json(data)
    return node if isinstance(node, Mapping) else None


def _yaml(data: bytes, until: bytes) -> Mapping | None:
    from lmi_lint.deploy.yamlnodes import parse_yaml  # few manifests are YAML

    cut = data.find(b"\n" + until) if until else -1
    documents = parse_yaml(data if cut < 0 else data[: cut + 1])
    found: Node | None = next((each for each in documents if isinstance(each, Mapping)), None)
    return found if isinstance(found, Mapping) else None


def _plain_json(data: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(data)
    except RecursionError:
        raise TemplateError("nested too deep") from None
    except ValueError as error:
        raise TemplateError(f"not valid JSON: {error}") from None
    return found if isinstance(found, dict) else None


def _toml(data: bytes) -> dict[str, Any] | None:
    if data.count(b"[") + data.count(b"{") > _DEEPEST and _depth(data) > _DEEPEST:
        raise TemplateError("nested too deep")
    try:
        return tomllib.loads(data.decode("utf-8", "replace"))
    except RecursionError:
        raise TemplateError("nested too deep") from None
    except (tomllib.TOMLDecodeError, ValueError) as error:
        raise TemplateError(f"not valid TOML: {error}") from None


def _depth(data: bytes) -> int:
    """Levels of brackets, whatever they stand for."""
    deepest = level = 0
    for byte in data:
        if byte in b"[{":
            level += 1
            deepest = max(deepest, level)
        elif byte in b"]}":
            level = max(level - 1, 0)
    return deepest
