"""The front matter of a rule page, and what is wrong with one that cannot be used."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec
from msgspec import Struct

from lmi_lint.catalog.match import WORD, WORDS, Match
from lmi_lint.errors import PackError
from lmi_lint.knowledge.vocabulary import CALL_ROLES, OWN_ROLE, TYPE_ROLES, Fault
from lmi_lint.model.finding import Severity
from lmi_lint.model.names import Language

RULE_ID: Final = re.compile(r"[A-Z]{2,10}\d{3}")
"""``LMI`` and three digits are ours; a pack has letters of its own."""
_NAME: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_ADDRESS: Final = re.compile(r"https?://[^\s<>\"']+")
_LANGUAGES: Final = tuple(language.value for language in Language)


class FrontMatter(Struct, frozen=True, forbid_unknown_fields=True):
    """What stands between the ``+++`` lines of a rule page.

    ``id`` and ``name``: the file is called after both; ``category``, ``tags``: for those who sort findings;
    ``summary``: one line; ``severity``: those that occur, highest first; ``since``: the version it came with;
    ``languages``: source languages it can be reported in; ``dialects``: those of configuration files, where it speaks
    of these; ``applies``: free conditions on the runtime; ``references``: pages that say so; ``remedy``: one line, for
    findings that bring none; ``builtin``: the tool itself reports it; ``security_severity``: 0.1 to 10 as of CVSS,
    where a finding can show data to the wrong caller; ``roles``: of the knowledge that the rule's code looks at;
    ``match``: what to report, for a rule without code."""

    id: str
    name: str
    category: str
    summary: str
    severity: tuple[Severity, ...]
    since: str
    languages: tuple[str, ...] = ()
    dialects: tuple[str, ...] = ()
    applies: dict[str, Any] = msgspec.field(default_factory=dict)
    tags: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    remedy: str = ""
    builtin: bool = False
    security_severity: float | None = None
    roles: tuple[str, ...] = ()
    match: Match | None = None


def read_front(lines: Sequence[str], end: int, source: str, file_name: str) -> FrontMatter:
    """The front matter between the first line of a page and line ``end`` (from 0). ``file_name`` must be
    ``<id>-<name>.md``. PackError, naming ``source`` and line."""
    front = _decoded(lines[1:end], source)
    for fault in _faults(front):
        raise PackError(f"{source}:{key_line(lines[:end], fault.key)}: {fault.what}", fault.hint)
    if file_name != f"{front.id}-{front.name}.md":
        what = f"the file of {front.id} {front.name} must be called {front.id}-{front.name}.md"
        raise PackError(f"{source}:1: {what}", "rename it, or mend id and name")
    return front


def key_line(lines: Sequence[str], key: str) -> int:
    """1-based line on which a key of the front matter stands (2 if it does not)."""
    pattern = re.compile(rf"\s*\[?{re.escape(key)}\b")
    return next((number for number, line in enumerate(lines, 1) if pattern.match(line)), 2)


def _decoded(lines: Sequence[str], source: str) -> FrontMatter:
    try:
        table = tomllib.loads("\n".join(lines))
    except tomllib.TOMLDecodeError as error:
        line = _toml_line(str(error), len(lines))
        raise PackError(f"{source}:{line}: front matter is not valid TOML: {error}", "mend the syntax there") from error
    except RecursionError as error:
        raise PackError(f"{source}:2: front matter is nested too deeply", "flatten it") from error
    try:
        return msgspec.convert(table, FrontMatter, strict=True)
    except msgspec.ValidationError as error:
        unknown = re.search(r"unknown field `([^`]+)`", str(error))
        word = unknown or re.search(r"`\$(?:\.match)?\.(\w+)", str(error)) or re.search(r"`\$?\.?(\w+)", str(error))
        line = key_line(["", *lines], word[1]) if word else 2
        hint = "lmi-lint schema page lists the keys and values that exist"
        raise PackError(f"{source}:{line}: {error}", hint) from error


def _toml_line(message: str, lines: int) -> int:
    """The page line of a TOML error: the front matter starts on line 2; an error without a line is at its end."""
    match = re.search(r"line (\d+)", message)
    return (int(match[1]) if match else lines) + 1


def _faults(front: FrontMatter) -> Iterator[Fault]:
    """What is wrong with the values."""
    if not RULE_ID.fullmatch(front.id):
        what = f"id {front.id!r} is not two to ten capital letters and three digits"
        yield Fault("id", what, "for example ACME101; LMI is for our own rules")
    if not _NAME.fullmatch(front.name):
        what = f"name {front.name!r} is not lower-case words with dashes"
        yield Fault("name", what, "for example connection-per-invocation")
    if not front.summary or "\n" in front.summary:
        yield Fault("summary", "a summary is one line", "say what goes wrong, without a full stop")
    if not front.severity:
        yield Fault("severity", "no severity", "one or more of note, warning, error, the highest first")
    for language in front.languages:
        if language not in _LANGUAGES:
            yield Fault("languages", f"unknown language {language!r}", f"one of {', '.join(_LANGUAGES)}")
    for reference in front.references:
        if not _ADDRESS.fullmatch(reference):
            yield Fault("references", f"{reference!r} is no address of a page", "for example https://…")
    for role in front.roles:
        yield from _role_faults("roles", role, CALL_ROLES | TYPE_ROLES)
    if front.match is not None:
        yield from _match_faults(front, front.match)


def _match_faults(front: FrontMatter, match: Match) -> Iterator[Fault]:
    if bool(match.call) == bool(match.type):
        yield Fault("match", "[match] asks for calls or for types", "give one of call and type")
    yield from _role_faults("call", match.call, CALL_ROLES)
    yield from _role_faults("type", match.type, TYPE_ROLES)
    if len(front.severity) > 1:
        yield Fault("severity", "a rule of a [match] table has one severity", "keep one")
    if not front.languages:
        yield Fault("match", "[match] without languages", f"languages = [...], of {', '.join(_LANGUAGES)}")
    texts = [match.message] if isinstance(match.message, str) else list(match.message.values())
    for word in sorted({word for text in texts for word in WORD.findall(text)} - WORDS):
        known = ", ".join(f"{{{each}}}" for each in sorted(WORDS))
        yield Fault("message", f"message: nothing is filled in for {{{word}}}", f"there are {known}")
    families = {Language(each).family for each in front.languages if each in _LANGUAGES}
    if not isinstance(match.message, str) and set(match.message) != families:
        what = "message: one text, or one for each family of the page's languages"
        yield Fault("message", what, f"give one for each of {', '.join(sorted(families))}")


def _role_faults(key: str, role: str, known: frozenset[str]) -> Iterator[Fault]:
    if role and role not in known and OWN_ROLE.fullmatch(role) is None:
        hint = f"one of {', '.join(sorted(known))}, or one of your own, such as acme:flush"
        yield Fault(key, f"unknown role {role!r}", hint)
