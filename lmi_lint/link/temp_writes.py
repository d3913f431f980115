"""How a change of a file under a fixed temporary path stands to what other invocations do with the same file.

The one place that says which rule such a change belongs to: a lock that keeps all others out mends it; a file that is
only made when it is missing, with a content that no invocation decides, is a cache; all else is open to collisions.
"""

from __future__ import annotations

from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING

from lmi_lint.link.file_tests import TESTS, FileTests, Test
from lmi_lint.link.heap import Kind, Phase
from lmi_lint.link.uses import Uses

if TYPE_CHECKING:
    from lmi_lint.link.context import Held
    from lmi_lint.link.heap import Text, Val
    from lmi_lint.link.program import Program
    from lmi_lint.link.record import LibraryCall

_CHANGES = ("file.write", "file.move", "file.delete", "file.mkdir")
_MAKES = ("file.write", "file.move")


class Standing(Enum):
    """What a change of a file is to the other invocations."""

    OPEN = "open"  # they collide
    CACHE = "cache"  # made when missing, always the same: one can see half of it
    LOCKED = "locked"  # a lock keeps them out
    LOCK_FILE = "lock file"  # the file is opened to be locked


class TempWrites:
    """The changes of fixed temporary paths in one program."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self.uses = Uses(program)
        self._tests = FileTests(program)

    def standing(self, call: LibraryCall, path: Text) -> Standing:
        """How a call that changes ``path`` stands to the other invocations."""
        if self._is_lock_file(call):
            return Standing.LOCK_FILE
        cache = self.is_cache(call, path)
        if self._locked(call, path, cache=cache):
            return Standing.LOCKED
        return Standing.CACHE if cache else Standing.OPEN

    def is_cache(self, call: LibraryCall, path: Text) -> bool:
        """Whether the file is made only when it is missing, with a content that no invocation decides. Where load
        happens once per environment, nobody races for what load makes."""
        if call.role not in _MAKES or (call.phase is Phase.LOAD and not self._program.runtime.many_units_per_host):
            return False
        return not self.varies(call) and self.test_of(call, path) is not None

    def test_of(self, call: LibraryCall, path: Text) -> Test | None:
        """The test of the file that decides whether the call happens."""
        return self._tests.deciding(call, path)

    # ------------------------------------------------------------------ content

    def varies(self, call: LibraryCall) -> bool:
        """Whether what comes to stand in the file depends on the invocation: what the call is given, what is put
        into the stream that it opens, or what the file that is moved got. The name of a file says nothing of that."""
        makers = self._makers_of_source(call) if call.role == "file.move" else []
        named = self._program.paths_of(call) if makers or call.role == "file.write" else []
        values = [value for value in self._content(call) if value not in named]
        return any(map(self._program.invocation_data, values)) or any(map(self.varies, makers))

    def _content(self, call: LibraryCall) -> list[Val]:
        values = [call.receiver, *call.args]
        opened = frozenset(call.result.objects())
        for use in self.uses.of_result(opened):
            values += [value for value in (use.receiver, *use.args) if opened.isdisjoint(value.objects())]
        return values

    def _makers_of_source(self, move: LibraryCall) -> list[LibraryCall]:
        sources = self._program.paths_of(move)[:1]
        texts = {text for value in sources for text in value.texts}
        return [
            call
            for call in self._program.calls_of(("file.write",))
            if any(texts & value.texts for value in self._program.paths_of(call))
        ]

    # ------------------------------------------------------------------ locks

    def keeps_out(self, held: Held) -> bool:
        """Whether a lock that is held keeps out all who share the file: on the host, or, where one process serves all
        invocations, in the process."""
        entry = self._program.knowledge.lock(held.lock.type_name) if held.lock.klass is None else None
        if entry is not None and entry.reach == "host":
            return True
        return held.shared and not self._program.runtime.many_units_per_host

    def _locked(self, call: LibraryCall, path: Text, *, cache: bool) -> bool:
        """Whether one lock covers all that happens to the file. A cache may be read outside, since it stays as it
        is once it is there; anything else has to be read in the section that wrote it."""
        mine = self._locks(call)
        if not mine:
            return False
        others = [use for use in self._using(path) if use.phase is call.phase]
        if cache:
            others = [use for use in others if use.role in (*_CHANGES, *TESTS)]
        locks = frozenset(held.lock for held in mine).intersection(
            *({held.lock for held in self._locks(use)} for use in others)
        )
        if not locks or cache:
            return bool(locks)
        sections = {held for use in others if use.role in _MAKES for held in self._locks(use)} | mine
        return all(use.role in _MAKES or self._locks(use) & sections for use in others)

    def _locks(self, call: LibraryCall) -> frozenset[Held]:
        return frozenset(held for held in call.held if self.keeps_out(held))

    def _using(self, path: Text) -> list[LibraryCall]:
        """The calls that act on a path or hand it on; those that only build paths do not count."""
        return self._by_path.get(path, [])

    @cached_property
    def _by_path(self) -> dict[Text, list[LibraryCall]]:
        found: dict[Text, list[LibraryCall]] = {}
        for call in self._program.calls:
            entry = call.entry
            if entry is not None and (entry.pure or entry.text or entry.role in ("log", "log.raw")):
                continue
            acted_on = self._program.paths_of(call)
            texts = {text for value in (*acted_on, *call.args) for text in value.texts}
            for text in texts:
                found.setdefault(text, []).append(call)
        return found

    def _is_lock_file(self, call: LibraryCall) -> bool:
        """Whether what the call opens is itself locked."""
        if call.role != "file.write":
            return False
        for use in self.uses.of_result(call.result.objects()):
            for taken in use.library:
                owner, _, method = taken.name.rpartition(".")
                lock = self._program.knowledge.lock(owner)
                if lock is not None and lock.reach == "host" and method in (*lock.acquire, *lock.try_acquire):
                    return True
        made = [obj for obj in call.result.objects() if obj.kind is Kind.INSTANCE]
        locks = [self._program.knowledge.lock(obj.type_name) for obj in made]
        return any(lock is not None and lock.reach == "host" for lock in locks)
