"""Rule pages for a terminal."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from lmi_lint.catalog.markers import strip_markers
from lmi_lint.catalog.page import Page
from lmi_lint.model.names import RuleId
from lmi_lint.report.neutral import neutral
from lmi_lint.report.table import table

_FENCE: Final = re.compile(r"^(`{3,}|~{3,})")
_HEADING: Final = re.compile(r"^#{3,}[ \t]+(.+)$")


def render_page(page: Page) -> str:
    """The page as plain text: a header, then its sections; examples are indented and have no markers."""
    facts = [
        ("category", page.category),
        ("severity", ", ".join(severity.value for severity in page.severity)),
        ("languages", ", ".join(page.languages)),
        ("dialects", ", ".join(page.dialects)),
        ("since", page.since),
        ("remedy", page.remedy),
    ]
    parts = [f"{page.id} {page.name}", page.summary, ""]
    parts += [f"{label + ':':<11}{text}" for label, text in facts if text]
    for section in page.sections:
        parts.append("")
        if section.heading:
            parts += [section.heading.upper(), ""]
        parts += _plain(strip_markers(section.body))
    if page.references:
        parts += ["", "REFERENCES", "", *page.references]
    return "\n".join(map(neutral, "\n".join(parts).split("\n"))) + "\n"


def render_rules(pages: Mapping[RuleId, Page]) -> str:
    """A table of all rules."""
    rows = [
        (page.id, page.name, "/".join(severity.value for severity in page.severity), neutral(page.summary))
        for page in pages.values()
    ]
    return "\n".join(table(("RULE", "NAME", "SEVERITY", "SUMMARY"), rows)) + "\n"


def render_rules_json(pages: Mapping[RuleId, Page]) -> str:
    """All rules as JSON."""
    return json.dumps({"version": 1, "rules": [_rule(page) for page in pages.values()]}, indent=2) + "\n"


def _rule(page: Page) -> dict[str, Any]:
    return {
        "id": page.id,
        "name": page.name,
        "category": page.category,
        "summary": page.summary,
        "severity": [severity.value for severity in page.severity],
        "languages": list(page.languages),
        "dialects": list(page.dialects),
        "since": page.since,
        "tags": list(page.tags),
        "references": list(page.references),
        "remedy": page.remedy,
    }


def _plain(body: str) -> list[str]:
    """Markdown with fences turned into indentation."""
    lines: list[str] = []
    mark = ""
    for line in body.split("\n"):
        fence = _FENCE.match(line)
        if fence and (not mark or line.strip() == mark):
            mark = "" if mark else fence[1]
        elif mark:
            lines.append(f"    {line}" if line else "")
        else:
            heading = _HEADING.match(line)
            lines.append(heading[1] if heading else line)
    return lines
