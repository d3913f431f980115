"""What is found out about a project, kept between runs as one entry as long as every question it rests on has the same
answer: what its configuration says, and what others find out in the same way.

An entry holds what was found for many subjects, each by all that it was found for: of what has changed something else
is asked, and what was found for the others is still there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

from msgspec import MsgspecError, Raw, Struct, msgpack

from lmi_lint.cache import Cache, digest, short_digest
from lmi_lint.deploy.model import Deployment
from lmi_lint.deploy.watched import Noted
from lmi_lint.discover.project import Project
from lmi_lint.index.questions import Question

_T = TypeVar("_T")
_DEPLOYED: Final = "deployed"


class Kept(Struct, frozen=True, array_like=True):
    """``about``: what else it depends on; questions, digests of their answers; what was found, encoded, by keys that
    say what it was found for."""

    about: str
    questions: list[Question]
    answers: list[bytes]
    found: dict[bytes, Raw]


_KEPT: Final = msgpack.Decoder(Kept)


class Entry:
    """What is kept of one kind about a project. ``asked``: what tells it from others of its kind; ``about``: what it
    depends on beside the project's files."""

    def __init__(self, cache: Cache, kind: str, root: Path | None = None, asked: bytes = b"", about: str = "") -> None:
        self._cache = cache
        self._kind = kind
        self._key = digest(str(root), asked)
        self._about = about
        self._kept: Mapping[bytes, Raw] = {}
        self._used: dict[bytes, Raw] = {}

    @property
    def keeps(self) -> bool:
        """Whether anything is kept."""
        return self._cache.keeps

    @property
    def there(self) -> bool:
        """Whether something was kept, whether it holds or not."""
        return self._cache.has(self._kind, self._key)

    def recall(self, questions: Noted | None = None) -> None:
        """Take up what was kept, if it holds; ``questions.notes`` are then what it rests on, and else empty."""
        kept = self._cache.get(self._kind, self._key, _KEPT.decode)
        if questions is not None:
            questions.notes = set()
        if kept is None or kept.about != self._about:
            return
        try:
            if questions is None or questions.hold(kept.questions, kept.answers):
                self._kept = kept.found
                return
        except (LookupError, TypeError, ValueError):  # what was kept is well-formed, but makes no sense
            pass
        if questions is not None:
            questions.notes = set()

    def key(self, about: object) -> bytes:
        """The key of a subject: all that is found for it rests on, beside questions."""
        return short_digest(msgpack.encode(about)) if self._cache.keeps else b""

    def get(self, key: bytes, what: Any) -> Any:
        """What was found for a subject, of a type for msgspec; None if that is not kept."""
        kept = self._kept.get(key)
        try:
            value = msgpack.decode(kept, type=what) if kept is not None else None
        except MsgspecError:
            return None
        if kept is not None:
            self._used[key] = kept
        return value

    def put(self, key: bytes, value: object) -> None:
        """Add what was found for a subject."""
        if self._cache.keeps:
            self._used[key] = Raw(msgpack.encode(value))

    def of(self, key: bytes, what: Any, make: Callable[[], _T], holds: Callable[[_T], bool]) -> _T:
        """What was found for a subject, else what ``make`` finds; it is kept if it ``holds``."""
        found: _T | None = self.get(key, what)
        if found is None:
            found = make()
            if self._cache.keeps and holds(found):
                self.put(key, found)
        return found

    def keep(self, questions: Noted | None = None) -> None:
        """Keep what was used, with the questions that are noted."""
        rests = sorted(questions.notes) if questions is not None else []
        asked = [questions.asked[number] for number in rests] if questions is not None else []
        answers = [questions.digest(number) for number in rests] if questions is not None else []
        self._cache.put(self._kind, self._key, msgpack.encode(Kept(self._about, asked, answers, self._used)))


def is_kept(project: Project, cache: Cache) -> bool:
    """Whether something was kept of what a project's configuration says, whether it holds or not."""
    return Entry(cache, _DEPLOYED, project.root).there


def recall(questions: Noted, cache: Cache) -> Deployment | None:
    """What the configuration says, if what was kept of it holds."""
    entry = Entry(cache, _DEPLOYED, questions.project.root)
    entry.recall(questions)
    found: Deployment | None = entry.get(b"", Deployment)
    return found


def keep(deployment: Deployment, questions: Noted, cache: Cache) -> None:
    """Keep what the configuration says with all that was asked for it."""
    if cache.keeps:
        entry = Entry(cache, _DEPLOYED, questions.project.root)
        entry.put(b"", deployment)
        entry.keep(questions)
