"""The words a knowledge file may use, and the check that it uses no others."""

from __future__ import annotations

import re
from typing import Final

from lmi_lint.knowledge.model import CallEntry, ProgramEntry, TypeEntry

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
        "file.age",
        "file.read",
        "file.temp",
        "process.spawn",
        "process.exit",
        "process.env.write",
        "process.setting",
        "process.refused",
        "process.deaf",
        "listener",
        "context.legacy",
        "blocking",
        "background",
        "background.timer",
        "log",
        "log.raw",
        "wrapper",
        "presence",
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
UNIQUES: Final = frozenset(("call", "request", "thread", "process", "second", "environment"))

_ARGUMENT: Final = re.compile(r"arg\d+")
_EITHER: Final = re.compile(r"arg\d+(\|arg\d+)+")
_HELD: Final = re.compile(r"(element|returned|returned\.element|type0|arg\d+)( in [\w.]+)?")


def _is_value(word: str) -> bool:
    return word in ("", "fresh", "receiver", "element") or _ARGUMENT.fullmatch(word) is not None


def _one_of(words: frozenset[str]) -> str:
    return "one of " + ", ".join(sorted(words))


def type_fault(entry: TypeEntry) -> tuple[str, str] | None:
    """What is wrong with the words of a type entry, and how to mend it."""
    if entry.role and entry.role not in TYPE_ROLES:
        return f"unknown role {entry.role!r}", "use " + _one_of(TYPE_ROLES)
    return _claim_fault(entry.safety != "unknown" or bool(entry.role), entry.source)


def call_fault(entry: CallEntry) -> tuple[str, str] | None:
    """What is wrong with the words of a call entry, and how to mend it."""
    if entry.role and entry.role not in CALL_ROLES:
        return f"unknown role {entry.role!r}", "use " + _one_of(CALL_ROLES)
    if not (_is_value(entry.returns) or entry.returns == "bound" or _EITHER.fullmatch(entry.returns)):
        return f"unknown returns {entry.returns!r}", "use fresh, receiver, element, bound, argN or argN|argM"
    if entry.text and entry.text not in TEXTS and not entry.text.startswith("="):
        return f"unknown text {entry.text!r}", f"use {_one_of(TEXTS)}, or =… for that very text"
    if entry.unique and entry.unique not in UNIQUES:
        return f"unknown unique {entry.unique!r}", "use " + _one_of(UNIQUES)
    for word in entry.holds:
        if not _HELD.fullmatch(word):
            return (
                f"unknown word {word!r} in holds",
                'use element, returned, returned.element, type0 or argN, perhaps "in" a type',
            )
    for word in (entry.stores, entry.key, entry.mutates):
        if word and not _ARGUMENT.fullmatch(word):
            return f"stores, key and mutates name arguments, not {word!r}", "use argN, N counting from 0"
    if entry.ends not in ("", "receiver", "any") and not _ARGUMENT.fullmatch(entry.ends):
        return f"unknown ends {entry.ends!r}", "use receiver, argN or any"
    if not _is_value(entry.passes):
        return f"unknown passes {entry.passes!r}", "use element or argN"
    return _pattern_fault(entry) or _claim_fault(bool(entry.role), entry.source)


def program_fault(entry: ProgramEntry) -> tuple[str, str] | None:
    """What is wrong with the words of a program entry, and how to mend it."""
    if bool(entry.role) != bool(entry.operands):
        return "role and operands go together", "say what is done to which words, or leave out both"
    written = [("only", entry.only), ("unless", entry.unless), *(("options", option) for option in entry.options)]
    faults = (_expression_fault(key, expression) for key, expression in written)
    return next((fault for fault in faults if fault is not None), None)


def _pattern_fault(entry: CallEntry) -> tuple[str, str] | None:
    return _expression_fault("when", entry.when)


def _expression_fault(key: str, expression: str) -> tuple[str, str] | None:
    try:
        re.compile(expression)
    except re.error as error:
        return f"{key} {expression!r} is no regular expression ({error})", "mend the expression"
    return None


def _claim_fault(claims: bool, source: str) -> tuple[str, str] | None:
    if claims and not source:
        return "a role or a safety without a source", "give the page that says so as source, or in [sources]"
    return None
