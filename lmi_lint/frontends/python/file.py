"""One file: guards, the parser's thread, and what becomes of failures."""

from __future__ import annotations

import ast
import re
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import libcst as cst

from lmi_lint.frontends.python.context import Lowering
from lmi_lint.frontends.python.dispatch import TABLES
from lmi_lint.frontends.python.guards import danger
from lmi_lint.frontends.python.positions import Positions
from lmi_lint.frontends.python.refused import parse
from lmi_lint.ir import nodes as ir
from lmi_lint.model.source import SourceFile

_STACKS = (256 << 20, 64 << 20)
"""Bytes of stack for the parser's thread: what to ask for, and what to be content with."""

_RECURSION = 100_000
_EXCERPT = 80
_LONE_RETURN = re.compile(rb"\r(?!\n)")
_OPENING = b"if 1:"
_INDENTED = re.compile(rb"(?:[ \t]*\r?\n)*(?P<blank>[ \t]{5,})\r?\n(?=[ \t]+\S)")
_GATE = threading.Lock()


def lower_file(source: SourceFile) -> ir.Module:
    """Lower one file in a thread with a large stack; whatever goes wrong is a flaw of an otherwise empty module."""
    found = danger(source.data)
    if found is not None:
        return _empty(source, found.line, found.message)
    result: list[ir.Module] = []
    try:
        with _thread(lambda: result.append(_guarded(source))) as thread:
            thread.join()
    except RuntimeError as error:
        return _empty(source, 1, f"no stack for the parser: {error}")
    return result[0] if result else _empty(source, 1, "the parser stopped")


@contextmanager
def _thread(run: object) -> Iterator[threading.Thread]:
    """A started thread; the stack size and the recursion limit are those of the process, so one at a time."""
    with _GATE:
        before, limit = threading.stack_size(), sys.getrecursionlimit()
        sys.setrecursionlimit(max(limit, _RECURSION))
        try:
            yield _start(run)
        finally:
            threading.stack_size(before)
            sys.setrecursionlimit(limit)


def _start(run: object) -> threading.Thread:
    for size in _STACKS[:-1]:
        threading.stack_size(size)
        thread = threading.Thread(target=run, daemon=True)  # type: ignore[arg-type]
        try:
            thread.start()
        except RuntimeError:
            continue
        return thread
    threading.stack_size(_STACKS[-1])
    thread = threading.Thread(target=run, daemon=True)  # type: ignore[arg-type]
    thread.start()
    return thread


def _guarded(source: SourceFile) -> ir.Module:
    data = _LONE_RETURN.sub(b"\n", source.data) if b"\r" in source.data else source.data
    data = _opened(data)
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        return _empty(source, source.line_of(error.start), "not UTF-8 text")
    if text.startswith("\ufeff"):
        return _empty(source, 1, "not understood from line 1: a byte order mark after the first")
    try:
        tree, text = parse(text)
    except Exception as error:  # noqa: BLE001  # libcst raises TypeError and others on some valid files
        return _syntax_flaw(source, text, error)
    try:
        return _module(source, tree, text)
    except Exception as error:  # noqa: BLE001  # a file can cost only itself
        return _empty(source, 1, f"not analysed ({type(error).__name__}: {_short(str(error))})")


def _opened(data: bytes) -> bytes:
    """Code inside a template is indented as a whole: an ``if`` on the blank line before makes it a block."""
    code = _INDENTED.match(data)
    if code is None:
        return data
    at = code.start("blank")
    return data[:at] + _OPENING + data[at + len(_OPENING) :]


def _module(source: SourceFile, tree: cst.Module, text: str) -> ir.Module:
    positions = Positions(tree, text)
    low = Lowering(source, positions, TABLES)
    low.reserve_function()
    body = low.block(tree.body)
    low.functions[0] = ir.Function(0, len(source.data), "", 0, 0, (), body, ir.Flags.INITIALIZER)
    return ir.Module(
        source.path,
        source.language,
        None,
        tuple(low.imports),
        (),
        tuple([function for function in low.functions if function is not None]),
        tuple([klass for klass in low.classes if klass is not None]),
        positions.comments,
        tuple(low.flaws),
        low.opaque_count,
    )


def _syntax_flaw(source: SourceFile, text: str, error: Exception) -> ir.Module:
    """The flaw of a file that libcst refuses. Its own positions are off, so CPython's parser is asked for the line."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except SyntaxError as found:
        line = min(max(found.lineno or 1, 1), len(source.line_starts))
        return _empty(source, line, f"not understood from line {line}: {_short(found.msg or 'invalid syntax')}")
    except (ValueError, MemoryError, RecursionError) as found:
        return _empty(source, 1, f"not understood: {_short(str(found))}")
    return _empty(source, 1, f"not understood (line unknown): {type(error).__name__} in the parser")


def _short(text: str) -> str:
    line = text.split("\n", 1)[0].strip()
    return line if len(line) <= _EXCERPT else line[:_EXCERPT] + "…"


def _empty(source: SourceFile, line: int, message: str) -> ir.Module:
    starts = source.line_starts
    start = starts[line - 1] if line <= len(starts) else 0
    end = starts[line] - 1 if line < len(starts) else len(source.data)
    body = ir.Function(0, len(source.data), "", 0, 0, (), (), ir.Flags.INITIALIZER)
    flaw = ir.Flaw(start, max(start, end), message)
    return ir.Module(source.path, source.language, None, (), (), (body,), (), (), (flaw,), 0)
