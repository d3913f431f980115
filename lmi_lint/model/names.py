"""Names of languages and of the identifiers that travel between stages."""

from __future__ import annotations

from enum import Enum
from typing import NewType

RuleId = NewType("RuleId", str)
"""A rule's final id: ``LMI`` and three digits, or letters of its own in a pack of others."""

QualifiedName = NewType("QualifiedName", str)
"""A name as the knowledge files spell it: ``pg.Client``, ``java.util.HashMap.put``."""


class Language(Enum):
    """A language that has a front-end."""

    PYTHON = "python"
    JAVASCRIPT = "javascript"
    TYPESCRIPT = "typescript"
    JAVA = "java"
    CSHARP = "csharp"

    @property
    def family(self) -> str:
        """The name under which knowledge is filed: TypeScript shares JavaScript's."""
        return "javascript" if self is Language.TYPESCRIPT else self.value

    @property
    def typed(self) -> bool:
        """Whether files declare types by their full names, so that a handler string names a type and not a file."""
        return self in (Language.JAVA, Language.CSHARP)


SUFFIXES: dict[str, Language] = {
    ".py": Language.PYTHON,
    ".js": Language.JAVASCRIPT,
    ".jsx": Language.JAVASCRIPT,
    ".mjs": Language.JAVASCRIPT,
    ".cjs": Language.JAVASCRIPT,
    ".ts": Language.TYPESCRIPT,
    ".tsx": Language.TYPESCRIPT,
    ".mts": Language.TYPESCRIPT,
    ".cts": Language.TYPESCRIPT,
    ".java": Language.JAVA,
    ".cs": Language.CSHARP,
}
"""File suffix → language, all that lmi-lint reads or means to read."""

SCRIPTS = "PowerShell"
"""A language whose files also stand beside sources of other languages, to build and deploy them."""

OTHER_SUFFIXES: dict[str, str] = {
    ".kt": "Kotlin",
    ".groovy": "Groovy",
    ".scala": "Scala",
    ".clj": "Clojure",
    ".cljc": "Clojure",
    ".cljs": "ClojureScript",
    ".fs": "F#",
    ".vb": "Visual Basic",
    ".ps1": SCRIPTS,
}
"""File suffix → name of a language whose code runs on a runtime that lmi-lint knows, but that it cannot read."""
