"""What the deployment stage finds out piece by piece, kept between runs: where one file has changed, what rests on it
is found out again, and no more.

A piece is data that is made of a project's files alone. It rests on the questions that were asked while it was made, in
pieces inside it too, and holds as long as they have the same answers. Whoever makes one may use nothing that another
piece has read, but for what notes its questions each time that it is asked (``watched.py``).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

from msgspec import MsgspecError, Struct, msgpack

from lmi_lint.cache import NO_CACHE, Cache, digest
from lmi_lint.deploy.watched import LISTING, Noted, Watched
from lmi_lint.index.questions import NEVER, Question

_T = TypeVar("_T")
_KIND: Final = "pieces"


class Piece(Struct, frozen=True, array_like=True):
    """``rests``: numbers of questions; ``inner``: names of the pieces that were made or recalled meanwhile; ``value``:
    encoded."""

    rests: tuple[int, ...]
    inner: tuple[str, ...]
    value: bytes


class Book(Struct, frozen=True, array_like=True):
    """Questions, digests of their answers, and pieces by name."""

    questions: list[Question] = []
    answers: list[bytes] = []
    pieces: dict[str, Piece] = {}


_BOOK: Final = msgpack.Decoder(Book)


class Pieces:
    """Makes or recalls pieces. ``watched``: the project as whoever makes one has to see it. ``failures``: how often
    reading has failed in a way that may not repeat itself; what was made meanwhile is not kept."""

    def __init__(self, questions: Noted, cache: Cache = NO_CACHE, failures: Callable[[], int] = int) -> None:
        self.questions = questions
        self.watched = Watched.of(questions.project, questions)
        self._cache = cache
        self._failures = failures
        self._key = digest(str(questions.project.root))
        book = cache.get(_KIND, self._key, _BOOK.decode)
        self._book = book if book is not None and len(book.questions) == len(book.answers) else Book()
        self._numbers: dict[int, int | None] = {}
        self._used: dict[str, Piece] = {}
        self._inner: dict[str, None] = {}
        self._new = False

    def of(self, kind: str, about: str, what: Any, make: Callable[[], _T]) -> _T:
        """The piece of a kind and a subject, which says all that ``make`` knows beside the project; ``what``: its type,
        for msgspec."""
        if not self._cache.keeps:
            return make()
        name = f"{kind}\0{about}"
        piece = self._used.get(name) or self._recalled(name)
        if piece is not None:
            try:
                value: _T = msgpack.decode(piece.value, type=what)
            except MsgspecError:
                pass
            else:
                self._use(name, piece)
                self._inner[name] = None
                self.questions.notes.update(piece.rests)
                return value
        return self._made(name, make)

    def _made(self, name: str, make: Callable[[], _T]) -> _T:
        questions = self.questions
        notes, inner, failures = questions.notes, self._inner, self._failures()
        questions.notes, self._inner = set(), {}
        try:
            questions.number(LISTING)
            value = make()
            if self._failures() == failures:
                rests = tuple(sorted(questions.notes))
                self._used[name] = Piece(rests, tuple(self._inner), msgpack.encode(value))
                self._new = True
        finally:
            notes |= questions.notes
            questions.notes, self._inner = notes, inner
            self._inner[name] = None
        return value

    def _recalled(self, name: str) -> Piece | None:
        """A piece that was kept, with the numbers that its questions have now; None if it does not hold."""
        piece = self._book.pieces.get(name)
        if piece is None:
            return None
        notes, self.questions.notes = self.questions.notes, set()
        try:
            rests = []
            for each in piece.rests:
                number = self._number(each)
                if number is None:
                    return None
                rests.append(number)
            return Piece(tuple(rests), piece.inner, piece.value)
        except (LookupError, TypeError, ValueError):  # what was kept is well-formed, but makes no sense
            return None
        finally:
            self.questions.notes = notes

    def _number(self, kept: int) -> int | None:
        """The number of a kept question, if it has the same answer."""
        if kept not in self._numbers:
            number = self.questions.number(self._book.questions[kept])
            answer = self._book.answers[kept]
            holds = answer != NEVER and self.questions.digest(number) == answer
            self._numbers[kept] = number if holds else None
        return self._numbers[kept]

    def _use(self, name: str, piece: Piece) -> None:
        """Keep a piece for the next run, with those inside it."""
        if name not in self._used:
            self._used[name] = piece
            for each in piece.inner:
                inner = self._recalled(each)
                if inner is not None:
                    self._use(each, inner)

    def keep(self) -> None:
        """Keep what was used in this run."""
        if not self._new:
            return
        used = sorted({number for piece in self._used.values() for number in piece.rests})
        places = {number: place for place, number in enumerate(used)}
        pieces = {
            name: Piece(tuple(places[number] for number in piece.rests), piece.inner, piece.value)
            for name, piece in self._used.items()
        }
        asked, told = self.questions.asked, self.questions.digest
        book = Book([asked[number] for number in used], [told(number) for number in used], pieces)
        self._cache.put(_KIND, self._key, msgpack.encode(book))
