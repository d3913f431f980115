"""One configuration file and the settings of one function as they are read from it."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Protocol, TypeVar

from msgspec import Struct

from lmi_lint.deploy.intrinsics import NO_VALUE
from lmi_lint.deploy.jsonnodes import parse_json
from lmi_lint.deploy.model import CapacityProvider, DeployedFunction, InlineCode
from lmi_lint.deploy.nodes import Mapping, Node, Scalar, Sequence, is_null, number
from lmi_lint.model.finding import Location, Problem
from lmi_lint.model.names import Language
from lmi_lint.model.source import Span

T = TypeVar("T")

_RUNTIMES = (
    ("nodejs", Language.JAVASCRIPT),
    ("python", Language.PYTHON),
    ("java", Language.JAVA),
    ("dotnet", Language.CSHARP),
)
_ESCAPE = re.compile(rb"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))", re.DOTALL)
_RDS_PROXY = re.compile(r"\.proxy-|(?:rds|db|database|aurora)[-_]?proxy", re.IGNORECASE)
_PROXY_TYPES = ("AWS::RDS::DBProxy", "AWS::RDS::DBProxyEndpoint")
_WORD = re.compile(r"\w+")
_MAX_TEXTS = 10_000  # aliases can repeat a node far beyond the file's own size
_BLOCK_HEADER = re.compile(rb"[^\n|>]*[|>][-+0-9]*[ \t]*(?:#[^\n]*)?\n")


class Template(Struct, frozen=True):
    """A configuration file: path, text and parsed documents."""

    path: str
    data: bytes
    documents: tuple[Node, ...]

    @property
    def folder(self) -> str:
        """The folder of the file; empty for the project root."""
        return posixpath.dirname(self.path)

    def location(self, node: Node, message: str = "") -> Location:
        """Where a node is written, without the blank lines that end block scalars."""
        start, end = node.span.start, node.span.end
        return Location(self.path, Span(start, start + len(self.data[start:end].rstrip())), message)


class ImageBuild(Struct, frozen=True):
    """What a container image is built from: ``context`` is a folder, ``dockerfile`` relative to it, ``target`` the
    stage of it that is built (empty: the last)."""

    context: str
    dockerfile: str = "Dockerfile"
    target: str = ""


class Candidate(Struct, frozen=True):
    """A function whose handler is not looked up yet, and what helps to find it.

    ``folder``: of the template. ``archive``: name of the code's archive without suffix, where the code is an archive.
    ``entry_points``: sources a bundler is told to build, relative to the code root. ``image``: deployed as a container,
    ``build``: from this. ``method``: what builds the code, in SAM's words (``BuildMethod``). ``bases``: folders that
    the handler's path may be relative to, before all others. ``without_handler``: why there is no handler.
    ``settled``: there is nothing to look up, the function has its entry or the reason why it has none.
    """

    function: DeployedFunction
    folder: str
    archive: str = ""
    entry_points: tuple[str, ...] = ()
    image: bool = False
    build: ImageBuild | None = None
    method: str = ""
    settled: bool = False
    bases: tuple[str, ...] = ()
    without_handler: str = ""


class Found(Struct, frozen=True):
    """What files of one dialect declare; ``left_out``: functions whose condition is false."""

    candidates: tuple[Candidate, ...] = ()
    providers: tuple[CapacityProvider, ...] = ()
    problems: tuple[Problem, ...] = ()
    left_out: tuple[tuple[str, Location], ...] = ()


class Reducer(Protocol):
    """Reduces nodes to literal ones; see intrinsics.Resolver."""

    def reduce(self, node: Node | None) -> Node | None:
        """The literal node, NO_VALUE for as good as absent, or None for unknown."""


class FunctionSettings:
    """Collects the settings of one function with their places and what is unknown."""

    def __init__(self, template: Template, reducer: Reducer, locate: Callable[[Node], Location] | None = None) -> None:
        self.template = template
        self.reducer = reducer
        self.locate = locate or template.location
        self.locations: list[tuple[str, Location]] = []
        self.unknown: list[str] = []

    def take(self, setting: str, node: Node | None, convert: Callable[[Node], T | None]) -> T | None:
        """A setting's value; None if absent, null, or unknown (which is recorded)."""
        if node is None:
            return None
        literal = self.reducer.reduce(node)
        if literal is NO_VALUE or (literal is not None and is_null(literal)):
            return None
        self.locations.append((setting, self.locate(node)))
        value = None if literal is None else convert(literal)
        if value is None:
            self.unknown.append(setting)
        return value

    def text(self, node: Node | None) -> str | None:
        """The text that a node reduces to; None if unknown or no scalar."""
        literal = self.reducer.reduce(node)
        return literal.value if isinstance(literal, Scalar) and literal is not NO_VALUE else None

    def mapping(self, node: Node | None) -> Mapping:
        """The mapping that a node reduces to, else an empty one."""
        literal = self.reducer.reduce(node)
        return literal if isinstance(literal, Mapping) else EMPTY

    def environment(self, *nodes: Node | None) -> tuple[tuple[str, str | None], ...]:
        """Variables of several mappings, later ones winning; the value is None where unknown."""
        found: dict[str, str | None] = {}
        for node in nodes:
            if node is None:
                continue
            literal = self.reducer.reduce(node)
            if isinstance(literal, Mapping):
                found.update((name, self.text(value)) for name, value in literal.items())
            elif literal is None:
                self.unknown.append("environment")
        return tuple(found.items())


EMPTY = Mapping({}, Span(0, 0))
"""A mapping without keys."""


def parse_template(path: str, data: bytes) -> Template:
    """Parse by suffix: ``.json`` as JSON, else as YAML; a ``.template`` file by its first character.

    Raises TemplateError.
    """
    as_json = path.lower().endswith(".json") or (path.lower().endswith(".template") and data.lstrip()[:1] == b"{")
    if as_json:
        return Template(path, data, (parse_json(data),))
    from lmi_lint.deploy.yamlnodes import parse_yaml

    return Template(path, data, tuple(parse_yaml(data)))


def scalar(node: Node) -> str | None:
    """The text of a literal scalar."""
    return node.value if isinstance(node, Scalar) else None


def whole(node: Node) -> int | None:
    """The whole number that a scalar spells, within 32 bits."""
    value = number(node)
    return int(value) if value is not None and abs(value) < 2**31 and value == int(value) else None


def real(node: Node) -> float | None:
    """The finite number that a scalar spells."""
    value = number(node)
    return value if value is not None and abs(value) < 2**31 else None


def runtime_language(runtime: str | None) -> Language | None:
    """The language of a runtime identifier; None for custom runtimes and languages without a front-end."""
    return next((language for start, language in _RUNTIMES if runtime and runtime.startswith(start)), None)


def names_rds_proxy(variables: Node | None, proxies: frozenset[str] = frozenset()) -> bool:
    """Whether environment variables name an RDS Proxy: by the logical id of one (``proxies``), by its host name, or by
    what the variable or parameter is called."""
    texts = islice(_texts(variables), _MAX_TEXTS)
    return any(_RDS_PROXY.search(text) or not proxies.isdisjoint(_WORD.findall(text)) for text in texts)


def _texts(node: Node | None) -> Iterator[str]:
    """All keys and scalars below a node."""
    if isinstance(node, Scalar):
        yield node.value
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from _texts(item)
    elif isinstance(node, Mapping):
        for key, value in node.items():
            yield key
            yield from _texts(value)


def proxies_of(resources: Node | None) -> frozenset[str]:
    """The logical ids of the RDS proxies among a template's resources."""
    if not isinstance(resources, Mapping):
        return frozenset()
    typed = [(key, node.get("Type")) for key, node in resources.items() if isinstance(node, Mapping)]
    return frozenset(key for key, kind in typed if isinstance(kind, Scalar) and kind.value in _PROXY_TYPES)


def inline_code(template: Template, nodes: list[Scalar], language: Language) -> InlineCode:
    """Code written in one or more scalars of a template: everything else blank, so that offsets and lines hold."""
    data = template.data
    blank = bytearray(re.sub(rb"[^\n\r]", b" ", data))
    for node in nodes:
        start, end = node.span.start, node.span.end
        text = data[start:end]
        if node.block:
            header = _BLOCK_HEADER.match(text)
            skipped = header.end() if header else len(text)
            blank[start + skipped : end] = text[skipped:]
        elif not node.plain:
            quote = re.search(rb"[\"']", text)
            at = start + (quote.end() if quote else 0)
            body = data[at : end - 1]
            double = quote is None or quote.group() == b'"'
            blank[at : end - 1] = _Unescape().all(body) if double else body.replace(b"''", b" '")
        else:
            tag = re.match(rb"!\S+\s+", text)
            at = start + (tag.end() if tag else 0)
            blank[at:end] = data[at:end]
    return InlineCode(template.path, language, bytes(blank))


class _Unescape:
    """Replaces the escapes of one string by what they stand for, padded to the escape's length.

    A line break becomes a carriage return: a line end to every parser, but not one that counts. Of two quotes the first
    is padded in front and the second behind, so that the text between them stays the same.
    """

    def __init__(self) -> None:
        self._inside = False

    def all(self, body: bytes) -> bytes:
        """The text with all its escapes replaced; its length is unchanged."""
        return _ESCAPE.sub(self._one, body)

    def _one(self, match: re.Match[bytes]) -> bytes:
        length = len(match.group())
        code = match.group(1) or match.group(2)
        if code:
            return chr(int(code, 16)).encode("utf-8", "replace").rjust(length)
        kind: bytes = match.group(3)
        if kind == b'"':
            self._inside = not self._inside
            return b' "' if self._inside else b'" '
        return {b"n": b"\r", b"r": b"\r", b"t": b" ", b"b": b" ", b"f": b" "}.get(kind, kind).rjust(length)
