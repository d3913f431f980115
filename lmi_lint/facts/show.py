"""Facts as readable text, for ``lmi-lint debug facts`` and for tests.

Per function one line per event: ``3 load 2.name if 1 in r0``; sources are written as event numbers, ``this`` and
``p0``; an operand as the sources that it may be, ``<…>`` around what it is merely made from, texts in quotes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any, Final

from lmi_lint.facts import model as facts
from lmi_lint.facts.model import THIS, Operand, Source, TypeName, param_index
from lmi_lint.ir.nodes import Flags


def show(module: facts.ModuleFacts) -> str:
    """A readable dump of one file's facts; ends with a newline."""
    lines = [f"module {module.path} {module.language.value} {module.lines} lines, {module.opaque} opaque"]
    for imported in module.imports:
        name = "" if imported.name is None else f".{imported.name}"
        dynamic = " dynamic" if imported.dynamic else ""
        lines.append(f"import {imported.kind} {imported.module}{name} as {imported.alias or '-'}{dynamic}")
    for exported in module.exports:
        source = "" if exported.source is None else f" from {exported.source}"
        lines.append(f"export {exported.public} = {exported.local or '-'}{source}")
    for variable in module.variables:
        mutable = "" if variable.mutable else " immutable"
        lines.append(f"variable {variable.name}{_of_type(variable.type)}{mutable}")
    for index, klass in enumerate(module.classes):
        lines.append(_class(index, klass))
    for index, function in enumerate(module.functions):
        lines.append("")
        lines += _function(index, function)
    lines += [f"flaw {flaw.message}" for flaw in module.flaws]
    return "\n".join(lines) + "\n"


def _class(index: int, klass: facts.ClassFacts) -> str:
    bases = ", ".join([_type(base) for base in (*klass.bases, *klass.interfaces)])
    fields = ", ".join([f"{field.name}{_of_type(field.type)}" for field in klass.fields])
    methods = ", ".join([f"f{method}" for method in klass.methods])
    return f"class c{index} {klass.name or '-'}({bases}) fields [{fields}] methods [{methods}]"


def _function(index: int, function: facts.FunctionFacts) -> list[str]:
    flags = " ".join([flag.name.lower() for flag in Flags(function.flags) if flag.name])
    params = ", ".join([f"{'...' if p.rest else ''}{p.name}{_of_type(p.type)}" for p in function.params])
    owner = "" if function.owner is None else f" of c{function.owner}"
    outer = "" if not function.outer else f" in f{function.outer}"
    lines = [f"function f{index} {function.name or '-'}({params}){owner}{outer} [{flags}]"]
    for number, event in enumerate(function.events):
        lines.append(f"  {number} {show_event(event)}")
    for number, region in enumerate(function.regions):
        lines.append(f"  region r{number} {region.how} {show_operand(region.resource)}")
    lines += [
        f"  {_source(each.source)} {_said(each)} in {each.first}-{each.end - 1}" for each in function.present
    ]  # fmt: skip
    if function.events:
        lines.append(f"  flow {show_flow(function.flow)}")
    lines += [f"  returns {show_operand(operand)}" for operand in function.returns]
    return lines


def show_event(event: facts.Event) -> str:
    """One event without its number."""
    text = _SHOW[type(event)](event)
    if event.guards:
        text += f" if {_sources(event.guards)}"
    if event.regions:
        text += " in " + " ".join([f"r{region}" for region in event.regions])
    return text


def show_operand(operand: Operand) -> str:
    """One operand: constants as JSON, texts in quotes with their holes in braces, else sources."""
    if operand.constant:
        return json.dumps(operand.const, ensure_ascii=False)
    parts: list[str] = []
    if operand.sources:
        parts.append(_sources(operand.sources))
    rest = tuple([source for source in operand.made_from if source not in operand.sources])
    if rest:
        parts.append(f"<{_sources(rest)}>")
    if operand.texts:
        parts.append("|".join([_text(text) for text in operand.texts]))
    if not parts:
        parts.append("?")
    return " ".join(parts) + _of_type(operand.type)


def show_flow(flow: facts.Flow) -> str:
    """A flow on one line: steps as numbers, ``( … | … )`` a branch, ``{ … }*`` a loop (``+``: at least once, ``n``:
    bounded), ``try( … ; … ; … )``."""
    if isinstance(flow, facts.Step):
        return str(flow.event)
    if isinstance(flow, facts.Seq):
        return " ".join([show_flow(item) for item in flow.items])
    if isinstance(flow, facts.Branch):
        return f"({'|'.join([show_flow(arm) for arm in flow.arms])})"
    if isinstance(flow, facts.Loop):
        return f"{{{show_flow(flow.body)}}}{'n' if flow.bounded else ''}{'+' if flow.at_least_once else '*'}"
    if isinstance(flow, facts.Attempt):
        handlers = "|".join([show_flow(handler) for handler in flow.handlers])
        return f"try({show_flow(flow.body)};{handlers};{show_flow(flow.final)})"
    return flow.how


def _said(claim: facts.Presence) -> str:
    if claim.text is not None:
        return f"is {claim.text!r}"
    return "is not there" if claim.absent else "is there"


def _source(source: Source) -> str:
    if source >= 0:
        return str(source)
    return "this" if source == THIS else f"p{param_index(source)}"


def _sources(sources: Iterable[Source]) -> str:
    return ",".join([_source(source) for source in sources])


def _text(text: facts.Pattern) -> str:
    parts = [part if isinstance(part, str) else f"{{{_sources(part.sources)}}}" for part in text]
    return json.dumps("".join(parts), ensure_ascii=False)


def _type(name: TypeName) -> str:
    args = f"<{', '.join([_type(arg) for arg in name.args])}>" if name.args else ""
    return f"{name.name}{args}{'[]' if name.array else ''}"


def _of_type(name: TypeName | None) -> str:
    return "" if name is None else f":{_type(name)}"


def _load(event: facts.Load) -> str:
    return f"load {show_operand(event.base)}.{event.key}{_at(event.index)}"


def _at(index: Operand | None) -> str:
    return "" if index is None else f" at {show_operand(index)}"


def _how(how: facts.How) -> str:
    return "" if how is facts.How.SET else f" ({how.value})"


def _store_var(event: facts.StoreVar) -> str:
    declares = "declare" if event.declares else "store"
    return f"{declares} f{event.function}:{event.name} = {show_operand(event.value)}{_how(event.how)}"


def _store(event: facts.Store) -> str:
    place = f"{show_operand(event.base)}.{event.key}{_at(event.index)}"
    return f"store {place} = {show_operand(event.value)}{_how(event.how)}"


def _call(event: facts.Call) -> str:
    words = [word for word in ("awaited", "discarded") if getattr(event, word)]
    words.append("new" if event.new else "call")
    args = ", ".join([_argument(argument) for argument in event.args])
    type_args = f"<{', '.join([_type(name) for name in event.type_args])}>" if event.type_args else ""
    return f"{' '.join(words)} {_callee(event)}{type_args}({args}){_of_type(event.as_type)}"


def _callee(event: facts.Call) -> str:
    if event.callee is not None:
        return f"({show_operand(event.callee)})"
    if event.on_super:
        return f"super.{event.method}" if event.method else "super"
    if event.on_this:
        return "this"
    return event.method if event.receiver is None else f"{show_operand(event.receiver)}.{event.method}"


def _argument(argument: facts.Argument) -> str:
    name = "" if argument.name is None else f"{argument.name}="
    marks = ("..." if argument.spread else "") + ("ref " if argument.by_ref else "")
    return f"{name}{marks}{show_operand(argument.value)}"


def _display(event: facts.MakeDisplay) -> str:
    items = [f"{'...' if item.spread else ''}{item.key}: {show_operand(item.value)}" for item in event.items]
    return f"make {event.kind}{_of_type(event.type)} {{{', '.join(items)}}}"


def _make_class(event: facts.MakeClass) -> str:
    return f"class c{event.klass}" + ("" if event.base is None else f" extends {show_operand(event.base)}")


def _position(event: facts.Element) -> str:
    return "" if event.position is None else f" {event.position}"


_SHOW: Final[dict[type, Callable[[Any], str]]] = {
    facts.LoadVar: lambda event: f"load f{event.function}:{event.name}",
    facts.LoadFree: lambda event: f"load {event.name}",
    facts.Load: _load,
    facts.StoreVar: _store_var,
    facts.StoreFree: lambda event: f"store {event.name} = {show_operand(event.value)}{_how(event.how)}",
    facts.Store: _store,
    facts.Call: _call,
    facts.MakeDisplay: _display,
    facts.MakeClosure: lambda event: f"closure f{event.function}",
    facts.MakeClass: _make_class,
    facts.Element: lambda event: f"element{_position(event)} of {show_operand(event.base)}",
    facts.Suspend: lambda event: f"suspend ({event.how}) {show_operand(event.value)}",
}
