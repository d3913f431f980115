"""What the calls of a program do to files under the temporary directory, for the rules about them."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from msgspec import Struct

from lmi_lint.link import texts
from lmi_lint.link.heap import Phase, Text, Val
from lmi_lint.link.program import Program
from lmi_lint.link.record import LibraryCall
from lmi_lint.link.temp_paths import PathKind, classify, has_default
from lmi_lint.link.temp_writes import Standing
from lmi_lint.model.finding import Confidence, Location

VERBS = {
    "file.write": "written",
    "file.move": "moved or replaced",
    "file.delete": "deleted",
    "file.mkdir": "created",
}
_LOOKS = {"file.read": "read"}


class Use(Struct, frozen=True, eq=False):
    """One path that a call acts on. ``kind``: how its name is made; ``sure``: it has no alternative elsewhere, such as
    a setting of the deployment; ``published``: a file of the invocation's own is renamed to it."""

    call: LibraryCall
    value: Val
    text: Text
    kind: PathKind
    sure: bool
    published: bool = False

    @property
    def verb(self) -> str:
        """What happens to the file."""
        return {**VERBS, **_LOOKS}[self.call.role]

    @property
    def is_look(self) -> bool:
        """Whether the file is only read."""
        return self.call.role in _LOOKS

    def standing(self, program: Program) -> Standing:
        """How it stands to the other invocations."""
        return program.temp_writes.standing(self.call, self.text)

    def confidence(self, program: Program) -> Confidence:
        """That of the evaluation; never high where the path may be another."""
        found = program.confidence(self.call.context)
        return found if self.sure or found is not Confidence.HIGH else Confidence.MEDIUM


def uses(program: Program, kinds: Collection[PathKind]) -> list[Use]:
    """Uses of paths of certain kinds: changes first, each path of a call once."""
    found = [use for call in program.calls if call.role in VERBS for use in _of_call(program, call, kinds)]
    looks = [use for call in program.calls if call.role in _LOOKS for use in _of_call(program, call, kinds)]
    return found + looks


def fixed_path(program: Program, call: LibraryCall) -> Text | None:
    """The fixed path that a call changes, if it does."""
    found = _of_call(program, call, (PathKind.FIXED,)) if call.role in VERBS else ()
    return next((use.text for use in found), None)


def changes(found: Iterable[Use]) -> list[tuple[Use, tuple[Location, ...]]]:
    """The uses to report, each with the places where the same file is read or deleted."""
    found = list(found)
    written = {use.text for use in found if use.call.role in ("file.write", "file.move")}
    reported = [use for use in found if use.call.role in VERBS and not _is_deletion_of(use, written)]
    return [(use, _related(use, found, reported)) for use in reported]


def _is_deletion_of(use: Use, written: Collection[Text]) -> bool:
    return use.call.role == "file.delete" and use.text in written


def _related(use: Use, found: Iterable[Use], reported: Collection[Use]) -> tuple[Location, ...]:
    others = [other for other in found if other.text == use.text and other not in reported]
    places = (Location(other.call.path, other.call.span, f"{other.verb} here") for other in others)
    return tuple(dict.fromkeys(places)) if use.call.role != "file.delete" else ()


def _of_call(program: Program, call: LibraryCall, kinds: Collection[PathKind]) -> Iterable[Use]:
    """The first path of the call that is of one of the kinds."""
    alone = call.phase is Phase.LOAD or not program.runtime.shares_memory
    values = program.paths_of(call)
    known = [{text: classify(text, alone=alone) for text in value.texts} for value in values]
    published = call.role == "file.move" and bool(known) and set(known[0].values()) == {PathKind.UNIQUE}
    for value, alternatives in zip(values, known, strict=True):
        decided = {text: kind for text, kind in alternatives.items() if not _is_elsewhere(text, kind)}
        if not decided or not set(decided.values()) <= _COLLIDING:
            continue
        text = min(decided, key=lambda each: (_BADNESS.index(decided[each]), texts.show(each)))
        if decided[text] in kinds and not (decided[text] is PathKind.WHOLE and call.role == "file.mkdir"):
            sure = len(decided) == len(alternatives) and not any(map(has_default, decided))
            yield Use(call, value, text, decided[text], sure, published)
            return


_BADNESS = (
    PathKind.FIXED,
    PathKind.UNIT,
    PathKind.WHOLE,
    PathKind.BASE,
    PathKind.WEAK,
    PathKind.REQUEST,
)
_COLLIDING = frozenset(_BADNESS)


def _is_elsewhere(text: Text, kind: PathKind) -> bool:
    """Whether a path is relative to where a program is tried out: on Lambda that folder cannot be written."""
    if kind is not PathKind.ELSEWHERE or not text or not isinstance(text[0], str):
        return False
    return not text[0].startswith("/") and "://" not in text[0]
