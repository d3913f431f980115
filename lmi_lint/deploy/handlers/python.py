"""Python: ``package.module.function``."""

from __future__ import annotations

import posixpath

from lmi_lint.deploy.handlers.sources import OUTPUT_FOLDERS, NotFound, Sources, Wanted, bases, entry_points
from lmi_lint.deploy.model import Entry


def find(sources: Sources, wanted: Wanted) -> Entry | NotFound:
    """The function that a handler string names."""
    handler, candidate = wanted.handler, wanted.candidate
    module, dot, symbol = handler.strip().rpartition(".")
    if not dot or not module or not symbol:
        return NotFound(f"handler '{handler}' does not have the form module.function")
    for path in entry_points(candidate, module):
        if sources.project.exists(path):
            return sources.entry(path, symbol)
    tail = module.replace(".", "/").strip("/")
    ends = (tail + ".py", tail + "/__init__.py")
    for base in bases(candidate):
        for sub in ("", "src", "app", "lambda"):
            for end in ends:
                path = sources.project.canonical(posixpath.join(base, sub, end))
                if sources.project.exists(path):
                    return sources.entry(path, symbol)
    hits = sources.ending_in(*ends)
    folders = module.split("/")[:-1]
    anywhere = "." in module or not OUTPUT_FOLDERS.issuperset(folders)  # a lone "app" says nothing about where it is
    return sources.unique(hits, symbol, wanted, anywhere=anywhere)
