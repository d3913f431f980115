"""What triage does to findings, through its one entry."""

from __future__ import annotations

import msgspec
import pytest

from lmi_lint.deploy.model import Entry
from lmi_lint.model.finding import Confidence, Severity
from lmi_lint.model.names import RuleId
from lmi_lint.model.verdict import Verdict
from lmi_lint.settings import Settings
from lmi_lint.triage import Options
from lmi_lint.triage.model import Analysed
from lmi_lint.triage.options import selected
from lmi_lint.triage.verdict import judge
from tests.triage.builders import PAGES, at, finding, function, keys, report, source

FILE = source("let total = 0;\ntotal += await f();\n")
PLACE = at(FILE, "total += await f()")


def options(**fields):
    settings = {name: fields.pop(name) for name in list(fields) if name in Settings.__struct_fields__}
    return Options(pages=PAGES, settings=Settings(**settings), **fields)


def test_equal_findings_of_several_functions_become_one() -> None:
    both = [
        finding(PLACE, handlers=("A",), severity=Severity.WARNING, confidence=Confidence.HIGH, reasons=("weak",)),
        finding(PLACE, handlers=("B", "A"), severity=Severity.ERROR, confidence=Confidence.MEDIUM, reasons=("grave",)),
    ]
    (merged,) = report(both, FILE).findings
    assert merged.handlers == ("A", "B")
    assert (merged.severity, merged.confidence) == (Severity.ERROR, Confidence.HIGH)
    assert merged.reasons == ("grave",)


def test_other_messages_stay_apart() -> None:
    assert len(report([finding(PLACE), finding(PLACE, message="other")], FILE).findings) == 2


@pytest.mark.parametrize(
    ("select", "ignore", "wanted"),
    [
        ((), (), True),
        (("LMI1",), (), True),
        (("LMI2",), (), False),
        ((), ("LMI103",), False),
        (("LMI1",), ("LMI103",), False),
        (("LMI103",), ("LMI1",), True),
        (("LMI1",), ("LMI1",), False),
    ],
)
def test_the_longer_prefix_decides(select, ignore, wanted) -> None:
    assert selected("LMI103", Settings(select=select, ignore=ignore)) is wanted


def test_what_is_hidden_is_counted() -> None:
    findings = [
        finding(PLACE, message="shown"),
        finding(PLACE, message="note", severity=Severity.NOTE),
        finding(PLACE, message="warning", severity=Severity.WARNING),
        finding(PLACE, message="low", confidence=Confidence.LOW),
        finding(at(source("x", "b.js"), "x"), message="other file"),
    ]
    made = report(findings, FILE, options=options(min_severity=Severity.ERROR, focus=frozenset({"a.js"})))
    assert [item.message for item in made.findings] == ["shown"]
    hidden = made.stats.hidden_notes, made.stats.hidden_warnings, made.stats.hidden_low, made.stats.hidden_elsewhere
    assert hidden == (1, 1, 1, 1)


def test_pedantic_shows_low_confidence() -> None:
    made = report([finding(PLACE, confidence=Confidence.LOW)], FILE, options=options(pedantic=True))
    assert len(made.findings) == 1
    assert made.stats.hidden_low == 0


def test_failing_severity_counts_shown_findings_only() -> None:
    warning = [finding(PLACE, severity=Severity.WARNING)]
    assert report(warning, FILE).failed
    assert not report(warning, FILE, options=options(fail_on=Severity.ERROR)).failed
    assert not report(warning, FILE, options=options(min_severity=Severity.ERROR)).failed


def test_findings_are_sorted_by_place() -> None:
    other = source("x", "A.js")
    made = report([finding(at(FILE, "total", nth=1)), finding(at(FILE, "total")), finding(at(other, "x"))], FILE, other)
    assert [(item.location.path, item.location.span.start) for item in made.findings] == [
        ("A.js", 0),
        ("a.js", 4),
        ("a.js", 15),
    ]


class TestFingerprint:
    def of(self, text, **fields):
        file = source(text)
        return [
            item.fingerprint
            for item in report(
                [finding(at(file, "x = 1", nth=n), **fields) for n in range(text.count("x = 1"))], file
            ).findings
        ]

    def test_lines_and_white_space_do_not_matter(self) -> None:
        file = source("\n\n  x  =\t1\n")
        moved = report([finding(at(file, "x  =\t1"))], file).findings[0].fingerprint
        assert self.of("x = 1") == [moved]

    def test_equal_ones_are_told_apart(self) -> None:
        first, second = self.of("x = 1\nx = 1\n")
        assert first != second
        assert self.of("x = 1\n") == [first]

    def test_subject_and_rule_matter(self) -> None:
        assert len({*self.of("x = 1"), *self.of("x = 1", subject="g"), *self.of("x = 1", rule=RuleId("LMI104"))}) == 3


class TestSingleConcurrency:
    def made(self, handlers, **fields):
        functions = (function("One", max_concurrency=1), function("Many", max_concurrency=8), function("Default"))
        return report(
            [finding(PLACE, handlers=keys(*handlers), **fields)],
            FILE,
            functions=functions,
            options=options(min_severity=Severity.NOTE),
        ).findings[0]

    def test_note_where_all_handlers_hold_one(self) -> None:
        made = self.made(("One",))
        assert made.severity is Severity.NOTE
        assert "safe only while the maximum concurrency is 1" in made.message

    @pytest.mark.parametrize("handlers", [("One", "Many"), ("Default",), ("Unknown",), ()])
    def test_unchanged_elsewhere(self, handlers) -> None:
        assert self.made(handlers).severity is Severity.ERROR

    def test_other_categories_unchanged(self) -> None:
        assert self.made(("One",), rule=RuleId("LMI404")).severity is Severity.ERROR


def test_page_gives_the_remedy_that_a_finding_lacks() -> None:
    made = report([finding(PLACE), finding(PLACE, message="own", remedy="mine")], FILE).findings
    assert {item.message: item.remedy for item in made} == {"lost": PAGES[RuleId("LMI103")].remedy, "own": "mine"}


class TestFunctions:
    FUNCTIONS = (function("Orders", managed=True), function("OrdersOld"), function("Users"))

    def made(self, **fields):
        findings = [
            finding(PLACE, message="orders", handlers=keys("Orders", "Users")),
            finding(PLACE, message="users", handlers=keys("Users")),
            finding(PLACE, message="template"),
        ]
        return report(findings, FILE, functions=self.FUNCTIONS, options=options(**fields))

    def test_globs_limit_findings_and_table(self) -> None:
        made = self.made(functions=("Orders*",))
        assert {item.message: item.handlers for item in made.findings} == {"orders": keys("Orders"), "template": ()}
        assert [item.function.name for item in made.functions] == ["Orders", "OrdersOld"]
        assert made.stats.hidden_elsewhere == 1

    def test_focus_limits_the_table(self) -> None:
        functions = (
            function("Deployed", template="t.yaml"),
            function("Written", entry=Entry("a.js", "handler")),
            function("Reached", entry=Entry("b.js", "handler")),
            function("Other", template="u.yaml", entry=Entry("b.js", "handler")),
        )
        focused = options(focus=frozenset({"a.js", "t.yaml"}))
        made = report([finding(PLACE, handlers=(functions[2].key,))], FILE, functions=functions, options=focused)
        assert [item.function.name for item in made.functions] == ["Deployed", "Written", "Reached"]

    def test_only_managed(self) -> None:
        assert [item.function.name for item in self.made(only_managed=True).functions] == ["Orders"]


class TestVerdict:
    def of(self, *findings, problem="", cut=False):
        (item,) = judge([Analysed(function("F"), problem=problem, cut=cut)], findings)
        return item.verdict

    def test_by_gravest_finding(self) -> None:
        mine = finding(PLACE, handlers=keys("F"))
        warning = msgspec.structs.replace(mine, severity=Severity.WARNING)
        assert self.of(warning, mine) is Verdict.BLOCKED
        assert self.of(warning) is Verdict.NEEDS_WORK
        assert self.of(msgspec.structs.replace(mine, severity=Severity.NOTE)) is Verdict.READY
        assert self.of() is Verdict.READY

    def test_low_confidence_and_other_functions_do_not_count(self) -> None:
        assert self.of(finding(PLACE, handlers=keys("F"), confidence=Confidence.LOW)) is Verdict.READY
        assert self.of(finding(PLACE, handlers=keys("G"))) is Verdict.READY

    def test_unjudged(self) -> None:
        assert self.of(problem="handler not found") is Verdict.NOT_ANALYSED

    def test_not_judged_to_the_end(self) -> None:
        assert self.of(cut=True) is Verdict.NOT_ANALYSED
        assert self.of(finding(PLACE, handlers=keys("F"), severity=Severity.WARNING), cut=True) is Verdict.NEEDS_WORK

    def test_hidden_findings_count_and_suppressed_ones_do_not(self) -> None:
        hidden = report(
            [finding(PLACE, handlers=keys("F"), severity=Severity.WARNING)],
            FILE,
            functions=(function("F"),),
            options=options(min_severity=Severity.ERROR),
        )
        assert not hidden.findings
        assert hidden.functions[0].verdict is Verdict.NEEDS_WORK
