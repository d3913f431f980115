"""The binder's state: scopes, and what each kind of declaration and use does to them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from lmi_lint.facts.hoisting import assigned_names, declared_outside, defined_names, var_names
from lmi_lint.facts.scopes import RULES, Bindings, ScopeRules, Variable
from lmi_lint.facts.values import type_name
from lmi_lint.ir import nodes as ir
from lmi_lint.ir.nodes import DeclareKind, Flags


class Scope:
    """Names visible in a block. A name bound to None is free here whatever the scopes outside say."""

    __slots__ = ("function", "names", "parent")

    def __init__(self, parent: Scope | None, function: int) -> None:
        self.parent = parent
        self.function = function
        self.names: dict[str, Variable | None] = {}


Visits: TypeAlias = "Mapping[type, Callable[[Resolver, Any], None]]"
"""Node type → the function that binds what is inside."""


class Resolver:
    """One run over one module."""

    def __init__(self, module: ir.Module, visits: Visits) -> None:
        self.module = module
        self.visits = visits
        self.rules: ScopeRules = RULES[module.language]
        self.bindings = Bindings(len(module.functions))
        self.names = self.bindings.names
        self.variables: list[Variable] = []
        self.function = 0
        self.scope = Scope(None, 0)
        self.function_scopes: list[Scope | None] = [None] * len(module.functions)
        self.bound_classes: set[int] = set()
        self.turns: list[set[Variable]] = []

    def run(self) -> None:
        """Bind the module body and all that is written in it; then classes and functions that no body mentions
        (in Java and C# all of them), each once the function around it is bound.
        """
        self.bind_function(0)
        waiting = True
        while waiting:
            waiting = self._bind_rest(even_lost=False)
        self._bind_rest(even_lost=True)
        self._settle()

    def _bind_rest(self, even_lost: bool) -> bool:
        """Bind what is still unbound; True if anything was. ``even_lost``: also what has no bound function around."""
        progress = False
        for index, klass in enumerate(self.module.classes):
            if index not in self.bound_classes and self._enter(klass.outer, even_lost):
                self.bind_class(index)
                progress = True
        for index, function in enumerate(self.module.functions):
            if (
                self.function_scopes[index] is None
                and (function.owner is None or function.owner in self.bound_classes)
                and self._enter(function.outer, even_lost)
            ):
                self.bind_function(index)
                progress = True
        return progress

    def _enter(self, outer: int | None, even_lost: bool) -> bool:
        """Make the scope of the function ``outer`` the present one; False if it is not bound yet."""
        around = self.function_scopes[outer or 0] if (outer or 0) < len(self.function_scopes) else None
        if around is None and even_lost:
            around = self.function_scopes[0]
        if around is None:
            return False
        self.scope, self.function = around, around.function
        return True

    def _settle(self) -> None:
        """Decide what lives in frames, and give frame variables of one name and function different keys."""
        taken: dict[tuple[int, str], int] = {}
        implicit = 1 if self.rules.assignment_declares else 0
        for variable in self.variables:
            allowed = 0 if variable.initialised else implicit
            final = not variable.mutable or (variable.writes <= allowed and not variable.written_elsewhere)
            variable.frame = variable.captured or variable.function == 0
            variable.tracked = final or not variable.frame
            if variable.frame:
                count = taken.get((variable.function, variable.name), 0) + 1
                taken[variable.function, variable.name] = count
                if count > 1:
                    variable.key = f"{variable.name}#{count}"
            if variable.function == 0 and variable.declared:
                self.bindings.module.append(variable)

    # ------------------------------------------------------------------ scopes

    def declare(self, scope: Scope, name: str, start: int, end: int) -> Variable:
        """The variable ``name`` of ``scope``, made if it is new."""
        known = scope.names.get(name)
        if known is not None:
            return known
        variable = Variable(name, scope.function, start, end)
        scope.names[name] = variable
        self.variables.append(variable)
        return variable

    def look_up(self, name: str) -> Variable | None:
        """The variable that ``name`` means here."""
        scope: Scope | None = self.scope
        while scope is not None:
            if name in scope.names:
                return scope.names[name]
            scope = scope.parent
        if name == "arguments" and self.rules.implicit_arguments:
            return self._arguments()
        return None

    def _arguments(self) -> Variable | None:
        functions = self.module.functions
        index: int | None = self.function
        while index and Flags.LAMBDA in functions[index].flags:
            index = functions[index].outer
        scope = self.function_scopes[index] if index else None
        if not index or scope is None:
            return None
        function = functions[index]
        variable = self.declare(scope, "arguments", function.start, function.start)
        variable.initialised = True
        self.bindings.arguments[index] = variable
        return variable

    def mention(self, node_id: int, name: str) -> Variable | None:
        """Bind a use of ``name`` at a node."""
        variable = self.look_up(name)
        if variable is not None:
            self.names[node_id] = variable
            if variable.function != self.function:
                variable.captured = True
        return variable

    def write(self, variable: Variable) -> None:
        """Note an assignment that is not the declaration."""
        variable.writes += 1
        if variable.function != self.function:
            variable.written_elsewhere = True
        elif self.turns:
            self.turns[-1].add(variable)

    def function_scope(self) -> Scope:
        """The outermost scope of the present function."""
        return self.function_scopes[self.function] or self.scope

    # ------------------------------------------------------------------ functions and classes

    def bind_function(self, index: int) -> None:
        """Bind a function that is written in the present scope; once."""
        if self.function_scopes[index] is not None:
            return
        function = self.module.functions[index]
        saved = self.scope, self.function, self.turns
        scope = Scope(saved[0] if index else None, index)
        self.function_scopes[index] = scope
        self.scope, self.function, self.turns = scope, index, []
        params: list[Variable] = []
        for param in function.params:
            variable = self.declare(scope, param.name, param.start, param.end)
            variable.initialised = True
            variable.type = type_name(param.type)
            params.append(variable)
        self.bindings.params[index] = tuple(params)
        for param in function.params:
            if param.default is not None:
                self.visits[type(param.default)](self, param.default)
        self._hoist_function(function.body)
        self.statements(function.body)
        self.scope, self.function, self.turns = saved

    def _hoist_function(self, body: ir.Block) -> None:
        scope = self.scope
        if self.rules.assignment_declares:
            outer = declared_outside(body)
            for name, start, end in assigned_names(body):
                if name in outer:
                    continue
                variable = self.declare(scope, name, start, end)
                variable.declared = True
            for name, start, end in defined_names(body, self.module):
                if name not in outer:
                    self.declare(scope, name, start, end)
            for name, is_global in outer.items():
                scope.names[name] = self._outside(name, is_global)
        elif self.rules.hoists_blocks:
            for name, start, end in var_names(body):
                self.declare(scope, name, start, end)

    def _outside(self, name: str, is_global: bool) -> Variable | None:
        if is_global:
            scope = self.function_scopes[0]
            return self.declare(scope, name, 0, 0) if scope is not None else None
        scope = self.scope.parent
        while scope is not None:
            if name in scope.names:
                return scope.names[name]
            scope = scope.parent
        return None

    # ------------------------------------------------------------------ blocks

    def block(self, body: ir.Block) -> None:
        """Bind a block in a scope of its own."""
        if not body:
            return
        saved = self.scope
        self.scope = Scope(saved, self.function)
        self.statements(body)
        self.scope = saved

    def statements(self, body: ir.Block) -> None:
        """Bind statements in the present scope."""
        if self.rules.hoists_blocks:
            for statement in body:
                if isinstance(statement, ir.Declare):
                    if statement.kind is not DeclareKind.VAR:
                        self.declare(self.scope, statement.name, statement.start, statement.end)
                elif isinstance(statement, ir.Define):
                    self.declare_defined(statement)
        elif self.rules.hoists_functions:
            for statement in body:
                if isinstance(statement, ir.Define) and statement.function is not None:
                    self.declare_defined(statement)
        for statement in body:
            self.visits[type(statement)](self, statement)

    def declare_defined(self, node: ir.Define) -> None:
        """Declare the name of a function or class declaration, where that is a variable; once."""
        if node.function is not None:
            function = self.module.functions[node.function]
            name, start, end = function.name, function.name_start, function.name_end
        elif node.klass is not None and self.rules.class_values:
            klass = self.module.classes[node.klass]
            name, start, end = klass.name, klass.name_start, klass.name_end
        else:
            return
        if not name or id(node) in self.names:
            return
        scope = self.function_scope() if self.rules.assignment_declares else self.scope
        variable = self.declare(scope, name, start, end)
        if variable.initialised:
            self.write(variable)
        variable.initialised = True
        self.names[id(node)] = variable

    def bind_target(self, target: ir.Target, declares: DeclareKind | None) -> None:
        """Bind what an assignment or a loop writes; with ``declares`` the names are new."""
        if isinstance(target, ir.Name):
            if declares is not None:
                scope = self.function_scope() if declares is DeclareKind.VAR else self.scope
                variable = self.declare(scope, target.id, target.start, target.end)
                variable.declared = True
                if declares is DeclareKind.VAR and variable.initialised:
                    self.write(variable)
                variable.initialised = True
                self.names[id(target)] = variable
            else:
                self._bind_assigned(target)
        elif isinstance(target, ir.Pattern):
            for part, default in zip(target.targets, target.defaults, strict=False):
                self.bind_target(part, declares)
                if default is not None:
                    self.visits[type(default)](self, default)
        else:
            self.visits[type(target)](self, target)

    def _bind_assigned(self, target: ir.Name) -> None:
        variable = self.mention(id(target), target.id)
        if variable is None:
            return
        if not variable.initialised and (target.start, target.end) == (variable.start, variable.end):
            variable.initialised = True  # a destructured declaration: declared at the target itself, then assigned
        else:
            self.write(variable)

    def bind_class(self, index: int) -> None:
        """Bind a class that is written in the present scope; once."""
        if index in self.bound_classes:
            return
        self.bound_classes.add(index)
        klass = self.module.classes[index]
        if klass.base_expr is not None:
            self.visits[type(klass.base_expr)](self, klass.base_expr)
        saved = self.scope
        if self.rules.bare_members:
            self.scope = Scope(saved, self.function)
            self.scope.names.update(dict.fromkeys((field.name for field in klass.fields), None))
        for method in klass.methods:
            self.bind_function(method)
        self.scope = saved
