"""What a rule without code reports."""

from __future__ import annotations

import re
from typing import Final, Literal

from msgspec import Struct

WORD: Final = re.compile(r"\{([^{}]*)\}")
WORDS: Final = frozenset({"call", "runtime", "sharers", "unit"})
"""What a message of a ``[match]`` table may have filled in: ``{call}``."""


class Match(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a rule without code reports: calls of library functions with the role ``call``, or calls that make an object
    of a type with the role ``type``, that happen in this ``phase``: in a ``request``, at ``load``, or in ``any``.

    ``message``: what a finding says, for all languages or for each family of them; ``{call}``, ``{runtime}``,
    ``{sharers}`` and ``{unit}`` are filled in. Left out: the summary of the page. ``kept``: whether a call counts that
    only fills a place that later invocations find filled."""

    call: str = ""
    type: str = ""
    phase: Literal["request", "load", "any"] = "request"
    message: str | dict[str, str] = ""
    kept: bool = True

    def text(self, family: str) -> str:
        """The message for a family of languages; empty if there is none."""
        return self.message if isinstance(self.message, str) else self.message.get(family, "")


def filled(text: str, words: dict[str, str]) -> str:
    """The text with words of ``WORDS`` filled in."""
    return WORD.sub(lambda match: words.get(match[1], match[0]), text)
