"""The page: valid, harmless whatever names it shows, and complete."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import html5lib
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lmi_lint
from lmi_lint.cost.model import PLANS, Curve, CurvePoint
from lmi_lint.model.finding import Severity
from lmi_lint.report.html.builder import Markup, element
from lmi_lint.report.html.page import render, render_cost, render_fitness
from lmi_lint.report.html.plot import description, plot
from lmi_lint.report.html.scale import Scale, apart
from lmi_lint.report.neutral import neutral
from lmi_lint.triage.model import Report, Stats
from tests.harness import FIXTURES
from tests.report.samples import HOSTILE, busy, costed, fitness, hostile_report, judged, plain_report
from tests.test_projects import copied
from tests.triage.builders import PAGES

SAMPLES = {
    "report": lambda: render(judged(plain_report()), PAGES),
    "hostile": lambda: render(judged(hostile_report(), HOSTILE), PAGES),
    "empty": lambda: render(Report((), (), (), Stats(), {}), PAGES),
    "fitness": lambda: render_fitness(fitness(HOSTILE), [f"a:\n  b: {HOSTILE}"] * 5),
    "cost": lambda: render_cost(costed(busy(HOSTILE), busy("quiet", 0))),
}
EVERY_SAMPLE = pytest.mark.parametrize("sample", SAMPLES)


def parsed(page: str) -> Any:
    """The tree of a page without any parse error; names of elements have no namespace."""
    return html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(page)


def local(node: Any) -> str:
    return str(node.tag).rpartition("}")[2] if isinstance(node.tag, str) else ""


def words(node: Any) -> str:
    return "".join(node.itertext())


@EVERY_SAMPLE
def test_is_valid(sample: str) -> None:
    tree = parsed(SAMPLES[sample]())
    ids = [node.get("id") for node in tree.iter() if node.get("id")]
    assert len(ids) == len(set(ids))
    for node in tree.iter("a"):
        href = node.get("href")
        assert href.startswith("https://") or href.removeprefix("#") in ids
    levels = [int(local(node)[1]) for node in tree.iter() if re.fullmatch("h[1-6]", local(node))]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    for node in tree.iter("table"):
        assert node[0].tag == "caption"
        widths = {len(row) for row in node.iter("tr")}
        assert len(widths) == 1


@EVERY_SAMPLE
def test_has_no_way_out(sample: str) -> None:
    page = SAMPLES[sample]()
    tree = parsed(page)
    tags = {local(node) for node in tree.iter()}
    assert not tags & {"script", "img", "image", "iframe", "link", "object", "embed", "base", "form", "use", "a:href"}
    for node in tree.iter():
        assert not [name for name in node.attrib if name.startswith("on") or name in {"src", "style", "xlink:href"}]
    head = tree.find("head")
    policy = next(node for node in head if node.get("http-equiv") == "Content-Security-Policy")
    assert list(head).index(policy) == 1
    assert policy.get("content").startswith("default-src 'none'; style-src 'unsafe-inline'")
    style = words(head.find("style"))
    assert "url(" not in style
    assert "@import" not in style


def test_hostile_names_are_text() -> None:
    tree = parsed(SAMPLES["hostile"]())
    shown = neutral(HOSTILE)
    assert words(tree.find(".//*[@id='function-0']")) == shown
    messages = [words(node) for node in tree.iter("h4")]
    assert messages.count(shown) == 2
    title = next(node for node in tree.iter() if local(node) == "title" and "against requests" in words(node))
    assert "Cost of p a month" in words(title)
    assert words(tree.find("head/title")) == "Lambda Managed Instances: readiness"
    assert [node.get("aria-label") for node in tree.iter("div")].count(f"Code of src/{shown}.js") == 1


@given(st.text(st.characters(exclude_categories=["Cn", "Co"])), st.sampled_from(["p", "title", "pre", "style", "td"]))
def test_text_and_attributes_survive(text: str, name: str) -> None:
    page = f"<!DOCTYPE html><title>t</title><body>{element('p', text, title=text, data_x=text)}"
    node = parsed(page).find(".//p")
    assert words(node) == node.get("title") == node.get("data-x") == neutral(text)


def test_attributes() -> None:
    made = element("input", type="checkbox", checked=True, disabled=False, aria_label=None, for_="x<", class_="a")
    assert made == '<input type="checkbox" checked for="x&lt;" class="a">'
    assert element("p", ["<", Markup("<br>"), None, ["&"]]) == "<p>&lt;<br>&amp;</p>"


def test_marks() -> None:
    tree = parsed(SAMPLES["report"]())
    (first, *_) = tree.findall(".//article[@class='finding card error']")
    marks = [(words(node), node.get("class")) for node in first.iter("mark")]
    assert marks == [("total", "primary"), ("total", None), ("total", None), ("bar", None)]
    code = [words(node) for node in first.iter("pre")]
    assert "↑ added to here" in code[0]
    assert "…" in code[0].splitlines()[1]
    assert [line.split() for line in code[1].splitlines()] == [
        ["1", "total();"], ["2", "foo();"], ["⋯"], ["6"], ["7", "bar();"], ["↑", "called", "here"],
    ]  # fmt: skip
    steps = [words(node) for node in first.find(".//ol").iter("li")]
    assert steps == ["Orders template.yaml:2", "handler handler.js:1", "here src/handler.js:2"]


def test_says_all() -> None:
    told = words(parsed(SAMPLES["report"]()).find("body"))
    for expected in (
        "1 error, 1 warning, 1 note · 2 functions: 1 blocked, 1 ready",
        "foo is", "LMI102 unguarded-lazy-init", "Keep it in a local variable", "blocked",
        "mend, then move", "not known yet", "-$30.50", "$157.78", "traffic of Orders.toml", "ask Orders 1",
        "maximum concurrency 8 (64 once the code allows)", "200.00 a month: 900.00 at what is safe today",
        "Managed, 3 years", "management fee of Lambda Managed Instances", "All together",
    ):  # fmt: skip
        assert expected in told


def test_boxes_only_for_several_severities() -> None:
    boxes = [node.get("id") for node in parsed(SAMPLES["report"]()).iter("input")]
    assert boxes == [f"show-{severity.value}" for severity in reversed(Severity)]
    assert not list(parsed(SAMPLES["empty"]()).iter("input"))


def test_plot() -> None:
    (found,) = costed(busy()).pools
    picture = plot(found)
    assert picture is not None
    tree = parsed(f"<!DOCTYPE html><title>t</title><body>{picture}")
    lines = [node for node in tree.iter() if local(node) == "polyline"]
    assert [node.get("class") for node in lines] == [f"line {plan}" for plan in PLANS]
    for node in lines:
        places = [tuple(map(float, pair.split(","))) for pair in node.get("points").split()]
        assert all(0 <= x <= 720 and 0 <= y <= 400 for x, y in places)
        assert [x for x, _ in places] == sorted(x for x, _ in places)
    texts = [words(node) for node in tree.iter() if local(node) == "text"]
    crossings = [each.requests for each in found.break_even if each.requests]
    assert len(crossings) == len([node for node in tree.iter() if local(node) == "circle"]) == 3
    assert {"USD a month", "requests a month", "stated: 400 M", "$0", "managed, 3 years"} <= set(texts)
    assert [text for text in texts if text.endswith(", on demand")] == [f"{crossings[0] / 10**6:.1f} M, on demand"]
    assert description(found.break_even).startswith("on demand: managed instances pay from")


def test_plot_over_decades() -> None:
    (found,) = costed(busy(requests=2_000_000)).pools
    assert found.curve is not None
    assert found.curve.decades
    assert "both axes logarithmic" in str(plot(found))


def test_no_plot_without_figures() -> None:
    import msgspec

    (found,) = costed(busy()).pools
    nothing = (CurvePoint(1, (None,) * 5), CurvePoint(2, (None,) * 5))
    for curve in (None, Curve(()), Curve(nothing)):
        assert plot(msgspec.structs.replace(found, curve=curve)) is None
    assert description(()) == "The lines of managed instances and plain Lambda do not cross."


@given(st.floats(0.01, 1e9), st.floats(1.5, 1e6), st.booleans())
def test_scales(low: float, ratio: float, decades: bool) -> None:
    scale = Scale(low if decades else 0.0, low * ratio, 10, 110, decades)
    assert scale.at(scale.low) == pytest.approx(10)
    assert scale.at(scale.high) == pytest.approx(110)
    ticks = scale.ticks()
    assert all(9.9 <= scale.at(tick) <= 110.1 for tick in ticks)
    assert ticks == sorted(ticks)
    assert len(ticks) <= 14
    assert ticks or ratio < 10


@given(st.lists(st.floats(0, 300), max_size=8))
def test_labels_are_apart(wanted: list[float]) -> None:
    placed = apart(wanted, 16, 0, 300)
    assert all(after - before >= 15.99 for before, after in pairwise(sorted(placed)))
    assert all(-0.01 <= place <= 300.01 for place in placed)


def test_page_of_a_project(tmp_path: Path, update_snapshots: bool) -> None:
    project = FIXTURES / "projects" / "orders-sam"
    folder = copied(project, tmp_path)
    page = render(lmi_lint.run(lmi_lint.Request(paths=(folder,), root=folder)), PAGES)
    parsed(page)
    page = re.sub(r"<style>.*</style>", "<style></style>", page, flags=re.DOTALL)
    page = re.sub(r"lmi-lint \d[^<]*", "lmi-lint 0", page)
    page = re.sub(r"(?=<(?:article|dd|details|dl|h\d|li|meta|ol|p|pre|section|tr|ul)\b)", "\n", page)
    snapshot = project / "expected.html"
    if update_snapshots:
        snapshot.write_text(page, encoding="utf-8", newline="\n")
    assert page == snapshot.read_text(encoding="utf-8")
