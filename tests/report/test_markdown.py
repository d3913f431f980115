"""The comment for a pull request, as GitHub's own parser reads it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import cmarkgfm
import html5lib
import pytest
from cmarkgfm.cmark import Options
from hypothesis import given
from hypothesis import strategies as st

import lmi_lint
from lmi_lint.model.verdict import Verdict
from lmi_lint.report import markdown_text
from lmi_lint.report.fitness_markdown import render_fitness
from lmi_lint.report.markdown import render
from lmi_lint.report.neutral import neutral
from lmi_lint.triage.model import FunctionReport, Report, Stats
from tests.harness import FIXTURES
from tests.report.samples import HOSTILE, fitness, hostile_report, judged, plain_report
from tests.test_projects import copied
from tests.triage.builders import PAGES, at, finding, function, source


def shown(markdown: str) -> Any:
    """The tree of what GitHub makes of Markdown (before it takes out harmful HTML)."""
    page = cmarkgfm.github_flavored_markdown_to_html(markdown, Options.CMARK_OPT_UNSAFE)
    return html5lib.parse(page, namespaceHTMLElements=False)


def words(node: Any) -> str:
    return "".join(node.itertext()).replace("\u200b", "")


def rows(tree: Any, number: int) -> list[list[str]]:
    """Cells of the nth table, without its head."""
    table = list(tree.iter("table"))[number]
    return [[words(cell) for cell in row] for row in table.iter("tr")][1:]


def one_line(text: str) -> str:
    return " ".join(neutral(text).split())


def test_report() -> None:
    tree = shown(render(plain_report(), PAGES))
    assert [words(node) for node in tree.iter("h2")] == ["lmi-lint: 1 error, 1 warning, 1 note"]
    assert rows(tree, 0) == [
        ["Orders", "nodejs22.x", "2048 MB", "no", "1", "1", "1", "blocked"],
        ["Clean", "javascript", "", "no", "", "", "", "ready"],
    ]
    assert [words(node) for node in tree.iter("summary")] == [
        "src/handler.js: 1 error",
        "src/other.js: 1 warning, 1 note",
    ]
    (found,) = rows(tree, 1)
    assert found == [
        "2",
        "error LMI103 lost-update",
        (
            "total is read before an await and written after it"
            "Path: Orders (template.yaml:2) → handler (handler.js:1)"
            "Remedy: Keep it in a local variable"
        ),
    ]
    assert [row[0] for row in rows(tree, 2)] == ["2", "7"]


def test_fitness() -> None:
    tree = shown(render(judged(plain_report()), PAGES))
    table = rows(tree, 1)
    assert [row[2] for row in table] == ["move", "mend, then move", "stay", "cannot move", "not known yet"]
    assert table[0][:6] == ["1", "Orders 0", "move", "ready", "$157.78", "$216.59"]
    assert "a note on Orders" in words(tree)


def test_hostile_names_are_text() -> None:
    tree = shown(render(judged(hostile_report(), HOSTILE), PAGES))
    tags = {str(node.tag) for node in tree.iter()}
    assert not tags & {"a", "img", "script", "del", "em", "style", "title"}
    tables = list(tree.iter("table"))
    assert len(tables) == 5
    for table in tables:
        assert len({len(row) for row in table.iter("tr")}) == 1
    assert rows(tree, 0)[0][0] == one_line(HOSTILE)
    assert rows(tree, 2)[0][2].startswith(one_line(HOSTILE))
    details = list(tree.iter("details"))
    assert len(details) == len(list(tree.iter("summary"))) == 4
    assert words(details[1][0]).startswith(f"src/{one_line(HOSTILE)}.js")


def test_fitness_alone() -> None:
    tree = shown(render_fitness(fitness(HOSTILE), ["```\n</details>\n"] * 5))
    assert not {"a", "img", "script", "del"} & {str(node.tag) for node in tree.iter()}
    assert rows(tree, 0)[0][1] == one_line(f"{HOSTILE} 0")
    assert words(next(tree.iter("summary"))) == one_line(f"{HOSTILE} 0: move")
    assert len(list(tree.iter("details"))) == len(list(tree.iter("pre"))) == 5


@given(st.text(st.characters(exclude_categories=["Cn", "Co"])))
def test_text_stays_what_it_is(text: str) -> None:
    line = one_line(text)
    made = "\n".join(markdown_text.table(("a", "b", "c"), [("x", markdown_text.plain(text), markdown_text.code(text))]))
    tree = shown(made)
    ((_, as_text, as_code),) = rows(tree, 0)
    assert as_text == line.replace("\u200b", "")
    assert as_code == line.replace("\u200b", "")
    assert not {"a", "em", "strong", "del", "img"} & {str(node.tag) for node in tree.iter()}
    item = shown(f"- {markdown_text.plain(text)}")
    assert words(item.find(".//li")).strip() == line


@pytest.mark.parametrize("text", ["- a", "+ b", "12. c", "1) d", "# e", "> f", "---", "===", "2.8 at once", "1."])
def test_a_line_stays_a_line(text: str) -> None:
    tree = shown(f"- {markdown_text.plain(text)}\n- x")
    assert [words(node).strip() for node in tree.iter("li")] == [text, "x"]
    assert not {"ol", "hr", "h1", "h2", "blockquote"} & {str(node.tag) for node in tree.iter()}


@pytest.mark.parametrize("text", ["@octocat", "x#12", "https://a.example", "www.a.example", "GH-7", "a@b.example"])
def test_nothing_is_linked(text: str) -> None:
    made = markdown_text.plain(text)
    assert "&#8203;" in made
    assert words(shown(made)).strip() == text
    assert not list(shown(made).iter("a"))


def crowded(findings: int, functions: int) -> Report:
    files = [source(f"total();\n{'x();' * 9}\n", f"src/{number:04}.js") for number in range(findings // 3 + 1)]
    found = [
        finding(at(files[number // 3], "total"), message=f"message {number} " + "é" * 60) for number in range(findings)
    ]
    items = [FunctionReport(function(f"Function{number}"), Verdict.READY) for number in range(functions)]
    return Report(tuple(found), tuple(items), (), Stats(), {file.path: file for file in files})


@pytest.mark.parametrize(("findings", "functions"), [(3000, 10), (10, 3000), (3000, 3000), (0, 4000)])
def test_fits_into_a_comment(findings: int, functions: int) -> None:
    report = crowded(findings, functions)
    made = render(judged(report), PAGES)
    assert 15_000 < len(made.encode()) <= markdown_text.LIMIT
    tree = shown(made)
    assert len(list(tree.iter("details"))) == made.count("</details>")
    told = words(tree)
    assert "Left out, as a comment holds 65,536 characters: " in told
    for total, word, kept in (
        (findings, "findings", len(re.findall(r"message \d+ ", told))),
        (functions, "functions", len(re.findall(r"Function\d+", told))),
    ):
        said = re.search(rf"(\d+) of {total} {word}", told)
        assert (int(said[1]) if said else 0) == total - kept


def test_small_reports_are_whole() -> None:
    assert "Left out" not in render(crowded(20, 20), PAGES)
    assert render(Report((), (), (), Stats(), {}), PAGES).startswith("## lmi-lint: no findings\n")


def test_comment_on_a_project(tmp_path: Path, update_snapshots: bool) -> None:
    project = FIXTURES / "projects" / "orders-sam"
    folder = copied(project, tmp_path)
    made = render(lmi_lint.run(lmi_lint.Request(paths=(folder,), root=folder)), PAGES)
    snapshot = project / "expected.md"
    if update_snapshots:
        snapshot.write_text(made, encoding="utf-8", newline="\n")
    assert made == snapshot.read_text(encoding="utf-8")
