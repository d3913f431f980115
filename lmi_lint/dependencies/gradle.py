"""``build.gradle`` and ``build.gradle.kts`` as far as they are written out, version catalogs and lock files.

https://docs.gradle.org/current/userguide/declaring_dependencies.html, …/version_catalogs.html,
…/dependency_locking.html. Build scripts are programs: what they compute is not known, and nothing is made of it.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from lmi_lint.dependencies.files import Files
from lmi_lint.dependencies.model import Dependency, Scheme
from lmi_lint.dependencies.ordering import maven_key
from lmi_lint.model.finding import Location
from lmi_lint.model.source import Span

_CATALOG: Final = "gradle/libs.versions.toml"
_COMMENT: Final = re.compile(rb"//[^\n]*|/\*.*?(?:\*/|\Z)|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", re.DOTALL)
_CONFIGURATIONS: Final = rb"(?:implementation|api|runtimeOnly|compile|runtime)"
_DECLARED: Final = re.compile(rb"(?<![\w.\"'])" + _CONFIGURATIONS + rb"(?![\w.])[ \t]*\(?[ \t]*")
_ITEM: Final = re.compile(
    rb"project[ \t]*\([ \t]*(?:path[ \t]*[:=][ \t]*)?[\"'](?P<project>[^\"'\n]{1,200})[\"'][^()\n]*\)"
    rb"|(?P<platform>(?:enforcedP|p)latform[ \t]*\([ \t]*)?"
    rb"(?:(?P<quote>[\"'])(?P<text>[^\"'\n]{3,300})(?P=quote)|(?P<alias>libs(?:\.[A-Za-z]\w*)+)"
    rb"|(?P<map>group[ \t]*[:=][^\n]{3,300}))(?P<closed>[ \t]*\))?"
)
_NEXT_ITEM: Final = re.compile(rb"[ \t]*,\s*")
_MAP_ENTRY: Final = re.compile(r"(group|name|version)\s*[:=]\s*[\"']([^\"']*)[\"']")
_VALUE: Final = re.compile(
    r"(?m)(?:\b(?:def|val|var)[ \t]+|\bext(?:ra)?\.|^[ \t]*)(?:set\([ \t]*|\[?[\"']?)?(\w+)[\"']?\]?[ \t]*"
    r"(?:by extra\([ \t]*|[=,][ \t]*)[\"']([^\"'\n$]{1,100})[\"']"
)
_INDEXED: Final = re.compile(r"(?:ext|extra|project\.ext)\[[\"'](\w+)[\"']\][ \t]*=[ \t]*[\"']([^\"'\n$]{1,100})[\"']")
_REFERENCE: Final = re.compile(
    r"\$\{?(?:project\.|rootProject\.)?(?:ext\.|extra\.)?(?:property\()?\[?[\"']?(\w+)[\"']?\]?\)?\}?"
)
_PROPERTY_LINE: Final = re.compile(r"(?m)^[ \t]*([\w.-]+)[ \t]*[=:][ \t]*([^\s#!]+)[ \t]*\r?$")
_UNSETTLED: Final = re.compile(r"^latest\.|\$|^$")


def read_gradle(files: Files, path: str) -> list[Dependency]:
    """What the runtime classpath of a build script, and of the projects that it refers to, asks for."""
    found: list[Dependency] = []
    pending, seen = [path], {path}
    while pending:
        current = pending.pop(0)
        listed, projects = _script(files, current)
        found += listed
        for project in projects:
            folder = project.strip(":").replace(":", "/")
            scripts = (posixpath.join(folder, "build.gradle"), posixpath.join(folder, "build.gradle.kts"))
            other = next(files.upward(posixpath.dirname(current), *scripts), None)
            if other is not None and other not in seen and files.has_room(path, len(seen)):
                seen.add(other)
                pending.append(other)
    return found


def _script(files: Files, path: str) -> tuple[list[Dependency], list[str]]:
    """What one script asks for by itself, and the projects that it refers to."""
    values = _values(files, path)
    catalog = _Catalog.of(files, path)
    found: list[Dependency] = []
    platforms: list[Dependency] = []
    projects: list[str] = []
    for match in _items(_without_comments(files.data(path))):
        place = Location(path, Span(match.start(), match.end()))
        listed = platforms if match["platform"] else found
        if match["project"]:
            projects.append(match["project"].decode("utf-8", "replace"))
        elif match["alias"]:
            listed += catalog.dependencies(match["alias"].decode(), place) if catalog is not None else []
        else:
            listed += _written(match, values, place)
    return _locked(files, path, [each for one in found for each in _raised(one, platforms)]), projects


def _items(data: bytes) -> Iterator[re.Match[bytes]]:
    """What stands behind the names of configurations, one match for each item of a list."""
    for declared in _DECLARED.finditer(data):
        at = declared.end()
        while (match := _ITEM.match(data, at)) is not None:
            yield match
            following = _NEXT_ITEM.match(data, match.end())
            if following is None:
                break
            at = following.end()


def _written(match: re.Match[bytes], values: dict[str, str], place: Location) -> list[Dependency]:
    if match["map"]:
        parts = dict(_MAP_ENTRY.findall(match["map"].decode("utf-8", "replace")))
        coordinates = [parts.get("group", ""), parts.get("name", ""), parts.get("version", "")]
    else:
        coordinates = [*match["text"].decode("utf-8", "replace").split(":"), "", ""][:3]
    group, name, version = coordinates
    return [_dependency(f"{group}:{name}", _filled(version, values), place)] if group and name else []


def _raised(wanted: Dependency, platforms: list[Dependency]) -> list[Dependency]:
    """A dependency as the platform of its group settles it: the newer of the two versions counts."""
    group = wanted.name.partition(":")[0]
    platform = next((each for each in platforms if each.name.partition(":")[0] == group), None)
    if platform is None:
        return [wanted]
    if platform.version is None:
        return [msgspec.structs.replace(wanted, version=None, admits=None)]
    if wanted.version is not None and maven_key(wanted.version) >= maven_key(platform.version):
        return [wanted]
    return [msgspec.structs.replace(wanted, version=platform.version, admits=None, location=platform.location)]


def _dependency(name: str, version: str, place: Location) -> Dependency:
    version = version.partition("@")[0].removesuffix("!!")
    if _UNSETTLED.search(version):
        return Dependency(name, Scheme.MAVEN, place)
    if version[0] in "[(" or "+" in version:
        return Dependency(name, Scheme.MAVEN, place, None, version)
    return Dependency(name, Scheme.MAVEN, place, version)


def _without_comments(data: bytes) -> bytes:
    """The script with comments blanked, so that offsets stay."""

    def blank(match: re.Match[bytes]) -> bytes:
        text = match.group()
        return text if text[:1] in (b'"', b"'") else bytes(10 if byte == 10 else 32 for byte in text)

    return _COMMENT.sub(blank, data)


def _values(files: Files, path: str) -> dict[str, str]:
    """Texts that the script, the root script above it and ``gradle.properties`` give names to. A name that is given two
    texts is unknown."""
    values: dict[str, str] = {}
    doubtful: set[str] = set()
    for each in files.upward(posixpath.dirname(path), "build.gradle", "build.gradle.kts", "gradle.properties"):
        if each.endswith(".properties"):
            pairs = _PROPERTY_LINE.findall(files.text(each))
        else:
            text = _without_comments(files.data(each)).decode("utf-8", "replace")
            pairs = [*_VALUE.findall(text), *_INDEXED.findall(text)]
        own: dict[str, str] = {}
        for name, value in pairs:
            if own.setdefault(name, value) != value:
                doubtful.add(name)
        values = {**own, **values}
    return {name: value for name, value in values.items() if name not in doubtful}


def _filled(version: str, values: dict[str, str]) -> str:
    return _REFERENCE.sub(lambda match: values.get(match[1], "$"), version)


def _locked(files: Files, path: str, found: list[Dependency]) -> list[Dependency]:
    lock = files.beside(path, "gradle.lockfile")
    if lock is None:
        return found
    settled = []
    for each in found:
        pattern = rf"(?m)^{re.escape(each.name)}:([^=\s]+)=([^\n]*)".encode()
        match = next((m for m in re.finditer(pattern, files.data(lock)) if b"runtimeClasspath" in m[2]), None)
        if match is not None:
            where = Location(lock, Span(match.start(), match.end()))
            each = msgspec.structs.replace(each, version=match[1].decode("utf-8", "replace"), locked=where)  # noqa: PLW2901
        settled.append(each)
    return settled


class _Catalog:
    """``libs.versions.toml``."""

    def __init__(self, files: Files, path: str) -> None:
        self.files = files
        self.path = path
        self.data = files.toml(path)

    @staticmethod
    def of(files: Files, path: str) -> _Catalog | None:
        """The catalog of the build that a script belongs to."""
        found = next(files.upward(posixpath.dirname(path), _CATALOG), None)
        return _Catalog(files, found) if found is not None else None

    def dependencies(self, accessor: str, place: Location) -> list[Dependency]:
        """What ``libs.a.b`` or ``libs.bundles.a`` stands for; versions are written in the catalog."""
        alias = accessor.removeprefix("libs.")
        if alias.startswith("bundles."):
            bundles = self._table("bundles")
            wanted = alias.removeprefix("bundles.")
            names: object = next((value for key, value in bundles.items() if _accessor(key) == wanted), [])
            aliases = [_accessor(name) for name in names if isinstance(name, str)] if isinstance(names, list) else []
        else:
            aliases = [alias]
        return [each for one in aliases for each in self._library(one, place)]

    def _library(self, alias: str, place: Location) -> Iterator[Dependency]:
        for key, entry in self._table("libraries").items():
            if _accessor(key) != alias:
                continue
            name, version = self._coordinates(entry)
            if name:
                pattern = rf"(?m)^[ \t]*[\"']?{re.escape(key)}[\"']?[ \t]*=[^\n]*".encode()
                match = re.search(pattern, self.files.data(self.path))
                where = Location(self.path, Span(match.start(), match.end())) if match and version else place
                yield _dependency(name, version, where)

    def _coordinates(self, entry: object) -> tuple[str, str]:
        """``group:artifact`` and version of an entry of ``[libraries]``."""
        if isinstance(entry, str):
            group, artifact, written = [*entry.split(":"), "", "", ""][:3]
            return (f"{group}:{artifact}" if artifact else "", written)
        if not isinstance(entry, dict):
            return "", ""
        name = entry.get("module") or f"{entry.get('group', '')}:{entry.get('name', '')}"
        version: Any = entry.get("version", "")
        if isinstance(version, dict) and "ref" in version:
            version = self._table("versions").get(str(version["ref"]), "")
        if isinstance(version, dict):
            version = version.get("strictly", version.get("require", ""))
        return str(name), version if isinstance(version, str) else ""

    def _table(self, name: str) -> dict[str, Any]:
        found = self.data.get(name)
        return found if isinstance(found, dict) else {}


def _accessor(alias: str) -> str:
    return re.sub(r"[-_.]", ".", alias)
