"""The modules that a file's imports name, found by regular expressions on its bytes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from lmi_lint.model.names import Language

_JS_IMPORT = re.compile(rb"""(?:\bfrom|\brequire\s*\(|\bimport\s*\(?)\s*['"](\.[^'"\n]{0,200})['"]""")
_PYTHON_IMPORT = re.compile(
    rb"^[ \t]*(?:from[ \t]+([.\w]+)[ \t]+import[ \t]*(\([^()]*\)|[^()\n#]*)|import[ \t]+([\w., \t]+))", re.MULTILINE
)


def imports_of(language: Language) -> Callable[[bytes], tuple[str, ...]] | None:
    """What finds the imports of a language, each named once: relative ones of JavaScript; of Python all, and what is
    imported from a module as if that were one, too. None for a language that imports types."""
    find = {"javascript": _javascript, "python": _python}.get(language.family)
    return None if find is None else lambda data: tuple(dict.fromkeys(find(data)))


def _javascript(data: bytes) -> Iterator[str]:
    for match in _JS_IMPORT.finditer(data):
        yield match.group(1).decode("utf-8", "replace")


def _python(data: bytes) -> Iterator[str]:
    for match in _PYTHON_IMPORT.finditer(data):
        if not match.group(1):
            yield from (
                part.split()[0].decode("utf-8", "replace") for part in match.group(3).split(b",") if part.split()
            )
            continue
        base = match.group(1).decode("utf-8", "replace")
        yield base
        for part in (match.group(2) or b"").split(b","):
            word = part.split(b" as ")[0].strip(b"() \t\r\n\\").decode("utf-8", "replace")
            if word.isidentifier():
                yield f"{base}.{word}"
