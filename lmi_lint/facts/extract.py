"""IR → facts: the only entry to this folder's machinery."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from lmi_lint.facts import model as facts
from lmi_lint.facts.binder import bind
from lmi_lint.facts.expressions import EVALUATE
from lmi_lint.facts.flows import MAX_NESTING, flattened, nesting, sequence
from lmi_lint.facts.frame import Frame
from lmi_lint.facts.model import ELEMENT, Operand, param
from lmi_lint.facts.scopes import Bindings
from lmi_lint.facts.statements import RUN
from lmi_lint.facts.stores import bind_variable, with_default
from lmi_lint.facts.values import type_name, type_names
from lmi_lint.ir import nodes as ir

_ROOM: Final = 40_000
"""Interpreter frames that extraction may use: the IR is walked recursively, a few frames per level."""

_DIRECTIVE: Final = "lmi:"


def extract(module: ir.Module, lines: int) -> facts.ModuleFacts:
    """The facts of one lowered file of ``lines`` lines. Never raises for any IR: a function nested too deeply to be
    walked has no events, and a flaw says so.
    """
    flaws = [facts.FlawFacts(flaw.message, flaw.start, flaw.end) for flaw in module.flaws]
    with _room():
        bindings = _bind(module, flaws)
        return facts.ModuleFacts(
            module.path,
            module.language,
            module.package,
            tuple([_import(item) for item in module.imports]),
            tuple([facts.ExportFacts(e.public, e.local, e.source, e.start, e.end) for e in module.exports]),
            tuple([facts.VariableFacts(v.key, v.type, v.mutable, v.start, v.end) for v in bindings.module]),
            tuple([_function(module, bindings, index, flaws) for index in range(len(module.functions))]),
            tuple([_class(item) for item in module.classes]),
            _comments(module),
            tuple(flaws),
            module.opaque,
            lines,
        )


def _comments(module: ir.Module) -> tuple[facts.CommentFacts, ...]:
    kept = [comment for comment in module.comments if _DIRECTIVE in comment.text]
    return tuple([facts.CommentFacts(item.text, item.own_line, item.start, item.end) for item in kept])


@contextmanager
def _room() -> Iterator[None]:
    """Raise the recursion limit for a while."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, _ROOM))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


def _bind(module: ir.Module, flaws: list[facts.FlawFacts]) -> Bindings:
    try:
        return bind(module)
    except RecursionError:
        body = module.functions[0]
        flaws.append(facts.FlawFacts("nested too deeply: names are not resolved", body.start, body.end))
        return Bindings(len(module.functions))


def _function(module: ir.Module, bindings: Bindings, index: int, flaws: list[facts.FlawFacts]) -> facts.FunctionFacts:
    function = module.functions[index]
    f = Frame(module, bindings, index, EVALUATE, RUN)
    try:
        _run(f)
    except RecursionError:
        flaws.append(facts.FlawFacts("nested too deeply: not analysed", function.start, function.end))
        f = Frame(module, bindings, index, EVALUATE, RUN)
    flow = sequence(f.flow)
    if nesting(flow) > MAX_NESTING:
        flow = flattened(flow)
        flaws.append(facts.FlawFacts("nested deeply: order of events is approximate", function.start, function.end))
    return facts.FunctionFacts(
        function.name,
        function.name_start,
        function.name_end,
        function.start,
        function.end,
        function.flags.value,
        function.owner,
        function.outer,
        (*[_param(item) for item in function.params], *_rest(function, bindings, index)),
        tuple(f.events),
        flow,
        tuple(f.held),
        tuple(f.returns),
        _annotations(function.decorators),
        type_name(function.returns),
        tuple(f.present),
    )


def _run(f: Frame) -> None:
    """Bind the parameters, then run the body."""
    function = f.function
    arguments = f.bindings.arguments.get(f.index)
    if arguments is not None:
        bind_variable(f, arguments, _arguments(f), facts.How.SET, function, declares=True)
    for index, (item, variable) in enumerate(zip(function.params, f.bindings.params[f.index], strict=False)):
        source = (param(index),)
        value = Operand(source, source, type=variable.type)
        if item.default is not None:
            value = with_default(f, value, item.default)
        bind_variable(f, variable, value, facts.How.SET, item, declares=True)
        if item.by_ref:
            f.by_ref.add(variable)
    f.run(function.body)


_HANDED: Final = 3
"""So many arguments are looked for in ``arguments``: what a handler may be given elsewhere."""


def _rest(function: ir.Function, bindings: Bindings, index: int) -> tuple[facts.ParamFacts, ...]:
    """The parameter that takes what ``arguments`` holds beside those that are declared."""
    has_rest = any(item.rest for item in function.params)
    return () if has_rest or index not in bindings.arguments else (facts.ParamFacts("arguments", None, False, True),)


def _arguments(f: Frame) -> Operand:
    """What ``arguments`` is: all that the function is given."""
    params, at = f.function.params, f.function.start
    rest = (param(len(params)),)
    if not params:
        return Operand(rest, rest)
    items = [_passed(index, item) for index, item in enumerate(params)]
    if not any(item.rest for item in params):
        for index in range(len(params), _HANDED):
            base = Operand(rest, rest)
            more = f.emit(facts.Load(at, at, f.guards, f.regions, base, str(index - len(params))))
            items.append(facts.Item(str(index), more))
    return f.emit(facts.MakeDisplay(at, at, f.guards, f.regions, "sequence", tuple(items)))


def _passed(index: int, item: ir.Param) -> facts.Item:
    """One item of ``arguments``."""
    source = (param(index),)
    key = ELEMENT if item.rest else str(index)
    return facts.Item(key, Operand(source, source), spread=item.rest)


def _param(item: ir.Param) -> facts.ParamFacts:
    return facts.ParamFacts(
        item.name,
        type_name(item.type),
        item.default is not None,
        item.rest,
        _annotations(item.decorators),
        item.keywords,
    )


def _annotations(decorators: tuple[ir.Decorator, ...]) -> tuple[facts.AnnotationFacts, ...]:
    if not decorators:
        return ()
    found: list[facts.AnnotationFacts] = []
    for item in decorators:
        given = [pair for arg in item.args for pair in _named_parts(arg)]
        args, names = tuple([text for _, text in given]), tuple([name for name, _ in given])
        found.append(facts.AnnotationFacts(item.name, args, names, item.start, item.end))
    return tuple(found)


def _named_parts(arg: ir.Arg) -> list[tuple[str | None, str | None]]:
    """An argument's name and text; an object written out gives its entries as arguments by name."""
    if isinstance(arg.value, ir.Display) and arg.value.kind is ir.DisplayKind.OBJECT and arg.name is None:
        keyed = [(_written_text(entry.key), entry.value) for entry in arg.value.items if entry.key is not None]
        return [(key, _written_text(value)) for key, value in keyed] or [(None, None)]
    return [(arg.name, _written_text(arg.value))]


def _written_text(node: ir.Node) -> str | None:
    """The text of a literal, or of a name with its qualifiers."""
    parts: list[str] = []
    while isinstance(node, ir.Member):
        parts.append(node.name)
        node = node.base
    if isinstance(node, ir.Name):
        return ".".join([node.id, *reversed(parts)])
    if parts or not isinstance(node, ir.Literal) or node.value is None:
        return None
    if isinstance(node.value, bool):
        return "true" if node.value else "false"
    return str(node.value)


def _class(item: ir.Class) -> facts.ClassFacts:
    fields = [
        facts.FieldFacts(
            field.name, type_name(field.type), field.flags.value, field.start, field.end, _annotations(field.decorators)
        )
        for field in item.fields
    ]
    return facts.ClassFacts(
        item.name,
        item.name_start,
        item.name_end,
        item.flags.value,
        type_names(item.bases),
        type_names(item.interfaces),
        tuple(fields),
        item.methods,
        item.outer_class,
        item.outer,
        _annotations(item.decorators),
        item.type_params,
    )


def _import(item: ir.Import) -> facts.ImportFacts:
    return facts.ImportFacts(item.module, item.name, item.alias, item.kind.value, item.dynamic, item.start, item.end)
