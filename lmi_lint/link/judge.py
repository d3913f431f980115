"""What the judgement of one place rests on, however invocations share: its accesses, their data, tests and locks."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from lmi_lint.facts import model as f
from lmi_lint.facts.model import ELEMENT
from lmi_lint.link.choices import one_of_several
from lmi_lint.link.context import Grip, Held
from lmi_lint.link.equality import equal_for_all
from lmi_lint.link.heap import Kind, Obj, Phase, ReadId, is_shared
from lmi_lint.link.interleave import kept_in_common, protected
from lmi_lint.link.limits import LIMITS
from lmi_lint.link.names import VOLATILE, ClassInfo, lineage, type_named
from lmi_lint.link.races import Race, RaceKind
from lmi_lint.link.record import Access, Mode
from lmi_lint.model.finding import Severity
from lmi_lint.model.runtime import Preempts

if TYPE_CHECKING:
    from lmi_lint.link.context import Site
    from lmi_lint.link.heap import Ref, Val
    from lmi_lint.link.program import Program

READS = (Mode.READ, Mode.LOOK, Mode.ITERATE)
WRITES = (Mode.WRITE, Mode.INIT)
_NEXT = "next"  # how an iterator hands out what it walks
EXCLUSIVE_ROLES = frozenset({"connection", "pool"})


def stored(access: Access) -> f.Operand:
    """The operand that a store writes."""
    event = access.context.function.facts.events[access.event]
    return event.value if isinstance(event, f.StoreVar | f.Store | f.StoreFree) else f.NOTHING


class Judge:
    """The judgement of one place."""

    def __init__(self, program: Program, accesses: list[Access]) -> None:
        self.program = program
        atomic = program.machine.atomic
        accesses = [a for a in accesses if not any((a.context, source) in atomic for source in stored(a).sources)]
        self.accesses = accesses
        self.reads = [access for access in accesses if access.mode in READS]
        self.by_id: dict[ReadId, Access] = {access.read_id: access for access in self.reads}
        self.data: dict[Access, bool] = {}

    def carries_data(self, access: Access) -> bool:
        """Whether it puts the invocation's data into a slot, or appends it without a key."""
        if access.mode not in (*WRITES, Mode.ADD, Mode.MUTATE) or keyed(access):
            return False
        if access.method and not access.keeps and access.mode is not Mode.ADD:
            return False
        known = self.data.get(access)
        if known is None:
            known = bool(self.program.invocation_data(access.value)) or any(map(self._was_told, access.value.refs))
            self.data[access] = known
        return known

    def _was_told(self, ref: Ref) -> bool:
        """Whether the invocation put its data into an object of its own before it shared it."""
        obj, shared = ref
        if shared or obj.kind is not Kind.OBJECT or obj.phase is not Phase.REQUEST or obj.klass is None:
            return False
        heap = self.program.machine.heap
        cells = (heap.cells[obj, key] for key in heap.keys.get(obj, ()) if (obj, key) in heap.own)
        return any(self.program.invocation_data(cell) for cell in cells)

    def sees(self, read: Access) -> bool:
        """Whether a read gets at what is kept there: not a look at a collection's size, or whether something is in it,
        that no response shows and that only decides, nor one for the entry that is to go."""
        if self._only_taken_out(read):
            return False
        shown = read.read_id in self.program.shown_reads
        if shown or read.mode is not Mode.LOOK or not self.program.knowledge.is_container(read.obj.type_name):
            return True
        effect = self.program.knowledge.method_effect(read.obj.type_name, read.method)
        return effect is None or effect.element

    def _only_taken_out(self, read: Access) -> bool:
        """Whether what a read gets out of a collection goes nowhere but into taking it out of that: the oldest entry
        of those that are kept."""
        if read.key != ELEMENT or not self.program.knowledge.is_container(read.obj.type_name):
            return False
        facts = read.context.function.facts
        how = facts.events[read.event]
        effect = self.program.knowledge.method_effect(read.obj.type_name, read.method)
        if not isinstance(how, f.Element) and (effect is None or not effect.element):
            return False
        got = {read.event}
        taken_out = self._takes_out(read, how)
        for number, event in enumerate(facts.events):
            if not got.isdisjoint(event.guards):
                return False
            if number == read.event or all(got.isdisjoint(operand.made_from) for operand in f.operands(event)):
                continue
            if isinstance(event, f.Element | f.Load) or (isinstance(event, f.Call) and event.method == _NEXT):
                got.add(number)
            elif self._takes_out(read, event):
                taken_out = True
            else:
                return False
        return taken_out and all(got.isdisjoint(operand.made_from) for operand in facts.returns)

    def _takes_out(self, read: Access, event: f.Event) -> bool:
        """Whether an event of the same function takes something out of the collection that a read looks at."""
        if not isinstance(event, f.Call) or event.receiver is None:
            return False
        effect = self.program.knowledge.method_effect(read.obj.type_name, event.method)
        receiver = self.program.machine.value(read.context, event.receiver)
        return effect is not None and effect.removes and receiver.objects() == [read.obj]

    def depends_on(self, access: Access, read: Access) -> bool:
        """Whether the value written is made of what was read."""
        return read.read_id in access.value.reads

    def guarded_by(self, access: Access, read: Access) -> bool:
        """Whether the write happens or not because of what was read."""
        return read.read_id in access.guards

    def initialises(self, access: Access) -> bool:
        """Whether the write only happens after a test of the place, or of another one that is set along with it."""
        kept = any(ReadId(access.context, source) in self.by_id for source in stored(access).sources)
        return kept or access.mode is Mode.INIT or any(self._tells_of(read, access) for read in access.guards)

    def _tells_of(self, test: ReadId, write: Access) -> bool:
        read = self.program.reads_by_id.get(test)
        if read is None or read.place == write.place:
            return True
        beside = self.program.writes_by_place.get(read.place, ())
        return any(test in each.guards or each.mode is Mode.INIT for each in beside)

    def lazy_severity(self, value: Val) -> Severity:
        """How bad it is that a lazily made value is made twice."""
        if self.program.invocation_data(value):
            return Severity.WARNING
        parts, _ = self._parts(value, closed=False)
        if any(self.program.knowledge.role_of(obj.type_name) in EXCLUSIVE_ROLES for obj in parts):
            return Severity.ERROR
        if equal_for_all(self.program, value):
            return Severity.NOTE
        parts, known = self._parts(value, closed=True)
        return Severity.NOTE if known and all(self._harmless(obj) for obj in parts) else Severity.WARNING

    def _parts(self, value: Val, *, closed: bool) -> tuple[list[Obj], bool]:
        """The objects that a value consists of, and whether all could be listed; not those that were shared before,
        which are the same however often it is made. ``closed``: without what a library object that is safe to share
        holds, which is its own affair; a container's elements are not."""
        found: dict[Obj, None] = {}
        frontier = list(value.refs)
        while frontier:
            ref = frontier.pop()
            obj = ref[0]
            if obj in found or obj.kind in (Kind.NAME, Kind.CLOSURE, Kind.CLASS, Kind.FRAME, Kind.MODULE):
                continue
            if is_shared(ref):
                continue
            if len(found) >= LIMITS.components:
                return list(found), False
            found[obj] = None
            if closed and self._keeps_to_itself(obj):
                continue
            heap = self.program.machine.heap
            for key in sorted(heap.keys.get(obj, ())):
                if not (closed and self._declared_harmless(obj, key)):
                    frontier += heap.cells[obj, key].refs
        return list(found), True

    def _declared_harmless(self, obj: Obj, key: str) -> bool:
        """Whether a field declares a type of which two do no harm, whatever value is put there."""
        chain = lineage(self.program.machine.modules, obj.klass) if obj.klass is not None else []
        declared = ((each, each.fields[key].type) for each in chain if key in each.fields)
        klass, written = next(declared, (None, None))
        return klass is not None and written is not None and self._is_plain(klass, written)

    def _is_plain(self, klass: ClassInfo, written: f.TypeName) -> bool:
        """Whether a library type that a class names is safe to share, with all that it is declared to hold; a client
        opens no connection before it is used."""
        found = type_named(self.program.machine.modules, klass.module, klass, written)
        knowledge = self.program.knowledge
        if not isinstance(found, str) or written.array or knowledge.is_container(found):
            return False
        role = knowledge.role_of(found)
        if role in EXCLUSIVE_ROLES or knowledge.safety_of(found).safety not in ("safe", "immutable"):
            return False
        return role == "client" or all(self._is_plain(klass, arg) for arg in written.args)

    def _keeps_to_itself(self, obj: Obj) -> bool:
        container = self.program.knowledge.is_container(obj.type_name)
        return obj.kind is Kind.INSTANCE and obj.klass is None and not container and self._harmless(obj)

    def _harmless(self, obj: Obj) -> bool:
        """Whether two of it instead of one do no harm: nothing changes it once it is made."""
        if obj.kind is Kind.INSTANCE:
            return self.program.knowledge.safety_of(obj.type_name).safety in ("safe", "immutable")
        return obj.kind is Kind.OBJECT and obj not in self.program.written_objects

    def initialisation_severity(self, write: Access) -> Severity:
        """As ``lazy_severity``, milder for an entry of its own, and for what a container hands out."""
        severity = self.lazy_severity(write.value)
        if severity is Severity.WARNING and self._handed_out(write):
            return Severity.NOTE
        plain = severity is Severity.WARNING and self._declared_harmless(*write.place)
        if plain and not self.program.invocation_data(write.value):
            return Severity.NOTE
        return Severity.NOTE if keyed(write) and severity is Severity.WARNING else severity

    def _handed_out(self, write: Access) -> bool:
        """Whether a container is asked for something of which it is not known how it was registered: it is the
        container's to make one of it or several, and mostly it makes one."""
        asked = [self.program.call_at((write.context, source)) for source in stored(write).sources if source >= 0]
        calls = [
            call for call in asked if call is not None and self.program.knowledge.resolution(call.name) is not None
        ]
        made = [obj for call in calls for obj in call.result.objects()]
        looks = [self.program.reads_by_id.get(read) for call in calls for read in call.receiver.reads]
        containers = {look.place for look in looks if look is not None}
        writes = [each for place in containers for each in self.program.writes_by_place.get(place, ())]
        if any(each.context is write.context for each in writes):
            return False  # a container of its own
        return bool(calls) and all(obj.klass is None and obj.type_name.endswith("()") for obj in made)

    def is_volatile(self, access: Access) -> bool:
        """Whether the place is a field that threads see without delay."""
        fenced = self.program.machine.fenced
        if any((access.context, source) in fenced for source in stored(access).sources):
            return True
        klass = access.obj.klass
        if klass is None:
            return False
        for each in lineage(self.program.machine.modules, klass):
            field = each.fields.get(access.key)
            if field is not None:
                return bool(field.flags & VOLATILE)
        return False

    def checked_twice(self, write: Access) -> bool:
        """Whether a write under a lock tests the place again there, and reads without it need no lock."""
        if not self.program.runtime.publishes_safely:
            return False
        return any(read.read_id in write.guards and protected(read, write) for read in self.reads)

    @cached_property
    def guards(self) -> frozenset[Obj]:
        """The locks that are meant for the place: those of its owner, or taken in the code around it, that a write of
        it holds, and those under which one piece of code always writes it. One that some callers happen to hold for a
        purpose of their own is not."""
        found = set()
        sites: dict[tuple[object, int], list[Access]] = {}
        for access in self.accesses:
            if access.mode.changes:
                sites.setdefault((access.context.function, access.event), []).append(access)
                found |= {held.lock for held in access.held if self._own_lock(held, access)}
        for same in sites.values():
            found |= frozenset.intersection(*(frozenset(held.lock for held in access.held) for access in same))
        return frozenset(found)

    def _published(self, write: Access) -> bool:
        """Whether who sees that a write has happened, by a test without a lock, sees what it wrote: it tests the place
        itself, or another one that is set under the same lock and is never seen late."""
        if self.checked_twice(write):
            return True
        tests = [self.program.reads_by_id[read] for read in write.guards if read in self.program.reads_by_id]
        timely = [read for read in tests if self.program.runtime.publishes_safely or self.is_volatile(read)]
        return any(protected(read, write) for read in timely) and any(not read.held for read in timely)

    def _own_lock(self, held: Held, access: Access) -> bool:
        """Whether a lock belongs to what holds the place, or is taken in the code around the access."""
        home = held.lock.home[0] if held.lock.home is not None else held.lock
        if access.obj in (held.lock, home) or (home.klass is not None and home.klass is access.obj.klass):
            return True
        taker = self.program.by_serial.get(held.section[0])
        if taker is None or taker.function.module is not access.context.function.module:
            return False
        facts = taker.function.facts
        return facts.start <= access.span.start and access.span.end <= facts.end

    @cached_property
    def declared(self) -> bool:
        """Whether the place is a field that a class of the project declares."""
        obj, key = self.accesses[0].place
        chain = lineage(self.program.machine.modules, obj.klass) if obj.klass is not None else []
        return any(key in each.fields for each in chain)

    def locking(self) -> list[Access]:
        """Accesses under some lock that is meant for the place, if only one that keeps nobody out."""
        return [a for a in self.accesses if any(held.lock in self.guards for held in a.held)]

    def disagreeing_locks(self) -> list[Race]:
        """Writes that no one lock keeps apart from another access, where locks are taken at all."""
        first = self.accesses[0]
        of_library = first.key == ELEMENT and self.program.type_of(first.obj)
        if of_library or not self.locking() or self.locked():
            return []
        anywhere = self.program.runtime.preempts is Preempts.ANYWHERE
        pairs = []
        for write in self.accesses:
            if not write.mode.changes or keyed(write) or self.is_volatile(write) or self._published(write):
                continue
            others = [a for a in self.accesses if (a.mode.changes or anywhere) and not keep_apart(write, a)]
            if others:
                beside = [other for other in others if other is not write]
                pairs.append((write, min(beside, key=lambda other: bool(self.locks(other)), default=write)))
        bare = [pair for pair in pairs if not self.locks(pair[0])]
        telling = bare or [pair for pair in pairs if not pair[0].value.constant] or pairs
        return [
            Race(
                RaceKind.INCONSISTENT_LOCK,
                Severity.WARNING,
                write,
                other if other is not write else None,
                message=_why_apart(write) or self._disagreement(write, other),
            )
            for write, other in telling
        ]

    def _disagreement(self, write: Access, other: Access) -> str:
        """Words for a write and another use that no one lock keeps apart."""
        if not self.locks(write):
            return "{place} is written here without the lock under which it is written elsewhere"
        if not self.locks(other):
            does = "written" if other.mode.changes else "read"
            return f"{{place}} is written under a lock here, but {does} without it elsewhere"
        return "{place} is written under one lock here and used under another elsewhere, which lets both in"

    def locks(self, access: Access) -> frozenset[Obj]:
        """Locks that other invocations take as well: not those made in the request."""
        return frozenset(held.lock for held in access.held if _counts(held, access))

    def locked(self) -> bool:
        """Whether one lock covers all accesses; those apart to what was taken out under it."""
        covered = [access for access in self.accesses if access.held or not self._taken_out(access)]
        common = self.locks(covered[0]) if covered else frozenset()
        for access in covered[1:]:
            common = common & self.locks(access)
        return any(_excludes(lock, covered) for lock in common)

    def _taken_out(self, access: Access) -> bool:
        """Whether a look at an object follows its exchange for another one in the place that held it, under a lock."""
        if access.mode not in READS or access.obj.home is None:
            return False
        homes = self.program.writes_by_place.get(access.obj.home, [])
        return any(write.context is access.context and self.locks(write) for write in homes)

    def plain_write(self, write: Access, read: Access, gap: Site | None = None) -> Race:
        """A value that a request puts where others read it. What is made for this request alone is as bad there as its
        data, if it is what the request answers with or hands on."""
        shown = not self.program.shown_reads.isdisjoint(self.by_id)
        if not self._own(write) or not (shown or self.program.provenance.answered_with(self.by_id)):
            return Race(RaceKind.SHARED_WRITE, self.write_severity(write), write, read, gap)
        message = "{place} takes what is made for this invocation alone; {sharers} sees it"
        return Race(RaceKind.REQUEST_DATA, Severity.ERROR, write, read, gap, message=message)

    def _own(self, write: Access) -> bool:
        """Whether what is written is this invocation's alone: something random is in it, or the invocation fills it
        with its data and nothing but what the response is turned into reads that."""
        if write.value.refs and all(obj.phase is Phase.LOAD for obj in write.value.objects()):
            return False
        made = [obj for obj in write.value.objects() if obj.kind is Kind.OBJECT and obj.phase is Phase.REQUEST]
        if any(map(self._filled, made)):
            return True
        return self.program.provenance.one_of_its_kind((write.context, write.event), stored(write))

    def _filled(self, obj: Obj) -> bool:
        of_object = [access for access in self.program.accesses if access.obj is obj]
        read = {access.place for access in of_object if access.mode in READS}
        told = [access for access in of_object if access.mode.changes and access.place not in read]
        return any(self._holds_data(access.value) for access in told)

    def _holds_data(self, value: Val, depth: int = 3) -> bool:
        """Whether the invocation's data is in a value, or in what it holds, shared or not."""
        if self.program.invocation_data(value):
            return True
        heap = self.program.machine.heap
        inner = [
            heap.cells[obj, key]
            for obj in value.objects()
            if obj.phase is Phase.REQUEST and obj.kind in (Kind.OBJECT, Kind.INSTANCE)
            for key in sorted(heap.keys.get(obj, ()))
        ]
        return depth > 0 and any(self._holds_data(each, depth - 1) for each in inner)

    def write_severity(self, write: Access) -> Severity:
        """How bad a plain write is: a note where every invocation writes what does the same, things made at load,
        settings, or clients made anew, and nothing else before or after."""
        value = write.value
        if self.program.invocation_data(value):
            return Severity.WARNING
        one = not one_of_several(self.program, write, self.accesses)
        if value.refs and all(self._does_the_same(obj) for obj, _ in value.refs):
            return Severity.NOTE if one else Severity.WARNING
        if any(obj in self.program.written_objects for obj in value.objects()):
            return Severity.WARNING  # alike when it is made; what is put into it later is lost to the others
        same = one and self.program.provenance.same_for_all((write.context, write.event), stored(write))
        return Severity.NOTE if same else Severity.WARNING

    def _does_the_same(self, obj: Obj) -> bool:
        role = self.program.knowledge.role_of(obj.type_name)
        return obj.phase is Phase.LOAD or (role == "client" and self._keeps_to_itself(obj))

    def update_severity(self) -> Severity:
        """How bad a lost update is: an error if the value goes anywhere but back into the place or into a log."""
        used = self.program.outcome_reads
        return Severity.ERROR if any(read.read_id in used for read in self.reads) else Severity.WARNING


def keyed(access: Access) -> bool:
    """Whether it goes to an entry of its own, under a computed key."""
    return access.key == ELEMENT and access.index is not None and not access.index.constant


def keep_apart(left: Access, right: Access) -> bool:
    """Whether a lock keeps two accesses, one of them a write, from happening at once."""
    both = {held.lock for held in left.held if _counts(held, left)} & {h.lock for h in right.held if _counts(h, right)}
    return any(_excludes(lock, [left, right]) for lock in both)


def _excludes(lock: Obj, accesses: list[Access]) -> bool:
    """Whether all who hold a lock for these accesses hold it well enough: none writes while another one reads."""
    grips = [max(held.grip for held in access.held if held.lock is lock) for access in accesses]
    writing = [grip for grip, access in zip(grips, accesses, strict=True) if access.mode.changes]
    if Grip.READ in writing:
        return False
    return Grip.UPGRADE not in writing or Grip.READ not in grips


def _counts(held: Held, access: Access) -> bool:
    """Whether a lock keeps out other invocations at all: it is not theirs alone, nor that of another key."""
    of_library = access.key == ELEMENT and access.obj.kind is Kind.INSTANCE
    return kept_in_common(held, access) and (not held.keyed or (access.goes_with(held.lock) and not of_library))


def _why_apart(write: Access) -> str:
    """Words for a write whose lock is of no use; nothing where it has none."""
    useless = [held for held in write.held if not _counts(held, write) or held.grip is Grip.READ]
    if not useless or len(useless) < len(write.held):
        return ""
    if all(held.grip is Grip.READ and kept_in_common(held, write) for held in useless):
        return "{place} is written under a read lock, which other invocations hold at the same time"
    if all(held.keyed for held in useless):
        return "{place} is one for all, but the lock is that of one key: invocations with other keys do not wait"
    if not any(kept_in_common(held, write) for held in useless):
        return "{place} is written under a lock that is made anew in each invocation, which keeps nobody out"
    return ""
