"""``package.json`` with the lock files of npm, Yarn and pnpm.

https://docs.npmjs.com/cli/v11/configuring-npm/package-json, …/package-lock-json; https://pnpm.io/git#lockfiles;
https://yarnpkg.com/configuration/manifest
"""

from __future__ import annotations

import posixpath
import re
from typing import Any, Final

import msgspec

from lmi_lint.dependencies.files import Files, Wanted
from lmi_lint.dependencies.model import Dependency, Scheme
from lmi_lint.deploy.nodes import Mapping, Node, Scalar
from lmi_lint.model.finding import Location
from lmi_lint.model.source import Span

_TABLES: Final = ("dependencies", "optionalDependencies")
_FORCED: Final = ("overrides", "resolutions")
_LOCKS: Final = ("npm-shrinkwrap.json", "package-lock.json", "yarn.lock", "pnpm-lock.yaml")
_ALIAS: Final = re.compile(r"npm:(@?[^@]+)(?:@(.*))?")
_RANGE: Final = re.compile(r"[\s\d.<>=~^|*xXvV\-+a-z]*")
_EXACT: Final = re.compile(r"\d+\.\d+\.\d+(?:-[\w.-]+)?")
_YARN_ENTRY: Final = re.compile(r"(?m)^(\"?[^\s#:\"][^\n]*):[ \t]*\r?\n((?:[ \t]+[^\n]*\n?)+)")
_YARN_VERSION: Final = re.compile(r"(?m)^[ \t]+version:?[ \t]+\"?([^\"\s]+)\"?")


def read_package(files: Files, path: str, wanted: Wanted) -> list[Dependency]:
    """What a ``package.json`` asks for of the packages ``wanted``, as the lock file beside it, or that of its
    workspace, settles it."""
    data = files.json(path)
    if data is None:
        return []
    forced = _forced(data)
    found: list[tuple[str, Dependency]] = []
    for table in (each for name in _TABLES if isinstance(each := data.get(name), Mapping)):
        for name, pair in table.pairs.items():
            if isinstance(pair.value, Scalar):
                location = Location(path, Span(pair.key.span.start, pair.value.span.end))
                dependency = _dependency(name, pair.value.value, location, unknown=name in forced)
                if wanted(dependency.name):
                    found.append((name, dependency))
    lock = _Lock.of(files, path) if found else None
    return [each if lock is None else lock.settled(name, each) for name, each in found]


def _dependency(name: str, wanted: str, location: Location, *, unknown: bool) -> Dependency:
    alias = _ALIAS.fullmatch(wanted.strip())
    if alias:
        name, wanted = alias[1], alias[2] or "*"
    if unknown or _RANGE.fullmatch(wanted) is None:
        return Dependency(name, Scheme.NPM, location)
    return Dependency(name, Scheme.NPM, location, wanted if _EXACT.fullmatch(wanted) else None, wanted)


def _forced(data: Mapping) -> frozenset[str]:
    """The packages whose version is set from elsewhere in the file."""
    tables: list[Node | None] = [data.get(name) for name in _FORCED]
    pnpm = data.get("pnpm")
    if isinstance(pnpm, Mapping):
        tables.append(pnpm.get("overrides"))
    keys = [key for table in tables if isinstance(table, Mapping) for key in table.pairs]
    return frozenset(name for key in keys for name in (key, key.rpartition("/")[2], key.rpartition("@")[0]))


class _Lock:
    """The lock file that settles a ``package.json``."""

    def __init__(self, files: Files, path: str, manifest: str) -> None:
        self.files = files
        self.path = path
        self.folder = posixpath.relpath(posixpath.dirname(manifest) or ".", posixpath.dirname(path) or ".")

    @staticmethod
    def of(files: Files, manifest: str) -> _Lock | None:
        """The lock beside a manifest or, where that is a member of a workspace above it, the workspace's."""
        for path in files.upward(posixpath.dirname(manifest), *_LOCKS):
            lock = _Lock(files, path, manifest)
            if lock.folder == "." or lock.has_member():
                return lock
        return None

    def has_member(self) -> bool:
        """Whether the lock is that of a workspace with the manifest's folder in it."""
        if self.path.endswith("yarn.lock"):
            root = self.files.beside(self.path, "package.json")
            data = self.files.json(root) if root is not None else None
            return data is not None and data.get("workspaces") is not None
        if self.path.endswith(".yaml"):
            return self.folder in self._importers()
        packages = self.files.plain_json(self.path).get("packages")
        return isinstance(packages, dict) and self.folder in packages

    def settled(self, name: str, wanted: Dependency) -> Dependency:
        """The dependency with the version that the lock gives the package installed as ``name``."""
        version = self._version(name, wanted)
        if version is None:
            return wanted
        return msgspec.structs.replace(wanted, version=version, locked=self._place(name))

    def _version(self, name: str, wanted: Dependency) -> str | None:
        if self.path.endswith("yarn.lock"):
            known = self.files.once("yarn", self.path, _yarn) or {}
            return known.get(f"{name}@{wanted.admits}") or known.get(f"{name}@npm:{wanted.admits}")
        if self.path.endswith(".yaml"):
            return _pnpm_version(self._importers().get(self.folder), name)
        return self._npm_version(name)

    def _npm_version(self, name: str) -> str | None:
        data = self.files.plain_json(self.path)
        packages = data.get("packages")
        if isinstance(packages, dict):
            folder = "" if self.folder == "." else self.folder
            while True:
                entry = packages.get(posixpath.join(folder, "node_modules", name))
                if isinstance(entry, dict):
                    return _text(entry.get("version"))
                if not folder:
                    return None
                folder = posixpath.dirname(folder)
        table = data.get("dependencies")
        entry = table.get(name) if isinstance(table, dict) else None
        return _text(entry.get("version")) if isinstance(entry, dict) else None

    def _importers(self) -> dict[str, Mapping]:
        data = self.files.yaml(self.path, b"packages:")
        if data is None:
            return {}
        listed = data.get("importers")
        if not isinstance(listed, Mapping):
            return {".": data}
        return {key: value for key, value in listed.items() if isinstance(value, Mapping)}

    def _place(self, name: str) -> Location:
        data = self.files.data(self.path)
        needles = (f'"node_modules/{name}"', f"\n{name}@", f'\n"{name}@', f'"{name}": {{', f"'{name}':", f"{name}:")
        needle = next((each.encode() for each in needles if each.encode() in data), b"")
        found = self.files.place(self.path, needle)
        lead = 1 if needle.startswith(b"\n") else 0
        return Location(found.path, Span(found.span.start + lead, found.span.end))


def _yarn(data: bytes) -> dict[str, str]:
    """``name@range`` → version, of both forms of ``yarn.lock``."""
    found: dict[str, str] = {}
    for match in _YARN_ENTRY.finditer(data.decode("utf-8", "replace")):
        version = _YARN_VERSION.search(match[2])
        if version:
            found.update(dict.fromkeys((key.strip().strip('"') for key in match[1].split(",")), version[1]))
    return found


def _pnpm_version(importer: Mapping | None, name: str) -> str | None:
    for table in (each for key in _TABLES if importer is not None and isinstance(each := importer.get(key), Mapping)):
        entry = table.get(name)
        if isinstance(entry, Mapping):
            entry = entry.get("version")
        if isinstance(entry, Scalar):
            return re.split(r"[(_]", entry.value, maxsplit=1)[0]
    return None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
