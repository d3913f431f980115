"""From functions to the manifests that their packages come from."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property, partial
from typing import TYPE_CHECKING, Final

from lmi_lint.dependencies.extensions import Extensions
from lmi_lint.dependencies.files import Files, Wanted
from lmi_lint.dependencies.model import Dependencies, Dependency, Manifest
from lmi_lint.deploy.handlers import source_root
from lmi_lint.deploy.model import DeployedFunction, Dialect

if TYPE_CHECKING:
    from lmi_lint.dependencies.maven import Poms

_PYTHON: Final = ("requirements.txt", "pyproject.toml", "Pipfile")
_JAVA: Final = ("pom.xml", "build.gradle", "build.gradle.kts")
_MANIFESTS: Final = {"python": _PYTHON, "javascript": ("package.json",), "java": _JAVA, "csharp": ()}
_LAYER_FOLDERS: Final = {"python": "python", "javascript": "nodejs", "java": "java"}
# Built in the folder of their code; what lies above it is not installed there.
_BUILT_IN_PLACE: Final = frozenset({Dialect.SAM, Dialect.CLOUDFORMATION, Dialect.TERRAFORM})
_UPWARD_PYTHON: Final = frozenset({Dialect.SERVERLESS, None})


class Reader:
    """Reads what comes with each function: the nearest manifest that its build uses and those of its layers, with what
    they say about the packages that are ``wanted`` in the family of its language, and extensions."""

    def __init__(self, files: Files, wanted: Mapping[str, Wanted]) -> None:
        self.files = files
        self.wanted = wanted
        self._extensions = Extensions(files.project)

    def read(self, function: DeployedFunction) -> Dependencies:
        """What comes with a function."""
        self.files.asked = set()
        manifests = tuple(self.of(function))
        extensions = self._extensions.of(function)
        read = {path: bool(self.files.read.get(path)) for path in self.files.asked}
        read.update((each.location.path, True) for each in extensions)
        return Dependencies(manifests, extensions, dict(sorted(read.items())), self.files.problems_of(self.files.asked))

    def of(self, function: DeployedFunction) -> Iterator[Manifest]:
        """The manifests of a function and of its layers; none where its code is not here."""
        family = function.language.family if function.language is not None else ""
        locate = _LOCATE.get(family)
        if locate is None:
            return
        start = _start(function)
        paths = [next(locate(self.files, function, start), None)] if start is not None else []
        paths += [self._of_layer(family, root) for root in function.layer_roots]
        for path in dict.fromkeys(paths):
            if path is None:
                continue
            yield self.files.made("manifest", path, partial(self._manifest, path, self.wanted[family]))

    def _manifest(self, path: str, wanted: Wanted) -> Manifest:
        return Manifest(path, tuple(each for each in self._read(path, wanted) if wanted(each.name)))

    def _of_layer(self, family: str, root: str) -> str | None:
        """The manifest that a layer is built from: in its folder, or in the one that it puts on the path."""
        for folder in (root, posixpath.join(root, _LAYER_FOLDERS.get(family, ""))):
            for name in _MANIFESTS[family]:
                path = posixpath.normpath(posixpath.join(folder, name))
                if path in self.files.known:
                    return path
        return None

    def _read(self, path: str, wanted: Wanted) -> list[Dependency]:
        """What a manifest asks for. Each kind is imported on first use: most projects have one."""
        name = posixpath.basename(path)
        if name == "package.json":
            from lmi_lint.dependencies.npm import read_package

            return read_package(self.files, path, wanted)
        if name == "requirements.txt":
            from lmi_lint.dependencies.requirements import read_requirements

            return read_requirements(self.files, path, wanted)
        if name in ("pyproject.toml", "Pipfile"):
            from lmi_lint.dependencies.pyproject import read_pipfile, read_pyproject

            return (read_pipfile if name == "Pipfile" else read_pyproject)(self.files, path, wanted)
        if name == "pom.xml":
            return self._poms.read(path)
        if name.endswith(".csproj"):
            from lmi_lint.dependencies.nuget import read_csproj

            return read_csproj(self.files, path)
        from lmi_lint.dependencies.gradle import read_gradle

        return read_gradle(self.files, path)

    @cached_property
    def _poms(self) -> Poms:
        from lmi_lint.dependencies.maven import Poms

        return Poms(self.files)


def _start(function: DeployedFunction) -> str | None:
    if function.inline is not None:
        return None
    if function.entry is not None:
        return posixpath.dirname(function.entry.path) or "."
    return source_root(function.code_root) if function.code_root is not None and function.local else None


def _within(path: str, function: DeployedFunction) -> bool:
    """Whether a manifest lies in the folder that a function is built from."""
    if function.code_root is None:
        return True
    root = source_root(function.code_root)
    return root == "." or path.startswith(root + "/")


def _python(files: Files, function: DeployedFunction, start: str) -> Iterator[str]:
    for path in files.upward(start, *_PYTHON):
        if function.dialect not in _UPWARD_PYTHON and not _within(path, function):
            return
        if not path.endswith("pyproject.toml") or _names_packages(files, path):
            yield path


def _names_packages(files: Files, path: str) -> bool:
    """Whether a ``pyproject.toml`` is a manifest, not only the settings of tools."""
    data = files.toml(path)
    tool = data.get("tool")
    return "project" in data or (isinstance(tool, dict) and "poetry" in tool)


def _node(files: Files, function: DeployedFunction, start: str) -> Iterator[str]:
    for path in files.upward(start, "package.json"):
        if function.dialect in _BUILT_IN_PLACE and not _within(path, function):
            return
        data = files.json(path)
        # A file that only says which kind of modules lie beside it is no manifest.
        if data is not None and ("name" in data.pairs or "dependencies" in data.pairs):
            yield path


def _java(files: Files, function: DeployedFunction, start: str) -> Iterator[str]:
    return files.upward(start, *_JAVA)


def _dotnet(files: Files, function: DeployedFunction, start: str) -> Iterator[str]:
    """The project file of the nearest folder that has one; several in one folder leave open which it is."""
    projects = files.projects
    folder = "" if start == "." else start
    while True:
        if folder in projects:
            if len(projects[folder]) == 1:
                yield projects[folder][0]
            return
        if not folder:
            return
        folder = posixpath.dirname(folder)


_LOCATE: Final[dict[str, Callable[[Files, DeployedFunction, str], Iterator[str]]]] = {
    "python": _python,
    "javascript": _node,
    "java": _java,
    "csharp": _dotnet,
}
