"""A project that notes what is read of it: what its configuration says is kept with the questions that it rests on.

Everything is read through one method and everything else is the list of files, so nothing goes unnoted. Answers of the
index are noted as answers and not as the content of all files that they come from: most edits of a source file leave
what the configuration says as it was. Neither the project nor its index remembers what was read, as who asks a second
time may be another part of the deployment stage, which rests on it too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from lmi_lint.discover.project import Project
from lmi_lint.index import Index
from lmi_lint.index.questions import Question, Questions
from lmi_lint.model.names import Language

if TYPE_CHECKING:
    from lmi_lint.discover.found import DeclaredType, Heritage, Shape, Target
    from lmi_lint.index.modules import JsModules
    from lmi_lint.model.finding import Problem

LISTING: Final[Question] = ("listing",)


class Noted(Questions):
    """Questions, with the numbers of those that were asked since ``notes`` was set."""

    def __init__(self, project: Project) -> None:
        super().__init__(project)
        self.notes: set[int] = set()

    def number(self, question: Question) -> int:
        """See ``Questions``."""
        number = super().number(question)
        self.notes.add(number)
        return number

    def tell(self, question: Question, answer: object) -> int:
        """See ``Questions``."""
        number = super().tell(question, answer)
        self.notes.add(number)
        return number


class Watched(Project, frozen=True, dict=True, kw_only=True):
    """The files of a project, whatever a user asked about. ``questions`` hold what was read."""

    questions: Noted

    @classmethod
    def of(cls, project: Project, questions: Noted) -> Watched:
        """A watched view of a project."""
        fields = {name: getattr(project, name) for name in project.__struct_fields__}
        watched = cls(**{**fields, "focus": None, "problems": ()}, questions=questions)
        watched.__dict__["_index"] = WatchedIndex(watched)
        questions.number(LISTING)
        return watched

    def read(self, path: str, limit: int) -> bytes | Problem:
        """See ``Project``."""
        raw, content = self.questions.index.contents.read(path, limit)
        self.questions.tell(("read", path, str(limit)), content)
        return raw


class WatchedIndex(Index):
    """The index of a watched project: it asks that of the project itself, and notes the answers."""

    def __init__(self, project: Watched) -> None:
        super().__init__(project)
        self._questions = project.questions
        del self.contents, self.scans  # what has no question would be remembered, and noted once

    def _ask(self, *question: str) -> object:
        return self._questions.answer(self._questions.number(question))

    @property
    def modules(self) -> JsModules:
        """See ``Index``."""
        return cast("JsModules", _AskedModules(self._questions))

    def resolve_module(self, family: str, from_path: str, specifier: str) -> str | None:
        """See ``Index``."""
        return cast("str | None", self._ask("module", family, from_path, specifier))

    def resolve_js(self, from_path: str, specifier: str) -> str | None:
        """See ``Index``."""
        return self.resolve_module("javascript", from_path, specifier)

    def types_of(self, path: str) -> tuple[DeclaredType, ...]:
        """See ``Index``."""
        return cast("tuple[DeclaredType, ...]", self._ask("types", path))

    def derives(self, path: str) -> bool:
        """See ``Index``."""
        return bool(self._ask("derives", path))

    def heritage(self, path: str) -> Heritage:
        """See ``Index``."""
        return cast("Heritage", self._ask("heritage", path))

    def says_word(self, path: str, word: str) -> bool:
        """See ``Index``."""
        return bool(self._ask("word", path, word))

    def hands_on(self, path: str) -> bool:
        """See ``Index``."""
        return bool(self._ask("hands-on", path))

    def framework_targets(self, path: str) -> tuple[Target, ...]:
        """See ``Index``."""
        return cast("tuple[Target, ...]", self._ask("framework-targets", path))

    def thin_class(self, path: str, name: str) -> str | None:
        """See ``Index``."""
        return cast("str | None", self._ask("thin-class", path, name))

    def package_of(self, path: str) -> str:
        """See ``Index``."""
        return cast("str", self._ask("package", path))

    def find_type(self, name: str, language: Language = Language.JAVA) -> tuple[str, ...]:
        """See ``Index``."""
        return cast("tuple[str, ...]", self._ask("type", language.value, name))

    def find_declared(self, path: str, name: str) -> DeclaredType | None:
        """See ``Index``."""
        return cast("DeclaredType | None", self._ask("declared", path, name))

    def declares(self, path: str, name: str) -> bool:
        """See ``Index``."""
        return bool(self._ask("declares", path, name))

    def handler_shapes(self, path: str) -> tuple[Shape, ...]:
        """See ``Index``; the spans are left out."""
        return cast("tuple[Shape, ...]", self._ask("shapes", path))

    def imports(self, path: str) -> tuple[str, ...]:
        """See ``Index``."""
        return cast("tuple[str, ...]", self._ask("imports", path))

    def says_one_of(self, path: str, *words: str) -> bool:
        """See ``Index``."""
        return bool(self._ask("says", path, *words))


class _AskedModules:
    """What the deployment stage may ask of ``JsModules``."""

    def __init__(self, questions: Noted) -> None:
        self._questions = questions

    def _ask(self, *question: str) -> object:
        return self._questions.answer(self._questions.number(question))

    def find(self, path: str) -> str | None:
        """See ``JsModules``."""
        return cast("str | None", self._ask("module-file", path))

    def find_source(self, path: str) -> str | None:
        """See ``JsModules``."""
        return cast("str | None", self._ask("module-source", path))

    def ending_with(self, tail: str) -> list[str]:
        """See ``JsModules``."""
        return list(cast("list[str]", self._ask("module-tail", tail)))
