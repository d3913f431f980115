"""Which function lowers which libcst node."""

from __future__ import annotations

from typing import Any, Final

import libcst as cst

from lmi_lint.frontends.python import (
    classes,
    comprehensions,
    expressions,
    functions,
    imports,
    literals,
    match,
    operators,
    statements,
)
from lmi_lint.frontends.python.context import LowerExpr, LowerStmt, Tables

_EXPRESSIONS: Final[dict[type, LowerExpr]] = {
    cst.Name: expressions.name,
    cst.Attribute: expressions.attribute,
    cst.Subscript: expressions.subscript,
    cst.Call: expressions.call,
    cst.List: expressions.list_,
    cst.Tuple: expressions.tuple_,
    cst.Set: expressions.set_,
    cst.Dict: expressions.dict_,
    cst.StarredElement: expressions.starred,
    cst.IfExp: expressions.conditional,
    cst.NamedExpr: expressions.walrus,
    cst.Await: expressions.await_,
    cst.Yield: expressions.yield_,
    cst.SimpleString: literals.string,
    cst.ConcatenatedString: literals.concatenated,
    cst.FormattedString: literals.formatted,
    cst.Integer: literals.integer,
    cst.Float: literals.decimal,
    cst.Imaginary: literals.imaginary,
    cst.Ellipsis: literals.ellipsis,
    cst.BinaryOperation: operators.binary,
    cst.BooleanOperation: operators.boolean,
    cst.Comparison: operators.comparison,
    cst.UnaryOperation: operators.unary,
    cst.ListComp: comprehensions.list_,
    cst.SetComp: comprehensions.set_,
    cst.GeneratorExp: comprehensions.generator,
    cst.DictComp: comprehensions.dict_,
    cst.Lambda: functions.closure,
}

_STATEMENTS: Final[dict[type, LowerStmt]] = {
    cst.Expr: statements.expression,
    cst.Assign: statements.assign,
    cst.AnnAssign: statements.annotated,
    cst.AugAssign: statements.augmented,
    cst.TypeAlias: statements.type_alias,
    cst.Del: statements.delete,
    cst.Return: statements.return_,
    cst.Raise: statements.raise_,
    cst.Assert: statements.assert_,
    cst.Global: statements.scope,
    cst.Nonlocal: statements.scope,
    cst.Pass: statements.nothing,
    cst.Break: statements.break_,
    cst.Continue: statements.continue_,
    cst.If: statements.if_,
    cst.While: statements.while_,
    cst.For: statements.for_,
    cst.Try: statements.try_,
    cst.TryStar: statements.try_,
    cst.With: statements.with_,
    cst.Match: match.match,
    cst.FunctionDef: functions.definition,
    cst.ClassDef: classes.definition,
    cst.Import: imports.import_,
    cst.ImportFrom: imports.import_from,
}

# Classes that libcst 1.8 lacks.
_NEWER_EXPRESSIONS: Final[dict[str, LowerExpr]] = {
    "TemplatedString": literals.formatted,
    "StarredDictComp": comprehensions.dict_,
}
_NEWER_STATEMENTS: Final[dict[str, LowerStmt]] = {
    "LazyImport": imports.import_,
    "LazyImportFrom": imports.import_from,
}


def _known(names: dict[str, Any]) -> dict[type, Any]:
    return {getattr(cst, name): lower for name, lower in names.items() if hasattr(cst, name)}


TABLES: Final = Tables(_EXPRESSIONS | _known(_NEWER_EXPRESSIONS), _STATEMENTS | _known(_NEWER_STATEMENTS))
