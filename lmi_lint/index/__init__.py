"""The cheap index: answers from bytes and regular expressions, built lazily, kept per Project."""

from __future__ import annotations

import posixpath
import re
from bisect import bisect_left
from collections.abc import Iterator
from functools import cached_property
from typing import cast

from msgspec import Struct

from lmi_lint.cache import Cache
from lmi_lint.discover.found import Declared, DeclaredType, Heritage, Shape, Target, type_named
from lmi_lint.discover.project import Project, language_of
from lmi_lint.index.contents import Contents, Stamp
from lmi_lint.index.global_usings import GlobalUsing, in_project_file, in_source
from lmi_lint.index.imports import imports_of
from lmi_lint.index.modules import JsModules
from lmi_lint.index.needs import called_methods, named_types
from lmi_lint.index.python_modules import PythonModules
from lmi_lint.index.scans import Scan, Scans
from lmi_lint.index.wiring import WiredFiles
from lmi_lint.model.names import Language

__all__ = ["GlobalUsing", "Index", "Shape"]

_BUILDS = (".csproj", "pom.xml", "build.gradle", "build.gradle.kts")
# ``Name(this …`` or ``Name<T>([Attribute] this …``, found from its end: that is what stands in few places
_THIS = re.compile(rb"\(\s*(?:\[[^\]]{0,200}\]\s*)?this\s")
_EXTENSION = re.compile(rb"(\w+)\s*(?:<[^<>()]{0,200}>)?\s*\Z")
_LONGEST = 1_000
"""Bytes of a name with its type parameters."""

_AFTER_SLASH = chr(ord("/") + 1)

_HANDS_ON = re.compile(rb"export\s*\*|module\.exports\s*=\s*require")


def _extensions(data: bytes) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for this in _THIS.finditer(data):
        named = _EXTENSION.search(data, max(this.start() - _LONGEST, 0), this.start())
        if named is not None:
            found[named.group(1).decode("utf-8", "replace")] = None
    return tuple(found)


class News(Struct, frozen=True):
    """What a process has found out about files, by their paths."""

    stamps: dict[str, Stamp] = {}
    scans: dict[str, Scan] = {}


class Index:
    """What files declare and what module specifiers mean. Use ``Index.of``: one instance per project."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.contents = Contents(project)
        self.scans = Scans(self.contents, project)
        self._usings: dict[str, tuple[GlobalUsing, ...]] = {}
        self._by_name: dict[Language, dict[str, tuple[str, ...]]] = {}
        self._namespaces: dict[Language, frozenset[str]] = {}
        self._wired: dict[Language, WiredFiles] = {}

    @staticmethod
    def of(project: Project) -> Index:
        """The project's index."""
        kept = project.__dict__.get("_index")
        if not isinstance(kept, Index):
            kept = project.__dict__["_index"] = Index(project)
        return kept

    def recall(self, cache: Cache) -> None:
        """Go on from what was found out about the project in earlier runs."""
        self.contents = Contents(self.project, cache)
        self.scans = Scans(self.contents, self.project, cache)

    def go_on(self, other: Index) -> None:
        """Go on from the index of a project of which nothing but its root was known."""
        self.contents = other.contents.about(self.project)
        self.scans = other.scans.about(self.project)

    def news(self) -> News:
        """What was found out since this was asked last, for a process that keeps it instead of this one."""
        return News(self.contents.news(), self.scans.news())

    def learn(self, news: News) -> None:
        """Take over what another process has found out about the same project."""
        self.contents.learn(news.stamps)
        self.scans.learn(news.scans)

    def keep(self) -> None:
        """Keep what was found out for the next run."""
        self.contents.keep()
        self.scans.keep()

    @cached_property
    def modules(self) -> JsModules:
        """Module resolution for JavaScript and TypeScript."""
        return JsModules(self.project)

    @cached_property
    def python(self) -> PythonModules:
        """Module resolution for Python."""
        return PythonModules(self.project)

    def resolve_module(self, family: str, from_path: str, specifier: str) -> str | None:
        """The project file that an import in a language of modules means; None for anything outside the project."""
        find = {"javascript": self.resolve_js, "python": self.python.resolve}.get(family)
        return find(from_path, specifier) if find is not None else None

    def needed(self, path: str) -> tuple[str, ...]:
        """The files of the project that a file may need, by its text: those that it imports or, in Java and C#, whose
        types and extension methods it names. For reading them in good time: what is named need not be used, and what is
        used need not be named."""
        language = language_of(path)
        if language is None:
            return ()
        if language.typed:
            return tuple(dict.fromkeys(self._named(path, language)))
        modules = (self.resolve_module(language.family, path, module) for module in self.imports(path))
        return tuple(dict.fromkeys(file for file in modules if file is not None))

    def _named(self, path: str, language: Language) -> Iterator[str]:
        """The files with what a Java or C# file names."""
        self._build(language)
        known, data = self._by_name[language], self.project.peek(path)
        shared = [each.name for each in self.global_usings(path)] if language is Language.CSHARP else []
        for name in named_types(data, self.package_of(path), shared, known):
            yield from known.get(name, ())
        for name in called_methods(data, self._extensions):
            yield from self.extension_files(name)

    # ---- Java and C# ----

    def types_of(self, path: str) -> tuple[DeclaredType, ...]:
        """Types that a Java or C# file declares, nested ones included, in file order."""
        return self._declarations(path).types

    def derives(self, path: str) -> bool:
        """Whether some type of a Java or C# file may derive from another."""
        language = language_of(path)
        return language is not None and bool(self.scans.scan(path, "derives", lambda data: _derives(data, language)))

    def heritage(self, path: str) -> Heritage:
        """What the types of a Java or C# file derive from."""
        language = language_of(path)
        if language is None or not language.typed:
            return Heritage("", ())
        declared = self._declarations(path)
        return cast("Heritage", self.scans.scan(path, "heritage", lambda data: _heritage(data, language, declared)))

    def framework_targets(self, path: str) -> tuple[Target, ...]:
        """What may be the function of a framework's handler in a Java file."""
        declared = self._declarations(path)
        return cast("tuple[Target, ...]", self.scans.scan(path, "targets", lambda data: _targets(data, declared)))

    def thin_class(self, path: str, name: str) -> str | None:
        """How a Java type is declared that adds nothing of weight to what it extends; None for others."""
        declared, item = self._declarations(path), self.find_declared(path, name)
        thin = self.scans.scan(path, "thin", lambda data: _thin_classes(data, declared))
        found = dict(cast("tuple[tuple[int, str], ...]", thin))
        return found.get(declared.types.index(item)) if item is not None else None

    def package_of(self, path: str) -> str:
        """The file's package (Java) or first namespace (C#); empty for none."""
        return self._declarations(path).package

    def find_type(self, name: str, language: Language = Language.JAVA) -> tuple[str, ...]:
        """Files that declare a type called ``name``: simple, nested (``Outer.Inner``) or qualified; ``$`` and ``+``
        stand for a dot. Skipped files (tests and the like) are named only if no other declares it."""
        self._build(language)
        return self._by_name[language].get(name.replace("$", ".").replace("+", "."), ())

    def find_declared(self, path: str, name: str) -> DeclaredType | None:
        """The type of a simple, nested or qualified name in one file."""
        return type_named(self.types_of(path), name)

    def declares(self, path: str, name: str) -> bool:
        """Whether a file declares the type of a simple, nested or qualified name."""
        return self.find_declared(path, name) is not None

    def is_namespace(self, name: str, language: Language) -> bool:
        """Whether something is declared in a namespace of this name, or below it."""
        self._build(language)
        return name in self._namespaces[language]

    def build_file(self, path: str) -> str | None:
        """The project file in the nearest folder above a source file."""
        folder = posixpath.dirname(path)
        while True:
            found = self._builds.get(folder)
            if found is not None or not folder:
                return found
            folder = posixpath.dirname(folder)

    @cached_property
    def _builds(self) -> dict[str, str]:
        return {posixpath.dirname(each): each for each in self.project.configs if each.endswith(_BUILDS)}

    def files_around(self, path: str) -> tuple[str, ...]:
        """The source files of the build project that a file belongs to, in its language: those below the nearest
        folder with a project file, or all where there is none."""
        return self.files_below(posixpath.dirname(self.build_file(path) or ""), language_of(path))

    def files_below(self, folder: str, language: Language | None) -> tuple[str, ...]:
        """The source files of a language below a folder."""
        paths = self._by_language.get(language, ())
        if not folder:
            return paths
        return paths[bisect_left(paths, f"{folder}/") : bisect_left(paths, f"{folder}{_AFTER_SLASH}")]

    @cached_property
    def _by_language(self) -> dict[Language | None, tuple[str, ...]]:
        found: dict[Language | None, list[str]] = {}
        for path in sorted(self.project.files):
            found.setdefault(language_of(path), []).append(path)
        return {language: tuple(paths) for language, paths in found.items()}

    def files_matching(self, folder: str, language: Language, pattern: bytes) -> tuple[str, ...]:
        """The source files of a language below a folder in which a regular expression matches."""
        find = re.compile(pattern).search
        key = f"\0pattern\0{pattern.decode()}"
        paths = self.files_below(folder, language)
        return tuple(path for path in paths if self.scans.tells(path, key, lambda data: find(data) is not None))

    def global_usings(self, path: str) -> tuple[GlobalUsing, ...]:
        """The usings that hold in every file of the build project that a C# file belongs to."""
        build = self.build_file(path) or ""
        if build not in self._usings:
            found: dict[GlobalUsing, None] = {}
            ways = [(build, in_project_file)] if build else []
            for each, find in (*ways, *((each, in_source) for each in self.files_around(path))):
                found.update(dict.fromkeys(cast("tuple[GlobalUsing, ...]", self.scans.scan(each, "usings", find))))
            self._usings[build] = tuple(found)
        return self._usings[build]

    def extension_files(self, name: str) -> tuple[str, ...]:
        """Files that declare an extension method of this name (C#: its first parameter is marked ``this``), tests and
        the like left out."""
        return self._extensions.get(name, ())

    @cached_property
    def _extensions(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, dict[str, None]] = {}
        for path in sorted(self.project.primary):
            if language_of(path) is Language.CSHARP:
                for name in cast("tuple[str, ...]", self.scans.scan(path, "extensions", _extensions)):
                    found.setdefault(name, {})[path] = None
        return {name: tuple(paths) for name, paths in found.items()}

    def wired(self, language: Language) -> WiredFiles:
        """The files of a language by the annotations and supertypes in them."""
        if language not in self._wired:
            self._wired[language] = WiredFiles(self.project, language, self.scans)
        return self._wired[language]

    def _declarations(self, path: str) -> Declared:
        language = language_of(path)
        if language is None or not language.typed:
            return Declared("", ())
        return cast("Declared", self.scans.scan(path, "declared", lambda data: _declarations(data, language)))

    def _build(self, language: Language) -> None:
        if language in self._by_name:
            return
        names: dict[str, dict[str, None]] = {}
        spaces: set[str] = set()
        primary = self.project.primary
        for path in sorted(self.project.all_sources, key=lambda path: (path not in primary, path)):
            if language_of(path) is not language:
                continue
            declared = self._declarations(path)
            spaces.add(declared.package)
            for item in declared.types:
                for name in {item.name, item.nested, item.qualified}:
                    names.setdefault(name, {})[path] = None
                spaces.add(item.qualified[: -len(item.nested)].rstrip("."))
        self._by_name[language] = {name: self._best(tuple(paths)) for name, paths in names.items()}
        self._namespaces[language] = frozenset(above for space in spaces for above in _with_outer(space))

    def _best(self, paths: tuple[str, ...]) -> tuple[str, ...]:
        """The paths that are not skipped, if there are any."""
        return tuple(path for path in paths if path in self.project.primary) or paths

    # ---- handlers ----

    def handler_shapes(self, path: str) -> tuple[Shape, ...]:
        """What looks like a handler in a source file of any language, with spans."""
        language = language_of(path)
        if language is None:
            return ()
        found = self.scans.scan(path, "shapes", lambda data: _handler_shapes(data, language))
        return cast("tuple[Shape, ...]", found)

    def imports(self, path: str) -> tuple[str, ...]:
        """The modules that may be files of the project, as a JavaScript or Python file names them in its imports."""
        language = language_of(path)
        find = imports_of(language) if language is not None else None
        return cast("tuple[str, ...]", self.scans.scan(path, "imports", find)) if find is not None else ()

    def says_one_of(self, path: str, *words: str) -> bool:
        """Whether one of some texts stands in a file."""
        return self.scans.says(path, words)

    def says_word(self, path: str, word: str) -> bool:
        """Whether a word of a JavaScript or Python program stands in a file."""
        pattern = re.compile(rb"(?<![\w$])" + re.escape(word.encode("utf-8", "replace")) + rb"(?![\w$])")
        return self.scans.tells(path, f"\0word\0{word}", lambda data: pattern.search(data) is not None)

    def hands_on(self, path: str) -> bool:
        """Whether a JavaScript file exports all that another does."""
        return self.scans.tells(path, "\0hands on", lambda data: _HANDS_ON.search(data) is not None)

    # ---- JavaScript ----

    def resolve_js(self, from_path: str, specifier: str) -> str | None:
        """The project file that a module specifier means in ``from_path``; None if it is external or unknown."""
        return self.modules.resolve(from_path, specifier)


def _with_outer(namespace: str) -> Iterator[str]:
    """A namespace and those that it lies in."""
    while namespace:
        yield namespace
        namespace = namespace.rpartition(".")[0]


# What finds anew is imported when something has to be found anew.


def _declarations(data: bytes, language: Language) -> Declared:
    from lmi_lint.discover.scan import declarations

    return declarations(data, language)


def _handler_shapes(data: bytes, language: Language) -> tuple[Shape, ...]:
    from lmi_lint.discover.shapes import handler_shapes

    return handler_shapes(data, language)


def _derives(data: bytes, language: Language) -> bool:
    from lmi_lint.discover.heritage import derives

    return derives(data, language)


def _heritage(data: bytes, language: Language, declared: Declared) -> Heritage:
    from lmi_lint.discover.heritage import heritage

    return heritage(data, language, declared)


def _targets(data: bytes, declared: Declared) -> tuple[Target, ...]:
    from lmi_lint.discover.frameworks import targets

    return targets(data, declared)


def _thin_classes(data: bytes, declared: Declared) -> tuple[tuple[int, str], ...]:
    from lmi_lint.discover.frameworks import thin_classes

    return thin_classes(data, declared)
