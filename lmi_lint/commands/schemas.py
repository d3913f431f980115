"""JSON schemas of what packs hold, made of the types that read it."""

from __future__ import annotations

import json
from typing import Any, Final, Literal

import msgspec

from lmi_lint.catalog.front import RULE_ID, FrontMatter
from lmi_lint.catalog.match import Match
from lmi_lint.knowledge.model import CallEntry, KnowledgeFile, TypeEntry
from lmi_lint.knowledge.vocabulary import CALL_ROLES, OWN_ROLE, TEXTS, TYPE_ROLES, UNIQUES
from lmi_lint.model.names import Language

_DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"
_TITLES: Final = {"page": "Front matter of a rule page of lmi-lint", "knowledge": "Knowledge file of lmi-lint"}


def schema(what: Literal["page", "knowledge"]) -> str:
    """The schema of the front matter of a rule page, or of a knowledge file, as JSON text."""
    root = FrontMatter if what == "page" else KnowledgeFile
    made = msgspec.json.schema(root)
    kinds: dict[str, dict[str, Any]] = made["$defs"]
    for kind in kinds.values():
        kind["description"] = _plain(str(kind.get("description", "")))
    if what == "page":
        _complete_page(kinds)
    else:
        _complete_knowledge(kinds)
    return json.dumps({"$schema": _DRAFT, "title": _TITLES[what], **made}, indent=2, ensure_ascii=False) + "\n"


def _complete_page(kinds: dict[str, dict[str, Any]]) -> None:
    """What the types leave to checks: ids, languages, roles."""
    page, match = kinds[FrontMatter.__name__]["properties"], kinds[Match.__name__]["properties"]
    page["id"]["pattern"] = f"^{RULE_ID.pattern}$"
    page["severity"]["minItems"] = 1
    page["languages"]["items"] = {"enum": [language.value for language in Language]}
    page["roles"]["items"] = _role(CALL_ROLES | TYPE_ROLES)
    match["call"] = _role(CALL_ROLES)
    match["type"] = _role(TYPE_ROLES)


def _complete_knowledge(kinds: dict[str, dict[str, Any]]) -> None:
    call, kind = kinds[CallEntry.__name__]["properties"], kinds[TypeEntry.__name__]["properties"]
    call["role"] = _role(CALL_ROLES)
    kind["role"] = _role(TYPE_ROLES)
    call["unique"] = {"enum": ["", *sorted(UNIQUES)]}
    call["text"] = {"anyOf": [{"enum": ["", *sorted(TEXTS)]}, {"type": "string", "pattern": "^="}]}


def _role(known: frozenset[str]) -> dict[str, Any]:
    """One of the roles that there are, which editors complete, or one of a pack's own."""
    return {"anyOf": [{"enum": ["", *sorted(known)]}, {"type": "string", "pattern": f"^{OWN_ROLE.pattern}$"}]}


def _plain(text: str) -> str:
    """A docstring as editors show it: no marks of its own, paragraphs on one line each."""
    paragraphs = [" ".join(part.split()) for part in text.replace("``", "`").split("\n\n")]
    return "\n\n".join(paragraphs)
