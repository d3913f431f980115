"""One file from text to facts, or to its tree, whatever goes wrong."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from msgspec import Struct, msgpack

from lmi_lint.facts.model import ModuleFacts
from lmi_lint.frontends import frontend
from lmi_lint.frontends.hcl.nodes import Body, Parsed
from lmi_lint.garbage import uncollected
from lmi_lint.ir.nodes import Module
from lmi_lint.model.names import Language
from lmi_lint.model.source import SourceFile, TextFile

_ROOM: Final = 5_000
"""Levels of recursion that a codec may use: flows and types are nested."""

_EXCERPT: Final = 80


class Reading(Struct, frozen=True, array_like=True):
    """What became of one file: its facts (or, where that was asked for, its tree), or None and why not. ``lower`` and
    ``extract``: seconds."""

    facts: ModuleFacts | None
    problem: str = ""
    lower: float = 0.0
    extract: float = 0.0
    tree: Module | None = None


def prepare(language: Language) -> None:
    """Import what reading a file of a supported language takes."""
    from lmi_lint.facts import extract as _extract  # noqa: F401

    frontend(language).load()


def read(source: SourceFile, *, tree: bool = False) -> Reading:
    """Lower and, unless its ``tree`` is wanted, extract one file of a supported language. Never raises for any
    content."""
    from lmi_lint.facts.extract import extract  # mostly done elsewhere, or not at all

    with uncollected():
        try:
            began = time.perf_counter()
            module = frontend(source.language).lower(source)
            lowered = time.perf_counter()
            if tree:
                return Reading(None, "", lowered - began, 0.0, module)
            facts = extract(module, len(source.line_starts))
        except MemoryError:
            return Reading(None, "it takes too much memory to read: not analysed")
        except Exception as error:  # noqa: BLE001  a file can cost only itself
            first = str(error).split("\n", 1)[0][:_EXCERPT]
            return Reading(None, f"not analysed ({type(error).__name__}: {first})")
        return Reading(facts, "", lowered - began, time.perf_counter() - lowered)


def read_hcl(source: TextFile) -> Parsed:
    """Parse one configuration file. Never raises for any content."""
    from lmi_lint.frontends.hcl.parse import parse_hcl

    with uncollected():
        try:
            return parse_hcl(source.data)
        except MemoryError:
            return Parsed(Body(), "it takes too much memory to read: not analysed")
        except Exception as error:  # noqa: BLE001  a file can cost only itself
            first = str(error).split("\n", 1)[0][:_EXCERPT]
            return Parsed(Body(), f"not analysed ({type(error).__name__}: {first})")


def encoded(reading: Reading | Parsed) -> bytes:
    """For another process."""
    with _room():
        return msgpack.encode(reading)


def decoded(reply: bytes) -> Reading:
    """What ``encoded`` made. msgspec.DecodeError for anything else."""
    with uncollected(), _room():
        return msgpack.decode(reply, type=Reading)


def decoded_hcl(reply: bytes) -> Parsed:
    """What ``encoded`` made of a configuration file. msgspec.DecodeError for anything else."""
    with uncollected(), _room():
        return msgpack.decode(reply, type=Parsed)


@contextmanager
def _room() -> Iterator[None]:
    """Lets a codec recurse, however deep in link the file was asked for."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(before + _ROOM)
    try:
        yield
    finally:
        sys.setrecursionlimit(before)
