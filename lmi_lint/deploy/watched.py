"""A project that notes what is read of it: what its configuration says is kept with the questions that it rests on.

Everything is read through one method and everything else is the list of files, so nothing goes unnoted. Answers of the
index are noted as answers and not as the content of all files that they come from: most edits of a source file leave
what the configuration says as it was.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from lmi_lint.discover.project import Project
from lmi_lint.index import Index
from lmi_lint.index.questions import Questions
from lmi_lint.model.names import Language

if TYPE_CHECKING:
    from lmi_lint.discover.scan import DeclaredType
    from lmi_lint.discover.shapes import Shape
    from lmi_lint.model.finding import Problem


class Watched(Project, frozen=True, dict=True, kw_only=True):
    """The files of a project, whatever a user asked about. ``questions`` hold what was read."""

    questions: Questions

    @classmethod
    def of(cls, project: Project, questions: Questions) -> Watched:
        """A watched view of a project."""
        fields = {name: getattr(project, name) for name in project.__struct_fields__}
        watched = cls(**{**fields, "focus": None, "problems": ()}, questions=questions)
        watched.__dict__["_index"] = WatchedIndex(watched)
        questions.number(("listing",))
        return watched

    def read(self, path: str, limit: int) -> bytes | Problem:
        """See ``Project``."""
        raw, content = self.questions.index.contents.read(path, limit)
        self.questions.tell(("read", path, str(limit)), content)
        return raw


class WatchedIndex(Index):
    """The index of a watched project. What it does not answer here is found out by reading, which is noted as such."""

    def __init__(self, project: Watched) -> None:
        super().__init__(project)
        self._questions = project.questions

    def _ask(self, *question: str) -> object:
        return self._questions.answer(self._questions.number(question))

    def types_of(self, path: str) -> tuple[DeclaredType, ...]:
        """See ``Index``."""
        return cast("tuple[DeclaredType, ...]", self._ask("types", path))

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
