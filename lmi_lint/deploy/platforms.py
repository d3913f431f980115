"""Files whose functions run on another platform than AWS Lambda, mostly by the folder that they lie in."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable
from functools import cached_property

from lmi_lint.deploy.model import DeployedFunction
from lmi_lint.deploy.nodes import Mapping, Node, Scalar, TemplateError
from lmi_lint.deploy.template import parse_template
from lmi_lint.discover.project import Project
from lmi_lint.index import Index
from lmi_lint.model.finding import Problem

_SERVICE = re.compile(r"serverless[^/]*\.(?:ya?ml|json)$")
_BINDINGS = re.compile(rb"\"(?:bindings|scriptFile)\"\s*:")
_HOST = re.compile(rb"\"(?:extensionBundle|functionTimeout|logging|extensions|managedDependency)\"\s*:")
_WORKER = re.compile(r"wrangler\.(?:toml|jsonc?)$")
_RUNS_SCRIPT = "aws:executeScript"
"""The action of an Automation runbook of Systems Manager that runs a script's function with events and a context
(https://docs.aws.amazon.com/systems-manager/latest/userguide/automation-action-executeScript.html)."""
_SCRIPT_NAME = re.compile(rb"[\w.-]+\.py\b")


class Platforms:
    """Tells which files of a project belong to other platforms, by the nearest folder whose configuration says so."""

    def __init__(self, project: Project, index: Index, deployed: Iterable[DeployedFunction]) -> None:
        self.project = project
        self.index = index
        self._ours = {posixpath.dirname(function.template) for function in deployed if function.template is not None}
        self._configs: dict[str, list[str]] = {}
        for path in project.configs:
            name = posixpath.basename(path)
            if _SERVICE.match(name) or _WORKER.match(name) or name in ("host.json", "function.json"):
                self._configs.setdefault(posixpath.dirname(path), []).append(path)
        self._known: dict[str, bool | None] = {}

    def is_foreign(self, path: str) -> bool:
        """Whether a source file is a script of a runbook, or lies in a folder that is deployed to another platform."""
        if path.endswith(".py") and posixpath.basename(path) in self._scripts:
            return True
        folder = posixpath.dirname(path)
        while True:
            verdict = self._verdict(folder)
            if verdict is not None or not folder:
                return verdict is True
            folder = posixpath.dirname(folder)

    @cached_property
    def _scripts(self) -> frozenset[str]:
        """The names of the files that runbooks take their scripts from; what takes the place of a name in the runbook
        (``%%SCRIPT=name.py%%``) is each project's own."""
        found: set[bytes] = set()
        documents = (path for path in self.project.configs if path.endswith((".yaml", ".yml", ".json")))
        for path in documents:
            data = self.project.read_bytes(path) if self.index.says_one_of(path, _RUNS_SCRIPT) else b""
            if not isinstance(data, Problem):
                found.update(_SCRIPT_NAME.findall(data))
        return frozenset(name.decode() for name in found)

    def _verdict(self, folder: str) -> bool | None:
        """True if a folder's configuration names another platform, False if AWS, None if it says nothing."""
        if folder not in self._known:
            found = {self._of_config(path) for path in self._configs.get(folder, ())}
            ours = folder in self._ours or False in found
            self._known[folder] = False if ours else True if True in found else None
        return self._known[folder]

    def _of_config(self, path: str) -> bool | None:
        data = self.project.read_bytes(path)
        if isinstance(data, Problem):
            return None
        name = posixpath.basename(path)
        if name == "function.json":
            return True if _BINDINGS.search(data) else None
        if name == "host.json":
            return True if _HOST.search(data) else None
        return True if _WORKER.match(name) else _of_service(path, data)


def _of_service(path: str, data: bytes) -> bool | None:
    """What a Serverless Framework service says of its provider; None if it cannot be known or there is none."""
    if b"provider" not in data:
        return None
    try:
        documents = parse_template(path, data).documents
    except TemplateError:
        return None
    document = documents[0] if documents else None
    provider: Node | None = document.get("provider") if isinstance(document, Mapping) else None
    name = provider.get("name") if isinstance(provider, Mapping) else provider
    if not isinstance(name, Scalar) or not name.value or "$" in name.value:
        return None
    return name.value.strip().lower() != "aws"
