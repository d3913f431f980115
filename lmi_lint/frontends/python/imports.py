"""Imports. They bind names but are no statements of the IR."""

from __future__ import annotations

from typing import Any

import libcst as cst

from lmi_lint.frontends.python.context import Lowering
from lmi_lint.frontends.python.types import dotted
from lmi_lint.ir import nodes as ir


def import_(low: Lowering, node: Any, _: list[ir.Stmt]) -> None:
    """``import a.b``, ``import a.b as c``, lazy or not."""
    for item in node.names:
        module = dotted(item.name) or ""
        alias = _alias(low, item) or module.partition(".")[0]
        low.imports.append(ir.Import(*low.span(item), module, None, alias, ir.ImportKind.NAMESPACE))


def import_from(low: Lowering, node: Any, _: list[ir.Stmt]) -> None:
    """``from .m import x as y``, ``from m import *``; leading dots are kept in the module."""
    module = "." * len(node.relative) + (dotted(node.module) or "")
    if isinstance(node.names, cst.ImportStar):
        low.imports.append(ir.Import(*low.span(node), module, None, "", ir.ImportKind.WILDCARD))
        return
    for item in node.names:
        name = dotted(item.name) or ""
        alias = _alias(low, item) or name
        low.imports.append(ir.Import(*low.span(item), module, name, alias, ir.ImportKind.VALUE))


def _alias(low: Lowering, item: cst.ImportAlias) -> str | None:
    name = item.asname.name if item.asname is not None else None
    return low.text(name) if name is not None else None
