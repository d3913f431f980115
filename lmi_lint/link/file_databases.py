"""Where the file of an embedded database lies, out of the ways to name it: paths, URLs, connection strings."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lmi_lint.link.heap import Text

# jdbc:sqlite:/tmp/x, jdbc:h2:file:/tmp/x, sqlite:////tmp/x, file:/tmp/x, Data Source=/tmp/x, Filename=/tmp/x
_URL = re.compile(
    r"(?:jdbc:)?(?:(?:sqlite|h2|derby|hsqldb|duckdb|libsql)(?:\+\w+)?:)?(?:file:(?://)?)?(?:///)?(?=/(?!/))",
    re.IGNORECASE,
)
_KEY = re.compile(r".*?\b(?:data ?source|filename)\s*=\s*", re.IGNORECASE)
_END = re.compile(r"[;?]")
_READ_ONLY = re.compile(
    r"mode=(?:ro|readonly|memory)\b|immutable=1|read_?only=(?:1|true)|access_mode=read_only", re.IGNORECASE
)


def file_of(text: Text) -> Text:
    """The path of the database's file in a text that names it, gaps kept."""
    if not text or not isinstance(text[0], str):
        return text
    head = text[0]
    named = _KEY.match(head)
    head = head[named.end() :] if named is not None else head
    url = _URL.match(head)
    parts = (head[url.end() :] if url is not None else head, *text[1:])
    kept = []
    for part in parts:
        end = _END.search(part) if isinstance(part, str) else None
        kept.append(part[: end.start()] if end is not None and isinstance(part, str) else part)
        if end is not None:
            break
    return tuple(part for part in kept if part != "")


def is_read_only(text: Text) -> bool:
    """Whether the text says that the file is only read, or that there is none."""
    return any(isinstance(part, str) and _READ_ONLY.search(part) for part in text)
