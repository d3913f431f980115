"""What a run keeps of a file beside its facts."""

from __future__ import annotations

from msgspec import Struct

from lmi_lint.facts.model import CommentFacts, FlawFacts


class FileRead(Struct, frozen=True):
    """What a report needs to know of a file whose facts were pulled."""

    path: str
    lines: int
    opaque: int
    comments: tuple[CommentFacts, ...]
    flaws: tuple[FlawFacts, ...]
