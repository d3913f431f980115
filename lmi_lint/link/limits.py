"""All bounds of the analysis in one record, so that none hides in the code."""

from __future__ import annotations

from msgspec import Struct


class Limits(Struct, frozen=True):
    """Evaluation, noted in ``Program.cut`` when reached: ``contexts``: evaluations of one function told apart by
    receiver or call site, then merged; ``evaluations``: of functions in one program, and ``steps``: events in them
    (real programs: up to 50,000); ``objects``: allocation sites told apart.

    Values, less precise beyond: ``texts``: alternatives of one text; ``parts`` and ``chars`` of one text; ``origins``
    and ``reads``: per value; ``refs``: objects that one value may be; ``arguments``: of one call that a rest
    parameter keeps apart; ``depth``: of objects made by objects.

    ``ancestors``: classes above one that is made, beyond which the function counts as nested too deeply.

    Walks: ``nesting``: calls evaluated within each other at once, deeper ones in turn; ``implementors``: classes that
    stand for an abstract one, none if there are more, and ``implementor_files`` that are looked through for them;
    ``components``: objects looked at in one lazily made value, beyond which it does not pass as harmless; ``makings``:
    steps back from a value, beyond which nothing is known of it; ``tokens``: accesses carried at once through the flow
    of a function, which is passed over beyond, and further ones are not followed; ``paces``: events passed in one walk,
    which ends there (real walks: up to 600); ``walk``: Python's recursion limit while flows are walked."""

    contexts: int = 16
    evaluations: int = 60_000
    steps: int = 600_000
    objects: int = 20_000
    texts: int = 4
    parts: int = 24
    chars: int = 20_000
    origins: int = 8
    reads: int = 24
    depth: int = 5
    ancestors: int = 320
    refs: int = 24
    arguments: int = 8
    nesting: int = 40
    implementors: int = 4
    implementor_files: int = 12
    components: int = 200
    makings: int = 400
    tokens: int = 64
    paces: int = 10_000
    walk: int = 50_000


LIMITS = Limits()
