"""The sources of a project that may be a function's, and the choice among several."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator

from msgspec import Struct

from lmi_lint.deploy.model import Dialect, Entry
from lmi_lint.deploy.template import Candidate
from lmi_lint.discover.project import Project
from lmi_lint.index import Index

OUTPUT_FOLDERS = frozenset(["target", "build", "dist", "out", "bin", "libs", "distributions", "publish"])


class Wanted(Struct, frozen=True):
    """A ``handler`` string of a function; ``wrapper``: the variable that names it to an agent's or a framework's own
    handler."""

    handler: str
    candidate: Candidate
    wrapper: str | None = None


class NotFound(Struct, frozen=True):
    """Why no source is the handler; ``elsewhere``: none can be expected to be."""

    reason: str
    elsewhere: bool = False


class Sources:
    """The sources of one project."""

    def __init__(self, project: Project, index: Index) -> None:
        self.project = project
        self.index = index
        self._by_name: dict[str, list[str]] | None = None

    def unique(self, hits: Iterable[str], symbol: str, wanted: Wanted, *, anywhere: bool) -> Entry | NotFound:
        """The one file among those that might be it which has the symbol in it, the nearest to the code preferred;
        ``anywhere``: the handler's path tells enough for a file that is not near."""
        first = word(symbol)
        near = [hit for hit in dict.fromkeys(hits) if anywhere or self.is_near(hit, wanted.candidate)]
        possible = [hit for hit in near if symbol == "default" or self.index.says_word(hit, first)]
        path = self.preferred(possible, wanted.candidate)
        if path is not None:
            return self.entry(path, symbol)
        if possible:
            return NotFound(f"several files may provide the handler '{wanted.handler}': {', '.join(possible[:3])}")
        return NotFound(f"no file provides the handler '{wanted.handler}'")

    def ending_in(self, *ends: str) -> list[str]:
        """Source files whose path ends in one of some paths, whole segments only; skipped ones too."""
        if self._by_name is None:
            self._by_name = {}
            for path in sorted(self.project.all_sources):
                self._by_name.setdefault(posixpath.basename(path), []).append(path)
        named = [path for end in ends for path in self._by_name.get(posixpath.basename(end), ())]
        return sorted({path for path in named if any(f"/{path}".endswith(f"/{end}") for end in ends)})

    def preferred(self, hits: Iterable[str], candidate: Candidate) -> str | None:
        """The only file, or the only one below the code root, a folder named like the archive, or the template."""
        pool = list(hits)
        if len(pool) <= 1:
            return pool[0] if pool else None
        for base in bases(candidate):
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

    def is_near(self, path: str, candidate: Candidate) -> bool:
        """Whether a file may belong to the function: near its template or code root, or named by its archive; if the
        place of the code is not known, any may."""
        function = candidate.function
        if candidate.archive in path.split("/"):
            return True
        if function.code_root is None and (candidate.archive or function.dialect is not Dialect.SAM):
            return True
        return any(base in ("", ".") or path.startswith(base + "/") for base in bases(candidate))

    def below(self, root: str | None) -> Iterator[str]:
        """Source files below a folder that are not skipped."""
        if root is None:
            return
        prefix = "" if root in ("", ".") else source_root(root) + "/"
        yield from (path for path in self.project.files if path.startswith(prefix))

    def entry(self, path: str, symbol: str) -> Entry:
        """The entry of a file's export or function."""
        return Entry(path, symbol, None, any(item.symbol == symbol for item in self.index.handler_shapes(path)))

    def typed_entry(self, path: str, name: str, method: str | None) -> Entry:
        """The entry of a file's class and its method, None for the one of the interface that it implements."""
        return Entry(path, name, method, self.index.declares(path, name))


def word(symbol: str) -> str:
    """The first part of an export's name."""
    return symbol.split(".", maxsplit=1)[0]


def entry_points(candidate: Candidate, module: str) -> list[str]:
    """Sources named for the bundler that would be built to a module."""
    root = candidate.function.code_root or candidate.folder
    stem = posixpath.basename(module)
    matching = [item for item in candidate.entry_points if posixpath.splitext(posixpath.basename(item))[0] == stem]
    chosen = matching or (candidate.entry_points if len(candidate.entry_points) == 1 else ())
    return [posixpath.join(root, item) for item in chosen]


def bases(candidate: Candidate) -> list[str]:
    """Folders that a handler's path may be relative to, likeliest first."""
    root = candidate.function.code_root
    roots = [root, source_root(root)] if root is not None else []
    return list(dict.fromkeys([*candidate.bases, *roots, candidate.folder or "."]))


def nearest(folders: list[str], candidate: Candidate) -> list[str]:
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
        if parts[index] in OUTPUT_FOLDERS:
            parts = parts[:index]
    return "/".join(parts) or "."
