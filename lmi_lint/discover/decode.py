"""From a file's bytes to the UTF-8 that parsers read, or the reason why not."""

from __future__ import annotations

import codecs
import re

from msgspec import Struct

from lmi_lint.model.names import Language

MAX_SOURCE_BYTES = 1 << 20
"""Source files above this size are reported as ``too-large``."""

MAX_LINE_CHARS = 5000
"""A source file with a longer line counts as minified, unless that line is a source map that a compiler put there."""

# Codecs for host names, quadratic in the length; "undefined" refuses everything.
_NO_TEXT = ("punycode", "idna")
_HEADER_BYTES = 2048
_PEP263 = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_BLANK_OR_COMMENT = re.compile(rb"^[ \t\f]*(?:#[^\r\n]*)?\r?$")
# Written by a tool, as a tool says it. A bare "do not edit" also stands in hand-written files.
_GENERATED = re.compile(
    rb"@generated\b|<auto-?generated|"
    rb"\bgenerated\b[^\0]{0,300}?\bdo not (?:edit|modify)\b|\bdo not (?:edit|modify)\b[^\0]{0,300}?\bgenerated\b",
    re.IGNORECASE,
)
_COMMENT_LINE = re.compile(rb"^[ \t]*(?://|#|/?\*|<!--).*", re.MULTILINE)
_INLINE_MAP = re.compile(rb"^[ \t]*(?://|/\*)[#@] ?sourceMappingURL=data:[^ ]*(?: ?\*/)?[ \t\r]*$")
_BOMS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16 LE, whose mark it starts with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class Decoded(Struct, frozen=True):
    """UTF-8 without a BOM, and how the file itself was written."""

    data: bytes
    encoding: str
    bom: bool


class Refused(Struct, frozen=True):
    """Why a file is not analysed: ``kind`` is the word of the Problem to report."""

    kind: str
    message: str


def decode(raw: bytes, language: Language | None = None) -> Decoded | Refused:
    """Decode a file: by its BOM, by PEP 263 for Python, else as UTF-8."""
    bom, encoding = next(((mark, name) for mark, name in _BOMS if raw.startswith(mark)), (b"", "utf-8"))
    body = raw[len(bom) :]
    if not bom and language is Language.PYTHON:
        encoding = _declared_encoding(body) or encoding
    if b"\0" in body and not encoding.startswith(("utf-16", "utf-32")):
        return Refused("binary", "the file holds NUL bytes")
    try:
        text = body.decode(encoding)
        data = body if encoding == "utf-8" else text.encode("utf-8")
    except (UnicodeError, LookupError, ValueError) as error:
        return Refused("encoding", f"the file is not {encoding}: {error}")
    if "\0" in text:
        return Refused("binary", "the file holds NUL characters")
    return Decoded(data, encoding, bool(bom))


def refusal(data: bytes) -> Refused | None:
    """Why decoded source is no hand-written code, or None. Judges by the text alone, never by the name."""
    if _has_long_line(data):
        return Refused("minified", f"a line is longer than {MAX_LINE_CHARS} characters")
    header = b"\n".join(_COMMENT_LINE.findall(data[:_HEADER_BYTES]))
    if _GENERATED.search(header):
        return Refused("generated", "the file's header says that a tool generated it")
    return None


def _has_long_line(data: bytes) -> bool:
    if len(data) <= MAX_LINE_CHARS:
        return False
    # The length in bytes bounds that in characters from above: decode only the suspects.
    return any(
        len(line) > MAX_LINE_CHARS
        and len(line.decode("utf-8", "replace")) > MAX_LINE_CHARS
        and not _INLINE_MAP.match(line)
        for line in data.split(b"\n")
    )


def _declared_encoding(body: bytes) -> str | None:
    """The codec that a PEP 263 comment in the first two lines names; None if absent or plain UTF-8."""
    lines = body.split(b"\n", 2)[:2]
    for line in lines:
        match = _PEP263.match(line)
        if match:
            name = match.group(1).decode("ascii", "replace")
            try:
                found = codecs.lookup(name)
            except (LookupError, ValueError):
                return name
            # Byte-to-byte codecs (hex, zlib …) are no text encodings; decode() then says so.
            return None if found.name == "utf-8" else "undefined" if found.name in _NO_TEXT else found.name
        if not _BLANK_OR_COMMENT.match(line):
            return None
    return None
