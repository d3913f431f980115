"""The page as a browser shows it: on a desktop and on a phone, light and dark, with nothing cut off.

``CHROMIUM`` names the browser, ``AXE`` the script of axe-core, which judges accessibility. ``SCREENSHOTS``, if set, is
the folder that pictures are kept in.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.report.test_html import SAMPLES

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

BROWSER = os.environ.get("CHROMIUM", "")
AXE = os.environ.get("AXE", "")
SOFTWARE = ["--no-sandbox", "--no-zygote", "--in-process-gpu", "--use-gl=angle", "--use-angle=swiftshader"]
"""Drawing without a graphics card."""

_TRIES = 5

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not BROWSER or not AXE, reason="CHROMIUM and AXE do not name a browser and axe-core"),
]
EVERY_VIEW = pytest.mark.parametrize(("width", "height"), [(1280, 900), (360, 740)])
EVERY_SCHEME = pytest.mark.parametrize("scheme", ["light", "dark"])

SPILT = """() => [...document.querySelectorAll('body *')]
    .filter(node => !node.closest('.scroll, .code, .skip, details:not([open])'))
    .filter(node => node.getBoundingClientRect().right > document.documentElement.clientWidth + 0.5)
    .map(node => `${node.tagName} ${node.className}`)"""
CUT = """() => [...document.querySelectorAll('svg.plot')].flatMap(plot => {
    const frame = plot.getBoundingClientRect();
    return [...plot.querySelectorAll('text')].filter(node => {
        const box = node.getBoundingClientRect();
        return box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1;
    }).map(node => node.textContent);
})"""
COLLIDING = """() => [...document.querySelectorAll('svg.plot')].flatMap(plot => {
    const labels = [...plot.querySelectorAll('text')].map(node => [node.textContent, node.getBoundingClientRect()]);
    return labels.flatMap(([one, a], index) => labels.slice(index + 1).filter(([, b]) =>
        a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 4 && b.top < a.bottom - 4
    ).map(([other]) => `${one} / ${other}`));
})"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=BROWSER, args=SOFTWARE)
        yield started
        started.close()


def opened(browser: Browser, folder: Path, sample: str, complaints: list[str], **view: Any) -> Page:
    """The page in a window of its own; what the console says and what is asked of the network goes to a list."""
    file = folder / "report.html"
    file.write_text(SAMPLES[sample](), encoding="utf-8")
    page = browser.new_context(**view).new_page()
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: complaints.append(dialog.message))
    page.on("request", lambda asked: None if asked.url == file.as_uri() else complaints.append(asked.url))
    page.goto(file.as_uri())
    return page


@EVERY_SCHEME
@EVERY_VIEW
@pytest.mark.parametrize("sample", SAMPLES)
def test_shows_well(browser: Browser, tmp_path: Path, sample: str, width: int, height: int, scheme: str) -> None:
    complaints: list[str] = []
    view: dict[str, Any] = {"viewport": {"width": width, "height": height}, "color_scheme": scheme}
    page = opened(browser, tmp_path, sample, complaints, **view)
    _pictured(page, Path(os.environ.get("SCREENSHOTS") or tmp_path) / f"{sample}-{width}-{scheme}.png")
    page.evaluate("document.querySelectorAll('details').forEach(node => { node.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert page.evaluate(SPILT) == []
    assert page.evaluate(CUT) == []
    assert page.evaluate(COLLIDING) == []
    assert page.evaluate("document.querySelector('h1').getBoundingClientRect().height") > 20
    if width > height:
        assert _inaccessible(page) == []
    assert complaints == []
    page.context.close()


def _pictured(page: Page, file: Path) -> None:
    """A picture of the page. Without a graphics card the browser now and then has no frame at hand; then again."""
    from playwright.sync_api import Error

    file.parent.mkdir(parents=True, exist_ok=True)
    for attempt in range(_TRIES):
        try:
            page.screenshot(path=file)
        except Error as error:
            if "Unable to capture screenshot" not in error.message or attempt == _TRIES - 1:
                raise
        else:
            return


def _inaccessible(page: Page) -> list[str]:
    """What axe-core objects to, contrast among it (WCAG AA)."""
    page.evaluate(Path(AXE).read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{rule['id']}: {node['html'][:120]} {node['failureSummary']}"
        for rule in found["violations"]
        for node in rule["nodes"][:3]
    ]


def test_boxes_hide_findings(browser: Browser, tmp_path: Path) -> None:
    page = opened(browser, tmp_path, "report", [])
    warning = page.locator("article.finding.warning")
    assert warning.is_visible()
    page.get_by_label("warnings").press("Space")
    assert not warning.is_visible()
    assert page.locator("article.finding.error").is_visible()
    page.context.close()


def test_the_keyboard_reaches_what_scrolls(browser: Browser, tmp_path: Path) -> None:
    page = opened(browser, tmp_path, "cost", [], viewport={"width": 360, "height": 740})
    wide = page.locator(".scroll:has(svg)").first
    wide.focus()
    # The policy of the page forbids what playwright's own waiting is made of.
    for _ in range(50):
        page.keyboard.press("ArrowRight")
        if wide.evaluate("node => node.scrollLeft") > 0:
            break
    assert wide.evaluate("node => node.scrollLeft") > 0
    page.context.close()


def test_prints_what_is_folded(browser: Browser, tmp_path: Path) -> None:
    page = opened(browser, tmp_path, "report", [])
    folded = page.get_by_text("Assumptions; --assume NAME=VALUE replaces one")
    assert not folded.is_visible()
    page.emulate_media(media="print")
    assert folded.is_visible()
    assert not page.get_by_role("navigation").is_visible()
    page.context.close()
