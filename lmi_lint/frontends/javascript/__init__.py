"""The JavaScript and TypeScript front-end: tree-sitter trees → IR."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lmi_lint.frontends.javascript import (
    classes,
    exports,
    expressions,
    functions,
    imports,
    jsx,
    literals,
    operators,
    statements,
    switch,
    typescript,
)
from lmi_lint.frontends.javascript.context import COMMENTS, LowerExpr, Lowering, LowerStmt, Tables
from lmi_lint.frontends.treesitter import comments, load_parser, parse, room_to_recurse, syntax_flaws
from lmi_lint.ir import nodes as ir
from lmi_lint.model.names import Language
from lmi_lint.model.source import SourceFile

if TYPE_CHECKING:
    from tree_sitter import Node

_EXPRESSIONS: dict[str, LowerExpr] = {
    "identifier": expressions.identifier,
    "shorthand_property_identifier": expressions.identifier,
    "property_identifier": expressions.identifier,
    "private_property_identifier": expressions.private_name,
    "member_expression": expressions.member,
    "nested_identifier": expressions.member,
    "call_expression": expressions.call,
    "string": literals.string,
    "number": literals.number,
    "template_string": literals.template,
    "regex": literals.regex,
    "true": literals.true,
    "false": literals.false,
    "null": literals.null,
    "undefined": literals.null,
    "this": expressions.this,
    "super": expressions.super_,
    "import": expressions.import_,
    "meta_property": expressions.meta,
    "parenthesized_expression": expressions.transparent,
    "as_expression": expressions.transparent,
    "satisfies_expression": expressions.transparent,
    "non_null_expression": expressions.transparent,
    "instantiation_expression": expressions.transparent,
    "type_assertion": expressions.type_assertion,
    "subscript_expression": expressions.subscript,
    "new_expression": expressions.new,
    "await_expression": expressions.await_,
    "yield_expression": expressions.yield_,
    "ternary_expression": expressions.ternary,
    "sequence_expression": expressions.sequence,
    "array": expressions.array,
    "object": expressions.object_,
    "binary_expression": operators.binary,
    "unary_expression": operators.unary,
    "update_expression": operators.update,
    "assignment_expression": operators.assignment,
    "augmented_assignment_expression": operators.augmented,
    "arrow_function": functions.closure,
    "function_expression": functions.closure,
    "generator_function": functions.closure,
    "class": classes.value,
    "jsx_element": jsx.element,
    "jsx_self_closing_element": jsx.element,
}

_STATEMENTS: dict[str, LowerStmt] = {
    "expression_statement": statements.expression,
    "lexical_declaration": statements.declaration,
    "variable_declaration": statements.declaration,
    "return_statement": statements.return_,
    "if_statement": statements.if_,
    "statement_block": statements.block,
    "function_declaration": functions.declaration,
    "generator_function_declaration": functions.declaration,
    "class_declaration": classes.declaration,
    "abstract_class_declaration": classes.declaration,
    "interface_declaration": classes.interface,
    "throw_statement": statements.throw,
    "try_statement": statements.try_,
    "for_statement": statements.for_,
    "for_in_statement": statements.for_in,
    "while_statement": statements.while_,
    "do_statement": statements.while_,
    "break_statement": statements.break_,
    "continue_statement": statements.continue_,
    "labeled_statement": statements.labeled,
    "switch_statement": switch.switch,
    "import_statement": imports.import_statement,
    "import_alias": imports.import_alias,
    "export_statement": exports.export_statement,
    "enum_declaration": typescript.enum,
    "internal_module": typescript.namespace,
    "module": typescript.namespace,
}

_SKIPPED = COMMENTS | {
    "empty_statement",
    "debugger_statement",
    "hash_bang_line",
    "type_alias_declaration",
    "ambient_declaration",
    "function_signature",
    "type_annotation",
    "type_arguments",
    "type_parameters",
    "string_fragment",
}

# The grammar's scanner takes such a name for the operator ``in``, which goes on with the line before, and ``abstract``
# of a property for a modifier. Only the parser sees the other letter: texts are read from the source.
_NAME_AT_LINE_START = re.compile(rb"^([ \t]*)(?:i(n)(?=[_$\d]|[ \t]*\??:)|a(b)(?=stract[ \t]*\??:))", re.MULTILINE)

# The grammar does not know it; nothing of it is there at run time.
_TYPES_EXPORTED = re.compile(rb"^[ \t]*export type \*(?: as \w+)? from (?:'[^'\n]*'|\"[^\"\n]*\");?", re.MULTILINE)

_TABLES = Tables(_EXPRESSIONS, _STATEMENTS, _SKIPPED, statements.using)


def _with_capital(name: re.Match[bytes]) -> bytes:
    return name.group()[:-1] + name.group()[-1:].upper()


def _for_parser(data: bytes) -> bytes:
    """What the grammar would misread, in other words of the same length."""
    data = _NAME_AT_LINE_START.sub(_with_capital, data)
    return _TYPES_EXPORTED.sub(lambda found: b" " * len(found.group()), data) if b"export type *" in data else data


def grammar_of(source: SourceFile) -> str:
    """The tree-sitter grammar for a file, by its suffix."""
    if source.language is Language.JAVASCRIPT:
        return "javascript"
    return "tsx" if source.name.endswith(".tsx") else "typescript"


class JavaScriptFrontend:
    """Lowers ``.js``, ``.jsx``, ``.mjs``, ``.cjs``, ``.ts``, ``.tsx``, ``.mts`` and ``.cts``."""

    version = "javascript-3"

    def load(self) -> None:
        """Import the parser."""
        load_parser()

    def lower(self, source: SourceFile) -> ir.Module:
        """Lower one file. Never raises for bad input."""
        root = parse(grammar_of(source), _for_parser(source.data)).root_node
        low = Lowering(source, _TABLES)
        low.reserve_function()
        with room_to_recurse():
            body = low.block(root.named_children)
        return self._module(low, source, root, body)

    def _module(self, low: Lowering, source: SourceFile, root: Node, body: ir.Block) -> ir.Module:
        end = len(source.data)
        low.functions[0] = ir.Function(0, end, "", 0, 0, (), body, ir.Flags.INITIALIZER)
        return ir.Module(
            source.path,
            source.language,
            None,
            tuple(low.imports),
            tuple(low.exports),
            tuple([function for function in low.functions if function is not None]),
            tuple([klass for klass in low.classes if klass is not None]),
            comments(root, source.data, COMMENTS),
            (*syntax_flaws(source, root), *low.flaws),
            low.opaque_count,
        )


FRONTEND = JavaScriptFrontend()
