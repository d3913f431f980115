"""The formats of a report, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from lmi_lint.catalog.page import Page
    from lmi_lint.model.names import RuleId
    from lmi_lint.triage.model import Report

# Each is imported when it is asked for: most runs need one, and sarif-om alone doubles the start-up.


def _text(report: Report, pages: Mapping[RuleId, Page], color: bool) -> str:
    from lmi_lint.report import text

    return text.render(report, pages, color=color)


def _json(report: Report, pages: Mapping[RuleId, Page], color: bool) -> str:
    from lmi_lint.report import json_v1

    return json_v1.render(report, pages)


def _sarif(report: Report, pages: Mapping[RuleId, Page], color: bool) -> str:
    from lmi_lint.report import sarif

    return sarif.render(report, pages)


def _concise(report: Report, pages: Mapping[RuleId, Page], color: bool) -> str:
    from lmi_lint.report import concise

    return concise.render(report)


def _github(report: Report, pages: Mapping[RuleId, Page], color: bool) -> str:
    from lmi_lint.report import github

    return github.render(report, pages)


def _html(report: Report, pages: Mapping[RuleId, Page], color: bool) -> str:
    from lmi_lint.report.html import page

    return page.render(report, pages)


def _markdown(report: Report, pages: Mapping[RuleId, Page], color: bool) -> str:
    from lmi_lint.report import markdown

    return markdown.render(report, pages)


FORMATS: Final[Mapping[str, Callable[[Report, Mapping[RuleId, Page], bool], str]]] = {
    "text": _text,
    "json": _json,
    "sarif": _sarif,
    "concise": _concise,
    "github": _github,
    "html": _html,
    "markdown": _markdown,
}
"""Name → renderer of (report, pages, color); the first is the default."""
