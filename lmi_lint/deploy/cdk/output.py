"""Functions of synthesised templates: which source each one's asset was made of.

Sources: https://docs.aws.amazon.com/cdk/v2/guide/assets.html (``aws:asset:path``, ``aws:asset:is-bundled``),
https://docs.aws.amazon.com/cdk/v2/guide/identifiers.html (``aws:cdk:path``),
https://esbuild.github.io/content-types/ (each module of a bundle is preceded by a comment with its path).
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec import structs

from lmi_lint.deploy.model import Dialect, Entry
from lmi_lint.deploy.nodes import Mapping, Scalar
from lmi_lint.discover.assembly import in_assembly
from lmi_lint.discover.decode import MAX_SOURCE_BYTES
from lmi_lint.index.jsonc import parse_jsonc
from lmi_lint.model.finding import Problem
from lmi_lint.model.names import Language

if TYPE_CHECKING:
    from lmi_lint.deploy.model import DeployedFunction
    from lmi_lint.deploy.template import Candidate, Template
    from lmi_lint.discover import Project

_MODULE = re.compile(
    rb"^[ \t]*// ((?:\.\./)*[\w@.()\[\]+~ -]+(?:/[\w@.()\[\]+~ -]+)*\.[cm]?[jt]sx?)[ \t]*\r?$", re.MULTILINE
)
_OWN_CODE = re.compile(
    r"(?:^|/)(?:LogRetention[0-9a-f]{32}|AWS[0-9a-f]{32}|BucketNotificationsHandler[0-9a-f]{32}"
    r"|Custom::[^/]+|[^/]*CustomResourceProvider|framework-[A-Za-z]+)(?:/|$)"
)
"""Ids of constructs by which the CDK adds functions of its own."""

_JS = (".js", ".mjs", ".cjs", ".ts", ".mts", ".tsx")
_BUNDLE = 32 << 20
"""Bytes of a bundle that are looked through for the paths of its modules."""


class Outputs:
    """Looks at the functions of one project's synthesised templates."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._by_name: dict[str, list[str]] | None = None

    def refined(self, candidate: Candidate, construct: tuple[str, ...]) -> Candidate:
        """A candidate of a synthesised template with its source in place of its asset. ``construct``: see
        ``construct_of``."""
        function = structs.replace(candidate.function, dialect=Dialect.CDK_OUTPUT)
        template = function.template or ""
        if candidate.settled or not in_assembly(template):
            return structs.replace(candidate, function=function)
        folder = _app_folder(template)
        own = _OWN_CODE.search("/".join(construct)) or function.handler == "__entrypoint__.handler"
        if own:
            reason = "a function that CDK adds for its own ends"
            function = structs.replace(function, unresolved=reason, entry=None, inline=None, local=False)
            return structs.replace(candidate, function=function, settled=True, folder=folder)
        asset = function.code_root
        if function.inline is not None or candidate.image or asset is None:
            return structs.replace(candidate, function=function, folder=folder)
        if (function.language is not None and function.language.typed) or function.handler is None:
            function = structs.replace(function, code_root=None, local=True)
            return structs.replace(candidate, function=function, folder=folder)
        return structs.replace(candidate, function=self._traced(function, asset), folder=folder, settled=True)

    def _traced(self, function: DeployedFunction, asset: str) -> DeployedFunction:
        """A function of Python or JavaScript with the source that its asset was made of."""
        handler = (function.handler or "").strip().removeprefix("./")
        python = function.language is Language.PYTHON
        head, _, last = handler.rpartition("/")
        stem, _, symbol = last.rpartition(".") if python else last.partition(".")
        module = posixpath.join(head, stem.replace(".", "/") if python else stem)
        ends = [f"{module}.py", f"{module}/__init__.py"] if python else [module + suffix for suffix in _JS]
        for end in ends:
            data = self._read(posixpath.join(asset, end))
            if data is None:
                continue
            found = self._copied(end, data) or (None if python else self._bundled(asset, end, data, function))
            if found is None and self._is_plain(posixpath.join(asset, end), data):
                found = posixpath.join(asset, end)
            if found is not None:
                root = found.removesuffix("/" + end) if found.endswith("/" + end) else posixpath.dirname(found) or "."
                root = "." if found == end else root
                return structs.replace(
                    function, entry=Entry(found, symbol or "handler"), code_root=root, local=True, unresolved=""
                )
        reason = f"the source of its asset ({posixpath.basename(asset)}) is not in the project"
        return structs.replace(function, unresolved=reason, code_root=None, local=False)

    def _is_plain(self, path: str, data: bytes) -> bool:
        """Whether an asset's own file will do where no source is known: it is listed, and no bundle of libraries."""
        return self.project.exists(path) and b"// node_modules/" not in data

    def _copied(self, end: str, data: bytes) -> str | None:
        """The source that an asset's file is a copy of; the one nearest to the root among equal ones."""
        hits = [
            path for path in self._named(posixpath.basename(end))
            if (path == end or path.endswith("/" + end)) and self.project.peek(path) == data
        ]  # fmt: skip
        if not hits:
            hits = [path for path in self._named(posixpath.basename(end)) if self.project.peek(path) == data]
        return min(hits, key=lambda path: (path.count("/"), path)) if hits else None

    def _bundled(self, asset: str, end: str, data: bytes, function: DeployedFunction) -> str | None:
        """The entry of a bundle: the last module in it, by the bundler's comments or by its source map."""
        modules = [match.group(1).decode("utf-8", "replace") for match in _MODULE.finditer(data)]
        mapped = self._read(posixpath.join(asset, end + ".map"))
        if not modules and mapped is not None:
            listed = parse_jsonc(mapped).get("sources")
            modules = [each for each in listed if isinstance(each, str)] if isinstance(listed, list) else []
        own = [each for each in modules if "node_modules/" not in each]
        return self._module(own[-1], _app_folder(function.template or "")) if own else None

    def _module(self, written: str, folder: str) -> str | None:
        """The source that a bundler's path means: from the app's folder or one above it, else the only one."""
        tail = posixpath.normpath(written)
        while tail.startswith("../"):
            tail = tail[3:]
        for base in _upward(folder):
            path = posixpath.normpath(posixpath.join(base, written))
            if self.project.exists(path) and not in_assembly(path):
                return path
        hits = [path for path in self._named(posixpath.basename(tail)) if path == tail or path.endswith("/" + tail)]
        return hits[0] if len(hits) == 1 else None

    def _named(self, name: str) -> list[str]:
        """Sources outside assemblies by file name."""
        if self._by_name is None:
            self._by_name = {}
            for path in sorted(self.project.all_sources):
                if not in_assembly(path):
                    self._by_name.setdefault(posixpath.basename(path), []).append(path)
        return self._by_name.get(name, [])

    def _read(self, path: str) -> bytes | None:
        if path.startswith(".."):
            return None
        data = self.project.read_bytes(path, max(_BUNDLE, MAX_SOURCE_BYTES))
        return None if isinstance(data, Problem) else data


def construct_of(function: DeployedFunction, template: Template | None) -> tuple[str, ...] | None:
    """The ids of a function's construct from the app down; None if its template was not synthesised by the CDK.
    ``template``: the function's, if it is one of CloudFormation."""
    metadata = _metadata(function, template) if template is not None else None
    node = metadata.get("aws:cdk:path") if metadata is not None else None
    if isinstance(node, Scalar) and node.value:
        parts = tuple(node.value.split("/"))
        return parts[:-1] if parts[-1] == "Resource" else parts
    synthesised = function.template is not None and function.template.endswith(".template.json")
    return () if synthesised and in_assembly(function.template or "") else None


def _metadata(function: DeployedFunction, template: Template) -> Mapping | None:
    """The metadata of a function's resource."""
    for document in template.documents:
        resources = document.get("Resources") if isinstance(document, Mapping) else None
        resource = resources.get(function.name.rpartition(".")[2]) if isinstance(resources, Mapping) else None
        metadata = resource.get("Metadata") if isinstance(resource, Mapping) else None
        if isinstance(metadata, Mapping):
            return metadata
    return None


def _app_folder(template: str) -> str:
    """The folder of the app that a synthesised template belongs to."""
    parts = template.split("/")
    return "/".join(parts[: parts.index("cdk.out")]) if "cdk.out" in parts[:-1] else posixpath.dirname(template)


def _upward(folder: str) -> Iterator[str]:
    while folder:
        yield folder
        folder = posixpath.dirname(folder)
    yield ""
