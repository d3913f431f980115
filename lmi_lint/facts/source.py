"""Facts of files, pulled one by one and kept for the run."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Final

from lmi_lint.cache import NO_CACHE, Cache, digest
from lmi_lint.discover.decode import MAX_SOURCE_BYTES
from lmi_lint.discover.project import language_of, problem
from lmi_lint.facts.files import FileRead
from lmi_lint.facts.isolation import Isolated
from lmi_lint.facts.model import FACTS_VERSION
from lmi_lint.facts.reading import Reading, decoded, encoded
from lmi_lint.index import Index
from lmi_lint.index.questions import NEVER
from lmi_lint.model.finding import Problem
from lmi_lint.model.source import SourceFile

if TYPE_CHECKING:
    from lmi_lint.discover import Project
    from lmi_lint.facts.model import ImportFacts, ModuleFacts

_STEPS: Final = 2
"""From a file of Java or C# to others, by the types that are named: on eight repositories these are nine tenths of what
is read for a function, with a twentieth that is not."""


class FactSource:
    """Lowers and extracts a file when it is first asked for. ``problems``: what could not be read; ``seconds``: time
    spent by stage; ``files``: the texts of the files read, in that order; ``contents``: digests of what was there to be
    read, ``NEVER`` for what a reader could not cope with, which may go otherwise the next time. ``reader`` does the
    work, in a process of its own unless another is given, and is held until ``close``."""

    def __init__(self, project: Project, reader: Isolated | None = None, cache: Cache = NO_CACHE) -> None:
        self.project = project
        self.cache = cache
        self.reader = Isolated() if reader is None else reader
        self.files: dict[str, SourceFile] = {}
        self.contents: dict[str, bytes] = {}
        self.problems: list[Problem] = []
        self.seconds: dict[str, float] = {"lower": 0.0, "extract": 0.0}
        self._facts: dict[str, ModuleFacts | None] = {}
        self._ahead: set[str] = set()

    def ahead(self, paths: Iterable[str], *, far: bool = False) -> None:
        """Have files read that are likely to be asked for next, while this process does something else; ``far``: those
        that they need by their texts, too. It makes no difference to what is found."""
        named = [path for path in paths if self._is_new(path)]
        self._tell(named)
        if far:
            self._tell(self._needed(named))

    def facts(self, path: str) -> ModuleFacts | None:
        """The facts of a file of the project, or None if it cannot be read (then a problem says why)."""
        if path not in self._facts:
            self._facts[path] = None  # a file that asks for itself while it is read has nothing to say
            loaded = self._load(path)
            if isinstance(loaded, Problem):
                self.problems.append(loaded)
            else:
                self._facts[path] = self._read(loaded)
                self._follow(self._facts[path])
        return self._facts[path]

    def recall(self, path: str) -> bool:
        """Whether the facts of a file of the project are at hand without reading it anew."""
        if path in self._facts:
            return True
        loaded = self._load(path)
        if isinstance(loaded, Problem):
            return False
        kept = self._kept(loaded)
        if kept is not None:
            self._facts[path] = self._taken(loaded, kept)
        return kept is not None

    def add(self, source: SourceFile) -> ModuleFacts | None:
        """The facts of a text that is not a file of its own, such as code inside a template."""
        return self._read(source)

    def unreadable(self, path: str) -> bool:
        """Whether a file was asked for and could not be read at all."""
        return path in self._facts and self._facts[path] is None

    def read(self, paths: Iterable[str]) -> list[FileRead]:
        """Of some paths the files of the project whose facts were pulled."""
        pulled = [facts for path in paths if (facts := self._facts.get(path)) is not None]
        return [FileRead(each.path, each.lines, each.opaque, each.comments, each.flaws) for each in pulled]

    def _load(self, path: str) -> SourceFile | Problem:
        raw, self.contents[path] = Index.of(self.project).contents.read(path, MAX_SOURCE_BYTES)
        return self.project.decoded(path, raw)

    def _read(self, source: SourceFile) -> ModuleFacts | None:
        reading = self._kept(source)
        if reading is None:
            reading = self.reader.read(source)
            if reading.facts is not None:  # what kept it from being read may not do so again
                self.cache.put("facts", _key(source), encoded(Reading(reading.facts)))
        return self._taken(source, reading)

    def _tell(self, paths: Iterable[str]) -> None:
        """Have files read for which nothing is kept."""
        sources = [self.project.decoded(path, self.project.raw(path)) for path in paths]
        self.reader.ahead(source for source in sources if isinstance(source, SourceFile) and not self._is_kept(source))

    def _needed(self, paths: Iterable[str]) -> Iterator[str]:
        """What files need by their texts, the nearest first: of what is imported also what that imports, of types that
        are named only what is a few steps away, as most of what follows is named without being used."""
        index = Index.of(self.project)
        waiting = deque((path, 0) for path in paths)
        while waiting:
            path, steps = waiting.popleft()
            language = language_of(path)
            if language is None or (language.typed and steps == _STEPS):
                continue
            fresh = [each for each in index.needed(path) if self._is_new(each)]
            yield from fresh
            waiting.extend((each, steps + 1) for each in fresh)

    def _is_new(self, path: str) -> bool:
        """Whether a file is named for the first time."""
        if path in self._facts or path in self._ahead:
            return False
        self._ahead.add(path)
        return True

    def _follow(self, facts: ModuleFacts | None) -> None:
        """Read ahead what a file imports."""
        if facts is not None:
            resolve = partial(Index.of(self.project).resolve_module, facts.language.family, facts.path)
            named = [name for each in facts.imports for name in _modules(each)]
            self.ahead(path for path in map(resolve, named) if path is not None)

    def _is_kept(self, source: SourceFile) -> bool:
        return self.cache.has("facts", _key(source))

    def _kept(self, source: SourceFile) -> Reading | None:
        """What the same content said before."""
        return self.cache.get("facts", _key(source), decoded)

    def _taken(self, source: SourceFile, reading: Reading) -> ModuleFacts | None:
        if reading.facts is None:
            self.problems.append(problem("not-analysed", reading.problem, source.path))
            self.contents[source.path] = NEVER
            return None
        self.seconds["lower"] += reading.lower
        self.seconds["extract"] += reading.extract
        self.files[source.path] = source
        return reading.facts


def _modules(item: ImportFacts) -> tuple[str, ...]:
    """The modules that an import may mean: in Python, a name may be one."""
    if item.name is None:
        return (item.module,)
    return (item.module, f"{item.module}{'' if item.module.endswith('.') else '.'}{item.name}")


def _key(source: SourceFile) -> str:
    return digest(str(FACTS_VERSION), source.language.value, source.path, source.data)
