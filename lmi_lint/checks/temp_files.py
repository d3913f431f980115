"""What the calls of a program do to files under the temporary directory, for the rules about them."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from msgspec import Struct

from lmi_lint.link import commands, texts
from lmi_lint.link.context import Context
from lmi_lint.link.heap import Origin, Phase, Text, Val
from lmi_lint.link.program import Program
from lmi_lint.link.record import LibraryCall
from lmi_lint.link.temp_paths import PathKind, classify, has_default
from lmi_lint.link.temp_writes import Standing
from lmi_lint.link.working_directory import absolute
from lmi_lint.model.finding import Confidence, Location

VERBS = {
    "file.write": "written",
    "file.move": "moved or replaced",
    "file.delete": "deleted",
    "file.mkdir": "created",
}
_LOOKS = {"file.read": "read"}


class Use(Struct, frozen=True, eq=False):
    """One path that a call acts on. ``role``: how; ``kind``: how its name is made; ``sure``: it has no alternative
    elsewhere, such as a setting of the deployment; ``published``: a file of the invocation's own is renamed to it;
    ``command``: another program does so, whose command line the call is given."""

    call: LibraryCall
    role: str
    value: Val
    text: Text
    kind: PathKind
    sure: bool
    published: bool = False
    command: bool = False

    @property
    def verb(self) -> str:
        """What happens to the file."""
        return {**VERBS, **_LOOKS}[self.role]

    @property
    def is_look(self) -> bool:
        """Whether the file is only read."""
        return self.role in _LOOKS

    def standing(self, program: Program) -> Standing:
        """How it stands to the other invocations."""
        return program.temp_writes.standing(self.call, self.text)

    def confidence(self, program: Program) -> Confidence:
        """That of the evaluation; never high where the path may be another."""
        found = program.confidence(self.call.context)
        return found if self.sure or found is not Confidence.HIGH else Confidence.MEDIUM


def uses(program: Program, kinds: Collection[PathKind]) -> list[Use]:
    """Uses of paths of certain kinds: changes first, each path of a call once."""
    found = [use for call in program.calls_of(VERBS) for use in _of_call(program, call, kinds)]
    found += [use for call in program.index.known for use in _of_command(program, call) if use.kind in kinds]
    looks = [use for call in program.calls_of(_LOOKS) for use in _of_call(program, call, kinds)]
    return found + looks


def fixed_path(program: Program, call: LibraryCall) -> Text | None:
    """The fixed path that a call changes, if it does."""
    found = _of_call(program, call, (PathKind.FIXED,)) if call.role in VERBS else ()
    return next((use.text for use in found), None)


def changes(program: Program, found: Iterable[Use]) -> list[tuple[Use, tuple[Location, ...]]]:
    """The uses to report, one of a kind per call, with the places where the path comes from and where else the same
    file is used."""
    found = list(found)
    written = {use.text for use in found if use.role in ("file.write", "file.move")}
    reported = [use for use in found if use.role in VERBS and not _is_deletion_of(use, written)]
    places: dict[object, tuple[Use, dict[Location, None]]] = {}
    for use in sorted(reported, key=lambda use: texts.show(use.text)):
        _, related = places.setdefault((use.call.path, use.call.span, use.role, use.kind), (use, {}))
        related.update(dict.fromkeys(_related(program, use, found, reported)))
    return [(use, tuple(related)) for use, related in places.values()]


def _is_deletion_of(use: Use, written: Collection[Text]) -> bool:
    return use.role == "file.delete" and use.text in written


def _related(program: Program, use: Use, found: Iterable[Use], reported: Collection[Use]) -> tuple[Location, ...]:
    """Where the path comes from, and where else the same file is used."""
    others = [other for other in found if other.text == use.text and other not in reported]
    places = [Location(other.call.path, other.call.span, f"{other.verb} here") for other in others]
    givers = program.givers(use.call.context, use.value)
    passed = [program.location(site, "the path is given here") for site in givers]
    known = {use.call.context, *(context for context, _ in givers)}
    named = [
        Location(call.path, call.span, "the same path is put together here") for call in _makers(program, use, known)
    ]
    return tuple(dict.fromkeys([*passed, *((*places, *named) if use.role != "file.delete" else ())]))


def _makers(program: Program, use: Use, known: Collection[Context]) -> Iterable[LibraryCall]:
    """The calls of invocations that put the same path together for others than the use: what is not followed from there
    has to change with it all the same."""
    here = program.working_directory
    for call in program.calls:
        if call.phase is Phase.LOAD or call.entry is None or not call.entry.text or call.context in known:
            continue
        if call.result.texts and all(absolute(text, here) == use.text for text in call.result.texts):
            yield call


def _of_call(program: Program, call: LibraryCall, kinds: Collection[PathKind]) -> Iterable[Use]:
    """The first path of the call that is of one of the kinds."""
    alone = call.phase is Phase.LOAD or not program.runtime.shares_memory
    values = program.paths_of(call)
    here = program.working_directory
    known = [{path: classify(path, alone=alone) for path in _absolute(value, here)} for value in values]
    published = call.role == "file.move" and bool(known) and set(known[0].values()) == {PathKind.UNIQUE}
    for value, alternatives in zip(values, known, strict=True):
        decided = {text: kind for text, kind in alternatives.items() if not _is_elsewhere(text, kind)}
        if not decided or not set(decided.values()) <= _COLLIDING:
            continue
        text = min(decided, key=lambda each: (_BADNESS.index(decided[each]), texts.show(each)))
        if decided[text] in kinds and not (decided[text] is PathKind.WHOLE and call.role == "file.mkdir"):
            sure = len(decided) == len(alternatives) and not any(map(has_default, decided))
            yield Use(call, call.role, value, text, decided[text], sure, published)
            return


def _absolute(value: Val, directory: str) -> list[Text]:
    return [absolute(text, directory) for text in value.texts]


def _of_command(program: Program, call: LibraryCall) -> Iterable[Use]:
    """The first path of each kind that the program which a call starts acts on."""
    if call.entry is None or not call.entry.command:
        return
    alone = call.phase is Phase.LOAD or not program.runtime.shares_memory
    seen: set[PathKind] = set()
    for role, path in commands.written(program, call):
        text = absolute(path, program.working_directory)
        kind = classify(text, alone=alone)
        if kind in _COLLIDING and kind not in seen:
            seen.add(kind)
            data = frozenset[Origin]().union(*(arg.data for arg in call.args))
            yield Use(call, role, Val(data=data), text, kind, not has_default(text), command=True)


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
