"""Rule pages: TOML front matter between ``+++`` lines, prose sections, runnable examples."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from msgspec import Struct

from lmi_lint.catalog.match import Match
from lmi_lint.errors import PackError
from lmi_lint.model.finding import Severity
from lmi_lint.model.names import RuleId
from lmi_lint.packs import content_of

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

EXAMPLE_SECTIONS: Final = ("Hazard", "Safe", "Remedy")
"""Sections whose fenced blocks are examples that tests run."""

_FENCES: Final = ("```", "~~~")
_FENCE: Final = re.compile(r"^(?P<mark>`{3,}|~{3,})[ \t]*(?P<info>[\w+#-]*)")
_HEADING: Final = re.compile(r"^(?P<level>#{2,3})[ \t]+(?P<title>[^ \t].*)$")
_FILE_NAME: Final = re.compile(r"^`(?P<path>[^`]+)`:[ \t]*$")
_PUBLIC_TYPE: Final = re.compile(
    r"^public[ \t]+(?:\w+[ \t]+)*?(?:class|record|enum|interface)[ \t]+(\w+)", re.MULTILINE
)
_ANY_TYPE: Final = re.compile(r"^(?:\w+[ \t]+)*?(?:class|record|enum)[ \t]+(\w+)", re.MULTILINE)
_FENCE_LANGUAGES: Final = {
    "javascript": "javascript",
    "js": "javascript",
    "typescript": "typescript",
    "ts": "typescript",
    "tsx": "typescript",
    "java": "java",
    "python": "python",
    "csharp": "csharp",
}
_DEFAULT_FILES: Final = {
    "javascript": "index.js",
    "js": "index.js",
    "typescript": "index.ts",
    "ts": "index.ts",
    "tsx": "index.tsx",
    "python": "app.py",
    "csharp": "Function.cs",
    "yaml": "template.yaml",
    "json": "template.json",
    "toml": "lmi-lint.toml",
    "hcl": "main.tf",
    "text": "requirements.txt",
    "xml": "pom.xml",
    "groovy": "build.gradle",
}
_CONFIGURATION: Final = frozenset({"yaml", "json", "toml", "hcl", "xml", "text", "groovy"})


class ExampleFile(Struct, frozen=True):
    """One fenced block. ``language``: empty for configuration; ``line``: its first line on the page."""

    path: str
    language: str
    text: str
    line: int


class Example(Struct, frozen=True):
    """The files of one small project. ``section``: its heading of level 2; ``title``: of level 3, or empty."""

    section: str
    title: str
    files: tuple[ExampleFile, ...]

    @property
    def line(self) -> int:
        """Where the example begins on its page."""
        return min(file.line for file in self.files)

    @property
    def languages(self) -> frozenset[str]:
        """The source languages in it."""
        return frozenset(file.language for file in self.files if file.language)


class Section(Struct, frozen=True):
    """A section of level 2; the text before the first one has an empty heading. ``body`` is Markdown."""

    heading: str
    body: str
    line: int


class Page(Struct, frozen=True):
    """One rule as its page tells it: its front matter (``FrontMatter`` says what it means), and what stands below."""

    id: RuleId
    name: str
    category: str
    summary: str
    severity: tuple[Severity, ...]
    languages: tuple[str, ...]
    dialects: tuple[str, ...]
    applies: dict[str, Any]
    since: str
    tags: tuple[str, ...]
    references: tuple[str, ...]
    remedy: str
    builtin: bool
    security_severity: float | None
    roles: tuple[str, ...]
    match: Match | None
    sections: tuple[Section, ...]
    examples: tuple[Example, ...]
    source: str

    def section(self, heading: str) -> Section | None:
        """The section with that heading, if there is one."""
        return next((section for section in self.sections if section.heading == heading), None)


def load_page(path: Traversable) -> Page:
    """Read a page. PackError, naming file and line, if it cannot be used."""
    data = content_of(path)
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise PackError(f"{path}:{line}: not UTF-8: {error.reason}", "save the file as UTF-8") from error
    return parse_page(text, str(path), path.name)


def parse_page(text: str, source: str, file_name: str) -> Page:
    """Parse a page's text. ``source`` names it in errors; ``file_name`` must be ``<id>-<name>.md``. PackError."""
    from lmi_lint.catalog.front import read_front

    lines = text.replace("\r\n", "\n").split("\n")
    if lines[0].strip() != "+++":
        raise PackError(f"{source}:1: no front matter", "begin the page with a line '+++' and TOML")
    end = next((number for number, line in enumerate(lines[1:], 1) if line.strip() == "+++"), None)
    if end is None:
        raise PackError(f"{source}:1: the front matter has no end", "close it with a line '+++'")
    front = read_front(lines, end, source, file_name)
    plain = list(_plain_lines(lines, end + 1))
    blocks = _blocks(lines, plain, source)
    fields = {name: getattr(front, name) for name in front.__struct_fields__ if name != "id"}
    return Page(
        id=RuleId(front.id),
        **fields,
        sections=tuple(_sections(plain, end + 1)),
        examples=tuple(_examples(blocks, source)),
        source=source,
    )


class _Block(NamedTuple):
    section: str
    title: str
    group: int
    info: str
    path: str | None
    text: str
    line: int


_Line: TypeAlias = "tuple[int, str, bool]"
"""Its number from 0, its text, and whether it is inside a fence or delimits one."""


def _plain_lines(lines: Sequence[str], start: int) -> Iterator[_Line]:
    """The lines of a page from one on."""
    mark = ""
    for index in range(start, len(lines)):
        fence = _FENCE.match(lines[index]) if lines[index].startswith(_FENCES) else None
        if mark:
            yield index, lines[index], True
            if fence and fence["mark"].startswith(mark) and lines[index].strip() == fence["mark"]:
                mark = ""
        elif fence:
            mark = fence["mark"]
            yield index, lines[index], True
        else:
            yield index, lines[index], False


def _sections(plain: Sequence[_Line], start: int) -> Iterator[Section]:
    heading, first, body = "", start, list[str]()
    for index, line, fenced in plain:
        match = _HEADING.match(line) if line.startswith("#") and not fenced else None
        if match and len(match["level"]) == 2:
            if heading or "\n".join(body).strip():
                yield Section(heading, "\n".join(body).strip("\n"), first + 1)
            heading, first, body = _title(match), index, []
        else:
            body.append(line)
    if heading or "\n".join(body).strip():
        yield Section(heading, "\n".join(body).strip("\n"), first + 1)


def _title(heading: re.Match[str]) -> str:
    """The text of a heading, without the marks that may close it."""
    return heading["title"].rstrip("#").rstrip()


def _blocks(lines: Sequence[str], plain: Sequence[_Line], source: str) -> list[_Block]:
    """The fenced blocks of the example sections. ``group`` counts headings, so that it tells projects apart."""
    found: list[_Block] = []
    section = title = ""
    group = 0
    name: str | None = None
    opened: tuple[int, str, str] | None = None
    for index, line, fenced in plain:
        if fenced:
            fence = _FENCE.match(line) if line.startswith(_FENCES) else None
            if opened is None and fence:
                opened = (index, fence["mark"], fence["info"].lower())
            elif opened and fence and fence["mark"].startswith(opened[1]) and line.strip() == fence["mark"]:
                if section in EXAMPLE_SECTIONS:
                    text = "\n".join(lines[opened[0] + 1 : index]) + "\n"
                    found.append(_Block(section, title, group, opened[2], name, text, opened[0] + 2))
                opened = name = None
            continue
        heading = _HEADING.match(line) if line.startswith("#") else None
        if heading:
            group += 1
            title = _title(heading) if len(heading["level"]) == 3 else ""
            section = section if title else _title(heading)
        label = _FILE_NAME.match(line)
        if label or line.strip():
            name = label["path"] if label else None
    if opened is not None:
        raise PackError(f"{source}:{opened[0] + 1}: a fenced block has no end", "close it with the same marks")
    return found


def _examples(blocks: Sequence[_Block], source: str) -> Iterator[Example]:
    """Named blocks under one heading are one project; an unnamed source is a project of its own; configuration belongs
    to every project under its heading."""
    groups: dict[int, list[_Block]] = {}
    for block in blocks:
        groups.setdefault(block.group, []).append(block)
    for members in groups.values():
        shared = [_file(block, source) for block in members if block.info in _CONFIGURATION]
        sources = [block for block in members if block.info not in _CONFIGURATION]
        named = [_file(block, source) for block in sources if block.path is not None]
        projects = [[_file(block, source)] for block in sources if block.path is None]
        if named or not projects:
            projects.insert(0, named)
        for files in projects:
            example = Example(members[0].section, members[0].title, (*files, *shared))
            paths = [file.path for file in example.files]
            repeated = next((path for path, count in Counter(paths).items() if count > 1), None)
            if repeated:
                what = f"two blocks of one example are called {repeated}"
                raise PackError(f"{source}:{example.line}: {what}", "rename one, or give it a heading of its own")
            yield example


def _file(block: _Block, source: str) -> ExampleFile:
    if block.info not in _FENCE_LANGUAGES and block.info not in _CONFIGURATION:
        known = ", ".join([*_FENCE_LANGUAGES, *sorted(_CONFIGURATION)])
        raise PackError(f"{source}:{block.line - 1}: an example in {block.info or 'no'} language", f"one of {known}")
    path = block.path or _default_file(block)
    if not path or path.startswith("/") or ".." in path.split("/"):
        what = f"an example needs a relative file name, not {path!r}"
        raise PackError(f"{source}:{block.line - 1}: {what}", "the folder of the example is the project")
    return ExampleFile(path, _FENCE_LANGUAGES.get(block.info, ""), block.text, block.line)


def _default_file(block: _Block) -> str:
    if block.info == "java":
        declared = _PUBLIC_TYPE.search(block.text) or _ANY_TYPE.search(block.text)
        return f"{declared[1] if declared else 'Handler'}.java"
    return _DEFAULT_FILES.get(block.info, "")
