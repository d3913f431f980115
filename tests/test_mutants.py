"""Damaged copies of real files get an orderly answer, the same each time; so does code made to be hard."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

import lmi_lint
from lmi_lint.discover.scan import declarations
from lmi_lint.discover.shapes import handler_shapes
from lmi_lint.facts.isolation import Isolated, time_limit
from lmi_lint.facts.reading import read
from lmi_lint.link import entrypoints
from lmi_lint.link import link as linking
from lmi_lint.model.names import Language
from lmi_lint.model.source import SourceFile
from tests.harness import FIXTURES
from tools.fuzz import MUTATIONS, fuzz, mutate, seeds

FAMILIES = ("python", "javascript", "java", "csharp", "template", "terraform", "manifest")
HANDLER = "def handler(event, context):\n    open('/tmp/x', 'w').write(event['a'])\n"


def run_on(folder: Path) -> lmi_lint.Report:
    return lmi_lint.run(lmi_lint.Request(paths=(folder,), root=folder))


@pytest.fixture
def patient(monkeypatch):
    """A busy machine is no fault of the code: files get ten times the time."""
    monkeypatch.setattr(Isolated.__init__, "__defaults__", (lambda source: 10 * time_limit(source),))


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize("family", FAMILIES)
def test_mutants_of_fixtures(family, tmp_path):
    outcome = fuzz(seeds(FIXTURES, family), 24, 7, tmp_path, language=family)
    assert [trouble.what for trouble in outcome.troubles] == []
    assert outcome.mutants == 24
    assert outcome.read > 0 or family == "template"


@pytest.mark.slow
@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize("family", FAMILIES)
def test_many_mutants_of_fixtures(family, tmp_path):
    outcome = fuzz(seeds(FIXTURES, family), 400, 8, tmp_path, cli=16, language=family)
    assert [trouble.what for trouble in outcome.troubles] == []


def test_mutants_follow_from_the_seed():
    data = b"def f(x):\n    return [x, 'text', {'a': 1}]\n" * 5
    first, second = ([mutate(data, random.Random(seed)) for seed in range(40)] for _ in range(2))
    assert first == second
    assert len(set(first)) > 30


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_mutations_take_any_file(mutation):
    for seed in range(20):
        for data in (b"", b"a", b"\n", b"\xff\0", b"a = 1\n"):
            assert isinstance(mutation(data, random.Random(seed)), bytes)


@pytest.mark.parametrize("language", [Language.JAVA, Language.CSHARP])
@pytest.mark.parametrize("part", [b"'\\", b'"\\', b'"""\\', b'@"a', b"/*", b"class a(", b"class A<"])
def test_the_index_reads_what_is_never_closed(language, part):
    """Quadratic time would show as a test that never ends."""
    assert not declarations(b"class A " + part * 100_000, language).package
    handler_shapes(part * 100_000, language)


def test_a_text_that_doubles_is_given_up():
    lines = ["a0 = '/tmp/x'", *(f"a{n} = a{n - 1} + a{n - 1}" for n in range(1, 200)), "open(a199, 'w')"]
    facts = read(SourceFile("a.py", "\n".join(lines).encode(), language=Language.PYTHON)).facts
    assert facts is not None
    assert len(repr(facts)) < 2_000_000


@pytest.mark.parametrize(
    ("language", "before", "after"),
    [
        (Language.JAVASCRIPT, "-", "x"),
        (Language.JAVASCRIPT, "a[", "x" + "]++" * 200),
        (Language.JAVASCRIPT, "a[", "x" + "] += 1" * 200),
        (Language.JAVA, "class A { void f() { a[", "x" + "]++" * 200 + "; } }"),
        (Language.CSHARP, "class A { void F() { a[", "x" + "]++" * 200 + "; } }"),
    ],
)
def test_updates_within_updates_do_not_double(language, before, after):
    text = before + before[before.rfind("a[") :] * 199 + after if "a[" in before else before * 500 + after
    facts = read(SourceFile("a", text.encode(), language=language)).facts
    assert facts is not None
    assert sum(len(function.events) for function in facts.functions) < 20_000


def test_a_second_byte_order_mark_is_a_syntax_error():
    facts = read(SourceFile("a.py", b"\xef\xbb\xbfx = 1\n", language=Language.PYTHON)).facts
    assert facts is not None
    assert [flaw.message for flaw in facts.flaws] == ["not understood from line 1: a byte order mark after the first"]


def test_walks_end_in_code_where_everything_calls_everything(tmp_path):
    """A walk without a bound would show as a test that never ends."""
    calls = "".join(f" await f{number}(x, b);" for number in range(25))
    functions = "".join(
        f"async function f{n}(x, b) {{ const o = s.n; await b; s.n = o + x;{calls} return [x, s]; }}\n"
        for n in range(25)
    )
    (tmp_path / "index.js").write_text(f"let s = {{}};\n{functions}exports.handler = async (e, c) => f0(e, c);\n")
    report = run_on(tmp_path)
    assert not report.internal_errors
    assert "LMI103" in {str(finding.rule) for finding in report.findings}


def test_texts_below_the_bound_are_kept():
    facts = read(SourceFile("a.py", b"a = '/tmp/' + 'x'\nopen(a, 'w')\n", language=Language.PYTHON)).facts
    assert "'/tmp/x'" in repr(facts)


def test_classes_nested_without_measure_cost_only_their_function(tmp_path):
    chain = "".join(
        f"class C{n}{f'(C{n - 1})' if n else ''}:\n    def __init__(self):\n        self.n = C{max(n - 1, 0)}()\n"
        for n in range(800)
    )
    (tmp_path / "deep.py").write_text(f"{chain}X = C799()\ndef handler(event, context):\n    return X.n\n")
    (tmp_path / "flat.py").write_text(HANDLER)
    report = run_on(tmp_path)
    assert not report.internal_errors
    assert {finding.location.path for finding in report.findings} == {"flat.py"}
    verdicts = {item.function.entry.path: item.verdict.value for item in report.functions if item.function.entry}
    assert verdicts["flat.py"] != verdicts["deep.py"]


def test_a_function_that_link_fails_on_costs_only_itself(monkeypatch, tmp_path):
    real = entrypoints.start

    def start(machine, module, entry):
        if entry.path == "bad.py":
            raise ZeroDivisionError("for a reason")
        return real(machine, module, entry)

    monkeypatch.setattr(linking, "start", start)
    (tmp_path / "bad.py").write_text(HANDLER)
    (tmp_path / "good.py").write_text(HANDLER)
    report = run_on(tmp_path)
    assert [message.split(": ", 1)[1] for message in report.internal_errors] == ["ZeroDivisionError: for a reason"]
    assert {finding.location.path for finding in report.findings} == {"good.py"}
