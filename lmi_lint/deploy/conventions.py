"""Handlers that no template names but that look like some."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Iterable, Iterator

from msgspec import structs

from lmi_lint.deploy.handlers import source_root
from lmi_lint.deploy.inheritance import HandlerClasses
from lmi_lint.deploy.model import DeployedFunction, Entry, Provenance
from lmi_lint.deploy.platforms import Platforms
from lmi_lint.discover.found import Shape
from lmi_lint.discover.project import Project, language_of
from lmi_lint.discover.shapes import CONVENTIONAL
from lmi_lint.index import Index
from lmi_lint.model.finding import Location
from lmi_lint.model.names import Language


def by_convention(project: Project, index: Index, deployed: Iterable[DeployedFunction]) -> list[DeployedFunction]:
    """Functions of files that no deployed function accounts for.

    A file is accounted for if a deployed function of its language has its code root above it and a known entry: then
    what is deployed from there is known, and the rest is not deployed. A file that another handler's file imports is a
    helper of that, and one that imports what is built for a deployed function is a wrapper around that: nothing is
    built from it. A file in a folder that is deployed to another platform is none of Lambda's.
    """
    deployed = list(deployed)
    platforms = Platforms(project, index, deployed)
    built = {path for function in deployed if (path := _handler_file(function)) is not None}
    deployed = [function for function in deployed if function.entry is not None and function.inline is None]
    covered = _covered(deployed)
    inherited = HandlerClasses(project, index)
    looking = {
        path: shapes for path in project.files
        if not _is_covered(path, covered) and (shapes := _shapes(path, index, inherited))
        and not platforms.is_foreign(path)
    }  # fmt: skip
    entries = {function.entry.path for function in deployed if function.entry is not None}
    helpers = set(_imported(project, index, {*looking, *entries}))
    unusual = [path for path, shapes in looking.items() if not any(_is_conventional(shape) for shape in shapes)]
    if unusual:
        helpers.update(set(unusual).intersection(_imported(project, index, project.files)))
    named = {(function.entry.path, function.entry.symbol) for function in deployed if function.entry is not None}
    found: list[DeployedFunction] = []
    for path, shapes in looking.items():
        language = language_of(path)
        if language is None or path in helpers or (built and _imports_one_of(index, path, built)):
            continue
        usual = [shape for shape in shapes if _is_conventional(shape) and not _is_repeated(path, shape, looking, index)]
        for shape in usual or [each for each in shapes if not each.program]:
            if (path, shape.symbol) not in named and (path, shape.symbol.rpartition(".")[2]) not in named:
                found.append(_function(path, language, shape, index))
    return _told_apart(found)


def outline(function: DeployedFunction) -> DeployedFunction:
    """What ``by_convention`` looks at in a deployed function."""
    return DeployedFunction(
        "",
        function.provenance,
        function.language,
        handler=function.handler,
        entry=function.entry if function.inline is None else None,
        template=function.template,
        code_root=function.code_root,
    )


def _is_repeated(path: str, shape: Shape, looking: dict[str, tuple[Shape, ...]], index: Index) -> bool:
    """Whether a program only starts a handler class of its build project that is found by itself."""
    build = index.build_file(path)
    return (
        shape.program
        and build is not None
        and any(
            not each.program for other, shapes in looking.items() for each in shapes if index.build_file(other) == build
        )
    )


def _type_of(function: DeployedFunction) -> str:
    """The qualified name of the type that holds a function's handler; empty where none does."""
    typed = function.language is not None and function.language.typed
    return function.entry.symbol if typed and function.entry is not None else ""


def _told_apart(functions: list[DeployedFunction]) -> list[DeployedFunction]:
    """Functions of one name called by their qualified names, where these differ: every template says Function."""
    names = Counter(function.name for function in functions)
    return [
        structs.replace(function, name=_type_of(function) or function.name) if names[function.name] > 1 else function
        for function in functions
    ]


def _shapes(path: str, index: Index, inherited: HandlerClasses) -> tuple[Shape, ...]:
    """What looks like a handler in a file, by itself or by what its classes extend; one shape per class."""
    own = index.handler_shapes(path)
    below = inherited.shapes(path)
    if not below:
        return own
    known = {shape.symbol for shape in below}
    return (*(shape for shape in own if shape.symbol not in known), *below)


def _covered(deployed: Iterable[DeployedFunction]) -> dict[str, set[str]]:
    """Language family → folders that deployed functions are built from."""
    roots: dict[str, set[str]] = {}
    for function in deployed:
        if function.entry is None or function.language is None:
            continue
        if function.code_root is not None:
            root = source_root(function.code_root)
        elif function.language.typed:
            continue
        else:
            root = posixpath.dirname(function.entry.path) or "."
        roots.setdefault(function.language.family, set()).add(root)
    return roots


def _is_covered(path: str, covered: dict[str, set[str]]) -> bool:
    language = language_of(path)
    roots = covered.get(language.family) if language else None
    if not roots:
        return False
    folder = posixpath.dirname(path)
    while folder:
        if folder in roots:
            return True
        folder = posixpath.dirname(folder)
    return "." in roots


def _handler_file(function: DeployedFunction) -> str | None:
    """The file, without its suffix, that the handler of a function in JavaScript names."""
    if function.language is not Language.JAVASCRIPT or function.handler is None or function.code_root is None:
        return None
    return posixpath.normpath(posixpath.join(function.code_root, function.handler.rpartition(".")[0]))


def _imports_one_of(index: Index, path: str, files: set[str]) -> bool:
    """Whether a file imports one of some files that are not here to be found, named without their suffix."""
    folder = posixpath.dirname(path)
    for module in index.imports(path):
        target = posixpath.normpath(posixpath.join(folder, module)) if module.startswith(".") else ""
        stem = posixpath.splitext(target)[0]
        hit = index.resolve_js(path, module) if target in files or stem in files else None
        if (target in files or stem in files) and (hit is None or posixpath.splitext(hit)[0] not in (target, stem)):
            return True
    return False


def _is_conventional(shape: Shape) -> bool:
    """Whether a handler is known by more than its parameters."""
    return (
        shape.program
        or shape.certain
        or "." in shape.symbol
        or shape.method is not None
        or shape.symbol in CONVENTIONAL
        or shape.symbol[:1].isupper()
    )


def _imported(project: Project, index: Index, importers: Iterable[str]) -> Iterator[str]:
    """JavaScript and Python files that others import from within the project."""
    for path in sorted(importers):
        for module in index.imports(path):
            if language_of(path) is Language.PYTHON:
                hit = _python_module(project, posixpath.dirname(path), module)
            else:
                hit = index.resolve_js(path, module)
            if hit is not None and hit != path:
                yield hit


def _python_module(project: Project, folder: str, module: str) -> str | None:
    """The file of a module seen from a folder."""
    stripped = module.lstrip(".")
    for _ in range(len(module) - len(stripped) - 1):
        folder = posixpath.dirname(folder)
    tail = stripped.replace(".", "/")
    while True:
        for end in (".py", "/__init__.py"):
            path = posixpath.join(folder, tail + end)
            if project.exists(path):
                return path
        if not folder or module != stripped:
            return None
        folder = posixpath.dirname(folder)


def _function(path: str, language: Language, shape: Shape, index: Index) -> DeployedFunction:
    place = Location(path, shape.span)
    typed = language.typed
    name = shape.symbol.rpartition(".")[2] if typed else f"{posixpath.splitext(path)[0]}.{shape.symbol}"
    if shape.program:  # called after its assembly
        name = posixpath.splitext(posixpath.basename(index.build_file(path) or path))[0]
    return DeployedFunction(
        name=name,
        provenance=Provenance.CONVENTION,
        language=language,
        entry=Entry(path, shape.symbol, shape.method, True, shape.program),
        location=place,
    )
