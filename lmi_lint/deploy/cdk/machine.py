"""Works out what the modules of a CDK app make, as far as that can be told from what is written.

Nothing is run: trees are walked with values that may be unknown. Where a condition is unknown both sides are walked, a
loop over an unknown list once; what differs then is unknown. Bounds keep any program finite; reaching one is recorded.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Final

from lmi_lint.deploy.cdk.names import Names
from lmi_lint.deploy.cdk.values import (
    UNKNOWN,
    Fn,
    Instance,
    Klass,
    Obj,
    Scope,
    Seq,
    Slot,
    Sym,
    Value,
    either,
)
from lmi_lint.ir.nodes import Flags
from lmi_lint.model.finding import Location
from lmi_lint.model.source import Span

if TYPE_CHECKING:
    from lmi_lint.discover import Project
    from lmi_lint.facts.trees import TreeSource
    from lmi_lint.index import Index
    from lmi_lint.ir.nodes import Class, Function, JumpKind, Module, Node

MAX_STEPS: Final = 400_000
"""Expressions and statements that are walked for one app; a large one has some 50,000."""

MAX_DEPTH: Final = 40
MAX_TURNS: Final = 200
"""Calls within calls, and turns of one loop."""

_SAME_FUNCTION: Final = 3
"""Times that one function may be under way at once."""


class TooMuchError(Exception):
    """The bound of steps is reached."""


class Args:
    """Evaluated arguments. ``is_open``: there may be further ones, a list that is not known was spread."""

    __slots__ = ("is_open", "items", "named")

    def __init__(self, items: list[Slot] | None = None, named: Obj | None = None, is_open: bool = False) -> None:
        self.items = items or []
        self.named = named or Obj()
        self.is_open = is_open

    def value(self, index: int, name: str = "") -> Value:
        """One argument by position or name; None where there is none."""
        if index < len(self.items):
            return self.items[index].value
        slot = self.named.slots.get(name)
        return slot.value if slot is not None else UNKNOWN if self.is_open else None


class Frame:
    """One call under way."""

    __slots__ = ("jump", "klass", "may_leave", "path", "returns", "scope", "this", "tree")

    def __init__(self, path: str, tree: Module, scope: Scope, this: Value | None, klass: int | None) -> None:
        self.path = path
        self.tree = tree
        self.scope = scope
        self.this = this
        self.klass = klass
        self.returns: list[Value] = []
        self.jump: JumpKind | None = None
        self.may_leave = False

    def at(self, node: Node) -> Location:
        """Where a node is written."""
        return Location(self.path, Span(node.start, node.end))


class Machine:
    """What is known so far. ``made``: what calls of the CDK made, in order; ``visited``: functions that were walked;
    ``cut``: bounds that were reached; ``turn``: which file is gone through, and which time."""

    def __init__(self, project: Project, index: Index, trees: TreeSource) -> None:
        self.project = project
        self.index = index
        self.trees = trees
        self.made: list[Sym] = []
        self.visited: set[tuple[str, int]] = set()
        self.scopes: dict[str, Scope] = {}
        self.uncertain = 0
        self.steps = 0
        self.cut: set[str] = set()
        self.turn = (0, "")
        self._stack: list[tuple[str, int]] = []
        self.names = Names(self)

    def step(self) -> None:
        """Count one step. TooMuchError when there were too many."""
        self.steps += 1
        if self.steps > MAX_STEPS:
            raise TooMuchError

    def reset(self) -> None:
        """Forget what was under way, after it failed."""
        self._stack.clear()
        self.uncertain = 0

    # ---- modules ----

    def module(self, path: str) -> Scope | None:
        """The scope of a module after its body was walked (or as far as it is, where modules import each other)."""
        if path not in self.scopes:
            tree = self.trees.tree(path)
            if tree is None:
                return None
            scope = self.scopes[path] = Scope()
            exported = Obj()
            here = Location(path, Span(0, 0))
            if tree.language.family == "javascript":
                holder = Obj()
                holder.slots["exports"] = Slot(exported, here)
                scope.names |= {"module": holder, "exports": exported}
            uncertain, self.uncertain = self.uncertain, 0
            self.run(Frame(path, tree, scope, None, None), 0)
            self.uncertain = uncertain
        return self.scopes[path]

    def tree(self, path: str) -> Module | None:
        """The tree of a module."""
        return self.trees.tree(path)

    def run(self, frame: Frame, index: int) -> Value:
        """Walk the body of a function in a frame. What it returns."""
        from lmi_lint.deploy.cdk.statements import block, hoist

        self.visited.add((frame.path, index))
        body = frame.tree.functions[index].body
        hoist(self, frame, body)
        finished = block(self, frame, body)
        if not frame.returns:
            return None
        result = frame.returns[0]
        for other in frame.returns[1:]:
            result = either(result, other)
        return result if finished or len(frame.returns) == 1 else either(result, None)

    # ---- functions ----

    def call(self, fn: Fn, args: Args, *, unknown: bool = False) -> Value:
        """Call a function of the project. ``unknown``: what is not given is unknown, not absent."""
        key = (fn.path, fn.index)
        tree = self.trees.tree(fn.path)
        if tree is None or self._stack.count(key) >= _SAME_FUNCTION:
            return UNKNOWN
        if len(self._stack) >= MAX_DEPTH:
            self.cut.add(f"{MAX_DEPTH} calls within calls")
            return UNKNOWN
        function = tree.functions[fn.index]
        frame = Frame(fn.path, tree, Scope(fn.scope), fn.this, function.owner)
        if function.owner is None and isinstance(fn.this, Instance):
            frame.klass = fn.this.klass.index if fn.this.klass.path == fn.path else None
        self._stack.append(key)
        try:
            self._bind(frame, function, args, unknown)
            return self.run(frame, fn.index)
        finally:
            self._stack.pop()

    def _bind(self, frame: Frame, function: Function, args: Args, unknown: bool) -> None:
        from lmi_lint.deploy.cdk.expressions import evaluate

        used: set[str] = set()
        positional = [param for param in function.params if not param.keywords]
        for place, param in enumerate(positional):
            if param.rest:
                rest = Seq(args.items[place:], args.is_open or unknown)
                frame.scope.names[param.name] = rest
                continue
            value: Value = None
            given = True
            if place < len(args.items):
                value = args.items[place].value
            elif param.name in args.named.slots:
                value = args.named.slots[param.name].value
                used.add(param.name)
            elif args.is_open or unknown or args.named.is_open:
                value = UNKNOWN
            else:
                given = False
            absent = not given or (value is None and frame.tree.language.family == "javascript")
            if absent and param.default is not None:
                value = evaluate(self, frame, param.default)
            frame.scope.names[param.name] = value
        for param in function.params:
            if param.keywords:
                extra = Obj()
                extra.spread(args.named)
                extra.slots = {key: slot for key, slot in extra.slots.items() if key not in used}
                extra.is_open = args.named.is_open or unknown
                frame.scope.names[param.name] = extra

    # ---- classes ----

    def klass(self, klass: Klass) -> Class | None:
        """The declaration of a class."""
        tree = self.trees.tree(klass.path)
        return tree.classes[klass.index] if tree is not None else None

    def construct(self, klass: Klass, args: Args, where: Location, *, unknown: bool = False) -> Instance:
        """A new object of a class of the project. ``unknown``: nothing makes it that is known, it might be made."""
        made = Instance(klass, None if unknown else where)
        self.initialise(made, klass, args, where, unknown=unknown)
        return made

    def initialise(
        self, made: Instance, klass: Klass, args: Args, where: Location, *, unknown: bool = False, own: bool = True
    ) -> None:
        """Run the initialisers (unless ``own`` is False) and the constructor that a class has for these arguments."""
        key = (klass.path, -1 - klass.index)
        if self._stack.count(key) >= _SAME_FUNCTION:  # a class that extends itself
            return
        self._stack.append(key)
        try:
            self._initialise(made, klass, args, where, unknown=unknown, own=own)
        finally:
            self._stack.pop()

    def _initialise(
        self, made: Instance, klass: Klass, args: Args, where: Location, *, unknown: bool, own: bool
    ) -> None:
        declared = self.klass(klass)
        tree = self.trees.tree(klass.path)
        if declared is None or tree is None:
            return
        for index in declared.methods if own else ():
            flags = tree.functions[index].flags
            if Flags.INITIALIZER in flags and Flags.STATIC not in flags:
                self.call(Fn(klass.path, index, klass.scope, made), Args())
        constructors = [
            index for index in declared.methods
            if Flags.CONSTRUCTOR in tree.functions[index].flags and Flags.STATIC not in tree.functions[index].flags
        ]  # fmt: skip
        chosen = _fitting(tree, constructors, len(args.items) + len(args.named.slots))
        if chosen is None:
            self.construct_base(made, klass, args, where)
        else:
            self.call(Fn(klass.path, chosen, klass.scope, made), args, unknown=unknown)
            if made.base is None:
                self.construct_base(made, klass, Args(is_open=True), where)

    def construct_base(self, made: Instance, klass: Klass, args: Args, where: Location) -> None:
        """What ``super(…)`` of a class does."""
        base = self.base(klass)
        if isinstance(base, Klass):
            self.initialise(made, base, args, where)
        elif isinstance(base, Sym) and made.base is None:
            made.base = self.make(base.name, args, made.where or where)
            made.base.written = where.path

    def base(self, klass: Klass) -> Value:
        """What a class extends; None for nothing."""
        from lmi_lint.deploy.cdk.expressions import evaluate

        declared = self.klass(klass)
        tree = self.trees.tree(klass.path)
        if declared is None or tree is None:
            return UNKNOWN
        frame = Frame(klass.path, tree, klass.scope or Scope(), None, None)
        if declared.base_expr is not None:
            return evaluate(self, frame, declared.base_expr)
        if declared.bases:
            return self.names.dotted(frame, declared.bases[0].name)
        return None

    def method(self, klass: Klass, name: str, count: int) -> tuple[Klass, int] | None:
        """The method of a class or of one that it extends, by name and number of arguments."""
        seen: list[Klass] = []
        found: Value = klass
        while isinstance(found, Klass) and len(seen) < MAX_DEPTH:
            declared, tree = self.klass(found), self.trees.tree(found.path)
            if declared is None or tree is None:
                return None
            named = [index for index in declared.methods if tree.functions[index].name == name]
            chosen = _fitting(tree, named, count)
            if chosen is not None:
                return found, chosen
            seen.append(found)
            found = self.base(found)
        return None

    def statics(self, klass: Klass) -> Obj:
        """The static members of a class."""
        if not klass.prepared:
            klass.prepared = True
            declared, tree = self.klass(klass), self.trees.tree(klass.path)
            for index in declared.methods if declared is not None and tree is not None else ():
                flags = tree.functions[index].flags if tree is not None else Flags.NONE
                if Flags.INITIALIZER in flags and Flags.STATIC in flags:
                    self.call(Fn(klass.path, index, klass.scope, klass), Args())
        return klass.statics

    # ---- what libraries make ----

    def make(self, name: str, args: Args, where: Location, base: Value | None = None) -> Sym:
        """What a call of a library makes; remembered, since it may be a function."""
        made = Sym(name, base, args.items, args.named, where, called=True)
        made.turn = self.turn
        if args.is_open:
            made.named.is_open = True
        self.made.append(made)
        return made

    def working_folder(self, path: str) -> str:
        """The folder that relative paths of an app mean: that of the nearest ``cdk.json`` (or of the manifest of the
        build) above a file."""
        folder = posixpath.dirname(path)
        configs = self.names.configs
        while True:
            if any(posixpath.join(folder, name) in configs for name in ("cdk.json", "sst.json")):
                return folder
            if not folder:
                break
            folder = posixpath.dirname(folder)
        folder = posixpath.dirname(path)
        while folder and not any(posixpath.join(folder, name) in configs for name in ("package.json", "pom.xml")):
            folder = posixpath.dirname(folder)
        return folder


def _fitting(tree: Module, indexes: list[int], count: int) -> int | None:
    """The function that takes so many arguments, else the one with the most parameters."""
    if len(indexes) <= 1:
        return indexes[0] if indexes else None
    for index in indexes:
        params = tree.functions[index].params
        needed = sum(param.default is None and not param.rest for param in params)
        if needed <= count and (count <= len(params) or any(param.rest for param in params)):
            return index
    return max(indexes, key=lambda index: len(tree.functions[index].params))
