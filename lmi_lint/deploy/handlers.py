"""From a handler string to the file and symbol it means."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator

from msgspec import structs

from lmi_lint.deploy.frameworks import framework_of, named_by, owner_of, target
from lmi_lint.deploy.handler_strings import language_by_shape, split_module, unwrapped
from lmi_lint.deploy.images import of_image
from lmi_lint.deploy.model import DeployedFunction, Dialect, Entry, InlineCode
from lmi_lint.deploy.template import Candidate
from lmi_lint.discover.project import Project, language_of
from lmi_lint.discover.shapes import program
from lmi_lint.index import Index
from lmi_lint.index.modules import unbuilt
from lmi_lint.model.finding import Location
from lmi_lint.model.names import Language

_GENERATED = "_Generated"
_JVM_WORDS = re.compile(r"^[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)*(?:::[\w$]+)?$")
_ON_THE_JVM = (("Kotlin", "kt"), ("Scala", "scala"), ("Groovy", "groovy"))
_HANDS_ON = re.compile(rb"export\s*\*|module\.exports\s*=\s*require")
_OTHER_RUNTIME = re.compile(r"provided|go\d|ruby|rust|swift|php|cobol")
_OUTPUT_FOLDERS = frozenset(["target", "build", "dist", "out", "bin", "libs", "distributions", "publish"])


class HandlerResolver:
    """Looks handlers up in one project."""

    def __init__(self, project: Project, index: Index) -> None:
        self.project = project
        self.index = index
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
            return function if entry is None else _with_entry(function, self._entry(entry.path, entry.symbol))
        if function.inline is not None:
            return self._replaced(candidate) or _in_template(function, function.inline)
        handler, wrapper = unwrapped(function)
        if handler is None:
            return structs.replace(function, unresolved=candidate.without_handler or _without_handler(candidate))
        if function.language is None and function.runtime is not None and _OTHER_RUNTIME.match(function.runtime):
            return self._other_runtime(handler, candidate)
        found: Entry | str
        language = function.language or language_by_shape(handler)
        if language is Language.JAVA:
            found = self._java(handler, candidate, wrapper)
            elsewhere = self._elsewhere(handler, candidate) if isinstance(found, str) else ""
            if elsewhere:
                return structs.replace(function, unresolved=elsewhere, local=False)
        elif language is Language.CSHARP:
            found = self._csharp(handler, candidate)
        elif language is Language.PYTHON:
            found = self._python(handler, candidate)
        elif language is not None:
            found = self._javascript(handler, candidate)
        else:
            found = self._unknown_runtime(handler, candidate)
        return self._not_found(found, candidate) if isinstance(found, str) else _with_entry(function, found)

    def _not_found(self, reason: str, candidate: Candidate) -> DeployedFunction:
        """The function without an entry; ``local`` only if the code that is deployed lies here, so that the handler
        string must be wrong."""
        function = candidate.function
        if "AWS_LAMBDA_EXEC_WRAPPER" in dict(function.environment):
            reason += "; AWS_LAMBDA_EXEC_WRAPPER starts another program"
            return structs.replace(function, unresolved=reason, local=False)
        other = self._other_language(candidate)
        if other is not None:
            return structs.replace(function, unresolved=f"{other} is not supported", language=None)
        return structs.replace(function, unresolved=reason, local=function.local and self._is_here(candidate))

    def _other_language(self, candidate: Candidate) -> str | None:
        """The language without a front-end that the function's own folder holds sources in."""
        for base in _bases(candidate):
            if base not in ("", ".") or candidate.folder in ("", "."):
                prefix = "" if base in ("", ".") else base + "/"
                for path, language in self.project.other_sources:
                    if path.startswith(prefix):
                        return language
        return None

    def _is_here(self, candidate: Candidate) -> bool:
        """Whether the code that is deployed lies in the project: not what a bundler has yet to build, which calls files
        as it likes, and not an archive whose sources are elsewhere."""
        function = candidate.function
        root, language = function.code_root or "", function.language
        folders = set(posixpath.dirname(function.handler or "").split("/"))
        built = bool(candidate.archive) or source_root(root) != (root or ".") or not folders.isdisjoint(_OUTPUT_FOLDERS)
        if not built:
            return True
        if language is None or language.family == Language.JAVASCRIPT.family or function.code_root is None:
            return False
        return any(language_of(path) is language for path in self._below(root))

    def _replaced(self, candidate: Candidate) -> DeployedFunction | None:
        """The function of the file that its handler names, if that is not the inline code.

        Inline code is put into a file called ``index`` (CloudFormation, Code property of AWS::Lambda::Function). If
        the handler names another file, the code only holds the place until the real code is uploaded.
        """
        function = candidate.function
        handler = (function.handler or "").strip()
        named = function.dialect is Dialect.TERRAFORM  # there the file has the name that its archive gives it
        if named or not handler or re.match(r"(?:.*/)?index\.", handler):
            return None
        found = self._python(handler, candidate) if function.language is Language.PYTHON else None
        if function.language in (Language.JAVASCRIPT, Language.TYPESCRIPT):
            found = self._javascript(handler, candidate)
        return _with_entry(structs.replace(function, inline=None), found) if isinstance(found, Entry) else None

    # ---- one method per kind of runtime: an Entry, or the reason for none ----

    def _javascript(self, handler: str, candidate: Candidate) -> Entry | str:
        module, dot, symbol = split_module(handler)
        if not dot or not symbol:
            return f"handler '{handler}' does not have the form file.export"
        modules = self.index.modules
        for path in _entry_points(candidate, module):
            hit = modules.find(path)
            if hit:
                return self._entry(hit, symbol)
        beside = None
        for sub in ("", "src", "app", "lib"):
            for base in _bases(candidate):
                hit = modules.find_source(posixpath.join(base, sub, module))
                named = hit and hit.rpartition(".")[0] == posixpath.normpath(posixpath.join(base, module))
                if hit and ((named and base == candidate.function.code_root) or self._may_export(hit, symbol)):
                    return self._entry(hit, symbol)
                beside = beside or hit
        tails = [module, *unbuilt(module)]
        hits = [hit for tail in tails for hit in modules.ending_with(tail)]
        found = self._unique(hits, symbol, candidate, handler)
        if isinstance(found, Entry):
            return found
        bundled = self._bundled(handler, symbol, candidate)
        return bundled or (f"{beside} exports no {symbol}" if beside else found)

    def _may_export(self, path: str, symbol: str) -> bool:
        """Whether a file that only lies where the code may be built from has the export or hands on another's."""
        text = self.project.peek(path)
        return symbol == "default" or bool(_word(symbol).search(text) or _HANDS_ON.search(text))

    def _bundled(self, handler: str, symbol: str, candidate: Candidate) -> Entry | None:
        """The one file below the folder of what a bundler builds whose export the handler is: bundlers name their
        output as they like."""
        root = candidate.function.code_root
        if root is None:
            return None
        if source_root(root) in (root, ".", "") and _OUTPUT_FOLDERS.isdisjoint(posixpath.dirname(handler).split("/")):
            return None
        holding = [
            path for path in self._below(root)
            if any(shape.symbol == symbol for shape in self.index.handler_shapes(path))
        ]  # fmt: skip
        return self._entry(holding[0], symbol) if len(holding) == 1 else None

    def _python(self, handler: str, candidate: Candidate) -> Entry | str:
        module, dot, symbol = handler.strip().rpartition(".")
        if not dot or not module or not symbol:
            return f"handler '{handler}' does not have the form module.function"
        for path in _entry_points(candidate, module):
            if self.project.exists(path):
                return self._entry(path, symbol)
        tail = module.replace(".", "/").strip("/")
        ends = (tail + ".py", tail + "/__init__.py")
        for base in _bases(candidate):
            for sub in ("", "src", "app", "lambda"):
                for end in ends:
                    path = self.project.canonical(posixpath.join(base, sub, end))
                    if self.project.exists(path):
                        return self._entry(path, symbol)
        hits = [
            path for path in sorted(self.project.all_sources) if any(("/" + path).endswith("/" + end) for end in ends)
        ]
        return self._unique(hits, symbol, candidate, handler)

    def _java(self, handler: str, candidate: Candidate, wrapper: str | None) -> Entry | str:
        within = self._within_framework(candidate)
        if within is not None:
            return within
        name, _, method = handler.strip().partition("::")
        if wrapper and not self.index.find_type(name):
            name = name[:1].upper() + name[1:]  # a function's bean is named like its class, but in lower case
        hits = self.index.find_type(name)
        path = self._preferred(hits, candidate)
        if path is None:
            if hits:
                near = [hit for hit in hits if self._is_near(hit, candidate)] or list(hits)
                return f"several files declare class {name}: {', '.join(near[:3])}"
            if wrapper:
                return f"no class of the name {name}, which {wrapper} names, is in the project"
            return f"no Java source declares class {name}; it may be written in another language or come from a library"
        return self._typed_entry(path, name, method or None)

    def _elsewhere(self, handler: str, candidate: Candidate) -> str:
        """Why no Java source of the project can be expected to declare a handler's class; nothing if one can."""
        owner = owner_of(handler)
        if owner is not None:
            return f"it belongs to {owner}; what of this project it calls is not followed"
        path = handler.strip().partition("::")[0].replace(".", "/")
        for base in _bases(candidate):
            for language, ending in _ON_THE_JVM:
                source = posixpath.normpath(posixpath.join(base, f"src/main/{language.lower()}/{path}.{ending}"))
                if isinstance(self.project.read_bytes(source), bytes):
                    return f"it is written in {language}"
        return ""

    def _within_framework(self, candidate: Candidate) -> Entry | None:
        """The function that a framework's own handler hands its events to, if the handler is one of those."""
        function = candidate.function
        framework = framework_of(self.project, self.index, function.handler or "")
        if framework is None:
            return None
        name = named_by(framework, function.environment)
        for base in _bases(candidate):
            found = target(self.project, self.index, framework, name, "" if base == "." else base)
            if found is not None:
                location = Location(found.path, found.owner.span)
                return Entry(found.path, found.owner.qualified, found.method, location)
        hits = self.index.find_type(name[:1].upper() + name[1:]) if name else ()
        path = self._preferred(hits, candidate)
        return self._typed_entry(path, name[:1].upper() + name[1:], None) if path is not None and name else None

    def _csharp(self, handler: str, candidate: Candidate) -> Entry | str:
        parts = handler.strip().split("::")
        if len(parts) != 3:
            return self._executable_assembly(handler, candidate)
        _, name, method = parts
        hits = self.index.find_type(name, Language.CSHARP)
        if not hits and name.endswith(_GENERATED):
            # Lambda Annotations generates a class Type_Method_Generated beside Type
            name = name.removesuffix(f"_{method}{_GENERATED}")
            hits = self.index.find_type(name, Language.CSHARP)
        path = self._preferred(hits, candidate)
        if path is None and hits:
            # A partial class: the part that holds the method.
            holding = [hit for hit in hits if re.search(rf"\b{re.escape(method)}\b".encode(), self.project.peek(hit))]
            path = holding[0] if len(holding) == 1 else None
        if path is None:
            if hits:
                return f"several files declare type {name}: {', '.join(hits[:3])}"
            return f"no C# source declares type {name}"
        return self._typed_entry(path, name, method)

    def _other_runtime(self, handler: str, candidate: Candidate) -> DeployedFunction:
        """A runtime without a front-end, or provided.*: an executable, which we know only where it is .NET's."""
        function = candidate.function
        reason = f"runtime {function.runtime} is not supported"
        if function.runtime is not None and function.runtime.startswith("provided"):
            if self._is_rust(candidate):
                reason = "written in Rust: judged by its configuration and cost alone"
                return structs.replace(function, unresolved=reason, local=False, custom_runtime="rust")
            found = self._csharp(handler, candidate)
            if isinstance(found, Entry):
                return _with_entry(function, found)
            reason = f"runtime {function.runtime}: the code is an executable"
        return structs.replace(function, unresolved=reason, local=False)

    def _is_rust(self, candidate: Candidate) -> bool:
        """Whether an executable is built by Cargo: SAM says so, or the code's folder does."""
        function = candidate.function
        if candidate.method.startswith("rust"):
            return True
        root = function.code_root
        if root is None:
            return False
        folders = [root]
        while "target" in folders[-1].split("/"):  # cargo builds into target/lambda/<name>
            folders.append(posixpath.dirname(folders[-1]))
        return any(posixpath.normpath(posixpath.join(folder, "Cargo.toml")) in self._build_files for folder in folders)

    def _executable_assembly(self, handler: str, candidate: Candidate) -> Entry | str:
        """A C# handler that names an assembly alone: its one program, or the one handler method below the code root."""
        root = candidate.function.code_root
        assembly = [
            posixpath.dirname(path) for path in self.project.configs if path.endswith(f"/{handler.strip()}.csproj")
        ]
        assembly = _nearest(assembly, candidate)
        near = [folder for folder in assembly if self._is_near(f"{folder}/x", candidate)]
        for folder in near if len(near) == 1 else [root]:
            programs = [
                (path, shape) for path in self._below(folder) if language_of(path) is Language.CSHARP
                for shape in [program(self.project.peek(path))] if shape is not None
            ]  # fmt: skip
            if len(programs) == 1:
                path, shape = programs[0]
                return Entry(path, shape.symbol, shape.method, Location(path, shape.span), program=True)
        for folder in (*assembly, root):
            below = [
                (path, shape) for path in self._below(folder) if language_of(path) is Language.CSHARP
                for shape in self.index.handler_shapes(path)
            ]  # fmt: skip
            if len(below) == 1 and self._is_near(below[0][0], candidate):
                path, shape = below[0]
                return Entry(path, shape.symbol, shape.method, Location(path, shape.span), shape.program)
        return f"handler '{handler}' names an executable whose handler method is not known"

    def _unknown_runtime(self, handler: str, candidate: Candidate) -> Entry | str:
        """The runtime is not known: whatever provides the handler."""
        if candidate.image and not re.search(r"[./:]", handler):
            return self._executable_assembly(handler, candidate)
        for found in (self._javascript(handler, candidate), self._python(handler, candidate)):
            if isinstance(found, Entry):
                return found
        if _JVM_WORDS.match(handler) and self.index.find_type(handler.partition("::")[0]):
            return self._java(handler, candidate, None)
        return f"the runtime is not known, and no file provides the handler '{handler}'"

    # ---- choosing among files ----

    def _unique(self, hits: Iterable[str], symbol: str, candidate: Candidate, handler: str) -> Entry | str:
        """The one file among those that might be it which has the symbol in it, the nearest to the code preferred."""
        word = _word(symbol)
        # A lone "index" or "app" says nothing about where it is.
        folders = handler.split("/")[:-1]
        lone = _OUTPUT_FOLDERS.issuperset(folders) and (
            candidate.function.language is not Language.PYTHON or handler.count(".") < 2
        )
        near = [hit for hit in dict.fromkeys(hits) if not lone or self._is_near(hit, candidate)]
        possible = [hit for hit in near if symbol == "default" or word.search(self.project.peek(hit))]
        path = self._preferred(possible, candidate)
        if path is not None:
            return self._entry(path, symbol)
        if possible:
            return f"several files may provide the handler '{handler}': {', '.join(possible[:3])}"
        return f"no file provides the handler '{handler}'"

    def _preferred(self, hits: Iterable[str], candidate: Candidate) -> str | None:
        """The only file, or the only one below the code root, a folder named like the archive, or the template."""
        pool = list(hits)
        if len(pool) <= 1:
            return pool[0] if pool else None
        for base in _bases(candidate):
            if base not in ("", "."):
                inside = [hit for hit in pool if hit.startswith(base + "/")]
                if len(inside) == 1:
                    return inside[0]
                pool = inside or pool
        named = [hit for hit in pool if candidate.archive and candidate.archive in hit.split("/")[:-1]]
        if len(named) != 1:  # compilers build a tree like that of the sources
            root = "/" + (candidate.function.code_root or "")
            named = [hit for hit in pool if "/" in hit and root.endswith("/" + posixpath.dirname(hit))]
        return named[0] if len(named) == 1 else None

    def _is_near(self, path: str, candidate: Candidate) -> bool:
        """Whether a file may belong to the function: near its template or code root, or named by its archive; if the
        place of the code is not known, any may."""
        function = candidate.function
        if candidate.archive in path.split("/"):
            return True
        if function.code_root is None and (candidate.archive or function.dialect is not Dialect.SAM):
            return True
        return any(base in ("", ".") or path.startswith(base + "/") for base in _bases(candidate))

    def _below(self, root: str | None) -> Iterator[str]:
        """Source files below a folder that are not skipped."""
        if root is None:
            return
        prefix = "" if root in ("", ".") else source_root(root) + "/"
        yield from (path for path in self.project.files if path.startswith(prefix))

    def _entry(self, path: str, symbol: str) -> Entry:
        shape = next((item for item in self.index.handler_shapes(path) if item.symbol == symbol), None)
        return Entry(path, symbol, None, Location(path, shape.span) if shape else None)

    def _typed_entry(self, path: str, name: str, method: str | None) -> Entry:
        declared = self.index.find_declared(path, name)
        return Entry(path, name, method, Location(path, declared.span) if declared else None)


def _word(symbol: str) -> re.Pattern[bytes]:
    """The first part of an export's name, as a word of a file."""
    first = symbol.split(".", maxsplit=1)[0].encode("utf-8", "replace")
    return re.compile(rb"(?<![\w$])" + re.escape(first) + rb"(?![\w$])")


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


def _entry_points(candidate: Candidate, module: str) -> list[str]:
    """Sources named for the bundler that would be built to a module."""
    root = candidate.function.code_root or candidate.folder
    stem = posixpath.basename(module)
    matching = [item for item in candidate.entry_points if posixpath.splitext(posixpath.basename(item))[0] == stem]
    chosen = matching or (candidate.entry_points if len(candidate.entry_points) == 1 else ())
    return [posixpath.join(root, item) for item in chosen]


def _bases(candidate: Candidate) -> list[str]:
    """Folders that a handler's path may be relative to, likeliest first."""
    root = candidate.function.code_root
    bases = [root, source_root(root)] if root is not None else []
    return list(dict.fromkeys([*candidate.bases, *bases, candidate.folder or "."]))


def _nearest(folders: list[str], candidate: Candidate) -> list[str]:
    """Of several folders that are called alike those where the code of the image comes from; none if that is open."""
    if not candidate.image or len(folders) < 2:
        return folders
    for base in candidate.bases:
        inside = [folder for folder in folders if f"{folder}/".startswith(f"{base}/")]
        if inside:
            return inside
    return []


def source_root(root: str) -> str:
    """The folder that holds the sources of a code root: of an archive or an output folder the one above it."""
    parts = root.split("/")
    if posixpath.splitext(root)[1] in (".zip", ".jar"):
        parts = parts[:-1]
    for index in range(len(parts) - 1, -1, -1):
        if parts[index] in _OUTPUT_FOLDERS:
            parts = parts[:index]
    return "/".join(parts) or "."
