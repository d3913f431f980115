"""The evaluator: runs functions over abstract objects until nothing changes.

Load comes first: module bodies, static initialisers and the handler's construction leave the heap. Then the
handler is called once, and whatever that reaches is evaluated over the same heap. Cells and parameters only grow, so
the order of evaluation does not matter for the result.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lmi_lint.facts import model as f
from lmi_lint.link import calls, places, texts
from lmi_lint.link.context import Context, Held
from lmi_lint.link.heap import CONSTANT, NONE, NULL, Heap, Kind, Obj, Phase, ReadId, Val, blend, is_shared, join, of
from lmi_lint.link.limits import LIMITS
from lmi_lint.link.record import Recorder
from lmi_lint.link.names import CONSTRUCTOR, INITIALIZER, LAMBDA, STATIC, SYNCHRONIZED, resolver

if TYPE_CHECKING:
    from lmi_lint.knowledge.query import KnowledgeBase
    from lmi_lint.link.heap import Ref
    from lmi_lint.link.names import ClassInfo, FunctionInfo, ModuleInfo, Modules

_NO_HELD: frozenset[Held] = frozenset()
_NO_BUILDING: frozenset[Obj] = frozenset()


class Machine:
    """One deployed function's evaluation. ``cut`` names the limits that were reached."""

    def __init__(self, modules: Modules, knowledge: KnowledgeBase, shares_memory: bool) -> None:
        self.modules = modules
        self.knowledge = knowledge
        self.shares_memory = shares_memory
        self.heap = Heap()
        self.contexts: dict[object, Context] = {}
        self.per_function: dict[tuple[FunctionInfo, Phase, Obj | None], int] = {}
        self.objects: dict[object, Obj] = {}
        self.queue: list[Context] = []
        self.evaluations = 0
        self.nesting = 0
        self.cut: set[str] = set()
        self.recorder: Recorder | None = None
        self.request_written: set[tuple[Obj, str]] = set()
        self.releasers: dict[Obj, Obj] = {}
        self.arities: dict[Obj, int] = {}
        self.listeners: dict[Obj, None] = {}
        self.inherited: dict[Context, frozenset[ReadId]] = {}
        self.summoning = False
        self.waiting: dict[Context, None] = {}
        self.held_now: dict[Obj, Held] = {}
        self.freed_now: set[Obj] = set()
        self.implicit_globals = self.make("globals", Kind.OBJECT, Phase.LOAD, label="global")

    # ------------------------------------------------------------------ objects

    def make(self, key: object, kind: Kind, phase: Phase, **more: Any) -> Obj:  # noqa: ANN401 - passed on to Obj
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

    def allocate(self, context: Context, event: int, kind: Kind, **more: Any) -> Obj:  # noqa: ANN401 - passed on to Obj
        """A fresh object of an allocation site in one evaluation (of the site alone, once there are too many)."""
        site = context.function.facts.events[event]
        depth = 1 + max((ref.depth for ref, _ in context.this.refs), default=0)
        crowded = depth > LIMITS.depth or "objects" in self.cut
        key: object = (context.function, context.phase, event, kind) if crowded else (context, event, kind)
        where = (context.function.module.path, site.start, site.end)
        return self.make(
            (key, more.get("klass"), more.get("type_name")), kind, context.phase, site=where, depth=depth, **more
        )

    def frame(self, context: Context) -> Obj:
        """The frame of an evaluation's shared variables."""
        if context.frame is None:
            function = context.function
            if function.index == 0:
                context.frame = self.module_frame(function.module)
            else:
                context.frame = self.make(
                    ("frame", context),
                    Kind.FRAME,
                    context.phase,
                    function=function,
                    env=context.env,
                    label=function.label,
                )
        return context.frame

    def module_frame(self, module: ModuleInfo) -> Obj:
        """The frame of a module's variables; evaluates the module body on first use."""
        key = ("module frame", module)
        frame = self.objects.get(key)
        if frame is None:
            body = module.functions[0]
            frame = self.make(key, Kind.FRAME, Phase.LOAD, function=body)
            self.heap.store(self.module_object(module), "exports", of(self.exports_object(module)))
            self.call(None, 0, body, NONE, [], None, phase=Phase.LOAD)
        return frame

    def module_object(self, module: ModuleInfo) -> Obj:
        """CommonJS ``module``."""
        return self.make(("module object", module), Kind.OBJECT, Phase.LOAD, label="module")

    def exports_object(self, module: ModuleInfo) -> Obj:
        """CommonJS ``exports`` as the module finds it."""
        return self.make(("exports", module), Kind.OBJECT, Phase.LOAD, label="exports")

    def namespace(self, module: ModuleInfo) -> Obj:
        """All exports of a module as one object."""
        self.module_frame(module)
        return self.make(
            ("namespace", module), Kind.MODULE, Phase.LOAD, env=self.module_frame(module), label=module.path
        )

    def class_object(self, klass: ClassInfo, env: Obj | None = None, base: Val = NONE) -> Obj:
        """The class as an object: holder of its statics; its static initialiser runs on first use, at load."""
        key = ("class", klass, env)
        obj = self.objects.get(key)
        if obj is None:
            obj = self.make(key, Kind.CLASS, Phase.LOAD, klass=klass, env=env, label=klass.name)
            for index in klass.facts.methods:
                function = klass.module.functions[index]
                if function.has(INITIALIZER) and function.has(STATIC):
                    self.call(None, 0, function, of(obj), [], env, phase=Phase.LOAD)
        if base is not NONE:
            obj.base = base if obj.base is None else join(obj.base, base)
        return obj

    def summon(
        self,
        asker: Context | None,
        key: object,
        name: f.TypeName,
        module: ModuleInfo,
        klass: ClassInfo | None,
        phase: Phase,
    ) -> Val:
        """An object of a declared type where none is known: an instance that something outside made. Nothing is
        known to be unknown before the rest has settled, so the asker waits until then."""
        if not self.summoning:
            if asker is not None:
                self.waiting[asker] = None
            return NONE
        found = resolver(module.language).type(self.modules, module, klass, name)
        if isinstance(found, str):
            if "." not in found:
                return NONE
            return of(self.make(("summoned", key, found), Kind.INSTANCE, phase, type_name=found, guessed=True))
        if found.facts.type_params and any(found.name == param for param in found.facts.type_params):
            return NONE
        return of(self.make(("summoned", key, found), Kind.OBJECT, phase, klass=found, guessed=True))

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
        if caller is not None:
            building = building | caller.building
            if locked and caller.serial >= 0:
                held = self.locks_at(caller, event)
        if env is None and function.index != 0:
            env = self.module_frame(function.module)
        site = (caller.function, event) if caller is not None else None
        context = self._context(caller, function, phase, this, args, env, held, building, site)
        if caller is not None:
            table = caller.deferred if later else caller.callees
            table.setdefault(event, {})[context] = None
        context.callers[caller, event] = None
        for lock in context.freed:
            self.held_now.pop(lock, None)
        for lock in context.kept:
            self.held_now[lock] = Held(lock, (caller.serial if caller is not None else -1, 1000 + event), True)
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
        plain function's call site, the frame, locks and objects under construction. Arguments are joined."""
        args = self._typed(caller, function, phase, args)
        method = function.owner is not None and len(this.refs) == 1 and not function.has(LAMBDA)
        key: object = (function, phase, this.refs if method else site, env, held, building)
        context = self.contexts.get(key)
        if context is None:
            bucket = (function, phase, env)
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
                owner = of(self.class_object(function.owner)) if function.has(STATIC) and function.owner else this
                held = held | {Held(ref[0], (serial, -1), is_shared(ref)) for ref in owner.each()}
            context = Context(serial, function, phase, this, list(args), env, held, building)
            self.contexts[key] = context
            if (
                self.nesting < LIMITS.nesting and self.evaluations < LIMITS.evaluations
            ):  # callees first: then the caller sees what they return at once
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
                changed = True
        if context.merged and not held >= context.held:
            context.held = context.held & held
            changed = True
        for index, arg in enumerate(args):
            old = context.args[index] if index < len(context.args) else NONE
            new = join(old, arg)
            if new is not old and new != old:
                if index < len(context.args):
                    context.args[index] = new
                else:
                    context.args.append(new)
                changed = True
        if changed:
            self._enqueue(context)
        return context

    def _typed(self, caller: Context | None, function: FunctionInfo, phase: Phase, args: list[Val]) -> list[Val]:
        """Arguments for the parameters: missing ones added, untyped ones given an object of the declared type."""
        params = function.facts.params
        typed = args[: len(params)]
        while len(typed) < len(params):
            typed.append(NONE)
        for index, param in enumerate(params):
            if param.rest:
                rest = self.make(
                    ("rest", function, phase, index), Kind.OBJECT, phase, type_name="Array", label=param.name
                )
                for arg in args[index:]:
                    self.heap.store(rest, f.ELEMENT, arg)
                spread = blend(args[index:])
                typed[index] = Val(frozenset(((rest, False),)), spread.data, spread.reads)
            elif param.type is not None and not typed[index].refs and not typed[index].constant:
                made = self.summon(caller, (function, index, phase), param.type, function.module, function.scope, phase)
                typed[index] = join(typed[index], made) if made.refs else typed[index]
        return typed

    def release(self, lock: Obj) -> None:
        """A lock is released: one taken here, or one that a caller holds."""
        if self.held_now.pop(lock, None) is None:
            self.freed_now.add(lock)

    def construct(self, caller: Context, event: int, klass: ClassInfo, holder: Obj, args: list[Val]) -> Val:
        """``new klass(args)``: one object per site and evaluation; field initialisers and constructors run on it."""
        obj = self.allocate(caller, event, Kind.OBJECT, klass=klass, env=holder.env, label=klass.name)
        if obj.this is None:
            obj.this = caller.this
        made = of(obj)
        calls.initialise(self, caller, event, klass, holder, made, args)
        given = blend(args)
        return Val(made.refs, given.data, given.reads)

    # ------------------------------------------------------------------ locks

    def locks_at(self, context: Context, event: int) -> frozenset[Held]:
        """The locks held at an event: the callers', the enclosing regions', those acquired and not yet released."""
        held = context.held
        regions = context.function.facts.events[event].regions
        for index in regions:
            region = context.function.facts.regions[index]
            for ref in self._lock_refs(context, index, region):
                if region.how == "monitor" or places.is_lock(self, ref[0]):
                    held = held | {Held(ref[0], (context.serial, index), is_shared(ref))}
        if self.held_now:
            held = held | frozenset(self.held_now.values())
        return held

    def _lock_refs(self, context: Context, index: int, region: f.Region) -> list[Ref]:
        """What a region locks: an object, a class, or something unknown, which then stands for itself."""
        refs = list(self.value(context, region.resource).each())
        if refs or region.how != "monitor":
            return refs
        function = context.function
        if region.resource.type is not None:
            found = resolver(function.module.language).type(
                self.modules, function.module, function.scope, region.resource.type
            )
            return [(self.name(found) if isinstance(found, str) else self.class_object(found), True)]
        return [(self.make(("lock", function, index), Kind.NAME, Phase.LOAD, type_name="(lock)"), True)]

    # ------------------------------------------------------------------ values

    def value(self, context: Context, operand: f.Operand) -> Val:
        """An operand's value in an evaluation."""
        if operand.constant:
            if operand.texts:
                return Val(texts=texts.fold(operand.texts, lambda _: NONE), constant=True)
            return NULL if operand.const is None else CONSTANT
        sources = operand.sources
        if len(sources) == 1 and not operand.texts and operand.made_from in ((), sources):
            return self.source(context, sources[0])
        result = NONE
        for source in sources:
            result = join(result, self.source(context, source))
        rest = [self.source(context, source) for source in operand.made_from if source not in sources]
        mixed = blend(rest) if rest else NONE
        found = result.texts
        if operand.texts:
            found = texts.fold(operand.texts, lambda source: self.source(context, source))
        elif rest and not sources:
            found = frozenset()
        if mixed is NONE and found is result.texts and not (rest and result.constant):
            return result
        return Val(result.refs, result.data | mixed.data, result.reads | mixed.reads, found)

    def source(self, context: Context, source: f.Source) -> Val:
        """The value of one source."""
        if source >= 0:
            return context.results[source]
        if source == f.THIS:
            return context.this
        index = -2 - source
        return context.args[index] if index < len(context.args) else NONE

    def frame_holding(self, context: Context, function: int) -> Obj | None:
        """The frame of the enclosing function of that index, as this evaluation sees it."""
        module = context.function.module
        if function == context.function.index:
            return self.frame(context)
        if function == 0:
            return self.module_frame(module)
        env = context.env
        while env is not None:
            if env.function is not None and env.function.index == function and env.function.module is module:
                return env
            env = env.env
        return None

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
        for context in self.waiting:
            if context.serial >= 0:
                self._enqueue(context)
        self.waiting.clear()
        self._settle()

    def _settle(self) -> None:
        dirty = self.heap.dirty
        while self.queue or dirty:
            while dirty:
                self._enqueue(dirty.pop())
            if self.evaluations > LIMITS.evaluations:
                self.cut.add("evaluations")
                self.queue.clear()
                return
            context = self.queue.pop()
            context.queued = False
            self.evaluate(context)

    def evaluate(self, context: Context) -> None:
        """Run one function's events once."""
        self.evaluations += 1
        context.started = True
        results = context.results
        outer, freed = self.held_now, self.freed_now
        self.held_now, self.freed_now = {}, set()
        events = context.function.facts.events
        for _ in range(2 if context.function.looks_ahead() else 1):
            for index, event in enumerate(events):
                results[index] = _STEPS[type(event)](self, context, index, event)
        ret = NONE
        for operand in context.function.facts.returns:
            value = self.value(context, operand)
            ret = join(ret, value)
            if self.recorder is not None and (None, 0) in context.callers:
                for source in operand.sources:
                    if source >= 0:
                        places.note_use(self, context, source, value)
        kept = frozenset(lock for lock, held in self.held_now.items() if held.shared)
        changed = ret != context.ret or kept != context.kept or context.freed != self.freed_now
        context.kept, context.freed = kept, frozenset(self.freed_now)
        self.held_now, self.freed_now = outer, freed
        if changed:
            context.ret = join(context.ret, ret)
            for caller, _ in context.callers:
                if caller is not None:
                    self._enqueue(caller)

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

    def record(self, recorder: Recorder) -> None:
        """One more pass over the settled evaluations, so that a recorder sees every access and call once. Then
        what load left behind to run between invocations (listeners, timers): of that the calls count, not the
        accesses, since no invocation makes them."""
        seen = list(self.contexts.values())
        self._record(recorder, seen)
        for listener in self.listeners:
            if listener.function is not None:
                this = listener.this or NONE
                self.call(None, 1, listener.function, this, [], listener.env, phase=Phase.REQUEST)
        self.run()
        apart = Recorder()
        known = set(seen)
        self._record(apart, [context for context in self.contexts.values() if context not in known])
        recorder.calls += apart.calls

    def _record(self, recorder: Recorder, contexts: list[Context]) -> None:
        self.recorder = recorder
        for context in contexts:
            self.evaluate(context)
        self.recorder = None
        self.queue.clear()


def _make_closure(machine: Machine, context: Context, index: int, event: f.MakeClosure) -> Val:
    function = context.function.module.functions[event.function]
    lexical = context.this if function.has(LAMBDA) else None
    return of(
        machine.allocate(
            context,
            index,
            Kind.CLOSURE,
            function=function,
            env=machine.frame(context),
            this=lexical,
            label=function.label,
        )
    )


def _make_class(machine: Machine, context: Context, index: int, event: f.MakeClass) -> Val:
    klass = context.function.module.classes[event.klass]
    base = machine.value(context, event.base) if event.base is not None else NONE
    env = None if context.function.index == 0 or context.function.owner is klass else machine.frame(context)
    if context.function.has(INITIALIZER | CONSTRUCTOR) and context.function.owner is klass:
        known = [obj for obj in context.this.objects() if obj.kind is Kind.CLASS and obj.klass is klass]
        if known:
            return of(known[0])
    return of(machine.class_object(klass, env, base))


def _suspend(machine: Machine, context: Context, index: int, event: f.Suspend) -> Val:
    return machine.value(context, event.value)


_STEPS: dict[type, Callable[[Machine, Context, int, Any], Val]] = {
    f.LoadVar: places.load_var,
    f.LoadFree: places.load_free,
    f.Load: places.load,
    f.StoreVar: places.store_var,
    f.StoreFree: places.store_free,
    f.Store: places.store,
    f.Element: places.element,
    f.MakeDisplay: places.make_display,
    f.Call: calls.call,
    f.MakeClosure: _make_closure,
    f.MakeClass: _make_class,
    f.Suspend: _suspend,
}
