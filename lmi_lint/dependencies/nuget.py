"""Project files of .NET: ``PackageReference``, central versions, ``packages.lock.json``.

https://learn.microsoft.com/en-us/nuget/consume-packages/package-references-in-project-files,
https://learn.microsoft.com/en-us/nuget/consume-packages/central-package-management
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import Final

import msgspec

from lmi_lint.dependencies.files import Files
from lmi_lint.dependencies.model import Dependency, Scheme
from lmi_lint.dependencies.ordering import lowest, nuget_key
from lmi_lint.dependencies.xmlnodes import Element
from lmi_lint.model.finding import Location

_PROPERTY: Final = re.compile(r"\$\(([\w.]+)\)")
_CENTRAL: Final = "Directory.Packages.props"
_MAX_EXPANSIONS: Final = 10
_MAX_TEXT: Final = 500


def read_csproj(files: Files, path: str) -> list[Dependency]:
    """What a project file, the props files that MSBuild imports by themselves, and the projects that it refers to ask
    for."""
    found: list[Dependency] = []
    pending, seen = [path], {path}
    while pending:
        current = pending.pop(0)
        root = files.xml(current)
        if root is None:
            continue
        found += _packages(files, current)
        for each in _items(root, "ProjectReference"):
            other = files.beside(current, each.attributes.get("Include", "").replace("\\", "/"))
            if other is not None and other not in seen and files.has_room(path, len(seen)):
                seen.add(other)
                pending.append(other)
    return _locked(files, path, found)


def _packages(files: Files, path: str) -> Iterator[Dependency]:
    """What one project file asks for by itself."""
    folder = posixpath.dirname(path)
    props = next(files.upward(folder, "Directory.Build.props"), None)
    central = next(files.upward(folder, _CENTRAL), None)
    sources = [(each, parsed) for each in (props, central, path) if each and (parsed := files.xml(each)) is not None]
    properties = _properties(sources)
    values = {name: text for name, (text, _) in properties.items()}

    def place_of(where: str, element: Element, written: str) -> Location:
        only = _PROPERTY.fullmatch(written.strip())
        return properties[only[1]][1] if only is not None and only[1] in properties else Location(where, element.span)

    versions = {
        name.lower(): (_expanded(each.get("Version"), values), place_of(central, each, each.get("Version")))
        for each in _items(files.xml(central) if central else None, "PackageVersion")
        if central and (name := each.attributes.get("Include"))
    }
    for where, parsed in sources:
        for each in _items(parsed, "PackageReference"):
            name = each.attributes.get("Include")
            if not name or "all" in each.get("PrivateAssets").lower().split(";"):
                continue
            written = each.get("VersionOverride") or each.get("Version")
            own = _expanded(written, values)
            version, place = (own, place_of(where, each, written)) if own else versions.get(name.lower(), ("", None))
            yield _dependency(name, version, place or Location(where, each.span))


def _dependency(name: str, version: str, place: Location) -> Dependency:
    picked = version if nuget_key(version) is not None else lowest(version)
    if picked is not None and nuget_key(picked) is not None:
        return Dependency(name, Scheme.NUGET, place, picked)
    return Dependency(name, Scheme.NUGET, place, None, version if version and "$" not in version else None)


def _items(root: Element | None, name: str) -> Iterator[Element]:
    """Items of a kind whose presence does not hang on a condition."""
    for group in root.all("ItemGroup") if root is not None else ():
        if not group.attributes.get("Condition"):
            yield from (each for each in group.all(name) if not each.attributes.get("Condition"))


def _properties(sources: list[tuple[str, Element]]) -> dict[str, tuple[str, Location]]:
    """Properties that are set without a condition, and where, later files over earlier ones; one that is also set with
    a condition is unknown."""
    values: dict[str, tuple[str, Location]] = {}
    doubtful: set[str] = set()
    for path, root in sources:
        for group in root.all("PropertyGroup"):
            for each in group.children:
                if group.attributes.get("Condition") or each.attributes.get("Condition"):
                    doubtful.add(each.name)
                values[each.name] = each.text, Location(path, each.span)
    return {name: value for name, value in values.items() if name not in doubtful}


def _expanded(text: str, values: dict[str, str]) -> str:
    for _ in range(_MAX_EXPANSIONS):
        found = _PROPERTY.sub(lambda match: values.get(match[1], match[0]), text)
        if found == text or len(found) > _MAX_TEXT:
            break
        text = found
    return text.strip()


def _locked(files: Files, path: str, found: list[Dependency]) -> list[Dependency]:
    """The dependencies with the versions of ``packages.lock.json``, which also names what they bring along."""
    lock = files.beside(path, "packages.lock.json")
    frameworks = files.plain_json(lock).get("dependencies") if lock is not None else None
    if lock is None or not isinstance(frameworks, dict):
        return found
    resolved: dict[str, tuple[str, set[str]]] = {}
    for packages in frameworks.values():
        for name, entry in packages.items() if isinstance(packages, dict) else ():
            version = entry.get("resolved") if isinstance(entry, dict) else None
            if isinstance(version, str):
                resolved.setdefault(name.lower(), (name, set()))[1].add(version)
    settled: list[Dependency] = []
    for each in found:
        _, versions = resolved.pop(each.name.lower(), ("", set()))
        if len(versions) == 1:
            where = files.place(lock, f'"{each.name}"'.encode())
            settled.append(msgspec.structs.replace(each, version=next(iter(versions)), locked=where))
        else:
            settled.append(msgspec.structs.replace(each, version=None, admits=None) if versions else each)
    for name, versions in resolved.values():
        if len(versions) == 1:
            where = files.place(lock, f'"{name}"'.encode())
            settled.append(Dependency(name, Scheme.NUGET, where, next(iter(versions)), None, where))
    return settled
