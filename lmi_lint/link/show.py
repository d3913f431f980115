"""A linked function as readable text, for ``lmi-lint debug`` and for tests.

``show_heap``: one block per object that outlives an invocation, in the order of the code, with its holders and its
cells. ``show_summary``: one block per evaluation on the request path, ``e1`` to ``eN``, with what it does to shared
places and which libraries it calls; then the races. An object is called by its type and a number, ``Map#3``. A value is
shown as what it may be, separated by ``|``: objects, ``function f``, ``class C``, ``"text …"``, ``{event.user}`` for
data of the invocation, ``?`` if nothing is known.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING

from lmi_lint.facts import model as f
from lmi_lint.link import texts
from lmi_lint.link.heap import NONE, Kind, Obj, Phase, is_shared
from lmi_lint.link.locks import AFTER_REGIONS
from lmi_lint.link.record import Mode
from lmi_lint.model.source import Span

if TYPE_CHECKING:
    from lmi_lint.link.context import Context, Held, Site
    from lmi_lint.link.heap import ReadId, Val
    from lmi_lint.link.program import Program
    from lmi_lint.link.races import Race, RaceKind
    from lmi_lint.link.record import Access, LibraryCall

_ALWAYS = (Kind.OBJECT, Kind.INSTANCE)
_NUMBERED = (Kind.OBJECT, Kind.INSTANCE, Kind.FRAME)
_GUESSED = "summoned"
_WITH_CELLS = (Kind.FRAME, Kind.CLASS, Kind.CLOSURE, Kind.NAME)
_REQUEST_NAMES = {Kind.EVENT: "the event", Kind.CONTEXT: "the context"}


def show_heap(program: Program) -> str:
    """The objects that live as long as the environment, request objects kept by them included; ends with a newline."""
    view = _View(program)
    blocks = [_head(program)]
    blocks += [_object(view, obj) for obj in view.objects]
    if not view.objects:
        blocks.append(["no object outlives an invocation"])
    return _text(blocks)


def show_summary(program: Program) -> str:
    """The evaluations of the request path and the races between invocations; ends with a newline."""
    view = _View(program)
    blocks = [_head(program)]
    blocks += [_evaluation(view, context) for context in view.evaluations]
    blocks.append(_races(view))
    return _text(blocks)


def _text(blocks: Iterable[list[str]]) -> str:
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def _head(program: Program) -> list[str]:
    entry = program.deployed.entry
    where = f", {entry.path} {entry.symbol}" if entry is not None else ""
    lines = [f"function {program.deployed.name}{where}, {program.runtime.name}"]
    if program.started.problem:
        lines.append(f"problem: {program.started.problem}")
    if not program.runtime.shares_memory:
        lines.append("invocations share no memory here")
    if program.cut:
        lines.append(f"limits reached: {', '.join(sorted(program.cut))}")
    return lines


def _is_module(frame: Obj) -> bool:
    """Whether an object holds the variables of a module."""
    return frame.kind is Kind.FRAME and frame.function is not None and frame.function.index == 0


class _View:
    """The names that one program's objects, evaluations and places have in the text."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.heap = program.machine.heap

    # ------------------------------------------------------------------ objects

    @cached_property
    def objects(self) -> list[Obj]:
        """The objects shown, in the order of the code."""
        return sorted((obj for obj in self.program.machine.objects.values() if self._shown(obj)), key=self._rank)

    @cached_property
    def numbers(self) -> dict[Obj, int]:
        """Numbers, from 1, of the objects that have no name of their own."""
        unnamed = [obj for obj in self.objects if obj.kind in _NUMBERED and not _is_module(obj)]
        return {obj: number for number, obj in enumerate(unnamed, 1)}

    def _shown(self, obj: Obj) -> bool:
        if obj.phase is Phase.REQUEST and obj not in self.kept:
            return False
        if obj.kind in _ALWAYS and not self._is_furniture(obj):
            return True
        return obj.kind in (*_ALWAYS, *_WITH_CELLS) and obj in self.written_keys

    def _is_furniture(self, obj: Obj) -> bool:
        """Made for every program, or guessed and then not needed."""
        guessed = obj.label == _GUESSED and obj not in self.referred
        return guessed or obj in self.modules or obj is self.program.machine.implicit_globals

    @cached_property
    def referred(self) -> frozenset[Obj]:
        """All objects that a cell or a receiver of the request path refers to."""
        values = [*self.heap.cells.values(), *(context.this for context in self.program.request_contexts)]
        return frozenset(obj for value in values for obj in value.objects())

    @cached_property
    def written_keys(self) -> dict[Obj, list[str]]:
        """Per object the keys that were ever written, sorted; those of every program left out."""
        found: dict[Obj, set[str]] = {}
        for obj, key in (*self.heap.cells, *self.program.machine.request_written):
            found.setdefault(obj, set()).add(key)
        for obj in [obj for obj, keys in found.items() if obj in self.modules and keys == {"exports"}]:
            if obj.label == "module" and all(o in self.modules for o in self.heap.cells[obj, "exports"].objects()):
                del found[obj]
        return {obj: sorted(keys) for obj, keys in found.items()}

    @cached_property
    def kept(self) -> frozenset[Obj]:
        """Objects of the request that are reached from objects made at load."""
        found: set[Obj] = set()
        stack = [obj for obj in self.heap.keys if obj.phase is Phase.LOAD]
        while stack:
            top = stack.pop()
            for key in self.heap.keys.get(top, ()):
                for obj in self.heap.cells[top, key].objects():
                    if obj.phase is Phase.REQUEST and obj not in found:
                        found.add(obj)
                        stack.append(obj)
        return frozenset(found)

    @cached_property
    def holders(self) -> dict[Obj, list[tuple[Obj, str]]]:
        """Per object, the shown cells that refer to it."""
        found: dict[Obj, list[tuple[Obj, str]]] = {}
        for holder in self.objects:
            for key in sorted(self.heap.keys.get(holder, ())):
                for obj in dict.fromkeys(self.heap.cells[holder, key].objects()):
                    found.setdefault(obj, []).append((holder, key))
        return found

    @cached_property
    def modules(self) -> dict[Obj, str]:
        """CommonJS ``module`` and ``exports`` objects → the file that they belong to."""
        objects = self.program.machine.objects.items()
        pairs = [(key, obj) for key, obj in objects if isinstance(key, tuple) and obj.kind is Kind.OBJECT]
        return {obj: key[1].path for key, obj in pairs if key[0] in ("module object", "exports")}

    def _rank(self, obj: Obj) -> tuple[object, ...]:
        """Sorts by phase and place in the code; the serial only where the code does not tell objects apart."""
        path, start = self.modules.get(obj, ""), 0
        if obj.site is not None:
            path, start, _ = obj.site
        elif obj.function is not None:
            path, start = obj.function.module.path, obj.function.facts.start
        elif obj.klass is not None:
            path, start = obj.klass.module.path, obj.klass.facts.name_start
        return obj.phase, path, start, obj.kind, obj.label, obj.type_name, obj.serial

    def what(self, obj: Obj) -> str:
        """What an object is."""
        if obj in self.modules:
            return f"{obj.label} of {self.modules[obj]}"
        match obj.kind:
            case Kind.FRAME:
                return f"variables of {obj.function.label if obj.function is not None else obj.label}"
            case Kind.CLASS:
                return f"class {obj.label or '(anonymous)'}"
            case Kind.CLOSURE:
                return f"function {obj.label}"
            case Kind.NAME:
                return obj.type_name
            case Kind.MODULE:
                return f"module {obj.label}"
            case Kind.OBJECT if obj.klass is not None:
                return f"instance of {obj.klass.qualified or '(anonymous)'}"
            case _:
                return _REQUEST_NAMES.get(obj.kind) or obj.type_name or obj.label or "object"

    def short(self, obj: Obj) -> str:
        """An object where it is referred to."""
        number = self.numbers.get(obj)
        if number is None:
            return self.what(obj)
        if obj.kind is Kind.FRAME:
            return f"{self.what(obj)}#{number}"
        name = obj.klass.name if obj.klass is not None else obj.type_name or obj.label
        return f"{name if name.endswith('()') else name.rpartition('.')[2] or 'object'}#{number}"

    def place(self, obj: Obj, key: str) -> str:
        """A place: ``src/a.js:name`` for a module's variable, else the object and the key."""
        if obj.function is not None and _is_module(obj):
            return f"{obj.function.module.path}:{key}"
        owner = obj.label if obj.kind is Kind.CLASS and obj.label else self.short(obj)
        return f"{owner}[…]" if key == f.ELEMENT else f"{owner}.{key}"

    def value(self, value: Val) -> str:
        """What a value may be."""
        said = _REQUEST_NAMES if value.data else {}  # the data tells which part of the event it is
        parts = list(dict.fromkeys(self.short(obj) for obj in value.objects() if obj.kind not in said))
        parts += sorted(f'"{texts.show(text)}"' for text in value.texts)
        if value.null:
            parts.append("null")
        elif value.constant and not value.texts:
            parts.append("constant")
        if value.data:
            parts.append("{" + ", ".join(sorted(".".join(origin) for origin in value.data)) + "}")
        return " | ".join(parts) or "?"

    # ------------------------------------------------------------------ evaluations and positions

    @cached_property
    def evaluations(self) -> dict[Context, int]:
        """The evaluations of the request path, numbered from 1 in the order of the code."""
        contexts = self.program.request_contexts
        return {context: number for number, context in enumerate(sorted(contexts, key=self._context_rank), 1)}

    def _context_rank(self, context: Context) -> tuple[object, ...]:
        function = context.function
        callers = [self._caller_rank(caller, event) for caller, event in context.callers]
        return (not self.is_root(context), function.module.path, function.facts.start, min(callers), context.serial)

    def _caller_rank(self, caller: Context | None, event: int) -> tuple[str, int, int]:
        if caller is None:
            return "", 0, 0
        return caller.function.module.path, caller.function.facts.start, event

    def accesses_of(self, context: Context) -> list[Access]:
        """The accesses of one evaluation to shared places."""
        return [access for access in self.program.accesses if access.context is context]

    def calls_of(self, context: Context) -> list[LibraryCall]:
        """The library calls of one evaluation."""
        return [call for call in self.program.calls if call.context is context]

    def is_root(self, context: Context) -> bool:
        """Whether the runtime starts it."""
        return (None, 0) in context.callers

    def name(self, context: Context) -> str:
        """An evaluation where it is referred to."""
        return f"e{self.evaluations[context]}" if context in self.evaluations else context.function.label

    def at(self, path: str, offset: int) -> str:
        """``path:line:column`` of an offset."""
        source = self.program.sources.get(path)
        if source is None:
            return path
        position = source.position(offset)
        return f"{path}:{position.line}:{position.column}"

    def at_span(self, path: str, span: Span) -> str:
        """``path:line:column`` of a span's start."""
        return self.at(path, span.start)

    def at_site(self, site: Site) -> str:
        """``path:line:column`` of an event."""
        return self.at_span(site[0].function.module.path, self.program.span(site))

    def reads(self, reads: Iterable[ReadId]) -> str:
        """Reads of shared places, by where they stand."""
        sites = {(read.context.function.module.path, self.program.span(read).start) for read in reads}
        return ", ".join(self.at(path, start) for path, start in sorted(sites))

    def locks(self, held: Iterable[Held]) -> str:
        """Locks with the place where the critical section begins."""
        return ", ".join(sorted(self._lock(each) for each in held))

    def _lock(self, held: Held) -> str:
        serial, region = held.section
        context = next((c for c in self.program.machine.contexts.values() if c.serial == serial), None)
        name = f"{self.short(held.lock)}{'' if held.shared else ' (made on the spot)'}"
        if context is None:
            return name
        function, path = context.function.facts, context.function.module.path
        if 0 <= region < len(function.regions):
            return f"{name} from {self.at(path, function.regions[region].start)}"
        if region == -1:
            return f"{name} from {self.at(path, function.name_start)}"
        acquired = region - AFTER_REGIONS
        return f"{name} from {self.at_site((context, acquired))}" if 0 <= acquired < len(function.events) else name


# --------------------------------------------------------------------------- heap


def _object(view: _View, obj: Obj) -> list[str]:
    name, what = view.short(obj), view.what(obj)
    made = "at load" if obj.phase is Phase.LOAD else "in a request, kept"
    where = f" {view.at(obj.site[0], obj.site[1])}" if obj.site is not None else ""
    origin = "never seen made" if obj.label == _GUESSED else f"made {made}{where}"
    lines = [f"{name}, {origin}" if name == what else f"{name}, {what}, {origin}"]
    holders = [view.place(*cell) for cell in view.holders.get(obj, ()) if cell[0] is not obj]
    if obj in view.program.started.handler.objects():
        holders.insert(0, "the runtime")
    if holders:
        lines.append(f"  held by {', '.join(dict.fromkeys(holders))}")
    elif obj.kind in _ALWAYS and obj not in view.modules:
        lines.append("  held by nothing seen")
    for key in view.written_keys.get(obj, ()):
        mark = " (written by requests)" if (obj, key) in view.program.machine.request_written else ""
        lines.append(f"  {key} = {view.value(view.heap.cells.get((obj, key), NONE))}{mark}")
    return lines


# --------------------------------------------------------------------------- summary


def _evaluation(view: _View, context: Context) -> list[str]:
    function = context.function
    lines = [f"{view.name(context)} {function.label}, {view.at(function.module.path, function.facts.name_start)}"]
    if view.is_root(context):
        lines.append("  called by the runtime")
    called = sorted(view.at_site((c, event)) + f" in {view.name(c)}" for c, event in context.callers if c is not None)
    lines += [f"  called from {each}" for each in dict.fromkeys(called)]
    if context.merged:
        lines.append("  merged: too many callers to tell apart")
    if context.this.refs:
        shared = "shared" if any(is_shared(ref) for ref in context.this.refs) else "of the request"
        lines.append(f"  on {view.value(context.this)} ({shared})")
    if context.held:
        lines.append(f"  holds {view.locks(context.held)}")
    return lines + _happenings(view, context)


def _happenings(view: _View, context: Context) -> list[str]:
    """Accesses, library calls, calls of evaluations and suspensions, in the order of the code."""
    found: list[tuple[int, int, str]] = []
    for access in view.accesses_of(context):
        found.append((access.event, 1, _access(view, access)))
    for call in view.calls_of(context):
        found.append((call.event, 0, _library_call(view, call)))
    for how, table in (("call", context.callees), ("later", context.deferred)):
        for event, targets in table.items():
            names = ", ".join(sorted({f"{view.name(t)} {t.function.label}" for t in targets}))
            found.append((event, 2, f"{view.at_site((context, event))} {how} {names}"))
    for index, fact in enumerate(context.function.facts.events):
        if isinstance(fact, f.Suspend):
            found.append((index, 3, f"{view.at_site((context, index))} suspend {fact.how}"))
    return [f"  {line}" for _, _, line in sorted(found)]


def _access(view: _View, access: Access) -> str:
    mode = "update" if access.update and access.mode is Mode.WRITE else access.mode.value
    method = f" by {access.method}" if access.method else ""
    line = f"{view.at_span(access.path, access.span)} {mode} {view.place(access.obj, access.key)}{method}"
    if access.mode.changes and access.value is not NONE:
        line += f" = {view.value(access.value)}"
    if access.index is not None:
        line += f" under {view.value(access.index)}"
    return line + _conditions(view, access.value.reads, access.guards, access.held)


def _library_call(view: _View, call: LibraryCall) -> str:
    role = f" [{call.role}]" if call.role else ""
    args = ", ".join(view.value(arg) for arg in call.args)
    what = "new " if call.new else ""
    reads = frozenset(read for arg in call.args for read in arg.reads)
    line = f"{view.at_span(call.path, call.span)} library {what}{call.name}({args}){role}"
    return line + _conditions(view, reads, call.guards, call.held)


def _conditions(view: _View, reads: Iterable[ReadId], guards: Iterable[ReadId], held: Iterable[Held]) -> str:
    parts: list[tuple[str, str]] = [
        ("made of", view.reads(reads)),
        ("if", view.reads(guards)),
        ("locks", view.locks(held)),
    ]
    return "".join(f"; {label} {text}" for label, text in parts if text)


def _races(view: _View) -> list[str]:
    races = sorted(view.program.races, key=_race_rank)
    if not races:
        return ["no races"]
    return [f"races: {len(races)}", *[f"  {line}" for race in races for line in _race(view, race)]]


def _race_rank(race: Race) -> tuple[object, ...]:
    access = race.access
    return access.path, access.span.start, race.kind.value, race.severity.rank, access.event


def _race(view: _View, race: Race) -> list[str]:
    access = race.access
    place = view.place(access.obj, access.key)
    lines = [f"{view.at_span(access.path, access.span)} {race.severity.value} {_kind(race.kind)} {place}"]
    if race.other is not None:
        lines.append(f"  against {race.other.mode.value} {view.at_span(race.other.path, race.other.span)}")
    if race.gap is not None:
        lines.append(f"  suspended {view.at_site(race.gap)}")
    if race.also:
        lines.append(f"  also {', '.join(map(_kind, race.also))}")
    return lines


def _kind(kind: RaceKind) -> str:
    return kind.name.lower().replace("_", "-")
