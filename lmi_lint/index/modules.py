"""What a module specifier means: relative files, tsconfig paths, workspace packages, files of layers."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from lmi_lint.discover.project import Project
from lmi_lint.index.jsonc import parse_jsonc
from lmi_lint.model.finding import Problem

_SUFFIXES = (".ts", ".tsx", ".js", ".jsx", ".mjs", ".cjs", ".mts", ".cts")
# What a written suffix may stand for in the sources, best first.
_SWAPS: dict[str, tuple[str, ...]] = {
    ".js": (".js", ".ts", ".tsx", ".jsx"),
    ".jsx": (".jsx", ".tsx"),
    ".mjs": (".mjs", ".mts"),
    ".cjs": (".cjs", ".cts"),
}
_OUTPUT = re.compile(r"(?:^|(?<=/))(?:dist|build|out|lib|\.build|\.webpack|\.esbuild)(?:/(?:src|esm|cjs))?/")
_CONDITIONS = ("source", "import", "module", "node", "require", "default", "types")
_MAX_EXTENDS = 16


class PathMapping(Struct, frozen=True):
    """A tsconfig's module settings; folders are relative to the project root. ``base_url`` is None if not set;
    ``paths`` maps a pattern to targets already joined with the folder they are relative to."""

    base_url: str | None = None
    paths: tuple[tuple[str, tuple[str, ...]], ...] = ()


class Package(Struct, frozen=True):
    """One package.json: its folder and what matters in it."""

    folder: str
    name: str
    manifest: dict[str, Any]


class JsModules:
    """Module resolution within one project. Nothing outside the listed sources is ever found."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._configs = frozenset(project.configs)
        self._parsed: dict[str, dict[str, Any]] = {}
        self._mappings: dict[str, PathMapping] = {}
        self._packages: dict[str, list[Package]] | None = None
        self._tails: dict[str, list[str]] | None = None

    def resolve(self, from_path: str, specifier: str) -> str | None:
        """The file that ``specifier`` means in ``from_path``, or None (external, unknown, or not unique)."""
        specifier = specifier.split("?", 1)[0]
        if not specifier or "\0" in specifier or ":" in specifier:
            return None
        folder = posixpath.dirname(from_path)
        if specifier.startswith(("./", "../")) or specifier in (".", ".."):
            return self.find(posixpath.join(folder, specifier))
        if specifier.startswith("/"):
            return self._of_layer(specifier, from_path)
        if specifier.startswith("#"):
            return self._of_imports(from_path, specifier)
        return self._mapped(from_path, specifier) or self._of_package(from_path, specifier)

    def find(self, path: str) -> str | None:
        """A source file for a path as a specifier writes it: with or without suffix, or a folder with an index."""
        path = self.project.canonical(path)
        if path.startswith(".."):
            return None
        path = "" if path == "." else path
        exists = self.project.exists
        stem, suffix = posixpath.splitext(path)
        if suffix in _SWAPS:
            hit = next((stem + swap for swap in _SWAPS[suffix] if exists(stem + swap)), None)
            if hit:
                return hit
        elif suffix in _SUFFIXES and exists(path):
            return path
        candidates = (path + suffix for suffix in _SUFFIXES)
        indexes = (posixpath.join(path, "index" + suffix) for suffix in _SUFFIXES)
        hit = next((item for item in candidates if path and exists(item)), None)
        if hit is None and posixpath.join(path, "package.json") in self._configs:
            manifest = self._json(posixpath.join(path, "package.json"))
            hit = self._main(path, manifest) if manifest.get("main") else None
        return hit or next((item for item in indexes if exists(item)), None)

    def find_source(self, path: str) -> str | None:
        """Like ``find``, also through the name of a built file: ``dist/a.js`` → ``src/a.ts`` or ``a.ts``."""
        return self.find(path) or next((hit for hit in map(self.find, unbuilt(path)) if hit), None)

    # ---- tsconfig ----

    def mapping_for(self, path: str) -> PathMapping:
        """The settings of the nearest tsconfig.json (or jsconfig.json) above a file."""
        folder = posixpath.dirname(path)
        known = self._mappings.get(folder)
        if known is None:
            own = next(
                (item for name in ("tsconfig.json", "jsconfig.json")
                 if (item := posixpath.join(folder, name)) in self._configs), None,
            )  # fmt: skip
            above = self.mapping_for(folder) if folder and own is None else PathMapping()
            known = above if own is None else self._mapping(own, 0)
            self._mappings[folder] = known
        return known

    def _mapping(self, config: str, depth: int) -> PathMapping:
        """One tsconfig with those it extends."""
        parsed = self._json(config)
        folder = posixpath.dirname(config)
        result = PathMapping()
        extends = parsed.get("extends")
        for base in extends if isinstance(extends, list) else [extends]:
            target = self._extended(folder, base)
            if target is not None and depth < _MAX_EXTENDS:
                inherited = self._mapping(target, depth + 1)
                result = PathMapping(
                    inherited.base_url if inherited.base_url is not None else result.base_url,
                    inherited.paths or result.paths,
                )
        options = parsed.get("compilerOptions")
        if not isinstance(options, dict):
            return result
        base_url, paths = result.base_url, result.paths
        if isinstance(options.get("baseUrl"), str):
            base_url = posixpath.normpath(posixpath.join(folder, options["baseUrl"]))
        if isinstance(options.get("paths"), dict):
            anchor = base_url if base_url is not None else folder
            paths = tuple(
                (pattern, tuple(posixpath.normpath(posixpath.join(anchor, item)) for item in items
                                if isinstance(item, str)))
                for pattern, items in options["paths"].items() if isinstance(items, list)
            )  # fmt: skip
        return PathMapping(base_url, paths)

    def _extended(self, folder: str, base: object) -> str | None:
        if not isinstance(base, str) or not base.startswith("."):
            return None
        path = self.project.canonical(posixpath.join(folder, base))
        return next((item for item in (path, path + ".json", path + "/tsconfig.json") if item in self._configs), None)

    def _mapped(self, from_path: str, specifier: str) -> str | None:
        """By tsconfig ``paths``, most specific pattern first, then ``baseUrl``."""
        mapping = self.mapping_for(from_path)
        ranked = sorted(mapping.paths, key=lambda item: ("*" in item[0], -len(item[0].split("*")[0])))
        for pattern, targets in ranked:
            inner = _star(pattern, specifier)
            if inner is not None:
                hits = (self.find_source(target.replace("*", inner, 1)) for target in targets)
                hit = next((item for item in hits if item), None)
                if hit:
                    return hit
        if mapping.base_url is not None:
            return self.find(posixpath.join(mapping.base_url, specifier))
        return None

    # ---- packages ----

    def packages(self, name: str) -> list[Package]:
        """Packages of the project with a name."""
        if self._packages is None:
            self._packages = {}
            for path in self.project.configs:
                if posixpath.basename(path) == "package.json":
                    manifest = self._json(path)
                    called = manifest.get("name")
                    if isinstance(called, str) and called:
                        package = Package(posixpath.dirname(path), called, manifest)
                        self._packages.setdefault(called, []).append(package)
        return self._packages.get(name, [])

    def _of_package(self, from_path: str, specifier: str) -> str | None:
        parts = specifier.split("/")
        count = 2 if specifier.startswith("@") else 1
        name, rest = "/".join(parts[:count]), "/".join(parts[count:])
        package = _nearest(self.packages(name), from_path)
        if package is None:
            return None
        exported = _exported(package.manifest.get("exports"), "./" + rest if rest else ".")
        if exported is not None:
            hit = self.find_source(posixpath.join(package.folder, exported))
            if hit:
                return hit
        if not rest:
            return self._main(package.folder, package.manifest)
        places = (posixpath.join(package.folder, sub, rest) for sub in ("", "src", "lib"))
        return next((hit for hit in map(self.find_source, places) if hit), None)

    def _main(self, folder: str, manifest: dict[str, Any]) -> str | None:
        """A package's main source file."""
        for key in ("source", "module", "main", "types"):
            value = manifest.get(key)
            if isinstance(value, str) and posixpath.normpath(value) != ".":
                path = posixpath.join(folder, value.removesuffix(".d.ts"))
                hit = self.find_source(path)
                if hit:
                    return hit
        for name in ("src/index", "index", "lib/index", "src/main"):
            paths = (posixpath.join(folder, name + suffix) for suffix in _SUFFIXES)
            hit = next((path for path in paths if self.project.exists(path)), None)
            if hit:
                return hit
        return None

    def _of_imports(self, from_path: str, specifier: str) -> str | None:
        """Subpath imports (``#x``) of the nearest package.json."""
        folder = posixpath.dirname(from_path)
        while posixpath.join(folder, "package.json") not in self._configs:
            if not folder:
                return None
            folder = posixpath.dirname(folder)
        target = _exported(self._json(posixpath.join(folder, "package.json")).get("imports"), specifier)
        return self.find_source(posixpath.join(folder, target)) if target else None

    # ---- layers ----

    def _of_layer(self, specifier: str, from_path: str) -> str | None:
        """``/opt/nodejs/x``: the one file of the project whose path ends so; that below a layer folder if several."""
        if not specifier.startswith("/opt/"):
            return None
        tail = posixpath.normpath(specifier.removeprefix("/opt/"))
        for wanted in (tail, tail.removeprefix("nodejs/")):
            hits = self.ending_with(wanted)
            for pool in ([hit for hit in hits if re.search(r"layer|(?:^|/)opt/", hit, re.IGNORECASE)], hits):
                near = _closest(pool, from_path)
                if near is not None:
                    return near
            if hits:
                return None
        return None

    def ending_with(self, tail: str) -> list[str]:
        """Source files whose path without suffix ends in ``tail`` (its own suffix ignored), whole segments only;
        files that are not skipped first."""
        stem = posixpath.splitext(tail)[0] if posixpath.splitext(tail)[1] in _SUFFIXES else tail
        if self._tails is None:
            self._tails = {}
            primary = self.project.primary
            for path in sorted(self.project.all_sources, key=lambda item: (item not in primary, item)):
                self._tails.setdefault(posixpath.splitext(posixpath.basename(path))[0], []).append(path)
        hits = []
        for path in self._tails.get(posixpath.basename(stem), ()):
            own = posixpath.splitext(path)
            if own[1] in _SUFFIXES and (own[0] == stem or own[0].endswith("/" + stem)):
                hits.append(path)
        return [hit for hit in hits if hit in self.project.primary] or hits

    def _json(self, path: str) -> dict[str, Any]:
        if path not in self._parsed:
            data = self.project.read_bytes(path)
            self._parsed[path] = {} if isinstance(data, Problem) else parse_jsonc(data)
        return self._parsed[path]


def unbuilt(path: str) -> Iterator[str]:
    """Where the source of a built file may lie: output folders removed, ``src`` put in their place."""
    for match in _OUTPUT.finditer(path):
        before, after = path[: match.start()], path[match.end() :]
        yield before + after
        yield before + "src/" + after
        yield before + "lib/" + after
        yield before + "app/" + after


def _star(pattern: str, text: str) -> str | None:
    """What ``*`` of a pattern stands for in a text; empty for a pattern without one that is equal; None: no match."""
    if "*" not in pattern:
        return "" if pattern == text else None
    before, after = pattern.split("*", 1)
    if len(text) < len(before) + len(after) or not (text.startswith(before) and text.endswith(after)):
        return None
    return text[len(before) : len(text) - len(after)]


def _exported(table: object, subpath: str) -> str | None:
    """The target of a subpath in ``exports`` or ``imports`` of a package.json."""
    if isinstance(table, dict) and any(str(key).startswith((".", "#")) for key in table):
        for pattern, target in sorted(table.items(), key=lambda item: -len(str(item[0]))):
            inner = _star(str(pattern), subpath)
            if inner is not None:
                found = _condition(target)
                return found.replace("*", inner) if found else None
        return None
    return _condition(table) if subpath == "." else None


def _condition(target: object) -> str | None:
    """The first path that conditions lead to."""
    for _ in range(_MAX_EXTENDS):
        if isinstance(target, str):
            return target.removesuffix(".d.ts")
        if isinstance(target, list):
            target = target[0] if target else None
        elif isinstance(target, dict):
            target = next((target[key] for key in _CONDITIONS if key in target), None)
        else:
            return None
    return None


def _nearest(packages: list[Package], from_path: str) -> Package | None:
    """The package that shares most of its path with a file; None if that is not one."""
    best = _closest([posixpath.join(item.folder, "package.json") for item in packages], from_path)
    return next((item for item in packages if posixpath.join(item.folder, "package.json") == best), None)


def _closest(paths: list[str], from_path: str) -> str | None:
    """The path with the longest folder prefix in common with ``from_path``; None if several share it."""
    if len(paths) <= 1:
        return paths[0] if paths else None
    own = from_path.split("/")

    def common(path: str) -> int:
        count = 0
        for left, right in zip(own, path.split("/"), strict=False):
            if left != right:
                break
            count += 1
        return count

    ranked = sorted(paths, key=common, reverse=True)
    return ranked[0] if common(ranked[0]) > common(ranked[1]) else None
