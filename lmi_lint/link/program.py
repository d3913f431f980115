"""What rules may ask of one deployed function: its records, and how they came about."""

from __future__ import annotations

from copy import copy
from functools import cached_property
from typing import TYPE_CHECKING

from lmi_lint.deploy.model import DeployedFunction, Provenance
from lmi_lint.facts import model as f
from lmi_lint.link.call_index import CallIndex
from lmi_lint.link.heap import Kind, Phase, Val, name_of
from lmi_lint.link.interleave import suspending
from lmi_lint.link.names import library_supers, lineage
from lmi_lint.link.reach import leaving, reached
from lmi_lint.link.record import Mode
from lmi_lint.link.traces import trace
from lmi_lint.model.finding import Confidence, Location
from lmi_lint.model.runtime import RuntimeModel
from lmi_lint.model.source import SourceFile, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from lmi_lint.knowledge.query import KnowledgeBase
    from lmi_lint.link.affinity import Affinity
    from lmi_lint.link.background import Background
    from lmi_lint.link.context import Context, Site
    from lmi_lint.link.entrypoints import Started
    from lmi_lint.link.heap import Obj, Origin, ReadId, Ref
    from lmi_lint.link.lasting import Lasting
    from lmi_lint.link.machine import Machine
    from lmi_lint.link.provenance import WalkBack
    from lmi_lint.link.races import Race
    from lmi_lint.link.record import Access, LibraryCall, Recorder
    from lmi_lint.link.temp_writes import TempWrites

# The same in every invocation of one environment (Lambda developer guide, context object pages).
_SAME_FOR_ALL = frozenset(
    "functionname functionversion memorylimitinmb loggroupname logstreamname invokedfunctionarn"
    " getfunctionname getfunctionversion getmemorylimitinmb getloggroupname getlogstreamname"
    " getinvokedfunctionarn".split()
)

# What differs from one invocation to the next (same pages). Other members are not the runtime's: middleware puts there
# what it has fetched, mostly configuration, and nothing says that it is this invocation's.
_OF_INVOCATION = frozenset(
    "awsrequestid getawsrequestid clientcontext getclientcontext identity getidentity tenantid gettenantid"
    " xraytraceid getxraytraceid traceid getremainingtimeinmillis remainingtime logger getlogger"
    " done succeed fail callbackwaitsforemptyeventloop".split()
)


def _differs(origin: Origin) -> bool:
    """Whether data of an origin may differ between invocations."""
    if len(origin) == 1:
        return True
    if origin[-1].lower() in _SAME_FOR_ALL:
        return False
    return origin[0] != "context" or origin[1].lower() in _OF_INVOCATION


class Program:
    """One deployed function, linked: the query surface of the rules. ``accesses`` are to shared places on the request
    path; ``calls`` are of libraries, at load and in the request."""

    def __init__(
        self,
        deployed: DeployedFunction,
        runtime: RuntimeModel,
        machine: Machine,
        recorder: Recorder,
        started: Started,
        sources: Mapping[str, SourceFile],
    ) -> None:
        self.deployed = deployed
        self.runtime = runtime
        self.machine = machine
        self.recorder = recorder
        self.started = started
        self.sources = sources

    def of(self, deployed: DeployedFunction) -> Program:
        """The same code deployed as another function, with all that was found out about it."""
        program = copy(self)
        program.deployed = deployed
        return program

    def dissolve(self) -> None:
        """Let go of all that was found out: it holds itself in circles. Nothing may be asked of it afterwards."""
        self.machine.dissolve()
        vars(self).clear()

    @property
    def accesses(self) -> list[Access]:
        """Accesses to places that live as long as the environment, made while an invocation runs."""
        return self.recorder.accesses

    @property
    def calls(self) -> list[LibraryCall]:
        """Calls of libraries."""
        return self.recorder.calls

    @cached_property
    def index(self) -> CallIndex:
        """The calls of libraries by role, name, receiver and place."""
        return CallIndex(self.calls)

    @cached_property
    def written_objects(self) -> frozenset[Obj]:
        """Objects of which a request writes a place."""
        return frozenset(obj for obj, _ in self.machine.request_written)

    @property
    def knowledge(self) -> KnowledgeBase:
        """What is known about libraries."""
        return self.machine.knowledge

    @property
    def cut(self) -> frozenset[str]:
        """The names of the ``Limits`` that the evaluation reached."""
        return frozenset(self.machine.cut)

    @cached_property
    def request_contexts(self) -> list[Context]:
        """The evaluations of the request path, in the order in which they were reached."""
        return [c for c in self.machine.contexts.values() if c.phase is Phase.REQUEST]

    @cached_property
    def by_serial(self) -> dict[int, Context]:
        """The evaluations of the request path by their numbers."""
        return {context.serial: context for context in self.request_contexts}

    @cached_property
    def roots(self) -> list[Context]:
        """The evaluations that the runtime starts."""
        return [c for c in self.request_contexts if (None, 0) in c.callers]

    @cached_property
    def suspending(self) -> frozenset[Context]:
        """The evaluations of the request path during which another invocation can run."""
        return suspending(self.request_contexts)

    @cached_property
    def working_directory(self) -> str:
        """The one directory that the program changes to, or nothing."""
        from lmi_lint.link.working_directory import working_directory

        return working_directory(self)

    @cached_property
    def invoked(self) -> frozenset[Context]:
        """The evaluations that an invocation reaches: not those of listeners and timers that load left behind."""
        return reached(self.roots, frozenset())

    @cached_property
    def invoked_surely(self) -> frozenset[Context]:
        """Those of them that are not left to a library to run whenever it likes."""
        return reached(self.roots, leaving(self.index.known))

    @cached_property
    def races(self) -> list[Race]:
        """The places of shared memory that two invocations can race for, judged once for all rules."""
        from lmi_lint.link.shared_state import judge

        return judge(self) if self.runtime.shares_memory else []

    def grows_at(self, site: Site) -> bool:
        """Whether a call adds to a collection that nothing is taken out of."""
        return any((race.access.context, race.access.event) == site for race in self.races if race.grows)

    @cached_property
    def background(self) -> Background:
        """What it leaves running, and what it waits for."""
        from lmi_lint.link.background import Background

        return Background(self)

    @cached_property
    def affinity(self) -> Affinity:
        """How it treats what belongs to threads and flows."""
        from lmi_lint.link.affinity import Affinity

        return Affinity(self)

    @cached_property
    def provenance(self) -> WalkBack:
        """What values are made of."""
        from lmi_lint.link.provenance import WalkBack

        return WalkBack(self)

    @cached_property
    def lasting(self) -> Lasting:
        """What it makes once and keeps for later invocations."""
        from lmi_lint.link.lasting import Lasting

        return Lasting(self)

    @cached_property
    def temp_writes(self) -> TempWrites:
        """How changes of fixed temporary paths stand to the other invocations."""
        from lmi_lint.link.temp_writes import TempWrites

        return TempWrites(self)

    @cached_property
    def reads_by_id(self) -> dict[ReadId, Access]:
        """The reads of shared places on the request path, by what values carry of them."""
        return {access.read_id: access for access in self.accesses if not access.mode.changes}

    @cached_property
    def writes_by_place(self) -> dict[tuple[Obj, str], list[Access]]:
        """The stores of the request path by place."""
        found: dict[tuple[Obj, str], list[Access]] = {}
        for access in self.accesses:
            if access.mode is Mode.WRITE:
                found.setdefault(access.place, []).append(access)
        return found

    @cached_property
    def outcome_reads(self) -> frozenset[ReadId]:
        """Reads of shared places whose value reaches a response, a library other than a log, or a test."""
        found = set(self.shown_reads)
        for call in self._telling:
            found |= call.guards
        for access in self.accesses:
            found |= access.guards
        return frozenset(found)

    @cached_property
    def shown_reads(self) -> frozenset[ReadId]:
        """Those whose value reaches a response or a library other than a log."""
        found: set[ReadId] = set()
        for root in self.roots:
            found |= root.ret.reads
        for call in self._telling:
            for arg in call.args:
                found |= arg.reads
        return frozenset(found)

    @cached_property
    def _telling(self) -> list[LibraryCall]:
        return [call for call in self.calls if call.phase is Phase.REQUEST and call.role not in ("log", "log.raw")]

    # ------------------------------------------------------------------ explanations

    def trace(self, context: Context) -> tuple[Location, ...]:
        """The shortest path of calls from the handler to an evaluation: the handler, then each call."""
        return trace(context)

    def span(self, site: Site) -> Span:
        """The source span of an event."""
        context, event = site
        fact = context.function.facts.events[event]
        return Span(fact.start, fact.end)

    def location(self, site: Site, message: str = "") -> Location:
        """Where an event stands."""
        return Location(site[0].function.module.path, self.span(site), message)

    def confidence(self, *contexts: Context) -> Confidence:
        """How sure: what a template names is surer than a convention; merged evaluations and paths through guessed
        objects are less sure."""
        rank = 2 if self.deployed.provenance is Provenance.DEPLOYED else 1
        if any(context.merged or self._guessed(context) for context in contexts):
            rank -= 1
        return (Confidence.LOW, Confidence.MEDIUM, Confidence.HIGH)[rank]

    def _guessed(self, context: Context) -> bool:
        return any(obj.guessed for obj, _ in context.this.refs)

    def declaration(self, access: Access) -> Location | None:
        """Where a place is declared, for variables of a module and declared fields."""
        obj, key = access.place
        if access.method and obj.home is not None:
            obj, key = obj.home
        if obj.kind is Kind.FRAME and obj.function is not None and obj.function.index == 0:
            module = obj.function.module
            for variable in module.facts.variables:
                if variable.name == key:
                    return Location(module.path, Span(variable.start, variable.end), f"{key} is declared here")
        if obj.klass is not None:
            for each in lineage(self.machine.modules, obj.klass):
                field = each.fields.get(key)
                if field is not None:
                    return Location(each.module.path, Span(field.start, field.end), f"{key} is declared here")
        return None

    def object_name(self, obj: Obj) -> str:
        """An object's name for people: the place that holds it."""
        return name_of(obj) or obj.type_name

    def made_at(self, obj: Obj) -> Location | None:
        """Where an object is made."""
        if obj.site is None:
            return None
        path, start, end = obj.site
        return Location(path, Span(start, end), "made here")

    def line(self, site: Site) -> int:
        """The 1-based line of an event."""
        context, event = site
        source = self.sources.get(context.function.module.path)
        return source.line_of(context.function.facts.events[event].start) if source is not None else 0

    def gap_name(self, site: Site) -> str:
        """What suspends at an event, for people."""
        fact = site[0].function.facts.events[site[1]]
        return f"the {fact.how}" if isinstance(fact, f.Suspend) else "the callback"

    def subject(self, context: Context, place: str) -> str:
        """Text that stays when lines move: the function and the place."""
        return f"{context.function.label}:{place}"

    # ------------------------------------------------------------------ values

    def invocation_data(self, value: Val, depth: int = 3) -> frozenset[Origin]:
        """Origins of the invocation's data in a value, through the objects of the request that it refers to."""
        found = set(value.data)
        seen: set[Obj] = set()
        frontier: list[Ref] = list(value.refs)
        for _ in range(depth):
            following: list[Ref] = []
            for obj, shared in frontier:
                if obj in seen or shared or obj.phase is Phase.LOAD:
                    continue
                seen.add(obj)
                container = obj.kind is Kind.INSTANCE and self.knowledge.is_container(obj.type_name)
                if obj.klass is not None or obj.kind in (Kind.FRAME, Kind.CLOSURE):
                    continue
                if obj.kind is Kind.INSTANCE and not container:
                    continue  # what these are made of is in the value's own data; what they get later is not
                if obj.kind is Kind.EVENT:
                    found.add(("event",))
                elif obj.kind is Kind.CONTEXT:
                    found.add(("context",))
                for key in self.machine.heap.keys.get(obj, ()):
                    if (obj, key) not in self.machine.heap.own:
                        continue  # put in when it was shared already: that is judged where it happens
                    cell = self.machine.heap.cells[obj, key]
                    found |= cell.data
                    following.extend(cell.refs)
            frontier = following
        return frozenset(filter(_differs, found))

    def type_of(self, obj: Obj) -> str:
        """An object's library type, or the one that its class derives from of which something is known."""
        if obj.klass is None:
            return obj.type_name
        above = library_supers(self.machine.modules, obj.klass)
        return next((name for name in above if self.knowledge.safety_of(name).safety != "unknown"), "")

    def role_of(self, obj: Obj) -> str:
        """The role of an object's library type, or of the one that its class derives from."""
        if obj.klass is None:
            return self.knowledge.role_of(obj.type_name)
        above = library_supers(self.machine.modules, obj.klass)
        return next((role for name in above if (role := self.knowledge.role_of(name))), "")

    def roles(self, value: Val) -> set[str]:
        """Roles of the library types that a value may be."""
        return {self.knowledge.role_of(obj.type_name) for obj, _ in value.refs if obj.kind is Kind.INSTANCE} - {""}

    def call_at(self, site: Site) -> LibraryCall | None:
        """The library call that an event makes (the last, if the callee may be several)."""
        found = self.index.at.get(site)
        return found[-1] if found else None

    def paths_of(self, call: LibraryCall) -> list[Val]:
        """The values that a call takes as paths of files it acts on."""
        if call.entry is None:
            return []
        found = [call.subject if at == -1 else call.args[at] for at in call.entry.path if at < len(call.args)]
        found += [value for name, value in call.named if name in call.entry.path_options]
        for key in call.entry.path_options:
            for arg in call.args:
                cells = [self.machine.heap.cells.get((obj, key)) for obj in arg.objects() if obj.kind is Kind.OBJECT]
                found += [cell for cell in cells if cell is not None]
        return found

    def givers(self, context: Context, value: Val) -> list[Site]:
        """The calls through which texts of a value come into a function as an argument."""
        found: list[Site] = []
        for caller, event in context.callers:
            fact = caller.function.facts.events[event] if caller is not None and caller.serial >= 0 else None
            if caller is not None and isinstance(fact, f.Call) and caller.phase is context.phase:
                given = [self.machine.value(caller, arg.value).texts for arg in fact.args]
                if any(texts & value.texts for texts in given):
                    found.append((caller, event))
        return found

    def request_calls(self, roles: Iterable[str]) -> list[LibraryCall]:
        """Library calls of the given roles on the request path, in order."""
        return [call for call in self.calls_of(roles) if call.phase is Phase.REQUEST]

    def calls_of(self, roles: Iterable[str]) -> list[LibraryCall]:
        """Library calls of the given roles, at load and in the request, in order."""
        return self.index.with_role(roles)
