"""The words a knowledge file may use, and the check that it uses no others."""

from __future__ import annotations

import re
from functools import cache
from typing import Final, NamedTuple

from msgspec import Struct
from msgspec.structs import fields

from lmi_lint.knowledge.expressions import expression_fault
from lmi_lint.knowledge.model import CallEntry, MinimumEntry, ProgramEntry, TypeEntry
from lmi_lint.knowledge.wiring import ScopeEntry

CALL_ROLES: Final = frozenset(
    (
        "connection.open",
        "connection.close",
        "connection.query",
        "transaction.begin",
        "transaction.end",
        "session.set",
        "pool.open",
        "pool.close",
        "client.open",
        "client.reconfigure",
        "file.write",
        "file.move",
        "file.delete",
        "file.mkdir",
        "file.exists",
        "file.missing",
        "file.age",
        "file.read",
        "file.temp",
        "process.spawn",
        "process.exit",
        "process.env.write",
        "process.env.unset",
        "process.env.managed",
        "process.setting",
        "process.refused",
        "process.deaf",
        "listener",
        "context.legacy",
        "callback.absent",
        "blocking",
        "background",
        "background.timer",
        "log",
        "log.raw",
        "wrapper",
        "presence",
        "deadline",
    )
)
TYPE_ROLES: Final = frozenset(
    (
        "connection",
        "pool",
        "unpooled",
        "client",
        "lock",
        "logger",
        "atomic",
        "fence",
        "thread-local",
        "context-local",
        "process.env",
        "context",
        "container",
        "provider",
        "credentials",
        "task",
    )
)
TEXTS: Final = frozenset(
    (
        "join",
        "concat",
        "separated",
        "format",
        "same",
        "basename",
        "dirname",
        "with_name",
        "with_suffix",
        "tmpdir",
        "setting",
    )
)
OWN_ROLE: Final = re.compile(r"[a-z][a-z0-9-]*:[a-z0-9]+(?:[.-][a-z0-9]+)*")
"""How a role is written that only the rules of a pack ask for: ``acme:flush``."""
METHODS: Final = ("mutates", "reads", "iterates", "atomic", "adds", "removes", "element", "counts")
"""What an entry of a type says of methods by their names."""
MAX_NUMBER: Final = 1_000_000
"""Of arguments, connections, MiB."""
MAX_STARS: Final = 2
"""Between two dots of a name: each multiplies the ways in which it can fit another name."""
UNIQUES: Final = frozenset(("call", "request", "thread", "process", "second", "environment"))

_ARGUMENT: Final = re.compile(r"arg\d+")
_EITHER: Final = re.compile(r"arg\d+(\|arg\d+)+")
_PART: Final = r"(element|returned|returned\.element|type0|arg\d+(/\*)?|(receiver/)?\*)( in [\w.]+)?"
_HELD: Final = re.compile(f"{_PART}(, {_PART})*")


def _is_value(word: str) -> bool:
    return word in ("", "fresh", "receiver", "element") or _ARGUMENT.fullmatch(word) is not None


def _one_of(words: frozenset[str]) -> str:
    return "one of " + ", ".join(sorted(words))


class Fault(NamedTuple):
    """What is wrong with an entry: at which ``key``, ``what``, and how to mend it."""

    key: str
    what: str
    hint: str


def number_fault(entry: Struct) -> Fault | None:
    """What is wrong with the numbers of any entry: they count from 0; -1 is the receiver of a path."""
    for key in _numbered(type(entry)):
        value = getattr(entry, key)
        numbers = value.values() if isinstance(value, dict) else value if isinstance(value, tuple) else (value,)
        least = -1 if key == "path" else 0
        if any(isinstance(number, int) and not least <= number <= MAX_NUMBER for number in numbers):
            return Fault(key, f"{key} is no number from {least} to {MAX_NUMBER:,}", "mend the number")
    return None


@cache
def _numbered(kind: type[Struct]) -> tuple[str, ...]:
    """The keys of a kind of entries that may hold numbers."""
    return tuple(each.name for each in fields(kind) if "int" in str(each.type))


def type_fault(entry: TypeEntry, roles: frozenset[str]) -> Fault | None:
    """What is wrong with the words of a type entry. ``roles``: those that rules of packs ask for."""
    for key in METHODS:
        if any(method.count("*") > MAX_STARS for method in getattr(entry, key)):
            return Fault(key, f"{key}: more than {MAX_STARS} stars in one name", "write out more of the name")
    return _role_fault(entry.role, TYPE_ROLES, roles) or _claim_fault(
        entry.safety != "unknown" or bool(entry.role), entry.source
    )


def call_fault(entry: CallEntry, roles: frozenset[str]) -> Fault | None:
    """What is wrong with the words of a call entry. ``roles``: those that rules of packs ask for."""
    wrong = _role_fault(entry.role, CALL_ROLES, roles)
    if wrong is not None:
        return wrong
    if not (_is_value(entry.returns) or entry.returns == "bound" or _EITHER.fullmatch(entry.returns)):
        hint = "use fresh, receiver, element, bound, argN or argN|argM"
        return Fault("returns", f"unknown returns {entry.returns!r}", hint)
    if entry.text and entry.text not in TEXTS and not entry.text.startswith("="):
        return Fault("text", f"unknown text {entry.text!r}", f"use {_one_of(TEXTS)}, or =… for that very text")
    if entry.unique and entry.unique not in UNIQUES:
        return Fault("unique", f"unknown unique {entry.unique!r}", "use " + _one_of(UNIQUES))
    for word in entry.holds:
        if not _HELD.fullmatch(word):
            hint = (
                'use element, returned, returned.element, type0, argN or *, perhaps "in" a type, or several with commas'
            )
            return Fault("holds", f"unknown word {word!r} in holds", hint)
    stored = entry.stores.removesuffix(".element")
    for key, word in (("stores", stored), ("key", entry.key), ("mutates", entry.mutates)):
        if word and not _ARGUMENT.fullmatch(word):
            return Fault(key, f"{key} names an argument, not {word!r}", "use argN, N counting from 0")
    if entry.ends not in ("", "receiver", "any") and not _ARGUMENT.fullmatch(entry.ends):
        return Fault("ends", f"unknown ends {entry.ends!r}", "use receiver, argN or any")
    if not _is_value(entry.passes):
        return Fault("passes", f"unknown passes {entry.passes!r}", "use element or argN")
    return _expression_fault("when", entry.when) or _claim_fault(bool(entry.role), entry.source)


def scope_fault(entry: ScopeEntry, _roles: frozenset[str]) -> Fault | None:
    """What is wrong with the words of a scope entry."""
    return _expression_fault("when", entry.when)


def program_fault(entry: ProgramEntry, _roles: frozenset[str]) -> Fault | None:
    """What is wrong with the words of a program entry."""
    if bool(entry.role) != bool(entry.operands):
        return Fault("role", "role and operands go together", "say what is done to which words, or leave out both")
    written = [("only", entry.only), ("unless", entry.unless), *(("options", option) for option in entry.options)]
    faults = (_expression_fault(key, expression) for key, expression in written)
    return next((fault for fault in faults if fault is not None), None)


def minimum_fault(entry: MinimumEntry, _roles: frozenset[str]) -> Fault | None:
    """What is wrong with the words of an entry on versions."""
    what = f"{entry.package} has no source"
    return None if entry.source else Fault("", what, "say where its version is documented")


def _role_fault(role: str, known: frozenset[str], roles: frozenset[str]) -> Fault | None:
    if not role or role in known or role in roles:
        return None
    hint = "use " + _one_of(known)
    if OWN_ROLE.fullmatch(role):
        hint = "a role of your own needs a rule that asks for it: [match] in a page of your catalog"
    return Fault("role", f"unknown role {role!r}", hint)


def _expression_fault(key: str, expression: str) -> Fault | None:
    wrong = expression_fault(expression)
    return Fault(key, f"{key} {expression!r} {wrong}", "mend the expression") if wrong else None


def _claim_fault(claims: bool, source: str) -> Fault | None:
    if claims and not source:
        hint = "give the page that says so as source, or in [sources]"
        return Fault("", "a role or a safety without a source", hint)
    return None
