"""Looks the handlers of functions up, whatever their language."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from msgspec import Struct, structs

from lmi_lint.deploy.handlers import csharp, java, javascript, python
from lmi_lint.deploy.handlers.sources import OUTPUT_FOLDERS, NotFound, Sources, Wanted, bases, source_root
from lmi_lint.deploy.handlers.strings import language_by_shape, unwrapped
from lmi_lint.deploy.images import of_image
from lmi_lint.deploy.model import DeployedFunction, Dialect, Entry, InlineCode
from lmi_lint.deploy.template import Candidate
from lmi_lint.discover.project import Project, language_of
from lmi_lint.index import Index
from lmi_lint.model.names import SCRIPTS, Language

_JVM_WORDS = re.compile(r"^[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)*(?:::[\w$]+)?$")
_BUILDS = ("makefile", "docker")
"""What builds code as a project's own script says: files are called as that likes."""
_OTHER_RUNTIME = re.compile(r"provided|go\d|ruby|rust|swift|php|cobol")


class _Family(Struct, frozen=True):
    """How handlers of a language are looked up. ``inline``: templates may hold its code; ``renamed``: what builds it
    calls files as it likes."""

    find: Callable[[Sources, Wanted], Entry | NotFound]
    inline: bool = False
    renamed: bool = False


_FAMILIES: Final[Mapping[str, _Family]] = MappingProxyType(
    {
        "javascript": _Family(javascript.find, inline=True, renamed=True),
        "python": _Family(python.find, inline=True),
        "java": _Family(java.find),
        "csharp": _Family(csharp.find),
    }
)


class HandlerResolver:
    """Looks handlers up in one project."""

    def __init__(self, project: Project, index: Index) -> None:
        self.project = project
        self.index = index
        self._sources = Sources(project, index)
        self._build_files = frozenset(project.configs)

    def resolve(self, candidate: Candidate) -> DeployedFunction:
        """The candidate's function with ``entry``, or with ``unresolved`` saying why there is none, or why it is not
        judged."""
        candidate = of_image(candidate, self.project)
        found = self._resolved(candidate)
        if found.edge:  # its file is accounted for, but is not judged
            return structs.replace(found, unresolved="CloudFront runs it at the edge, never on managed instances")
        return found

    def _resolved(self, candidate: Candidate) -> DeployedFunction:
        function = candidate.function
        if candidate.settled:
            entry = function.entry
            return function if entry is None else _with_entry(function, self._sources.entry(entry.path, entry.symbol))
        if function.inline is not None:
            return self._replaced(candidate) or _in_template(function, function.inline)
        handler, wrapper = unwrapped(function)
        if handler is None:
            return structs.replace(function, unresolved=candidate.without_handler or _without_handler(candidate))
        wanted = Wanted(handler, candidate, wrapper)
        if function.language is None and function.runtime is not None and _OTHER_RUNTIME.match(function.runtime):
            return self._other_runtime(wanted)
        language = function.language or language_by_shape(handler)
        found = self._unknown_runtime(wanted) if language is None else self._find(language, wanted)
        return _with_entry(function, found) if isinstance(found, Entry) else self._not_found(found, candidate)

    def _find(self, language: Language, wanted: Wanted) -> Entry | NotFound:
        return _FAMILIES[language.family].find(self._sources, wanted)

    def _not_found(self, found: NotFound, candidate: Candidate) -> DeployedFunction:
        """The function without an entry; ``local`` only if the code that is deployed lies here, so that the handler
        string must be wrong."""
        function, reason = candidate.function, found.reason
        if found.elsewhere:
            return structs.replace(function, unresolved=reason, local=False)
        if "AWS_LAMBDA_EXEC_WRAPPER" in dict(function.environment):
            reason += "; AWS_LAMBDA_EXEC_WRAPPER starts another program"
            return structs.replace(function, unresolved=reason, local=False)
        other = self._other_language(candidate)
        if other is not None:
            return structs.replace(function, unresolved=f"{other} is not supported", language=None)
        return structs.replace(function, unresolved=reason, local=function.local and self._is_here(candidate))

    def _other_language(self, candidate: Candidate) -> str | None:
        """The language without a front-end that the function's own folder holds sources in."""
        for base in bases(candidate):
            if base not in ("", ".") or candidate.folder in ("", "."):
                prefix = "" if base in ("", ".") else base + "/"
                for path, language in self.project.other_sources:
                    if path.startswith(prefix) and not (language == SCRIPTS and self._holds_own(candidate, base)):
                        return language
        return None

    def _holds_own(self, candidate: Candidate, folder: str) -> bool:
        """Whether a folder holds sources in the language of the function's runtime."""
        return any(language_of(path) is candidate.function.language for path in self._sources.below(folder))

    def _is_here(self, candidate: Candidate) -> bool:
        """Whether the code that is deployed lies in the project: not what a bundler or a build of the project's own has
        yet to make, not an archive whose sources are elsewhere, nor what a module is given by whoever uses it."""
        function = candidate.function
        root, language = function.code_root or "", function.language
        if candidate.method in _BUILDS or (function.code_root is None and function.dialect is Dialect.TERRAFORM):
            return False
        folders = set(posixpath.dirname(function.handler or "").split("/"))
        built = bool(candidate.archive) or source_root(root) != (root or ".") or not folders.isdisjoint(OUTPUT_FOLDERS)
        if not built:
            return True
        if language is None or _FAMILIES[language.family].renamed or function.code_root is None:
            return False
        return any(language_of(path) is language for path in self._sources.below(root))

    def _replaced(self, candidate: Candidate) -> DeployedFunction | None:
        """The function of the file that its handler names, if that is not the inline code.

        Inline code is put into a file called ``index`` (CloudFormation, Code property of AWS::Lambda::Function). If
        the handler names another file, the code only holds the place until the real code is uploaded.
        """
        function = candidate.function
        handler = (function.handler or "").strip()
        named = function.dialect is Dialect.TERRAFORM  # there the file has the name that its archive gives it
        if named or not handler or function.language is None or re.match(r"(?:.*/)?index\.", handler):
            return None
        if not _FAMILIES[function.language.family].inline:
            return None
        found = self._find(function.language, Wanted(handler, candidate))
        return _with_entry(structs.replace(function, inline=None), found) if isinstance(found, Entry) else None

    def _other_runtime(self, wanted: Wanted) -> DeployedFunction:
        """A runtime without a front-end, or provided.*: an executable, which we know only where it is .NET's."""
        function = wanted.candidate.function
        reason = f"runtime {function.runtime} is not supported"
        if function.runtime is not None and function.runtime.startswith("provided"):
            if self._is_rust(wanted.candidate):
                reason = "written in Rust: judged by its configuration and cost alone"
                return structs.replace(function, unresolved=reason, local=False, custom_runtime="rust")
            found = csharp.find(self._sources, wanted)
            if isinstance(found, Entry):
                return _with_entry(function, found)
            reason = f"runtime {function.runtime}: the code is an executable"
        return structs.replace(function, unresolved=reason, local=False)

    def _is_rust(self, candidate: Candidate) -> bool:
        """Whether an executable is built by Cargo: SAM says so, or the code's folder does."""
        if candidate.method.startswith("rust"):
            return True
        root = candidate.function.code_root
        if root is None:
            return False
        folders = [root]
        while "target" in folders[-1].split("/"):  # cargo builds into target/lambda/<name>
            folders.append(posixpath.dirname(folders[-1]))
        return any(posixpath.normpath(posixpath.join(folder, "Cargo.toml")) in self._build_files for folder in folders)

    def _unknown_runtime(self, wanted: Wanted) -> Entry | NotFound:
        """The runtime is not known: whatever provides the handler."""
        handler = wanted.handler
        if wanted.candidate.image and not re.search(r"[./:]", handler):
            return csharp.executable_assembly(self._sources, wanted)
        for find in (javascript.find, python.find):
            found = find(self._sources, wanted)
            if isinstance(found, Entry):
                return found
        if _JVM_WORDS.match(handler) and self.index.find_type(handler.partition("::")[0]):
            return java.find(self._sources, Wanted(handler, wanted.candidate))
        return NotFound(f"the runtime is not known, and no file provides the handler '{handler}'")


def _in_template(function: DeployedFunction, inline: InlineCode) -> DeployedFunction:
    symbol = (function.handler or "index.handler").rsplit(".", 1)[-1]
    return structs.replace(function, entry=Entry(inline.path, symbol))


def _with_entry(function: DeployedFunction, entry: Entry) -> DeployedFunction:
    """The function with its entry; the file says which language it really is."""
    return structs.replace(function, entry=entry, language=language_of(entry.path) or function.language)


def _without_handler(candidate: Candidate) -> str:
    if candidate.image:
        return "the handler is set in the container image"
    if "handler" in candidate.function.unknown:
        return "the handler is known only at deployment"
    return "the template names no handler"
