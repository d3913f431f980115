"""Every page parses, fits its check, and its examples behave as their markers say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lmi_lint import checks
from lmi_lint.catalog.markers import find_markers
from lmi_lint.catalog.page import Example, Page, parse_page
from lmi_lint.catalog.registry import Registry, load_pages
from lmi_lint.checks.base import AnyRule, Rule
from lmi_lint.checks.declarative import rule_of
from lmi_lint.deploy.model import Dialect
from lmi_lint.errors import PackError
from lmi_lint.model.names import RuleId
from lmi_lint.packs import rules_root
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
    registry: Registry[AnyRule] = Registry.load([rules_root()], checks.discover(), rule_of)
    assert registry.pages.keys() == PAGES.keys()
    decided = {rule.id for rule in registry.rules} | {page.id for page in PAGES.values() if page.builtin}
    assert decided == PAGES.keys()


@EVERY_PAGE
def test_page_has_hazard_and_silent_example_per_language(page: Page) -> None:
    if page.builtin:
        pytest.skip("the tool itself reports it")
    assert page.languages or page.dialects, "a page must name its languages or dialects"
    for language in page.languages:
        examples = [example for example in page.examples if language in example.languages]
        assert any(example.section == "Hazard" and page.id in expected_rules(example) for example in examples), (
            f"no hazard in {language}"
        )
        assert any(not expected_rules(example) for example in examples), f"nothing silent in {language}"


@EVERY_PAGE
def test_page_has_hazard_per_dialect_and_silent_example(page: Page) -> None:
    assert set(page.dialects) <= {dialect.value for dialect in Dialect}
    hazards = {dialect_of(example) for example in page.examples if page.id in expected_rules(example)}
    assert set(page.dialects) <= hazards
    assert not page.dialects or any(dialect_of(each) and not expected_rules(each) for each in page.examples)


def dialect_of(example: Example) -> str:
    """The dialect of an example's configuration; empty without one."""
    text = "\n".join(file.text for file in example.files)
    signs = (
        ("terraform", any(file.path.endswith((".tf", ".tf.json")) for file in example.files)),
        ("serverless", any(file.path.startswith("serverless.") for file in example.files)),
        ("cdk", re.search(r"aws-cdk-lib|aws_cdk|awscdk|Amazon\.CDK", text) is not None),
        ("sam", "AWS::Serverless" in text),
        ("cloudformation", "AWS::Lambda::" in text),
    )
    return next((dialect for dialect, found in signs if found), "")


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


FRONT = """\
+++
id = "LMI103"
name = "lost-update"
category = "shared-state"
summary = "Read-modify-write"
severity = ["error"]
since = "0.1.0"
+++
"""
NAME = "LMI103-lost-update.md"


def examples_of(body: str) -> list[tuple[str, str, list[str]]]:
    page = parse_page(FRONT + body, "page.md", NAME)
    return [(item.section, item.title, [file.path for file in item.files]) for item in page.examples]


def test_sections_and_their_lines() -> None:
    page = parse_page(FRONT + "\nIntro.\n\n## Hazard\nText\n```js\n## no heading\n```\n## Not reported\nx\n", "p", NAME)
    assert [(item.heading, item.line) for item in page.sections] == [("", 9), ("Hazard", 12), ("Not reported", 17)]
    assert "## no heading" in page.sections[1].body
    assert [file.line for example in page.examples for file in example.files] == [15]


@pytest.mark.parametrize(
    ("body", "examples"),
    [
        ("## Hazard\n```js\na\n```\n```ts\nb\n```\n", [("Hazard", "", ["index.js"]), ("Hazard", "", ["index.ts"])]),
        ("## Safe\n`a.js`:\n```js\na\n```\n\n`b/c.js`:\n\n```js\nb\n```\n", [("Safe", "", ["a.js", "b/c.js"])]),
        (
            "## Remedy\n### One\n```js\na\n```\n### Two\n~~~~js\n```\n~~~~\n",
            [("Remedy", "One", ["index.js"]), ("Remedy", "Two", ["index.js"])],
        ),
        ("## Hazard\n```js\na\n```\n```yaml\nb\n```\n", [("Hazard", "", ["index.js", "template.yaml"])]),
        ("## Hazard\n```java\nclass A {}\npublic final class Orders {}\n```\n", [("Hazard", "", ["Orders.java"])]),
        ("## Not reported\n```js\na\n```\n", []),
    ],
    ids=["unnamed", "named", "titles", "template", "java", "other section"],
)
def test_examples(body: str, examples: list[tuple[str, str, list[str]]]) -> None:
    assert examples_of(body) == examples


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("no front matter", "page.md:1: no front matter"),
        ("+++\nid = 1\n", "page.md:1: the front matter has no end"),
        (FRONT.replace('since = "0.1.0"', "since ="), "page.md:7: front matter is not valid TOML"),
        (FRONT.replace('since = "0.1.0"', ""), "page.md:2: Object missing required field `since`"),
        (FRONT.replace("since", "sins"), "page.md:7: Object contains unknown field `sins`"),
        (FRONT.replace('["error"]', '["fatal"]'), "page.md:6: Invalid enum value 'fatal'"),
        (FRONT.replace("LMI103", "LMI3"), "page.md:2: id 'LMI3'"),
        (FRONT.replace("LMI103", "LMI104"), "page.md:1: the file of LMI104"),
        (FRONT + "## Hazard\n```js\n", "page.md:10: a fenced block has no end"),
        (FRONT + "## Hazard\n```cobol\n```\n", "page.md:10: an example in cobol"),
        (FRONT + "## Hazard\n`../x.js`:\n```js\n```\n", "page.md:11: an example needs a relative file name"),
        (FRONT + "## Hazard\n`a.js`:\n```js\n```\n`a.js`:\n```js\n```\n", "two blocks of one example are called a.js"),
    ],
)
def test_faults_name_file_and_line(text: str, message: str) -> None:
    with pytest.raises(PackError) as caught:
        parse_page(text, "page.md", NAME)
    assert message in caught.value.message


class TestRegistry:
    def pack(self, folder: Path, front: str = FRONT) -> Path:
        (folder / "catalog").mkdir(parents=True, exist_ok=True)
        (folder / "catalog" / NAME).write_text(front, encoding="utf-8")
        return folder

    def load(self, folders: list[Path], *checks: str) -> Registry[Rule]:
        return Registry.load(folders, [Rule(RuleId(check), lambda _program: iter(())) for check in checks])

    def test_page_and_check_meet(self, tmp_path: Path) -> None:
        registry = self.load([self.pack(tmp_path)], "LMI103")
        assert [rule.id for rule in registry.rules] == ["LMI103"]

    @pytest.mark.parametrize(
        ("checks", "front", "message"),
        [
            (["LMI103", "LMI104"], FRONT, "LMI104 has no page"),
            (["LMI103", "LMI103"], FRONT, "two checks for LMI103"),
            ([], FRONT, "nothing decides LMI103"),
            (["LMI103"], FRONT.replace("since", "builtin = true\nsince"), "decided twice"),
        ],
    )
    def test_disagreement(self, checks: list[str], front: str, message: str, tmp_path: Path) -> None:
        with pytest.raises(PackError, match=message):
            self.load([self.pack(tmp_path, front)], *checks)

    def test_two_packs_may_not_claim_one_rule(self, tmp_path: Path) -> None:
        with pytest.raises(PackError, match="already that of"):
            self.load([self.pack(tmp_path / "a"), self.pack(tmp_path / "b")], "LMI103")
