"""The deployment stage: from a project's configuration files to its functions."""

from __future__ import annotations

import posixpath
import re

from lmi_lint.deploy.cloudformation import may_be_template, read_cloudformation
from lmi_lint.deploy.conventions import by_convention
from lmi_lint.deploy.handlers import HandlerResolver
from lmi_lint.deploy.model import Deployment
from lmi_lint.deploy.nodes import TemplateError
from lmi_lint.deploy.serverless import may_be_service, read_serverless
from lmi_lint.deploy.template import Candidate, parse_template
from lmi_lint.discover.classify import in_test_folder
from lmi_lint.discover.project import Project
from lmi_lint.index import Index
from lmi_lint.model.finding import Location, Problem
from lmi_lint.model.source import Span

_SUFFIXES = (".yaml", ".yml", ".json", ".template")
_NAMED_TEMPLATE = re.compile(r"template|serverless|stack|cloudformation|^sam\b", re.IGNORECASE)
_SELDOM_TEMPLATES = frozenset({"package.json", "tsconfig.json", "jsconfig.json", "cdk.json", "nx.json", "lerna.json"})


def read(project: Project) -> Deployment:
    """All functions of a project: deployed ones by template in path order, then those by convention."""
    index = Index.of(project)
    candidates: list[Candidate] = []
    problems: list[Problem] = []
    for path in project.configs:
        if _may_hold_functions(path):
            found, troubles = _read_file(project, path)
            candidates += found
            problems += troubles
    resolver = HandlerResolver(project, index)
    deployed = [resolver.resolve(candidate) for candidate in candidates]
    return Deployment((*deployed, *by_convention(project, index, deployed)), tuple(problems))


def _may_hold_functions(path: str) -> bool:
    """Whether a file's name allows for a template; those in folders for tests are fixtures."""
    return (
        path.lower().endswith(_SUFFIXES)
        and posixpath.basename(path) not in _SELDOM_TEMPLATES
        and not in_test_folder(path)
    )


def _read_file(project: Project, path: str) -> tuple[list[Candidate], list[Problem]]:
    """The functions of one file; nothing, and no complaint, if it is no template."""
    data = project.read_bytes(path)
    if isinstance(data, Problem):
        # A data file may be as large as it likes; what is named like a template should have been read.
        named = _NAMED_TEMPLATE.search(posixpath.basename(path)) is not None
        return [], [data] if named else []
    template, service = may_be_template(data), may_be_service(path, data)
    if not (template or service):
        return [], []
    try:
        parsed = parse_template(path, data)
    except TemplateError as error:
        return [], [Problem("template-error", error.message, Location(path, Span(error.offset, error.offset)))]
    if service:
        found, troubles = read_serverless(parsed, project)
        if found or troubles or not template:
            return found, troubles
    return read_cloudformation(parsed)
