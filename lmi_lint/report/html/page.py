"""The page: a report, its fitness and its cost, or an estimate of cost alone. It has no script and loads nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib import resources
from typing import Final

from lmi_lint import __version__
from lmi_lint.catalog.page import Page
from lmi_lint.cost.model import Estimate
from lmi_lint.fitness.model import Fitness
from lmi_lint.model.finding import Severity
from lmi_lint.model.names import RuleId
from lmi_lint.model.verdict import Verdict
from lmi_lint.report.functions import verdict_words
from lmi_lint.report.html.builder import Markup, element, join, table
from lmi_lint.report.html.cost import cost_section
from lmi_lint.report.html.findings import findings_section
from lmi_lint.report.html.fitness import fitness_section
from lmi_lint.report.places import place_words
from lmi_lint.report.text import tally
from lmi_lint.triage.model import FunctionReport, Report

_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_TONES: Final = {
    Verdict.READY: "good",
    Verdict.NEEDS_WORK: "warning",
    Verdict.BLOCKED: "error",
    Verdict.NOT_ANALYSED: "note",
}
_HEAD: Final = ("Function", "Verdict", "Errors", "Warnings", "Notes", "Runtime", "Memory", "Managed", "Declared in")


def render(report: Report, pages: Mapping[RuleId, Page]) -> str:
    """The report of a check."""
    anchors = {item.function.key: f"function-{index}" for index, item in enumerate(report.functions)}
    sections = [
        ("functions", "Functions", _functions(report, anchors)),
        ("findings", "Findings", findings_section(report, pages, anchors)),
    ]
    if report.fitness is not None:
        sections.append(("fitness", "Fitness", fitness_section(report.fitness)))
        sections.append(("cost", "Cost", cost_section(report.fitness.estimate)))
    if report.problems:
        sections.append(("problems", "Problems", _problems(report)))
    shown = {finding.rule for finding in report.findings}
    rules = [page for rule, page in pages.items() if rule in shown]
    if rules:
        sections.append(("rules", "Rules", _rules(rules)))
    return _page(
        "Lambda Managed Instances: readiness", [*_tiles(report), element("p", tally(report), class_="muted")], sections
    )


def render_fitness(fitness: Fitness, snippets: Sequence[str] = ()) -> str:
    """Fitness and cost alone. ``snippets``: configuration of the second function, one for each, or empty."""
    sections = [
        ("fitness", "Fitness", fitness_section(fitness, snippets)),
        ("cost", "Cost", cost_section(fitness.estimate)),
    ]
    return _page("Lambda Managed Instances: fitness", [], sections)


def render_cost(estimate: Estimate) -> str:
    """An estimate of cost alone."""
    return _page("Lambda Managed Instances: cost", [], [("cost", "Cost", cost_section(estimate))])


def _page(title: str, lead: Sequence[Markup], sections: Sequence[tuple[str, str, Markup]]) -> str:
    style = resources.files("lmi_lint") / "report" / "html" / "style.css"
    links = [element("li", element("a", name, href=f"#{anchor}")) for anchor, name, _ in sections]
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", name="referrer", content="no-referrer"),
        element("title", title),
        element("style", Markup(style.read_text(encoding="utf-8"))),
    )
    body = element(
        "body",
        element("a", "Skip to the report", href="#report", class_="skip"),
        element(
            "header",
            element("h1", title),
            *lead,
            element("nav", element("ul", links), aria_label="Sections") if len(sections) > 1 else None,
        ),
        element("main", join(*(section for _, _, section in sections), between="\n"), id="report"),
        element("footer", element("p", f"lmi-lint {__version__}")),
    )
    document = element("html", head, Markup("\n"), body, lang="en")
    return f"<!DOCTYPE html>\n{document}\n"


def _tiles(report: Report) -> Iterator[Markup]:
    """The most telling counts."""
    verdicts = [item.verdict for item in report.functions]
    tiles = [(verdicts.count(verdict), verdict.value, tone) for verdict, tone in _TONES.items()]
    severities = [finding.severity for finding in report.findings]
    for each in reversed(Severity):
        count = severities.count(each)
        tiles.append((count, each.value + ("" if count == 1 else "s"), each.value))
    shown = [
        element("li", element("strong", str(number)), element("span", name), class_=f"tile {tone}")
        for number, name, tone in tiles
        if number
    ]
    if shown:
        yield element("ul", shown, class_="tiles")


def _functions(report: Report, anchors: Mapping[str, str]) -> Markup:
    if not report.functions:
        return element(
            "section", element("h2", "Functions"), element("p", "No Lambda functions found."), id="functions"
        )
    rows = [_function(item, report, anchors[item.function.key]) for item in report.functions]
    shown = table(_HEAD, rows, caption="Lambda functions and their verdicts", right=frozenset({2, 3, 4, 6}))
    return element("section", element("h2", "Functions"), shown, id="functions")


def _function(item: FunctionReport, report: Report, anchor: str) -> tuple[str | Markup, ...]:
    function = item.function
    verdict, beside = verdict_words(item)
    place = function.location
    return (
        element("span", function.name, id=anchor),
        join(element("span", verdict, class_=f"badge {_TONES[item.verdict]}"), f" {beside}" if beside else None),
        *(str(number) if number else "" for number in (item.errors, item.warnings, item.notes)),
        function.runtime or (function.language.value if function.language else ""),
        f"{function.memory_mb} MB" if function.memory_mb is not None else "",
        "yes" if function.managed else "no",
        element("code", place_words(place, report.sources)) if place else "",
    )


def _problems(report: Report) -> Markup:
    items = []
    for problem in report.problems:
        where = element("code", place_words(problem.location, report.sources)) if problem.location else None
        items.append(
            element("li", where, " " if where else None, element("strong", problem.kind), f": {problem.message}")
        )
    about = element("p", "What could not be read or judged; nothing is said about it.", class_="muted")
    return element("section", element("h2", "Problems"), about, element("ul", items), id="problems")


def _rules(pages: Sequence[Page]) -> Markup:
    return element("section", element("h2", "Rules"), [_rule(page) for page in pages], id="rules")


def _rule(page: Page) -> Markup:
    links = [element("li", element("a", url, href=url, rel="noreferrer")) for url in page.references]
    return element(
        "article",
        element("h3", f"{page.id} {page.name}"),
        element("p", page.summary),
        element("p", element("strong", "Remedy: "), page.remedy) if page.remedy else None,
        element("ul", links, class_="links") if links else None,
        id=str(page.id),
        class_="card",
    )
