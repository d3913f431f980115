"""The report for people."""

from __future__ import annotations

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lmi_lint.model.finding import Location, Problem, Severity
from lmi_lint.model.source import Span
from lmi_lint.report.neutral import neutral, text_width
from lmi_lint.report.snippet import MAX_CELLS, excerpt
from lmi_lint.report.text import render, render_functions
from lmi_lint.triage.model import Report, Stats
from tests.triage.builders import PAGES, at, finding, function, report, source

HANDLER = source(
    "const state = {};\n"
    "export const handler = async (event) => {\n"
    "  state.user = event.user;\n"
    "  await save();\n"
    "  return page(state.user);\n"
    "};\n",
    "src/handler.js",
)
TEMPLATE = source("Resources:\n  Orders:\n", "template.yaml")


def leak(**fields):
    return finding(
        at(HANDLER, "state.user", "written here"),
        "LMI104",
        message="state.user takes data of this invocation",
        related=(at(HANDLER, "state.user", "read back", nth=1),),
        trace=(at(HANDLER, "handler", "handler"), at(HANDLER, "state.user")),
        reasons=("invocations interleave", "second reason"),
        remedy="use a local variable",
        handlers=(ORDERS.key,),
        **fields,
    )


ORDERS = function(
    "Orders",
    template="template.yaml",
    location=at(TEMPLATE, "Orders"),
    runtime="nodejs22.x",
    memory_mb=2048,
    managed=True,
)


def test_whole_report() -> None:
    stats = Stats(files_read=112, skipped=(("vendored", 600), ("tests", 40)), calls_resolved=403, calls_unresolved=9)
    made = report([leak()], HANDLER, TEMPLATE, functions=(ORDERS, function("Clean")), stats=stats)
    assert render(made, PAGES) == (
        "src/handler.js:3:3: error LMI104 request-data-in-shared-state [high]\n"
        "  state.user takes data of this invocation\n"
        "   3 |   state.user = event.user;\n"
        "     |   ^^^^^^^^^^ written here\n"
        "   5 |   return page(state.user);\n"
        "     |               ---------- read back\n"
        "  path    Orders (template.yaml:2) → handler (handler.js:2) → here\n"
        "  why     invocations interleave\n"
        "          second reason\n"
        "  remedy  use a local variable\n"
        "\n"
        "FUNCTION  RUNTIME      MEMORY  MANAGED  ERROR  WARN  NOTE  VERDICT\n"
        "Orders    nodejs22.x  2048 MB  yes          1              blocked\n"
        "Clean     javascript           no                          ready\n"
        "\n"
        "1 error · 2 functions: 1 blocked, 1 ready · 112 files read, 640 skipped · 9 of 412 calls unresolved\n"
    )


def test_nothing_found() -> None:
    assert render(report([]), PAGES) == "no findings · no Lambda functions found · 0 files read\n"


def test_related_on_one_line_and_in_other_files() -> None:
    file, other = source("a = b + c;\n"), source("\nlock\n", "lib/b.js")
    made = report(
        [finding(at(file, "a", "here"), related=(at(file, "c", "there"), at(other, "lock", "held")))], file, other
    )
    lines = render(made, PAGES).split("\n")
    assert lines[2:6] == [
        "   1 | a = b + c;",
        "     | ^ here",
        "     |         - there",
        "  lib/b.js:2: held",
    ]


def test_long_paths_say_what_is_left_out() -> None:
    file = source("".join(f"f{index}();\n" for index in range(20)))
    trace = tuple(at(file, f"f{index}()", f"f{index}") for index in range(20))
    shown = render(report([finding(at(file, "f19()"), trace=trace)], file), PAGES)
    steps = shown[shown.index("  path") : shown.index("  remedy")].splitlines()
    assert steps[:2] == ["  path    f0 (a.js:1)", "          → f1 (a.js:2)"]
    assert "          → (12 more)" in steps
    assert steps[-2:] == ["          → f18 (a.js:19)", "          → here"]


def test_colour_adds_escapes_and_nothing_else() -> None:
    made = report([leak()], HANDLER, TEMPLATE, functions=(ORDERS,))
    colored = render(made, PAGES, color=True)
    assert "\x1b[" in colored
    assert click.unstyle(colored) == render(made, PAGES)


def test_missing_source_is_shown_without_text() -> None:
    made = Report((finding(Location("gone.js", Span(4, 9)), severity=Severity.ERROR),), (), (), Stats(), {})
    assert render(made, PAGES).startswith("gone.js: error LMI103 lost-update [high]\n  lost\n")


def test_problems_beyond_the_tenth_are_counted() -> None:
    problems = tuple(Problem("unreadable", f"no {index}", Location("x.js", Span(0, 0))) for index in range(13))
    shown = render_functions(Report((), (), problems, Stats(), {}))
    assert shown.count("unreadable") == 10
    assert "3 more problems" in shown


class TestExcerpt:
    def marked(self, text: str, part: str) -> tuple[str, str]:
        file = source(text)
        view = excerpt(file, at(file, part).span)
        cells = [
            cell
            for char in view.text
            for cell in ([char] + ["\0"] * (text_width(char) - 1) if text_width(char) else [])
        ]
        return view.text, "".join(cells[view.indent : view.indent + view.cells]).replace("\0", "")

    @pytest.mark.parametrize(
        ("text", "part"),
        [
            ("\tif (x) y = 1", "y = 1"),
            ("const 名前 = 値 + x", "値"),
            ("const a = '😀é' + x", "x"),
            ("a\tb\tc", "c"),
        ],
        ids=["tab", "wide", "non-BMP", "inner tabs"],
    )
    def test_marks_the_part(self, text, part) -> None:
        assert self.marked(text, part)[1] == part

    def test_tabs_stop_at_fours(self) -> None:
        assert self.marked("ab\tx", "x")[0] == "ab  x"

    def test_several_lines_are_marked_to_the_end_of_the_first(self) -> None:
        assert self.marked("let a = call(\n  b);", "call(\n  b)")[1] == "call("

    def test_empty_span_still_has_a_mark(self) -> None:
        assert excerpt(source("ab\n"), Span(2, 2)).cells == 1
        assert excerpt(source(""), Span(0, 0)).cells == 1

    def test_long_line_is_cut_around_the_part(self) -> None:
        text, part = self.marked("x" * 50_000 + "target" + "y" * 50_000, "target")
        assert part == "target"
        assert text[0] == text[-1] == "…"
        assert text_width(text) <= MAX_CELLS

    @given(st.text(st.characters(exclude_characters="\n\r"), max_size=400), st.integers(0, 400), st.integers(0, 400))
    def test_any_line_fits(self, text, start, length) -> None:
        text = text.encode("utf-8", "replace").decode()
        begin, end = len(text[:start].encode()), len(text[: start + length].encode())
        view = excerpt(source(text), Span(begin, end))
        assert text_width(view.text) <= MAX_CELLS
        assert view.cells >= 1
        assert view.indent + view.cells <= text_width(view.text) + 1


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain ünï 名 👩\u200d💻", "plain ünï 名 👩\u200d💻"),
        ("\x1b[31m", "\\x1b[31m"),
        ("a\nb\r\t", "a\\x0ab\\x0d\\x09"),
        ("\x9b31m\x7f", "\\x9b31m\\x7f"),
        ("user\u202e}\u2066", "user\\u202e}\\u2066"),
        ("\udc80", "\\udc80"),
        ("\U000e0041", "\\U000e0041"),
    ],
)
def test_neutral(text, shown) -> None:
    assert neutral(text) == shown


def test_nothing_hostile_reaches_the_terminal() -> None:
    evil = "\x1b]0;owned\x07\u202e"
    file = source(f"x = '{evil}';\n", f"{evil}.js")
    item = finding(
        at(file, "x =", evil),
        message=evil,
        reasons=(evil,),
        remedy=evil,
        related=(at(file, "'", evil),),
        handlers=(function(evil).key,),
    )
    made = report([item], file, functions=(function(evil, runtime=evil),))
    shown = render(made, PAGES) + render_functions(made)
    assert not set(shown) & set("\x1b\x07\u202e")
    assert "\\x1b]0;owned" in shown
