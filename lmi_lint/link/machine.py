"""The evaluator: runs functions over abstract objects until nothing changes.

Load comes first: module bodies, static initialisers and the handler's construction leave the heap. Then the
handler is called once, and whatever that reaches is evaluated over the same heap. Cells and parameters only grow, so
the order of evaluation does not matter for the result. An event is evaluated again only if something that it uses has
changed: the result of another event, a parameter, a cell that it read, what a call of it returns.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from lmi_lint.facts import model as f
from lmi_lint.link import blocks, container, locks, objects, texts
from lmi_lint.link.container import OUTSIDE, Container
from lmi_lint.link.context import EVERY, Claim, Context, Grip, Held
from lmi_lint.link.detours import Detours
from lmi_lint.link.given import taken
from lmi_lint.link.heap import (
    CONSTANT,
    NONE,
    NULL,
    Heap,
    Kind,
    Obj,
    Phase,
    ReadId,
    Ref,
    Val,
    blend,
    is_shared,
    join,
    of,
)
from lmi_lint.link.limits import LIMITS
from lmi_lint.link.names import LAMBDA, STATIC, SYNCHRONIZED
from lmi_lint.link.steps import STEPS

if TYPE_CHECKING:
    from lmi_lint.knowledge.query import KnowledgeBase
    from lmi_lint.link.lookup import Modules
    from lmi_lint.link.names import ClassInfo, FunctionInfo, ModuleInfo
    from lmi_lint.link.record import Recorder

_NO_HELD: frozenset[Held] = frozenset()
_NO_BUILDING: frozenset[Obj] = frozenset()


class Machine:
    """One deployed function's evaluation.

    ``contexts`` and ``objects``: all that were made, by key, in order; ``settled``: nothing changes any more, and
    ``missing``: events that found a member of an object that nothing had been stored in until then;
    ``request_written``: places that a request writes; ``atomic`` and ``fenced``: calls that so write a place that
    they are given by reference; ``releasers``: what a library returned to release a lock, with the lock and how it
    is held; ``lock_parts``: objects that are a part of a lock, or one of many; ``taken_in``: locks that generators
    take by calls; ``permissive``: locks that let several in at once; ``arities``: parameters that wrapped handlers
    have; ``listeners``: functions that load left to a library; ``packed``: rest parameters, whose parts stand under
    their positions; ``whole``: object literals that name all their keys; ``origins``: what a method of a library
    object returned, with that object; ``memoised``: library objects that keep what the function inside returned;
    ``waiting``: evaluations that asked for an object of a declared type, ``again``: calls from outside that may have;
    ``container``: services registered; ``near``: the handler's module; ``served``: functions that a library calls once
    in each invocation; ``running``: the evaluation that is under way; ``held_now`` and ``freed_now``: locks taken, and
    locks of the caller released, by calls in it; ``frozen``: objects that nothing can change any more; ``cut``: names
    of the limits reached.
    """

    def __init__(self, modules: Modules, knowledge: KnowledgeBase) -> None:
        self.modules = modules
        self.knowledge = knowledge
        self.heap = Heap()
        self.contexts: dict[object, Context] = {}
        self.per_function: dict[tuple[FunctionInfo, Phase, Obj | None, bool], int] = {}
        self.objects: dict[object, Obj] = {}
        self.queue: list[Context] = []
        self.running: Context | None = None
        self.evaluations = 0
        self.steps = 0
        self.nesting = 0
        self.cut: set[str] = set()
        self.settled = False
        self.missing: dict[Context, set[int]] = {}
        self.request_written: set[tuple[Obj, str]] = set()
        self.releasers: dict[Obj, tuple[Ref, Grip]] = {}
        self.lock_parts: dict[Obj, locks.Grasp] = {}
        self.taken_in: dict[Context, frozenset[Held]] = {}
        self.permissive: set[Obj] = set()
        self.atomic: set[tuple[Context, int]] = set()
        self.fenced: set[tuple[Context, int]] = set()
        self.arities: dict[Obj, int] = {}
        self.listeners: dict[Obj, None] = {}
        self.packed: set[Obj] = set()
        self.whole: set[Obj] = set()
        self.frozen: set[Obj] = set()
        self.origins: dict[Obj, Obj] = {}
        self.memoised: set[Obj] = set()
        self.inherited: dict[Context, frozenset[ReadId]] = {}
        self.summoning = False
        self.waiting: dict[Context, set[int]] = {}
        self.again: dict[object, Callable[[], Val]] = {}
        self.container = Container()
        self.near: ModuleInfo | None = None
        self.served: dict[Obj, None] = {}
        self.held_now: dict[Claim, Held] = {}
        self.freed_now: set[Claim] = set()
        self.implicit_globals = self.make("globals", Kind.OBJECT, Phase.LOAD, label="global")

    def dissolve(self) -> None:
        """Take apart what refers to each other, so that its memory comes back as soon as nobody needs it. Nothing may
        be asked of it afterwards."""
        for context in self.contexts.values():
            context.dissolve()
        for obj in self.objects.values():
            obj.dissolve()
        self.contexts.clear()
        self.objects.clear()

    # ------------------------------------------------------------------ objects by key

    def make(self, key: object, kind: Kind, phase: Phase, **more: Any) -> Obj:
        """The object of a key, made on first use."""
        obj = self.objects.get(key)
        if obj is None:
            obj = self.objects[key] = Obj(len(self.objects), kind, phase, **more)
            if len(self.objects) > LIMITS.objects:
                self.cut.add("objects")
        return obj

    def name(self, qualified: str) -> Obj:
        """The object that stands for a library name."""
        return self.make(("name", qualified), Kind.NAME, Phase.LOAD, type_name=qualified)

    def fill(
        self,
        module: ModuleInfo,
        scope: ClassInfo | None,
        name: f.TypeName,
        notes: tuple[f.AnnotationFacts, ...],
        phase: Phase,
        slot: object,
    ) -> Val | None:
        """What a container puts into a field or parameter of an object of that phase; None if it knows of nothing."""
        lasting = phase is Phase.LOAD
        hint = slot[1] if isinstance(slot, tuple) and isinstance(slot[1], str) else ""
        asker = container.Asker(lasting, lasting, None, slot)
        return container.filled(self, module, scope, name, notes, asker, hint)

    # ------------------------------------------------------------------ calls of project functions

    def call(
        self,
        caller: Context | None,
        event: int,
        function: FunctionInfo,
        this: Val,
        args: list[Val],
        env: Obj | None,
        *,
        phase: Phase,
        building: frozenset[Obj] = _NO_BUILDING,
        later: bool = False,
        locked: bool = True,
    ) -> Val:
        """Call a function of the project: find or make its evaluation, pass what is new, take what it returns so far.
        ``later``: it runs after a suspension; ``locked``: the locks held here are still held when it runs."""
        held = _NO_HELD
        if caller is not None and caller.serial < 0:  # outside the project: it is not evaluated itself
            building, caller, event = building | caller.building, None, OUTSIDE
        if caller is None and event == OUTSIDE and not self.summoning:
            again = partial(self.call, None, OUTSIDE, function, this, args, env, phase=phase, building=building)
            self.again[function, phase, this.refs, env] = again
        if caller is not None:
            building = building | caller.building
            if locked and caller.serial >= 0:
                held = locks.held_at(self, caller, event)
        if phase is Phase.LOAD:
            building = _NO_BUILDING  # whose object is under construction matters to what requests do to it
        if env is None and function.index != 0:
            env = objects.module_frame(self, function.module)
        site = (caller.function, event) if caller is not None else None
        context = self._context(caller, function, phase, this, args, env, held, building, site)
        if caller is not None:
            table = caller.deferred if later else caller.callees
            table.setdefault(event, {})[context] = None
        context.callers[caller, event] = None
        if event == OUTSIDE and caller is None and self.running is not None:
            context.askers[self.running, self.running.at] = None
        for claim in context.freed:
            self.held_now.pop(claim, None)
        for claim in context.kept:
            section = locks.section(caller.serial if caller is not None else -1, event)
            self.held_now[claim] = Held(claim[0], section, True, claim[1])
        return context.ret

    def _context(
        self,
        caller: Context | None,
        function: FunctionInfo,
        phase: Phase,
        this: Val,
        args: list[Val],
        env: Obj | None,
        held: frozenset[Held],
        building: frozenset[Obj],
        site: object,
    ) -> Context:
        """Evaluations are told apart by what does not change while the analysis settles: a method's receiver, a
        plain function's call site, the frame, locks and objects under construction. Arguments are joined, but what is
        passed an invocation's data does not mix with what is not: a helper reads settings and requests alike."""
        args = taken(self, caller, function, phase, args, (env, site))
        method = function.owner is not None and len(this.refs) == 1 and not function.has(LAMBDA)
        given = any(arg.data for arg in args)
        key: object = (function, phase, this.refs if method else site, env, held, building, given)
        context = self.contexts.get(key)
        if context is None:
            bucket = (function, phase, env, given)
            count = self.per_function.get(bucket, 0)
            if count >= LIMITS.contexts:
                key = (*bucket, "merged")
                context = self.contexts.get(key)
                self.cut.add("contexts")
                if context is not None:
                    context.merged = True
            self.per_function[bucket] = count + 1
        if context is None:
            serial = len(self.contexts)
            if function.has(SYNCHRONIZED):
                owner = (
                    of(objects.class_object(self, function.owner)) if function.has(STATIC) and function.owner else this
                )
                held = held | {Held(ref[0], (serial, -1), is_shared(ref)) for ref in owner.each()}
            context = Context(serial, function, phase, this, list(args), env, held, building)
            self.contexts[key] = context
            # Callees first: then the caller sees what they return at once.
            if self.nesting < LIMITS.nesting and not self._spent():
                self.nesting += 1
                self.evaluate(context)
                self.nesting -= 1
            else:
                self._enqueue(context)
            return context
        changed = False
        if this is not context.this:
            merged = join(context.this, this)
            if merged is not context.this and merged != context.this:
                context.this = merged
                context.outdate()
                changed = True
        own = {each for each in context.held if each.section == (context.serial, -1)}  # of a synchronized method
        if context.merged and not held >= context.held - own:
            context.held = (context.held & held) | own
            context.outdate()
            changed = True
        users = function.users
        returns = len(context.results)
        for index, arg in enumerate(args):
            old = context.args[index]
            if arg is old:
                continue
            new = join(old, arg)
            if new is not old and new != old:
                context.args[index] = new
                context.outdate((returns, *users.get(-2 - index, ())))
                changed = True
        if changed:
            self._enqueue(context)
        return context

    # ------------------------------------------------------------------ values

    def value(self, context: Context, operand: f.Operand) -> Val:
        """An operand's value in an evaluation."""
        sources = operand.sources
        if operand.constant:
            if operand.texts:
                return Val(texts=texts.fold(operand.texts, lambda _: NONE), constant=True)
            return NULL if operand.const is None else CONSTANT
        if len(sources) == 1 and not operand.texts:
            made_from = operand.made_from
            if not made_from or made_from == sources:
                source = sources[0]
                return context.results[source] if source >= 0 else self.source(context, source)
        result = NONE
        for source in sources:
            result = join(result, self.source(context, source))
        rest = [self.source(context, source) for source in operand.made_from if source not in sources]
        mixed = blend(rest) if rest else NONE
        found = result.texts
        if operand.texts:
            found = texts.fold(operand.texts, partial(self.source, context))
        elif rest and not sources:
            found = texts.computed(rest)
        if mixed is NONE and found is result.texts and not (rest and result.constant):
            return result
        return Val(result.refs, result.data | mixed.data, result.reads | mixed.reads, found)

    def source(self, context: Context, source: f.Source) -> Val:
        """The value of one source."""
        if source >= 0:
            return context.results[source]
        if source == f.THIS:
            return context.this
        return context.args[-2 - source]

    # ------------------------------------------------------------------ running

    def _enqueue(self, context: Context) -> None:
        if not context.queued:
            context.queued = True
            self.queue.append(context)

    def run(self) -> None:
        """Evaluate until nothing changes; then once more with objects for what stayed unknown."""
        self.summoning = False
        self._settle()
        self.summoning = True
        for context, events in self.waiting.items():
            context.outdate(events)
            self._enqueue(context)
        self.waiting.clear()
        for again in list(self.again.values()):
            again()
        self.again.clear()
        self._settle()

    def _settle(self) -> None:
        dirty = self.heap.dirty
        while self.queue or dirty:
            while dirty:
                self._enqueue(dirty.pop())
            if self._spent():
                self.cut.add("evaluations")
                self.queue.clear()
                return
            context = self.queue.pop()
            context.queued = False
            if context.stale:
                self.evaluate(context)

    def _spent(self) -> bool:
        return self.evaluations > LIMITS.evaluations or self.steps > LIMITS.steps

    def evaluate(self, context: Context) -> None:
        """Run those of one function's events that anything has changed for."""
        self.evaluations += 1
        outer, freed, running = self.held_now, self.freed_now, self.running
        self.held_now, self.freed_now, self.running = {}, set(), context
        detours = Detours.of(self, context.function)
        context.whole = context.whole or detours is not None
        for _ in range(2 if context.function.looks_ahead() else 1):
            if context.whole:
                context.outdate()
            self._pass(context, detours)
        context.at = EVERY
        self.running = running
        context.stale.discard(len(context.results))
        ret = NONE
        for operand in context.function.facts.returns:
            ret = join(ret, self.value(context, operand))
        kept = locks.held_at_return(self, context)
        changed = ret != context.ret or kept != context.kept or context.freed != self.freed_now
        context.kept, context.freed = kept, frozenset(self.freed_now)
        self.held_now, self.freed_now = outer, freed
        if changed:
            context.ret = join(context.ret, ret)
            for caller, event in (*context.callers, *context.askers):
                if caller is not None:
                    caller.outdate((event,))
                    self._enqueue(caller)

    def _pass(self, context: Context, detours: Detours | None) -> None:
        """Evaluate the stale events in order, those included that become stale on the way."""
        results, stale, notes, users = context.results, context.stale, context.notes, context.function.users
        for index, event in enumerate(context.function.facts.events):
            if index not in stale:
                continue
            stale.discard(index)
            if index in notes:
                del notes[index]
            context.at = index
            self.steps += 1
            if detours is not None:
                detours.enter(index)
            value = STEPS[type(event)](self, context, index, event)
            if index in context.function.resources:
                blocks.run(self, context, index, value)
            if detours is not None:
                detours.leave(index)
            old = results[index]
            if value is not old:
                results[index] = value
                if index in users and value != old:
                    stale |= users[index]
            if not context.whole and (self.held_now or self.freed_now):
                context.whole = True
                context.outdate()

    def guards_at(self, context: Context, event: int) -> frozenset[ReadId]:
        """The reads that decide whether an event happens: its own guards and those on every way into its function."""
        return context.guards_of(event) | self._inherited(context)

    def _inherited(self, context: Context) -> frozenset[ReadId]:
        known = self.inherited.get(context)
        if known is not None:
            return known
        self.inherited[context] = frozenset()  # recursion: the other ways in decide
        ways = [
            caller.guards_of(event) | self._inherited(caller) if caller is not None else frozenset()
            for caller, event in context.callers
            if caller is None or (caller.phase is context.phase and caller.serial >= 0)
        ]
        found = frozenset.intersection(*ways) if ways else frozenset()
        self.inherited[context] = found
        return found

    def note(self, context: Context, event: int, record: Callable[[Recorder], None]) -> None:
        """An event does something that rules look at: it is recorded when all has settled, as it was evaluated last."""
        held = dict(self.held_now) if self.held_now else None
        context.notes.setdefault(event, []).append((held, record))
