"""C#: ``Assembly::Namespace.Type::Method``, or the name of a program."""

from __future__ import annotations

import posixpath
import re

from lmi_lint.deploy.handlers.sources import NotFound, Sources, Wanted, nearest
from lmi_lint.deploy.model import Entry
from lmi_lint.discover.project import language_of
from lmi_lint.discover.shapes import program
from lmi_lint.model.names import Language

_GENERATED = "_Generated"


def find(sources: Sources, wanted: Wanted) -> Entry | NotFound:
    """The method that a handler string names, or what the program of that name starts."""
    handler, candidate = wanted.handler, wanted.candidate
    parts = handler.strip().split("::")
    if len(parts) != 3:
        return executable_assembly(sources, wanted)
    _, name, method = parts
    hits = sources.index.find_type(name, Language.CSHARP)
    if not hits and name.endswith(_GENERATED):
        # Lambda Annotations generates a class Type_Method_Generated beside Type
        name = name.removesuffix(f"_{method}{_GENERATED}")
        hits = sources.index.find_type(name, Language.CSHARP)
    path = sources.preferred(hits, candidate)
    if path is None and hits:
        # A partial class: the part that holds the method.
        holding = [hit for hit in hits if re.search(rf"\b{re.escape(method)}\b".encode(), sources.project.peek(hit))]
        path = holding[0] if len(holding) == 1 else None
    if path is None:
        if hits:
            return NotFound(f"several files declare type {name}: {', '.join(hits[:3])}")
        return NotFound(f"no C# source declares type {name}")
    return sources.typed_entry(path, name, method)


def executable_assembly(sources: Sources, wanted: Wanted) -> Entry | NotFound:
    """A C# handler that names an assembly alone: its one program, or the one handler method below the code root."""
    handler, candidate = wanted.handler, wanted.candidate
    root = candidate.function.code_root
    assembly = [
        posixpath.dirname(path) for path in sources.project.configs if path.endswith(f"/{handler.strip()}.csproj")
    ]
    assembly = nearest(assembly, candidate)
    near = [folder for folder in assembly if sources.is_near(f"{folder}/x", candidate)]
    for folder in near if len(near) == 1 else [root]:
        programs = [
            (path, shape) for path in sources.below(folder) if language_of(path) is Language.CSHARP
            for shape in [program(sources.project.peek(path))] if shape is not None
        ]  # fmt: skip
        if len(programs) == 1:
            path, shape = programs[0]
            return Entry(path, shape.symbol, shape.method, found=True, program=True)
    for folder in (*assembly, root):
        below = [
            (path, shape) for path in sources.below(folder) if language_of(path) is Language.CSHARP
            for shape in sources.index.handler_shapes(path)
        ]  # fmt: skip
        if len(below) == 1 and sources.is_near(below[0][0], candidate):
            path, shape = below[0]
            return Entry(path, shape.symbol, shape.method, True, shape.program)
    return NotFound(f"handler '{handler}' names an executable whose handler method is not known")
