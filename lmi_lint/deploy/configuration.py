"""The configuration files of a project, each read as what it is: services of the Serverless Framework, and templates of
CloudFormation, which make stacks together."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from functools import cached_property, partial
from typing import TYPE_CHECKING, Final

from msgspec import Struct, structs

from lmi_lint.deploy.files import DataFiles
from lmi_lint.deploy.nodes import TemplateError
from lmi_lint.deploy.pieces import Pieces
from lmi_lint.deploy.recognise import is_script, may_be_service, may_be_template
from lmi_lint.deploy.template import Found, Template, parse_template
from lmi_lint.discover.classify import in_test_folder
from lmi_lint.index import Index
from lmi_lint.model.finding import Location, Problem
from lmi_lint.model.source import Span

if TYPE_CHECKING:
    from lmi_lint.deploy.cloudformation.read import Opening

_AT_ONCE: Final = 64
"""Files that are looked at together."""
_SUFFIXES: Final = (".yaml", ".yml", ".json", ".template")
_NAMED_TEMPLATE: Final = re.compile(r"template|serverless|stack|cloudformation|^sam\b", re.IGNORECASE)
_SELDOM_TEMPLATES: Final = frozenset(
    {"package.json", "tsconfig.json", "jsconfig.json", "cdk.json", "nx.json", "lerna.json"}
)


class Look(Struct, frozen=True):
    """What a file may be by its text, or why it has none although its name says that it is one."""

    template: bool = False
    service: bool = False
    problem: Problem | None = None


class Service(Struct, frozen=True):
    """What a file declares as a service; ``problems``: of the files that it includes; ``broken``: it is none, nor
    anything else."""

    found: Found
    problems: tuple[Problem, ...] = ()
    broken: bool = False


class Declarations(Struct, frozen=True):
    """What all files of some kind declare. ``constructs``: of each candidate the ids of its construct, where the CDK
    synthesised it; ``included``: problems of the files that they include."""

    found: Found
    constructs: tuple[tuple[str, ...] | None, ...]
    included: tuple[Problem, ...] = ()


class Configuration:
    """The configuration files of a project, piece by piece: one file, or one template with the stacks nested in it."""

    def __init__(self, pieces: Pieces) -> None:
        self._pieces = pieces
        self._project = pieces.watched
        self._configs = frozenset(self._project.configs)
        self._parsed: dict[str, Template] = {}

    def services(self) -> Declarations:
        """What services declare, file by file, with the problems of files that are neither a service nor a template."""
        found: list[Found] = []
        included: dict[Problem, None] = {}
        for path, look in self._looks.items():
            service: Service | None = None
            if look is None:
                service = self._script(path) if not in_test_folder(path) else None
            else:
                if look.problem is not None:
                    found.append(Found(problems=(look.problem,)))
                service = self._service(path) if look.service else None
                if look.template and not look.service:
                    problem = self._flaw(path)
                    found.append(Found(problems=(problem,) if problem is not None else ()))
            if service is not None:
                found.append(service.found)
                included.update(dict.fromkeys(service.problems))
        joined = _joined(found)
        return Declarations(joined, (None,) * len(joined.candidates), tuple(included))

    def stacks(self) -> Declarations:
        """What the templates declare, those of one stack together."""
        paths = [path for path, look in self._looks.items() if look is not None and self.is_template(path)]
        if not paths:
            return Declarations(Found(), ())
        from lmi_lint.deploy.cloudformation.read import MAX_STACKS, Opening, declared, together

        inner = {path for each in paths for path in self._nested(each)}
        opening = together(paths, self._opened, inner)
        if opening.cut is not None or len(opening.stacks) > MAX_STACKS:
            roots = [path for path in paths if path not in inner]
            opening = self._pieces.of("stacks", "", Opening, lambda: self._open(roots, paths))
        found, constructs = declared(opening, paths)
        return Declarations(found, constructs, opening.included)

    def is_template(self, path: str) -> bool:
        """Whether a file is a template of CloudFormation."""
        if path not in self._configs or is_script(path) or not _may_hold_functions(path):
            return False
        look = self._look(path)
        if not look.template:
            return False
        if look.service:
            service = self._service(path)
            return not (service.broken or service.found.candidates or service.found.problems)
        return self._flaw(path) is None

    def template(self, path: str) -> Template:
        """A file's tree. TemplateError."""
        data = self._project.read_bytes(path)
        if isinstance(data, Problem):
            raise TemplateError(data.message)
        return self._tree(path, data)

    # ---- pieces ----

    @cached_property
    def _looks(self) -> dict[str, Look | None]:
        """The files that something is to be said of, in order: None for scripts. Most are nothing, which is found out
        of many at once. Nobody asks for this who makes a piece."""
        plain = [path for path in self._project.configs if not is_script(path) and _may_hold_functions(path)]
        found: dict[str, Look | None] = {path: None for path in self._project.configs if is_script(path)}
        for start in range(0, len(plain), _AT_ONCE):
            some = plain[start : start + _AT_ONCE]
            found |= self._pieces.of("looks", some[0], dict[str, Look], partial(self._telling, some))
        return dict(sorted(found.items()))

    def _telling(self, paths: Iterable[str]) -> dict[str, Look]:
        looks = ((path, self._look(path)) for path in paths)
        return {path: look for path, look in looks if look != Look()}

    def _look(self, path: str) -> Look:
        def make() -> Look:
            data = self._project.read_bytes(path)
            if isinstance(data, Problem):
                # A data file may be as large as it likes; what is named like a template should have been read.
                named = _NAMED_TEMPLATE.search(posixpath.basename(path)) is not None
                return Look(problem=data if named else None)
            return Look(may_be_template(data), may_be_service(path, data))

        return self._pieces.of("look", path, Look, make)

    def _flaw(self, path: str) -> Problem | None:
        """Why a file cannot be read; None if it can."""

        def make() -> Problem | None:
            try:
                self.template(path)
            except TemplateError as error:
                return _flaw(path, error)
            return None

        return self._pieces.of("flaw", path, Problem | None, make)

    def _service(self, path: str) -> Service:
        def make() -> Service:
            try:
                parsed = self.template(path)
            except TemplateError as error:
                return Service(Found(problems=(_flaw(path, error),)), broken=True)
            from lmi_lint.deploy.serverless.read import read_serverless

            files = self._files()
            return Service(read_serverless(parsed, files), tuple(files.problems))

        return self._pieces.of("service", path, Service, make)

    def _script(self, path: str) -> Service:
        def make() -> Service:
            from lmi_lint.deploy.serverless.read import read_script

            files = self._files()
            return Service(read_script(self._project, Index.of(self._project), path, files), tuple(files.problems))

        return self._pieces.of("script", path, Service, make)

    def _nested(self, path: str) -> tuple[str, ...]:
        """The templates that a template nests."""

        def make() -> tuple[str, ...]:
            from lmi_lint.deploy.cloudformation.read import nested_templates

            return tuple(nested_templates(path, self, self._project))

        return self._pieces.of("nested", path, tuple[str, ...], make)

    def _opened(self, path: str) -> Opening:
        """The stack of a template, with those nested in it."""
        from lmi_lint.deploy.cloudformation.read import Opening

        return self._pieces.of("stack", path, Opening, lambda: self._open([path], ()))

    def _open(self, roots: Iterable[str], others: Iterable[str]) -> Opening:
        from lmi_lint.deploy.cloudformation.read import read_stacks

        files = self._files()
        opening = read_stacks(roots, others, self, self._project, files.load)
        return structs.replace(opening, included=tuple(files.problems))

    def _files(self) -> DataFiles:
        return DataFiles(self._project, self._tree)

    def _tree(self, path: str, data: bytes) -> Template:
        """A file's tree, parsed once for each content. TemplateError."""
        known = self._parsed.get(path)
        if known is None or known.data != data:
            known = self._parsed[path] = parse_template(path, data)
        return known


def _flaw(path: str, error: TemplateError) -> Problem:
    return Problem("template-error", error.message, Location(path, Span(error.offset, error.offset)))


def _may_hold_functions(path: str) -> bool:
    """Whether a file's name allows for a template; those in folders for tests are fixtures."""
    return (
        path.lower().endswith(_SUFFIXES)
        and posixpath.basename(path) not in _SELDOM_TEMPLATES
        and not in_test_folder(path)
    )


def _joined(found: list[Found]) -> Found:
    return Found(
        tuple(candidate for each in found for candidate in each.candidates),
        tuple(provider for each in found for provider in each.providers),
        tuple(problem for each in found for problem in each.problems),
    )
