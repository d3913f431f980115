"""Every page parses, fits its check, and its examples behave as their markers say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lmi_lint import checks
from lmi_lint.catalog.markers import find_markers
from lmi_lint.catalog.page import Example, Page
from lmi_lint.catalog.registry import Pack, Registry, load_pages
from lmi_lint.checks.base import Rule
from lmi_lint.knowledge.load import rules_root
from tests.harness import check_folder, write_example

PAGES = load_pages([rules_root()])
EXAMPLES = [
    pytest.param(example, id=f"{page.id}:{example.line}-{example.section}")
    for page in PAGES.values()
    for example in page.examples
]
EVERY_PAGE = pytest.mark.parametrize("page", PAGES.values(), ids=list(PAGES))


def expected_rules(example: Example) -> set[str]:
    return {
        marker.rule
        for file in example.files
        for marker in find_markers(file.path, file.text)
        if marker.kind == "expect"
    }


def test_ids_of_checks_are_ids_of_pages() -> None:
    registry: Registry[Rule] = Registry.load([Pack("lmi-lint", rules_root(), checks.discover())])
    assert registry.pages.keys() == PAGES.keys()
    decided = {rule.id for rule in registry.rules} | {page.id for page in PAGES.values() if page.match or page.builtin}
    assert decided == PAGES.keys()


@EVERY_PAGE
def test_page_has_hazard_and_silent_example_per_language(page: Page) -> None:
    if page.builtin:
        pytest.skip("the tool itself reports it")
    assert page.languages, "a page must name its languages"
    for language in page.languages:
        examples = [example for example in page.examples if language in example.languages]
        assert any(example.section == "Hazard" and page.id in expected_rules(example) for example in examples), (
            f"no hazard in {language}"
        )
        assert any(not expected_rules(example) for example in examples), f"nothing silent in {language}"


@EVERY_PAGE
def test_page_explains_itself(page: Page) -> None:
    assert page.sections
    assert page.sections[0].heading == "", "begin with prose"
    assert page.references or page.builtin, "say where the claim comes from"
    assert all(reference.startswith("https://") for reference in page.references)
    assert page.summary[-1] != "."
    assert re.fullmatch(r"\d+\.\d+\.\d+", page.since)


@pytest.mark.parametrize("example", EXAMPLES)
def test_example(example: Example, tmp_path: Path) -> None:
    write_example(example, tmp_path)
    check_folder(tmp_path)
