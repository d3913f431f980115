"""``pom.xml``: properties, parents and managed versions as far as the project has them.

https://maven.apache.org/pom.html, https://maven.apache.org/guides/introduction/introduction-to-dependency-mechanism.html
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import Final

from lmi_lint.dependencies.files import Files
from lmi_lint.dependencies.model import Dependency, Scheme
from lmi_lint.dependencies.xmlnodes import Element
from lmi_lint.model.finding import Location

_PROPERTY: Final = re.compile(r"\$\{([^${}]+)\}")
_NOT_DEPLOYED: Final = frozenset({"test", "provided", "system", "import"})
_MAX_EXPANSIONS: Final = 20
_MAX_TEXT: Final = 500


class Poms:
    """The POMs of a project, each read once."""

    def __init__(self, files: Files) -> None:
        self.files = files
        self._loading: set[str] = set()

    def read(self, path: str) -> list[Dependency]:
        """What a ``pom.xml``, its parents, and the modules of the project that it depends on ask for; versions as they
        or their BOMs manage them. A BOM that is not in the project is a dependency of its own where something of its
        group is asked for without a version."""
        found: list[Dependency] = []
        pending, seen = [path], {path}
        while pending:
            project = self.load(pending.pop(0))
            listed = self._listed(project) if project is not None else []
            found += listed
            for each in listed:
                group, _, artifact = each.name.partition(":")
                module = self.at(group, artifact)
                if module is not None and module not in seen and self.files.has_room(path, len(seen)):
                    seen.add(module)
                    pending.append(module)
        return found

    @staticmethod
    def _listed(project: _Pom) -> list[Dependency]:
        found: list[Dependency] = []
        groups: set[str] = set()
        for owner, element in project.dependencies():
            name = project.name(element)
            managed = project.managed().get(name) if name is not None else None
            scope = project.text(element, "scope") or (managed[0].value("scope") if managed else "")
            if name is None or scope in _NOT_DEPLOYED or project.text(element, "optional") == "true":
                continue
            version, place = project.text(element, "version"), project.place(owner, element)
            if not version and managed:
                version, place = managed[1], managed[2]
            if not version:
                groups.add(name.partition(":")[0])
            found.append(_dependency(name, version, place))
        for owner, element in project.imports():
            name = project.name(element)
            if name is not None and name.partition(":")[0] in groups:
                found.append(_dependency(name, project.text(element, "version"), project.place(owner, element)))
        return found

    def load(self, path: str, depth: int = 0) -> _Pom | None:
        """The POM of a path and those that it inherits from; None if it cannot be read, or is being read already, which
        is where a cycle ends."""
        return None if path in self._loading else self.files.made("pom", path, lambda: self._load(path, depth))

    def _load(self, path: str, depth: int) -> _Pom | None:
        self._loading.add(path)
        try:
            root = self.files.xml(path)
            if root is not None and root.name == "project" and self.files.has_room(path, depth):
                return _Pom(self, path, root, self._parent(path, root, depth))
            return None
        finally:
            self._loading.remove(path)

    def at(self, group: str, artifact: str) -> str | None:
        """The path of the project's own POM of these coordinates."""
        return self.files.made("coordinates", "", self._coordinates).get((group, artifact))

    def _coordinates(self) -> dict[tuple[str, str], str]:
        found: dict[tuple[str, str], str] = {}
        for path in sorted(self.files.known):
            root = self.files.xml(path) if posixpath.basename(path) == "pom.xml" else None
            if root is not None:
                key = (root.value("groupId") or _inherited(root, "groupId"), root.value("artifactId"))
                found.setdefault(key, path)
        return found

    def _parent(self, path: str, root: Element, depth: int) -> _Pom | None:
        declared = root.child("parent")
        if declared is None:
            return None
        relative = declared.child("relativePath")
        where = "../pom.xml" if relative is None else relative.text
        for found in (self._beside(path, where), self.at(declared.value("groupId"), declared.value("artifactId"))):
            parent = self.load(found, depth + 1) if found is not None else None
            if parent is not None and parent.root.value("artifactId") == declared.value("artifactId"):
                return parent
        return None

    def _beside(self, path: str, where: str) -> str | None:
        if not where:
            return None
        return self.files.beside(path, where) or self.files.beside(path, posixpath.join(where, "pom.xml"))


def _dependency(name: str, version: str, place: Location) -> Dependency:
    if not version or "$" in version or version in ("LATEST", "RELEASE"):
        return Dependency(name, Scheme.MAVEN, place)
    if version[0] in "[(":
        return Dependency(name, Scheme.MAVEN, place, None, version)
    return Dependency(name, Scheme.MAVEN, place, version)


_Managed = tuple[Element, str, Location]


class _Pom:
    """One POM with its parent. Properties are those of the POM that is built: a child's win."""

    def __init__(self, poms: Poms, path: str, root: Element, parent: _Pom | None) -> None:
        self.poms = poms
        self.path = path
        self.root = root
        self.parent = parent
        self.places: dict[str, Location] = {}
        """Properties of this POM and its parents → where they are set."""
        self.properties = self._own_properties()
        self._filling: dict[str, _Managed] | None = None

    def lineage(self) -> Iterator[_Pom]:
        """This POM and its parents, nearest first."""
        current: _Pom | None = self
        while current is not None:
            yield current
            current = current.parent

    def text(self, element: Element, name: str) -> str:
        """The text of a child, with the properties of this POM put in."""
        return self.expanded(element.value(name))

    def place(self, owner: _Pom, element: Element) -> Location:
        """Where the version of a dependency is written: the property that is all of it, else the dependency."""
        only = _PROPERTY.fullmatch(element.value("version"))
        written = self.places.get(only[1].strip()) if only is not None else None
        return written or Location(owner.path, element.span)

    def name(self, element: Element) -> str | None:
        """``group:artifact`` of a dependency; None if it cannot be told."""
        group, artifact = self.text(element, "groupId"), self.text(element, "artifactId")
        return f"{group}:{artifact}" if group and artifact and "$" not in group + artifact else None

    def expanded(self, text: str) -> str:
        """A text with properties put in; what is unknown stays as it is."""
        for _ in range(_MAX_EXPANSIONS):
            found = _PROPERTY.sub(lambda match: self.properties.get(match[1].strip(), match[0]), text)
            if found == text or len(found) > _MAX_TEXT:
                break
            text = found
        return text.strip()

    def dependencies(self) -> Iterator[tuple[_Pom, Element]]:
        """Dependencies of this POM and its parents, each with the POM that it stands in."""
        for pom in self.lineage():
            for body in pom.bodies():
                yield from ((pom, each) for each in body.all("dependencies", "dependency"))

    def imports(self) -> Iterator[tuple[_Pom, Element]]:
        """BOMs that this POM and its parents import and that the project does not hold."""
        for pom, element in self._managed_elements():
            if self.text(element, "scope") == "import" and self._bom(element) is None:
                yield pom, element

    def managed(self) -> dict[str, _Managed]:
        """``group:artifact`` → the entry that manages it, its version and its place; the nearest one counts."""
        if self._filling is not None:  # which is where a cycle ends
            return self._filling
        return self.poms.files.made("managed", self.path, self._managed)

    def _managed(self) -> dict[str, _Managed]:
        found = self._filling = {}
        try:
            for pom, element in self._managed_elements():
                bom = self._bom(element) if self.text(element, "scope") == "import" else None
                if bom is not None:
                    for name, entry in bom.managed().items():
                        found.setdefault(name, entry)
                elif (key := self.name(element)) is not None:
                    found.setdefault(key, (element, self.text(element, "version"), self.place(pom, element)))
        finally:
            self._filling = None
        return found

    def bodies(self) -> Iterator[Element]:
        """The project and its profiles that are active by default."""
        yield self.root
        for profile in self.root.all("profiles", "profile"):
            if any(each.text == "true" for each in profile.all("activation", "activeByDefault")):
                yield profile

    def _managed_elements(self) -> Iterator[tuple[_Pom, Element]]:
        for pom in self.lineage():
            for body in pom.bodies():
                yield from ((pom, each) for each in body.all("dependencyManagement", "dependencies", "dependency"))

    def _bom(self, element: Element) -> _Pom | None:
        path = self.poms.at(self.text(element, "groupId"), self.text(element, "artifactId"))
        return None if path is None or path == self.path else self.poms.load(path)

    def _own_properties(self) -> dict[str, str]:
        found = dict(self.parent.properties) if self.parent is not None else {}
        self.places |= self.parent.places if self.parent is not None else {}
        for body in self.bodies():
            for each in (each for group in body.all("properties") for each in group.children):
                found[each.name] = each.text
                self.places[each.name] = Location(self.path, each.span)
        for key in ("groupId", "artifactId", "version"):
            own = self.root.value(key) or _inherited(self.root, key)
            if own:
                found.update({f"project.{key}": own, f"pom.{key}": own})
        declared = self.root.child("parent")
        if declared is not None:
            found["project.parent.version"] = declared.value("version")
        return found


def _inherited(root: Element, key: str) -> str:
    parent = root.child("parent")
    return parent.value(key) if parent is not None and key != "artifactId" else ""
