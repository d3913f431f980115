"""Judgements kept between runs, with the questions that they rest on and the answers of that time.

A judgement holds as long as every setting of the function that somebody has looked at for it is the same, and every
question that link asked for it has the same answer: to ask again is much cheaper than to judge again. One book for a
project (and for one set of rules and knowledge), rewritten when something was judged anew.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Final

from msgspec import Struct, msgpack, structs

from lmi_lint.cache import Cache, digest, short_digest
from lmi_lint.deploy.consulted import values
from lmi_lint.deploy.model import DeployedFunction
from lmi_lint.facts.files import FileRead
from lmi_lint.index.questions import NEVER, Question, Questions
from lmi_lint.model.finding import Finding, Location, Problem
from lmi_lint.model.source import Span
from lmi_lint.pipeline.judged import Judged, Part
from lmi_lint.triage.model import Analysed

_KIND: Final = "judged"
_ALWAYS: Final = ("name", "provenance", "language", "entry", "inline", "handler", "edge", "custom_runtime")
"""What tells functions apart, and what link may have read for another function with the same code."""


class KeptFile(Struct, frozen=True, array_like=True):
    """What a report needs of a file: of one that was read, or why it was not."""

    read: FileRead | None = None
    problem: Problem | None = None


class Kept(Struct, frozen=True, array_like=True):
    """A judgement. ``rests``: a set of numbers of questions, as the bits of a little-endian integer; ``handler``:
    whether it was one; ``inline``: the file that holds its code, if that is a template. ``about``: a digest of what
    tells the function from most others, ``fields``: its settings that somebody has looked at; ``function``: its key,
    and ``places``: where these settings were written, if findings may name them."""

    rests: bytes
    about: bytes
    fields: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    handler: bool = True
    calls_resolved: int = 0
    calls_unresolved: int = 0
    problem: str = ""
    handler_missing: bool = False
    outside: bool = False
    inline: str = ""
    function: str = ""
    places: tuple[Location, ...] = ()


class Book(Struct, frozen=True, array_like=True):
    """Questions, digests of their answers, files by path, and judgements by the digest of what was read of their
    function."""

    questions: list[Question] = []
    answers: list[bytes] = []
    files: dict[str, KeptFile] = {}
    judgements: dict[bytes, Kept] = {}


_BOOK: Final = msgpack.Decoder(Book)


class Keeper:
    """Recalls judgements, and keeps new ones. ``about``: digests of what they depend on beside the project's files."""

    def __init__(self, cache: Cache, questions: Questions, *about: str) -> None:
        self._cache = cache
        self._questions = questions
        self._key = digest(str(questions.project.root), *about)
        book = cache.get(_KIND, self._key, _BOOK.decode)
        self._book = book if book is not None and _is_whole(book) else Book()
        self._held: dict[bytes, Kept] = {}

    def recall(self, functions: Sequence[DeployedFunction]) -> Part:
        """The judgements that still hold, by the positions of their functions."""
        try:
            return self._recalled(functions)
        except (LookupError, TypeError, ValueError):  # what was kept is well-formed, but makes no sense
            self._book, self._held = Book(), {}
            return Part({})

    def _recalled(self, functions: Sequence[DeployedFunction]) -> Part:
        book = self._book
        keys = list(self._keys(functions))
        there = {
            key: kept for each, function in zip(keys, functions, strict=True) for key in each
            if (kept := book.judgements.get(key)) is not None and _can_move(kept, function)
        }  # fmt: skip
        changed = self._changed({key: kept.rests for key, kept in there.items()})
        self._held = {key: kept for key, kept in there.items() if key not in changed}
        paths = {number: question[1] for number, question in enumerate(book.questions) if question[0] == "file"}
        of_files = _int(_set(paths))
        judged: dict[int, Judged] = {}
        reached: set[str] = set()
        inline: set[str] = set()
        for position, (function, each) in enumerate(zip(functions, keys, strict=True)):
            kept = next((self._held[key] for key in each if key in self._held), None)
            if kept is not None:
                files = frozenset(paths[number] for number in _numbers(_bytes(_int(kept.rests) & of_files)))
                judged[position] = _judged(function, kept, files)
                reached |= files
                inline |= {kept.inline} - {""}
        files_read = [book.files[path] for path in sorted(reached)]
        read = tuple(each.read for each in files_read if each.read is not None)
        problems = tuple(each.problem for each in files_read if each.problem is not None)
        return Part(judged, read, (*(each.path for each in read), *sorted(inline)), problems)

    def _keys(self, functions: Sequence[DeployedFunction]) -> Iterator[list[bytes]]:
        """Of each function the keys of judgements that may be its own: those for which other settings were read are
        others."""
        read: dict[bytes, dict[tuple[str, ...], None]] = {}
        for kept in self._book.judgements.values():
            read.setdefault(kept.about, {})[kept.fields] = None
        for function in functions:
            about = _about(function)
            yield [_key(about, function, fields) for fields in read.get(about, ())]

    def _changed(self, rests: dict[bytes, bytes]) -> set[bytes]:
        """The judgements that rest on a question with another answer now. Brings the book's answers up to date."""
        book, ask = self._book, self._questions
        bad: set[int] = set()
        for number in _numbers(_union(rests.values())):
            answer = ask.digest(ask.number(book.questions[number]))
            if answer != book.answers[number] or answer == NEVER:
                book.answers[number] = answer
                bad.add(number)
        changed = _int(_set(bad))
        return {key for key, bits in rests.items() if _int(bits) & changed}

    def keep(self, functions: Sequence[DeployedFunction], parts: Sequence[Part]) -> None:
        """Keep what was judged anew (``parts``, by positions in ``functions``) beside what was recalled."""
        if not any(part.judged for part in parts) and len(self._held) == len(self._book.judgements):
            return
        draft = _Draft(self._book, self._questions.asked, self._questions.digest)
        fresh = dict(self._held)
        for part in parts:
            draft.read(part)
            for position, each in part.judged.items():
                bits = draft.bits(part.who, each.rests) if each.rests is not None else None
                if bits is not None:
                    kept = _kept(functions[position], each, bits, part)
                    fresh[_key(kept.about, functions[position], kept.fields)] = kept
        self._cache.put(_KIND, self._key, msgpack.encode(draft.book(fresh)))


class _Draft:
    """A book in the making, numbered as an old one was. ``asked`` and ``digest``: what this process has asked, which
    those that judged know by the same numbers as far as they go back."""

    def __init__(self, old: Book, asked: Sequence[Question], digest: Callable[[int], bytes]) -> None:
        self._old = old
        self._asked = asked
        self._digest = digest
        self._numbers = {question: number for number, question in enumerate(old.questions)}
        self._answers = list(old.answers)
        self._sure: set[int] = set()
        self._known: dict[int, list[int]] = {}
        self._read: dict[str, FileRead] = {}
        self._problems: dict[str, Problem] = {}

    def read(self, part: Part) -> None:
        """Take over the questions of a part, and what was read for it."""
        if part.who not in self._known:
            before = range(min(part.since, len(self._asked)))
            self._known[part.who] = [self._number(self._asked[number], self._digest(number)) for number in before]
        self._known[part.who] += [self._number(question, answer) for question, answer in part.asked]
        self._read.update((each.path, each) for each in part.files)
        self._problems.update((each.location.path, each) for each in part.problems if each.location is not None)

    def _number(self, question: Question, answer: bytes) -> int:
        number = self._numbers.setdefault(question, len(self._answers))
        if number == len(self._answers):
            self._answers.append(answer)
        elif number in self._sure and self._answers[number] != answer:
            answer = NEVER  # it has changed while this run went on
        self._sure.add(number)
        self._answers[number] = answer
        return number

    def bits(self, who: int, rests: Sequence[int]) -> bytes | None:
        """A set of numbers as its process knows them, in those of the book; None if one of them is not known."""
        known = self._known.get(who, [])
        if rests and rests[-1] >= len(known):
            return None
        return _set([known[number] for number in rests])

    def book(self, judgements: dict[bytes, Kept]) -> Book:
        """The book with these judgements. Questions that nothing rests on go when they are the most."""
        questions = list(self._numbers)
        used = _numbers(_union(kept.rests for kept in judgements.values()))
        paths = [questions[number][1] for number in used if questions[number][0] == "file"]
        files = {path: self._file(path) for path in paths}
        if len(used) * 2 >= len(questions):
            return Book(questions, self._answers, files, judgements)
        places = {number: place for place, number in enumerate(used)}
        renumbered = {
            key: structs.replace(kept, rests=_set([places[n] for n in _numbers(kept.rests)]))
            for key, kept in judgements.items()
        }
        return Book([questions[n] for n in used], [self._answers[n] for n in used], files, renumbered)

    def _file(self, path: str) -> KeptFile:
        if path in self._read or path in self._problems or path not in self._old.files:
            return KeptFile(self._read.get(path), self._problems.get(path))
        return self._old.files[path]


def _is_whole(book: Book) -> bool:
    """Whether the parts of a book fit each other."""
    count = len(book.questions)
    most = _int(_union(kept.rests for kept in book.judgements.values())).bit_length()
    return len(set(book.questions)) == len(book.answers) == count >= most


def _about(function: DeployedFunction) -> bytes:
    """A digest of what tells a function from others. Where its settings are written is for reports only, unless code is
    among them."""
    if function.inline is None:
        return values(function, _ALWAYS)
    places = (function.location, function.locations)
    return short_digest(values(function, _ALWAYS), msgpack.encode(places))


def _key(about: bytes, function: DeployedFunction, fields: Sequence[str]) -> bytes:
    """A digest of what was read of a function."""
    return short_digest(about, values(function, fields))


def _places(function: DeployedFunction, fields: Collection[str]) -> tuple[Location, ...]:
    """Where a function's settings are written, as far as that was read, in an order that functions of one key have in
    common."""
    own = (function.location,) if function.location is not None and "location" in fields else ()
    return (*own, *(location for _, location in function.locations)) if "locations" in fields else own


def _moves(kept: Kept, function: DeployedFunction) -> list[tuple[tuple[str, Span], tuple[str, Span]]]:
    pairs = zip(kept.places, _places(function, kept.fields), strict=True)
    return [((old.path, old.span), (new.path, new.span)) for old, new in pairs]


def _can_move(kept: Kept, function: DeployedFunction) -> bool:
    """Whether it is clear where each place of a judgement is now. Not where two settings that were written in one place
    are written in two."""
    return not kept.places or len(set(moves := _moves(kept, function))) == len(dict(moves))


def _moved(findings: tuple[Finding, ...], kept: Kept, function: DeployedFunction) -> tuple[Finding, ...]:
    """Findings of a function as it was configured, about it as it is."""
    if kept.function == function.key and kept.places == _places(function, kept.fields):
        return findings
    now = dict(_moves(kept, function))

    def moved(place: Location) -> Location:
        path, span = now.get((place.path, place.span), (place.path, place.span))
        return Location(path, span, place.message)

    return tuple(
        structs.replace(
            each,
            location=moved(each.location),
            related=tuple(map(moved, each.related)),
            trace=tuple(map(moved, each.trace)),
            handlers=tuple(function.key if key == kept.function else key for key in each.handlers),
        )
        for each in findings
    )


def _kept(function: DeployedFunction, judged: Judged, bits: bytes, part: Part) -> Kept:
    inline = function.inline.path if function.inline is not None and function.inline.path in part.paths else ""
    about, found = _about(function), judged.analysed
    if found is None:
        return Kept(bits, about, judged.fields, handler=False, inline=inline)
    named = (function.key, _places(function, judged.fields)) if judged.findings else ("", ())
    return Kept(
        bits, about, judged.fields, judged.findings, True, found.calls_resolved, found.calls_unresolved, found.problem,
        found.handler_missing, found.outside, inline, *named,
    )  # fmt: skip


def _judged(function: DeployedFunction, kept: Kept, files: frozenset[str]) -> Judged:
    if not kept.handler:
        return Judged(None)
    analysed = Analysed(
        function, kept.calls_resolved, kept.calls_unresolved, kept.problem,
        handler_missing=kept.handler_missing, outside=kept.outside, files=files,
    )  # fmt: skip
    return Judged(analysed, _moved(kept.findings, kept, function) if kept.findings else ())


# ---- sets of numbers as bits

_OF_BYTE: Final = tuple(tuple(bit for bit in range(8) if byte >> bit & 1) for byte in range(256))


def _numbers(bits: bytes) -> list[int]:
    return [(at << 3) + bit for at, byte in enumerate(bits) if byte for bit in _OF_BYTE[byte]]


def _union(sets: Iterable[bytes]) -> bytes:
    union = 0
    for bits in sets:
        union |= _int(bits)
    return _bytes(union)


def _bytes(bits: int) -> bytes:
    return bits.to_bytes((bits.bit_length() + 7) // 8, "little")


def _int(bits: bytes | bytearray) -> int:
    return int.from_bytes(bits, "little")


def _set(numbers: Collection[int]) -> bytes:
    found = bytearray(max(numbers, default=0) // 8 + 1)
    for number in numbers:
        found[number >> 3] |= 1 << (number & 7)
    return bytes(found)
