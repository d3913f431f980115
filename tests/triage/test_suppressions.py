"""Comments that silence findings."""

from __future__ import annotations

import pytest

from lmi_lint.model.names import RuleId
from lmi_lint.settings import Settings
from lmi_lint.triage import Options
from tests.triage.builders import PAGES, at, comment, finding, report, source


def judged(text, said, mark="HERE", rule="LMI103", options=None):
    """Rules reported for a file with a comment and a finding at ``mark``, the first remark on comments, the report."""
    file = source(text)
    made = report([finding(at(file, mark), rule)], file, comments={file.path: (comment(file, said),)}, options=options)
    about = [item for item in made.findings if item.rule == "LMI002"]
    return [item.rule for item in made.findings], about[0] if about else None, made


@pytest.mark.parametrize(
    "text",
    [
        "HERE; // lmi: ignore[LMI103] why\n",
        "// lmi: ignore[LMI103] why\nHERE;\n",
        "// lmi: ignore[LMI103] why\n\n// another\n/* and\n another */\nHERE;\n",
        "call(\n  a, // lmi: ignore[LMI103] why\n  HERE);\n// end",
        "// lmi: ignore[LMI103] why\nconst x =\n  a\n    .b(HERE);\n",
        "// lmi: ignore[LMI103] why\n@Decorated\nHERE() {\n}\n",
    ],
    ids=["trailing", "own line", "over blanks and comments", "in a call", "continued", "decorated"],
)
def test_silences(text) -> None:
    mark = text[text.index("call") : text.index(";")] if text.startswith("call") else "HERE"
    rules, _, made = judged(text, "lmi: ignore[LMI103] why", mark)
    assert rules == []
    assert made.stats.hidden_suppressed == 1


@pytest.mark.parametrize(
    "text",
    [
        "// lmi: ignore[LMI103] why\nother;\nHERE;\n",
        "other; // lmi: ignore[LMI103] why\nHERE;\n",
        "// lmi: ignore[LMI103] why\nfunction f() {\n  HERE;\n}\n",
        "HERE;\n// lmi: ignore[LMI103] why\n",
    ],
    ids=["next statement only", "its line only", "not the body of a block", "not backwards"],
)
def test_silences_nothing_else(text) -> None:
    rules, about, _ = judged(text, "lmi: ignore[LMI103] why")
    assert sorted(rules) == ["LMI002", "LMI103"]
    assert about is not None
    assert "silences nothing" in about.message


def test_lists_and_prefixes() -> None:
    assert judged("HERE // lmi: ignore[LMI2, LMI1]\n", "lmi: ignore[LMI2, LMI1]")[0] == ["LMI002"]
    assert judged("HERE // lmi: ignore[LMI]\n", "lmi: ignore[LMI]")[0] == []


def test_whole_file() -> None:
    assert judged("a\nb\nHERE\n// lmi: ignore-file[LMI103]\n", "lmi: ignore-file[LMI103]")[0] == []


def test_beside_another_tool() -> None:
    said = "eslint-disable-line -- lmi: ignore[LMI103]"
    assert judged(f"HERE // {said}\n", said)[0] == []


@pytest.mark.parametrize(
    ("said", "message", "remedy"),
    [
        ("lmi: ignore", "names no rule", "lmi: ignore[LMI101]"),
        ("lmi: ignore-file", "names no rule", "lmi: ignore-file[LMI101]"),
        ("lmi: ignore[]", "names no rule", "lmi: ignore[LMI101]"),
        ("lmi: disable", "no directive", "lmi: ignore[LMI101]"),
        ("lmi: ignore[XYZZY]", "'XYZZY' is no rule", "lmi-lint rules"),
        ("lmi: ignore[lost-update]", "'lost-update' is no rule", "write LMI103"),
    ],
)
def test_malformed_ones_say_how_to_mend_them(said, message, remedy) -> None:
    rules, about, _ = judged(f"HERE // {said}\n", said)
    assert sorted(rules) == ["LMI002", "LMI103"]
    assert about is not None
    assert message in about.message
    assert remedy in about.remedy


def test_prose_is_left_alone() -> None:
    assert judged("HERE // see lmi: ignore comments\n", "see lmi: ignore comments")[0] == ["LMI103"]


def test_unused_only_for_rules_that_ran() -> None:
    options = Options(pages=PAGES, ran=frozenset({RuleId("LMI104")}))
    assert judged("a // lmi: ignore[LMI201]\nHERE", "lmi: ignore[LMI201]", options=options)[0] == ["LMI103"]
    options = Options(pages=PAGES, settings=Settings(select=("LMI1", "LMI0")))
    assert judged("a // lmi: ignore[LMI201]\nHERE", "lmi: ignore[LMI201]", options=options)[0] == ["LMI103"]


def test_remarks_obey_the_selection() -> None:
    options = Options(pages=PAGES, settings=Settings(ignore=("LMI002",)))
    assert judged("a // lmi: ignore[LMI201]\nHERE", "lmi: ignore[LMI201]", options=options)[0] == ["LMI103"]
