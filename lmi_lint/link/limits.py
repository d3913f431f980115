"""All bounds of the analysis in one record, so that none hides in the code."""

from __future__ import annotations

from msgspec import Struct


class Limits(Struct, frozen=True):
    """``contexts``: evaluations of one function told apart by receiver or call site, then merged;
    ``evaluations``: of functions in one program; ``objects``: allocation sites told apart; ``texts``: alternatives of one
    text; ``parts``: of one text; ``origins`` and ``reads``: per value; ``depth``: of objects made by objects;
    ``refs``: objects that one value may be;
    ``nesting``: calls evaluated within each other at once, deeper ones in turn. What is cut is said in ``Program.cut``."""

    contexts: int = 16
    evaluations: int = 60_000
    objects: int = 20_000
    texts: int = 4
    parts: int = 24
    origins: int = 8
    reads: int = 24
    depth: int = 5
    refs: int = 24
    nesting: int = 40


LIMITS = Limits()
