"""Front-ends: source text → IR. With ``fix/``, the only folder that sees a parser."""

from __future__ import annotations

from importlib import import_module
from typing import Protocol, cast

from lmi_lint.ir.nodes import Module
from lmi_lint.model.names import Language
from lmi_lint.model.source import SourceFile


class Frontend(Protocol):
    """One language's front-end."""

    @property
    def version(self) -> str:
        """Changes whenever the lowering does; part of a cache key."""

    def load(self) -> None:
        """Import the parser, which ``lower`` does otherwise."""

    def lower(self, source: SourceFile) -> Module:
        """Lower one file. Never raises for bad input: what cannot be read becomes flaws and Opaques."""


_MODULES: dict[Language, str] = {
    Language.PYTHON: "lmi_lint.frontends.python",
    Language.JAVASCRIPT: "lmi_lint.frontends.javascript",
    Language.TYPESCRIPT: "lmi_lint.frontends.javascript",
    Language.JAVA: "lmi_lint.frontends.java",
    Language.CSHARP: "lmi_lint.frontends.csharp",
}


def frontend(language: Language) -> Frontend:
    """The front-end of a language; its parser is imported on first use."""
    return cast("Frontend", import_module(_MODULES[language]).FRONTEND)
