"""Java: ``package.Class::method``."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence

from lmi_lint.deploy.frameworks import framework_of, named_by, owner_of, target
from lmi_lint.deploy.handlers.sources import NotFound, Sources, Wanted, bases
from lmi_lint.deploy.model import Entry
from lmi_lint.deploy.template import Candidate

_ON_THE_JVM = (("Kotlin", "kt"), ("Scala", "scala"), ("Groovy", "groovy"))


def find(sources: Sources, wanted: Wanted) -> Entry | NotFound:
    """The class that a handler string names, or the function that a framework's handler calls."""
    candidate = wanted.candidate
    within = _within_framework(sources, candidate)
    if within is not None:
        return within
    name, _, method = wanted.handler.strip().partition("::")
    if wanted.wrapper and not sources.index.find_type(name):
        name = name[:1].upper() + name[1:]  # a function's bean is named like its class, but in lower case
    hits = sources.index.find_type(name)
    path = sources.preferred(hits, candidate)
    if path is None:
        return _elsewhere(sources, wanted) or NotFound(_reason(sources, wanted, name, hits))
    return sources.typed_entry(path, name, method or None)


def _reason(sources: Sources, wanted: Wanted, name: str, hits: Sequence[str]) -> str:
    if hits:
        near = [hit for hit in hits if sources.is_near(hit, wanted.candidate)] or list(hits)
        return f"several files declare class {name}: {', '.join(near[:3])}"
    if wanted.wrapper:
        return f"no class of the name {name}, which {wanted.wrapper} names, is in the project"
    return f"no Java source declares class {name}; it may be written in another language or come from a library"


def _elsewhere(sources: Sources, wanted: Wanted) -> NotFound | None:
    """Why no Java source of the project can be expected to declare a handler's class; None if one can."""
    owner = owner_of(wanted.handler)
    if owner is not None:
        return NotFound(f"it belongs to {owner}; what of this project it calls is not followed", elsewhere=True)
    path = wanted.handler.strip().partition("::")[0].replace(".", "/")
    for base in bases(wanted.candidate):
        for language, ending in _ON_THE_JVM:
            source = posixpath.normpath(posixpath.join(base, f"src/main/{language.lower()}/{path}.{ending}"))
            if isinstance(sources.project.read_bytes(source), bytes):
                return NotFound(f"it is written in {language}", elsewhere=True)
    return None


def _within_framework(sources: Sources, candidate: Candidate) -> Entry | None:
    """The function that a framework's own handler hands its events to, if the handler is one of those."""
    function = candidate.function
    framework = framework_of(sources.project, sources.index, function.handler or "")
    if framework is None:
        return None
    name = named_by(framework, function.environment)
    for base in bases(candidate):
        found = target(sources.project, sources.index, framework, name, "" if base == "." else base)
        if found is not None:
            return Entry(found.path, found.owner.qualified, found.method, found=True)
    hits = sources.index.find_type(name[:1].upper() + name[1:]) if name else ()
    path = sources.preferred(hits, candidate)
    return sources.typed_entry(path, name[:1].upper() + name[1:], None) if path is not None and name else None
