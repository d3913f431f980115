"""JavaScript and TypeScript: ``folder/file.export``."""

from __future__ import annotations

import posixpath

from lmi_lint.deploy.handlers.sources import (
    OUTPUT_FOLDERS,
    NotFound,
    Sources,
    Wanted,
    bases,
    entry_points,
    source_root,
    word,
)
from lmi_lint.deploy.handlers.strings import split_module
from lmi_lint.deploy.model import Entry
from lmi_lint.deploy.template import Candidate
from lmi_lint.index.modules import unbuilt


def find(sources: Sources, wanted: Wanted) -> Entry | NotFound:
    """The export that a handler string names, in a source or in what a bundler makes of one."""
    handler, candidate = wanted.handler, wanted.candidate
    module, dot, symbol = split_module(handler)
    if not dot or not symbol:
        return NotFound(f"handler '{handler}' does not have the form file.export")
    modules = sources.index.modules
    for path in entry_points(candidate, module):
        hit = modules.find(path)
        if hit:
            return sources.entry(hit, symbol)
    beside = None
    for sub in ("", "src", "app", "lib"):
        for base in bases(candidate):
            hit = modules.find_source(posixpath.join(base, sub, module))
            named = hit and hit.rpartition(".")[0] == posixpath.normpath(posixpath.join(base, module))
            if hit and ((named and base == candidate.function.code_root) or _may_export(sources, hit, symbol)):
                return sources.entry(hit, symbol)
            beside = beside or hit
    tails = [module, *unbuilt(module)]
    hits = [hit for tail in tails for hit in modules.ending_with(tail)]
    # a lone "index" or "app" says nothing about where it is
    anywhere = not OUTPUT_FOLDERS.issuperset(module.split("/")[:-1])
    found = sources.unique(hits, symbol, wanted, anywhere=anywhere)
    if isinstance(found, Entry):
        return found
    bundled = _bundled(sources, handler, symbol, candidate)
    return bundled or (NotFound(f"{beside} exports no {symbol}") if beside else found)


def _may_export(sources: Sources, path: str, symbol: str) -> bool:
    """Whether a file that only lies where the code may be built from has the export or hands on another's."""
    return symbol == "default" or sources.index.says_word(path, word(symbol)) or sources.index.hands_on(path)


def _bundled(sources: Sources, handler: str, symbol: str, candidate: Candidate) -> Entry | None:
    """The one file below the folder of what a bundler builds whose export the handler is: bundlers name their
    output as they like."""
    root = candidate.function.code_root
    if root is None:
        return None
    if source_root(root) in (root, ".", "") and OUTPUT_FOLDERS.isdisjoint(posixpath.dirname(handler).split("/")):
        return None
    holding = [
        path for path in sources.below(root)
        if any(shape.symbol == symbol for shape in sources.index.handler_shapes(path))
    ]  # fmt: skip
    return sources.entry(holding[0], symbol) if len(holding) == 1 else None
