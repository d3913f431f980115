"""The one door through which link learns anything of a project.

Every answer that goes through it is noted, so that what a judgement rests on is known without anybody having to think
of it: no other module of link sees the files, the index or the source of facts.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, Final, cast

from lmi_lint.discover.project import language_of
from lmi_lint.index.questions import NEVER, Question, Questions

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lmi_lint.facts.model import ModuleFacts
    from lmi_lint.facts.source import FactSource
    from lmi_lint.index import GlobalUsing
    from lmi_lint.model.names import Language

_UNSETTLED: Final[Question] = ("unsettled",)


class Outside:
    """Asks a project's files on behalf of link. ``noted``: the numbers of what was asked since somebody put an empty
    set there."""

    def __init__(self, facts: FactSource, questions: Questions) -> None:
        self.noted: set[int] = set()
        self.questions = questions
        self._facts = facts
        self._files: dict[str, int] = {}

    def facts(self, path: str) -> ModuleFacts | None:
        """The facts of a file, or None if it cannot be read."""
        facts = self._facts.facts(path)
        if path not in self._files:
            self._files[path] = self.questions.tell(("file", path), self._facts.contents.get(path, NEVER))
        self.noted.add(self._files[path])
        return facts

    def unsettled(self) -> None:
        """Note that an answer rests on one that is still being looked for, so that it may depend on who asked first."""
        self.noted.add(self.questions.tell(_UNSETTLED, NEVER))

    def resolve_module(self, language: Language, path: str, specifier: str) -> str | None:
        """The project file that an import means."""
        return cast("str | None", self._ask("module", language.family, path, specifier))

    def find_type(self, language: Language, name: str) -> tuple[str, ...]:
        """The files that declare a type."""
        return self._paths("type", language.value, name)

    def is_namespace(self, language: Language, name: str) -> bool:
        """Whether something is declared in a namespace of this name, or below it."""
        return bool(self._ask("namespace", language.value, name))

    def build_file(self, path: str) -> str | None:
        """The project file in the nearest folder above a source file."""
        return cast("str | None", self._ask("build", path))

    def global_usings(self, path: str) -> tuple[GlobalUsing, ...]:
        """The usings that hold in every file of the build project around a C# file."""
        return cast("tuple[GlobalUsing, ...]", self._ask("usings", path))

    def extension_files(self, name: str) -> tuple[str, ...]:
        """Files that declare an extension method of this name."""
        return self._paths("extensions", name)

    def deriving(self, language: Language, name: str) -> tuple[str, ...]:
        """Files in which a type of this simple name stands where a class says what it derives from."""
        return self._paths("deriving", language.value, name)

    def annotated(self, language: Language, name: str) -> tuple[str, ...]:
        """Files in which an annotation of this simple name stands."""
        return self._paths("annotated", language.value, name)

    def mentions(self, path: str, word: str) -> bool:
        """Whether a name stands anywhere in a file."""
        return bool(self._ask("mentions", path, word))

    def holding(self, near: str, words: Iterable[str]) -> tuple[str, ...]:
        """The files of the build project around a file, in its language, in which one of some words stands."""
        return self._around(near, "holding", *sorted(words))

    def starting(self, near: str, start: str) -> tuple[str, ...]:
        """The files of the build project around a file, in its language, in which a word starts so."""
        return self._around(near, "starting", start)

    def _around(self, near: str, kind: str, *words: str) -> tuple[str, ...]:
        language = language_of(near)
        if language is None:
            return ()
        return self._paths(kind, posixpath.dirname(self.build_file(near) or ""), language.value, *words)

    def _paths(self, *question: str) -> tuple[str, ...]:
        return cast("tuple[str, ...]", self._ask(*question))

    def _ask(self, *question: str) -> object:
        number = self.questions.number(question)
        self.noted.add(number)
        return self.questions.answer(number)
