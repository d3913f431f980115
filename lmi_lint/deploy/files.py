"""Data files of a project as trees, each parsed once; what cannot be read is a problem, told once."""

from __future__ import annotations

from collections.abc import Callable

from lmi_lint.deploy.nodes import TemplateError
from lmi_lint.deploy.template import Template
from lmi_lint.discover.project import Project
from lmi_lint.model.finding import Location, Problem
from lmi_lint.model.source import Span

_SUFFIXES = (".yml", ".yaml", ".json", ".template")


class DataFiles:
    """Files that configuration includes, by project-relative path. ``parse``: from a path and a text to its tree;
    TemplateError."""

    def __init__(self, project: Project, parse: Callable[[str, bytes], Template]) -> None:
        self.project = project
        self._parse = parse
        self.problems: list[Problem] = []
        self._read: dict[str, Template | None] = {}

    def load(self, path: str) -> Template | None:
        """A data file of the project; None if it is missing, of another kind, or malformed."""
        path = self.project.canonical(path)
        if path not in self._read:
            self._read[path] = self._parsed(path)
        return self._read[path]

    def _parsed(self, path: str) -> Template | None:
        if path not in self.project.configs or not path.lower().endswith(_SUFFIXES):
            return None
        data = self.project.read_bytes(path)
        if isinstance(data, Problem):
            self.problems.append(data)
            return None
        try:
            return self._parse(path, data)
        except TemplateError as error:
            where = Location(path, Span(error.offset, error.offset))
            self.problems.append(Problem("template-error", error.message, where))
            return None
