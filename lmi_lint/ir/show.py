"""A readable printer of the IR, for ``lmi-lint debug ir`` and for tests.

One statement per line, blocks indented by two spaces, expressions in a neutral notation: ``fn#3`` is a function and
``class#0`` a class of the module. What is nested more than ``MAX_SHOWN`` levels deep is printed as ``…``.
"""

from __future__ import annotations

from lmi_lint.ir import nodes as ir

MAX_SHOWN = 120
"""Levels of nesting that are printed."""

_ASSIGN = {ir.How.SET: "=", ir.How.UPDATE: "<update>=", ir.How.IF_ABSENT: "?="}
_BRACKETS = {
    ir.DisplayKind.SEQUENCE: ("[", "]"),
    ir.DisplayKind.MAPPING: ("map{", "}"),
    ir.DisplayKind.SET: ("set{", "}"),
    ir.DisplayKind.OBJECT: ("{", "}"),
}


def show(module: ir.Module) -> str:
    """The whole module as text, ending in a newline."""
    lines = [f"module {module.path} ({module.language.value})"]
    if module.package is not None:
        lines.append(f"package {module.package}")
    lines.extend(show_import(item) for item in module.imports)
    lines.extend(_export(item) for item in module.exports)
    for index, klass in enumerate(module.classes):
        lines.extend(_class(index, klass))
    for index, function in enumerate(module.functions):
        lines.append(_heading(index, function))
        lines.extend(show_block(function.body, 1))
    lines.extend(f"flaw at {flaw.start}: {flaw.message}" for flaw in module.flaws)
    if module.opaque:
        lines.append(f"opaque {module.opaque}")
    return "\n".join(lines) + "\n"


def show_import(item: ir.Import) -> str:
    """``import name as alias from module (kind)``."""
    dynamic = " dynamic" if item.dynamic else ""
    name = "*" if item.name is None else item.name
    alias = f" as {item.alias}" if item.alias else ""
    return f"import {name}{alias} from {item.module!r} ({item.kind.value}{dynamic})"


def _export(item: ir.Export) -> str:
    source = f" from {item.source!r}" if item.source is not None else ""
    return f"export {item.local or '*'} as {item.public}{source}"


def show_type(ref: ir.TypeRef | None) -> str:
    """``Name<Arg, Arg>``, or an empty text."""
    if ref is None:
        return ""
    args = ", ".join([show_type(arg) for arg in ref.args])
    return f"{ref.name}<{args}>" if args else ref.name


def _flags(flags: ir.Flags) -> str:
    return "".join(f" {flag.name.lower()}" for flag in ir.Flags if flag in flags and flag.name)


def _decorators(decorators: tuple[ir.Decorator, ...]) -> str:
    return "".join([f" @{item.name}({_args(item.args, 0)})" for item in decorators])


def _class(index: int, klass: ir.Class) -> list[str]:
    bases = ", ".join([show_type(ref) for ref in klass.bases])
    interfaces = ", ".join([show_type(ref) for ref in klass.interfaces])
    line = f"class#{index} {klass.name or '<anonymous>'}{_flags(klass.flags)}"
    line += f" extends {bases}" if bases else ""
    line += f" base {show_expr(klass.base_expr)}" if klass.base_expr is not None else ""
    line += f" implements {interfaces}" if interfaces else ""
    line += f" methods {list(klass.methods)}" + _decorators(klass.decorators)
    lines = [line]
    for field in klass.fields:
        annotation = f": {show_type(field.type)}" if field.type is not None else ""
        lines.append(f"  field {field.name}{annotation}{_flags(field.flags)}{_decorators(field.decorators)}")
    return lines


def _heading(index: int, function: ir.Function) -> str:
    params = ", ".join([_param(param) for param in function.params])
    line = f"fn#{index} {function.name or '<anonymous>'}({params}){_flags(function.flags)}"
    line += f" -> {show_type(function.returns)}" if function.returns is not None else ""
    line += f" in class#{function.owner}" if function.owner is not None else ""
    line += f" outer fn#{function.outer}" if function.outer is not None else ""
    return line + _decorators(function.decorators)


def _param(param: ir.Param) -> str:
    text = ("..." if param.rest else "") + param.name
    text += f": {show_type(param.type)}" if param.type is not None else ""
    text += f" = {show_expr(param.default)}" if param.default is not None else ""
    return (_decorators(param.decorators) + " " + text).strip()


# --------------------------------------------------------------------------- statements


def show_block(block: ir.Block, level: int) -> list[str]:
    """The lines of a block, indented by ``level`` steps."""
    if level > MAX_SHOWN:
        return ["  " * MAX_SHOWN + "…"] if block else []
    lines: list[str] = []
    for statement in block:
        lines.extend(_statement(statement, level))
    return lines


def _statement(node: ir.Stmt, level: int) -> list[str]:
    pad = "  " * level
    below = level + 1
    match node:
        case ir.Do():
            return [pad + show_expr(node.value, level)]
        case ir.Declare():
            annotation = f": {show_type(node.type)}" if node.type is not None else ""
            init = f" = {show_expr(node.init, level)}" if node.init is not None else ""
            fixed = " fixed" if not node.mutable and node.kind is not ir.DeclareKind.CONST else ""
            return [f"{pad}{node.kind.value}{fixed} {node.name}{annotation}{init}"]
        case ir.If():
            lines = [f"{pad}if {show_expr(node.test, level)}", *show_block(node.then, below)]
            return lines + ([pad + "else", *show_block(node.orelse, below)] if node.orelse else [])
        case ir.Loop():
            return [pad + _loop(node, level), *show_block(node.body, below)]
        case ir.Try():
            return _try(node, level)
        case ir.Scoped():
            name = f" as {node.name}" if node.name is not None else ""
            suspends = "await " if node.suspends else ""
            heading = f"{pad}{suspends}{node.how.value} {show_expr(node.resource, level)}{name}"
            return [heading, *show_block(node.body, below)]
        case ir.BlockStmt():
            return [pad + "block", *show_block(node.body, below)]
        case ir.Opaque():
            return [pad + show_expr(node, level)]
    return [pad + _simple(node, level)]


def _simple(node: ir.Stmt, level: int) -> str:
    match node:
        case ir.Return() | ir.Raise():
            word = "return" if isinstance(node, ir.Return) else "raise"
            return word if node.value is None else f"{word} {show_expr(node.value, level)}"
        case ir.Jump():
            return f"{node.how.value} {node.label}" if node.label is not None else node.how.value
        case ir.Define():
            return f"define fn#{node.function}" if node.function is not None else f"define class#{node.klass}"
        case ir.Scope():
            return ("global " if node.is_global else "nonlocal ") + ", ".join(node.ids)
    return type(node).__name__


def _loop(node: ir.Loop, level: int) -> str:
    parts = ["loop"]
    if node.label is not None:
        parts.append(f"{node.label}:")
    if node.target is not None:
        parts.append((f"{node.declares.value} " if node.declares is not None else "") + _target(node.target, level))
    if node.iterates is not None:
        parts.append(f"of {show_expr(node.iterates, level)}")
    if node.test is not None:
        parts.append(f"{'until-after' if node.at_least_once else 'while'} {show_expr(node.test, level)}")
    elif node.at_least_once:
        parts.append("once")
    if node.update is not None:
        parts.append(f"update {show_expr(node.update, level)}")
    return " ".join(parts)


def _try(node: ir.Try, level: int) -> list[str]:
    pad = "  " * level
    lines = [pad + "try", *show_block(node.body, level + 1)]
    for handler in node.handlers:
        words = [
            "catch",
            *([handler.name] if handler.name else []),
            *([show_type(handler.type)] if handler.type else []),
        ]
        lines += [pad + " ".join(words), *show_block(handler.body, level + 1)]
    for word, block in (("else", node.orelse), ("finally", node.final)):
        if block:
            lines += [pad + word, *show_block(block, level + 1)]
    return lines


# --------------------------------------------------------------------------- expressions


def show_expr(node: ir.Expr | ir.Stmt | None, level: int = 0) -> str:
    """One expression on one line."""
    if node is None:
        return "_"
    if level > MAX_SHOWN:
        return "…"
    level += 1
    match node:
        case ir.Literal():
            return repr(node.value)
        case ir.Name():
            return node.id
        case ir.This():
            return "this"
        case ir.Super():
            return "super"
        case ir.Member():
            return f"{show_expr(node.base, level)}.{node.name}"
        case ir.Index():
            return f"{show_expr(node.base, level)}[{show_expr(node.key, level)}]"
        case ir.Call():
            return _call(node, level)
        case ir.Assign():
            if node.value is None:
                return f"delete {_target(node.target, level)}"
            return f"({_target(node.target, level)} {_ASSIGN[node.how]} {show_expr(node.value, level)})"
        case ir.Display():
            opening, closing = _BRACKETS[node.kind]
            return opening + ", ".join([_entry(item, level) for item in node.items]) + closing
        case ir.Opaque():
            return f"opaque<{node.what}>({', '.join([show_expr(child, level) for child in node.children])})"
    return _rarer(node, level)


def _rarer(node: ir.Expr | ir.Stmt, level: int) -> str:
    match node:
        case ir.Template():
            return "text(" + ", ".join([show_expr(part, level) for part in node.parts]) + ")"
        case ir.Op():
            operands = [show_expr(operand, level) for operand in node.operands]
            return f"({node.text} {operands[0]})" if len(operands) == 1 else "(" + f" {node.text} ".join(operands) + ")"
        case ir.Choice():
            test, then, orelse = node.test, node.then, node.orelse
            return f"({show_expr(test, level)} ? {show_expr(then, level)} : {show_expr(orelse, level)})"
        case ir.Await():
            return f"({node.how.value} {show_expr(node.value, level)})"
        case ir.Closure():
            return f"fn#{node.function}"
        case ir.ClassValue():
            return f"class#{node.klass}"
        case ir.TypeValue():
            return f"type<{show_type(node.type)}>"
        case ir.Sequence():
            body = "; ".join([" ".join(line.split()) for line in show_block(node.body, level)])
            return f"seq({body}; {show_expr(node.value, level)})"
    return " / ".join([line.strip() for line in _statement(node, level)])  # type: ignore[arg-type]


def _call(node: ir.Call, level: int) -> str:
    types = "<" + ", ".join([show_type(ref) for ref in node.type_args]) + ">" if node.type_args else ""
    fills = " fill{" + ", ".join([_entry(item, level) for item in node.fills]) + "}" if node.fills else ""
    made = f":{show_type(node.type)}" if node.type is not None else ""
    new = "new " if node.new else ""
    return f"{new}{show_expr(node.callee, level)}{types}{made}({_args(node.args, level)}){fills}"


def _args(args: tuple[ir.Arg, ...], level: int) -> str:
    texts: list[str] = []
    for arg in args:
        mode = "" if arg.mode is ir.ArgMode.IN else f"{arg.mode.value} "
        name = f"{arg.name}=" if arg.name is not None else ""
        texts.append(f"{mode}{name}{'...' if arg.spread else ''}{show_expr(arg.value, level)}")
    return ", ".join(texts)


def _entry(item: ir.Entry, level: int) -> str:
    value = show_expr(item.value, level)
    if item.spread:
        return f"...{value}"
    return value if item.key is None else f"{show_expr(item.key, level)}: {value}"


def _target(target: ir.Target, level: int) -> str:
    if not isinstance(target, ir.Pattern):
        return show_expr(target, level)
    parts: list[str] = []
    for part, path, default in zip(target.targets, target.paths, target.defaults, strict=True):
        fallback = f" ?? {show_expr(default, level)}" if default is not None else ""
        parts.append(f"{show_expr(part, level)}@{'.'.join(path)}{fallback}")
    return "pattern(" + ", ".join(parts) + ")"
