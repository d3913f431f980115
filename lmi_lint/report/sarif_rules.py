"""The catalogue as SARIF reporting descriptors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import sarif_om as om

from lmi_lint.catalog.markers import strip_markers
from lmi_lint.catalog.page import Page
from lmi_lint.model.finding import Severity
from lmi_lint.model.names import RuleId

LEVELS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}
MAX_TAGS: Final = 10
"""Tags of one rule that GitHub code scanning keeps (docs.github.com, SARIF support for code scanning)."""


def rules(pages: Mapping[RuleId, Page]) -> list[om.ReportingDescriptor]:
    """One descriptor for each rule, whether it was found or not."""
    return [_rule(page) for page in pages.values()]


def notifications(kinds: Iterable[str]) -> list[om.ReportingDescriptor]:
    """One descriptor for each kind of problem of the run itself."""
    return [
        om.ReportingDescriptor(
            id=kind,
            name=_pascal(kind),
            short_description=_text(f"{kind.replace('-', ' ')}."),
            full_description=_text(f"The run met a problem of the kind {kind}; its message says what and where."),
            help=_text("What was read or judged only in part may hold findings that are not shown."),
        )
        for kind in kinds
    ]


def _rule(page: Page) -> om.ReportingDescriptor:
    worst = max(page.severity, key=lambda severity: severity.rank)
    properties: dict[str, object] = {
        "tags": _tags(page.category, *page.tags),
        "precision": "high",
        "problem.severity": "recommendation" if worst is Severity.NOTE else worst.value,
    }
    if page.security_severity is not None:
        properties["security-severity"] = f"{page.security_severity:.1f}"
        properties["tags"] = _tags("security", page.category, *page.tags)
    return om.ReportingDescriptor(
        id=page.id,
        name=_pascal(page.name),
        short_description=_text(f"{page.summary}."),
        full_description=_text(_lead(page)),
        help=om.MultiformatMessageString(text=_help_text(page), markdown=_help_markdown(page)),
        help_uri=page.references[0] if page.references else None,
        default_configuration=om.ReportingConfiguration(level=LEVELS[worst]),
        properties=properties,
    )


def _tags(*tags: str) -> list[str]:
    return list(dict.fromkeys(tags))[:MAX_TAGS]


def _pascal(name: str) -> str:
    return "".join(word.capitalize() for word in name.split("-"))


def _text(text: str) -> om.MultiformatMessageString:
    return om.MultiformatMessageString(text=text)


def _lead(page: Page) -> str:
    """The first paragraph of the page, on one line."""
    section = page.section("")
    paragraph = section.body.partition("\n\n")[0] if section is not None else ""
    return " ".join(paragraph.split()) or f"{page.summary}."


def _help_text(page: Page) -> str:
    return f"{page.summary}. {page.remedy}." if page.remedy else f"{page.summary}."


def _help_markdown(page: Page) -> str:
    parts = [f"# {page.id} {page.name}", page.summary + "."]
    for section in page.sections:
        parts += [f"## {section.heading}"] if section.heading else []
        parts.append(strip_markers(section.body))
    if page.references:
        parts += ["## References", "\n".join(f"- <{reference}>" for reference in page.references)]
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"
