"""Package, namespaces and types that a Java or C# file declares, found by one regular expression on its bytes."""

from __future__ import annotations

import re

from msgspec import Struct

from lmi_lint.discover.found import BaseType, Declared, DeclaredType
from lmi_lint.model.names import Language
from lmi_lint.model.source import Span


class Supertypes(Struct, frozen=True):
    """What a Java type's declaration names behind ``extends`` and ``implements``, as written without type arguments; of
    an interface what it extends is in ``interfaces``."""

    base: str | None = None
    interfaces: tuple[str, ...] = ()


# Every alternative begins with a character of its own, so that the engine passes over all others at once; what may not
# stand before a word is looked at behind it. A text that is not closed is taken to its end: looking for the end again
# from each quote would be quadratic.
_TEXT = rb'"(?:\\.|[^"\\\n])*+"?|\'(?:\\.|[^\'\\\n])*+\'?'
_COMMENT = rb"/(?:/[^\n]*|\*.*?(?:\*/|\Z))"
_JAVA = re.compile(
    _COMMENT + rb'|"""(?:\\.|[^\\])*?(?:"""|\Z)|' + _TEXT + rb"|\{(?P<open>)|\}(?P<close>)"
    rb"|class(?<![\w.$]class)\s+(?P<class>[^\W\d][\w$]*)"
    rb"|interface(?<![\w.$]interface)\s+(?P<interface>[^\W\d][\w$]*)"
    rb"|enum(?<![\w.$]enum)\s+(?P<enum>[^\W\d][\w$]*)"
    rb"|record(?<![\w.$]record)\s+(?P<record>[^\W\d][\w$]*)\s*[(<]"
    rb"|package(?<![\w.$]package)\s+(?P<package>[\w.\s]{1,500});",
    re.DOTALL,
)
_CSHARP = re.compile(
    _COMMENT + rb'|"""+.*?(?:"""+|\Z)|\$@\$?"(?:[^"]|"")*+"?|@\$?"(?:[^"]|"")*+"?|' + _TEXT + rb"|\n[ \t]*#[^\n]*"
    rb"|\{(?P<open>)|\}(?P<close>)|;(?P<end>)"
    rb"|class(?<![\w.@]class)\s+(?P<class>[^\W\d]\w*)"
    rb"|interface(?<![\w.@]interface)\s+(?P<interface>[^\W\d]\w*)"
    rb"|enum(?<![\w.@]enum)\s+(?P<enum>[^\W\d]\w*)"
    rb"|struct(?<![\w.@]struct)\s+(?P<struct>[^\W\d]\w*)"
    rb"|record(?<![\w.@]record)(?:\s+(?P<form>class|struct))?\s+(?P<record>[^\W\d]\w*)"
    rb"|namespace(?<![\w.@]namespace)\s+(?P<package>[\w.]+)(?:\s*(?P<scoped>;))?",
    re.DOTALL,
)
_FIRST_DIRECTIVE = re.compile(rb"[ \t]*#[^\n]*")
# Words that may follow "class" or "record" without being a name.
_NO_NAME = frozenset({b"where", b"class", b"struct", b"extends", b"implements"})

_HEADER = 4000
"""Bytes between a type's name and its body that are read."""

_ABSTRACT = re.compile(
    rb"\babstract\s+(?:(?:public|protected|private|internal|static|strictfp|sealed|non-sealed|partial|unsafe|new)\s+)*$"
)
_COMMENT_OR_ANNOTATION = re.compile(rb"//[^\n]*|/\*.*?(?:\*/|\Z)|@[\w.]+(?:\s*\([^()]*\))?", re.DOTALL)
_TYPE_ARGUMENTS = re.compile(rb"<[^<>]*>")
_CLAUSE = re.compile(rb"\b(extends|implements|permits)\b")

# Of a C# header: what is neither a name, a type argument nor punctuation between bases.
_CSHARP_NOISE = re.compile(
    rb'//[^\n]*|/\*.*?(?:\*/|\Z)|\$?@\$?"(?:[^"]|"")*"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\''
    rb"|^[ \t]*#[^\n]*|\b\w+\s*::",
    re.DOTALL | re.MULTILINE,
)
_BRACKETED = re.compile(rb"\([^()]*\)|\[[^\[\]]*\]")
_WHERE = re.compile(rb"\bwhere\b")
_PARTIAL = re.compile(rb"\bpartial\s+(?:record\s+)?$")

_MAX_OPEN = 100
"""Braces within which a type may still be declared; deeper ones have no use as names."""


class _Open(Struct):
    """A brace that is open: of a type (``index`` into the types), of a namespace, or of anything else."""

    index: int = -1
    namespace: bytes = b""


def declarations(data: bytes, language: Language) -> Declared:
    """Scan a Java or C# file; anything malformed merely yields fewer types."""
    return _Scanner(data, language).run()


def is_abstract(data: bytes, item: DeclaredType) -> bool:
    """Whether a Java or C# type is declared abstract."""
    return _ABSTRACT.search(data[max(0, item.keyword - 80) : item.keyword]) is not None


def supertypes(data: bytes, item: DeclaredType) -> Supertypes:
    """What a Java type extends and implements by its declaration."""
    header = _COMMENT_OR_ANNOTATION.sub(b" ", data[item.span.end : min(item.body, item.span.end + _HEADER)])
    while True:  # type arguments, innermost first
        shorter = _TYPE_ARGUMENTS.sub(b" ", header)
        if shorter == header:
            break
        header = shorter
    named: dict[bytes, tuple[str, ...]] = {}
    parts = _CLAUSE.split(header)
    for clause, names in zip(parts[1::2], parts[2::2], strict=True):
        words = (b"".join(name.split()) for name in names.split(b","))
        named[clause] = tuple(_text(word) for word in words if word)
    extended, implemented = named.get(b"extends", ()), named.get(b"implements", ())
    if item.kind == "interface":
        return Supertypes(None, extended)
    return Supertypes(extended[0] if extended else None, implemented)


def is_partial(data: bytes, item: DeclaredType) -> bool:
    """Whether a C# type is declared partial."""
    return _PARTIAL.search(data[max(0, item.keyword - 80) : item.keyword]) is not None


def base_types(data: bytes, item: DeclaredType) -> tuple[BaseType, ...]:
    """What a C# type's declaration names behind its colon: base class and interfaces."""
    parts = _split(_csharp_header(data, item), b":")
    return tuple(
        BaseType(name, arity) for part in (_split(parts[1], b",") if len(parts) > 1 else ())
        for name, arity in [_generic(part)] if name
    )  # fmt: skip


def type_parameters(data: bytes, item: DeclaredType) -> int:
    """How many type parameters a C# type declares."""
    return _generic(item.name.encode() + _split(_csharp_header(data, item), b":")[0])[1]


def _csharp_header(data: bytes, item: DeclaredType) -> bytes:
    """Type parameters and bases of a C# declaration, without constraints, parameters and arguments."""
    header = _CSHARP_NOISE.sub(b" ", data[item.span.end : min(item.body, item.span.end + _HEADER)])
    while True:  # brackets, innermost first
        shorter = _BRACKETED.sub(b" ", header)
        if shorter == header:
            return _WHERE.split(header, maxsplit=1)[0]
        header = shorter


def _split(text: bytes, mark: bytes) -> list[bytes]:
    """Parts of a text between marks that are in no angle brackets."""
    parts, depth, start = [], 0, 0
    for match in re.finditer(rb"[<>]|" + mark, text):
        if match.group() == b"<":
            depth += 1
        elif match.group() == b">":
            depth -= 1
        elif depth == 0:
            parts.append(text[start : match.start()])
            start = match.end()
    return [*parts, text[start:]]


def _generic(text: bytes) -> tuple[str, int]:
    """The name of a type without type arguments, and how many its last part has."""
    name, arity, depth = bytearray(), 0, 0
    for match in re.finditer(rb"[<>,]|[^<>,\s]+", text):
        word = match.group()
        if word == b"<":
            depth += 1
            arity = 1 if depth == 1 else arity
        elif word == b">":
            depth -= 1
        elif word == b",":
            arity += depth == 1
        elif depth == 0:
            name += word
            arity = 0
    return _text(bytes(name)), arity


class _Scanner:
    def __init__(self, data: bytes, language: Language) -> None:
        self.data = data
        self.java = language is Language.JAVA
        self.package = b""
        self.first = b""
        self.open: list[_Open] = []
        self.pending: _Open | None = None
        self.types: list[DeclaredType] = []

    def run(self) -> Declared:
        first = None if self.java else _FIRST_DIRECTIVE.match(self.data)
        for match in (_JAVA if self.java else _CSHARP).finditer(self.data, first.end() if first is not None else 0):
            found = match.lastgroup
            if found is None:
                continue
            if found == "open":
                self._open(match.start())
            elif found == "close":
                if self.open:
                    self._mend(self.open.pop().index, end=match.end())
            elif found == "end":
                self._end(match.start())
            elif found in ("package", "scoped"):
                self._package(match)
            else:
                self._type(match, found)
        return Declared(_text(self.first), tuple(self.types))

    def _package(self, match: re.Match[bytes]) -> None:
        name = b"".join(match["package"].split())
        self.first = self.first or name
        if self.java or match.lastgroup == "scoped":
            self.package = name
        else:
            self.pending = _Open(namespace=name)

    def _type(self, match: re.Match[bytes], kind: str) -> None:
        name = match[kind]
        if name in _NO_NAME or len(self.open) > _MAX_OPEN:
            return
        outer = [entry for entry in self.open if not entry.namespace]
        if any(entry.index < 0 for entry in outer):  # local to a method: no name from outside
            return
        nested = ".".join([*(self.types[entry.index].name for entry in outer), _text(name)])
        spaces = [self.package, *(entry.namespace for entry in self.open)]
        prefix = b".".join(space for space in spaces if space)
        qualified = f"{_text(prefix)}.{nested}" if prefix else nested
        form = "struct" if kind == "record" and not self.java and match["form"] == b"struct" else "class"
        word = form if kind == "record" else kind
        end = len(self.data)
        self.types.append(
            DeclaredType(_text(name), nested, qualified, word, Span(*match.span(kind)), match.start(), end, end)
        )
        self.pending = _Open(index=len(self.types) - 1)

    def _open(self, at: int) -> None:
        """A brace: of the type or namespace declared before, or of anything else."""
        entry = self.pending or _Open()
        self.open.append(entry)
        self.pending = None
        self._mend(entry.index, body=at)

    def _end(self, at: int) -> None:
        """A semicolon, at which a C# record without a body ends."""
        if self.pending is not None and self.pending.index >= 0:
            self._mend(self.pending.index, body=at, end=at + 1)
            self.pending = None

    def _mend(self, index: int, *, body: int | None = None, end: int | None = None) -> None:
        if index < 0:
            return
        old = self.types[index]
        self.types[index] = DeclaredType(
            old.name, old.nested, old.qualified, old.kind, old.span, old.keyword,
            old.body if body is None else body, old.end if end is None else end,
        )  # fmt: skip


def _text(name: bytes) -> str:
    return name.decode("utf-8", "replace")
