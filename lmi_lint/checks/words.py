"""Words of messages."""

from __future__ import annotations

import re

# An abbreviation begins with the sound of its first letter's name (an MD5, an HMAC), unless it is read as a word.
_SPELT = re.compile(r"(?!SHA)[AEFHILMNORSX](?:[A-Z0-9]|$)|(?:Xml|Html|Http)(?![a-z])")
_VOWEL = re.compile(r"[aeio]|u(?!ri|til|tf|ser|n[io][a-z])", re.IGNORECASE)


def with_article(name: str) -> str:
    """The name of a type with the article that it is read with: ``an ArrayList``, ``a Utf8JsonWriter``."""
    abbreviation = name[:2].isupper() or (name[:1].isupper() and name[1:2].isdigit())
    vowel = _SPELT.match(name) if abbreviation else _SPELT.match(name) or _VOWEL.match(name)
    return f"{'an' if vowel else 'a'} {name}"
