"""Valid Python that libcst refuses, read all the same: without any character moved, as positions are counted in it."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import libcst as cst

_INDENTATION = re.compile(r"^[ \t]*\t[ \t]*", re.MULTILINE)


def parse(text: str) -> tuple[cst.Module, str]:
    """The tree of a file, and the text that it was made of. What libcst raises where nothing helps."""
    try:
        return cst.parse_module(text), text
    except cst.CSTValidationError:
        with _parentheses_counted():
            return cst.parse_module(text), text
    except cst.ParserSyntaxError:
        evened = _INDENTATION.sub(lambda found: " " * len(found.group()), text)
        if evened == text or not _says_the_same(text, evened):
            raise
        return cst.parse_module(evened), evened


@contextmanager
def _parentheses_counted() -> Iterator[None]:
    """``return(a if b else c)`` needs no space: libcst looks for parentheses around ``a`` and not around the whole."""
    looked_inside = cst.IfExp._safe_to_use_with_word_operator  # noqa: SLF001

    def looks_around(self: cst.IfExp, position: object) -> bool:
        around = cst.BaseExpression._safe_to_use_with_word_operator  # noqa: SLF001
        return around(self, position) or looked_inside(self, position)  # type: ignore[arg-type]

    cst.IfExp._safe_to_use_with_word_operator = looks_around  # type: ignore[method-assign]  # noqa: SLF001
    try:
        yield
    finally:
        cst.IfExp._safe_to_use_with_word_operator = looked_inside  # type: ignore[method-assign]  # noqa: SLF001


def _says_the_same(text: str, other: str) -> bool:
    """Whether CPython reads two texts alike. Tabs that are mixed with spaces, where libcst loses count of blocks, may
    mean what as many spaces would not."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.dump(ast.parse(text)) == ast.dump(ast.parse(other))
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return False
