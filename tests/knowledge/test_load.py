"""Knowledge files: what is refused, and with which words."""

from __future__ import annotations

from pathlib import Path

import pytest

from lmi_lint.errors import PackError
from lmi_lint.knowledge.expressions import expression_fault
from lmi_lint.knowledge.layers import layers, name_and_version
from lmi_lint.knowledge.load import load
from lmi_lint.knowledge.model import Knowledge
from lmi_lint.packs import rules_root

HEAD = 'language = "java"\nsubject = "test"\n'


def pack(root: Path, name: str, text: str, head: str = HEAD) -> Path:
    folder = root / "knowledge" / "java"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(head + text, encoding="utf-8")
    return root


def refused(root: Path) -> PackError:
    with pytest.raises(PackError) as caught:
        load("java", [root])
    return caught.value


@pytest.mark.parametrize("family", ["javascript", "java"])
def test_own_pack_loads(family: str) -> None:
    knowledge = load(family, [rules_root()])
    assert len(knowledge.types) > 100
    assert len(knowledge.calls) > 500


@pytest.mark.parametrize("family", ["javascript", "java"])
def test_sources_are_addresses_without_placeholders(family: str) -> None:
    knowledge = load(family, [rules_root()])
    claims = [entry for entry in knowledge.types.values() if entry.role or entry.safety != "unknown"]
    calls = [entry for entries in knowledge.calls.values() for entry in entries if entry.role]
    sources = {entry.name: entry.source for entry in (*claims, *knowledge.type_globs)}
    sources |= {entry.name: entry.source for entry in (*calls, *knowledge.call_globs)}
    sources |= {lock.type: lock.source for lock in knowledge.locks.values()}
    sources |= {entry.type: entry.source for entry in knowledge.entries}
    bad = {
        name: source for name, source in sources.items() if source and not source.startswith(("https://", "http://"))
    }
    assert not bad
    assert not {name for name, source in sources.items() if "{" in source or "*" in source}
    assert not {name for name, lock in knowledge.locks.items() if not lock.source}
    assert not {entry.type for entry in knowledge.entries if not entry.source}


def all_method_lists(knowledge: Knowledge) -> dict[str, set[str]]:
    flags = ("mutates", "reads", "iterates", "atomic", "adds", "removes", "element")
    return {entry.name: {m for flag in flags for m in getattr(entry, flag)} for entry in knowledge.types.values()}


@pytest.mark.parametrize("family", ["javascript", "java"])
def test_every_base_is_known(family: str) -> None:
    knowledge = load(family, [rules_root()])
    bases = {base for entry in knowledge.types.values() for base in entry.extends}
    assert bases <= set(knowledge.types)


@pytest.mark.parametrize("family", ["javascript", "java"])
def test_method_lists_hold_method_names(family: str) -> None:
    methods = all_method_lists(load(family, [rules_root()]))
    assert not {(name, m) for name, listed in methods.items() for m in listed if "." in m or "(" in m or not m}


def test_braces_write_several_entries(tmp_path: Path) -> None:
    root = pack(tmp_path, "a.toml", '[[call]]\nname = "{a,b}.{f, g}"\npure = true\n')
    assert list(load("java", [root]).calls) == ["a.f", "a.g", "b.f", "b.g"]


def test_source_comes_from_the_longest_prefix(tmp_path: Path) -> None:
    text = """
[sources]
"a" = "https://a.example"
"a.b" = "https://b.example/{class}.html"
"c-*" = "https://c.example"
[[type]]
name = "a.b.K"
safety = "safe"
[[call]]
name = "a.b.K.m"
role = "log"
[[call]]
name = "a.bc"
role = "log"
[[call]]
name = "c-x.f"
role = "log"
"""
    knowledge = load("java", [pack(tmp_path, "a.toml", text)])
    assert knowledge.types["a.b.K"].source == "https://b.example/K.html"
    assert knowledge.calls["a.b.K.m"][0].source == "https://b.example/K.html"
    assert knowledge.calls["a.bc"][0].source == "https://a.example"
    assert knowledge.calls["c-x.f"][0].source == "https://c.example"


def test_packs_are_joined(tmp_path: Path) -> None:
    one = pack(tmp_path / "1", "a.toml", '[[type]]\nname = "a.A"\n')
    two = pack(tmp_path / "2", "a.toml", '[[type]]\nname = "b.B"\n')
    assert set(load("java", [one, two, tmp_path / "absent"]).types) == {"a.A", "b.B"}


def test_duplicate_names_both_files(tmp_path: Path) -> None:
    pack(tmp_path, "one.toml", '\n[[type]]\nname = "a.A"\n')
    error = refused(pack(tmp_path, "two.toml", '[[type]]\nname = "a.B"\n[[type]]\nname = "a.A"\n'))
    assert "two.toml:5" in error.message
    assert "one.toml:4" in error.message
    assert '"a.A"' in error.message
    assert "override" in error.hint


def test_override_replaces(tmp_path: Path) -> None:
    one = pack(tmp_path / "1", "a.toml", '[[call]]\nname = "a.f"\npure = true\n')
    two = pack(tmp_path / "2", "a.toml", '[[call]]\nname = "a.f"\nunique = "call"\noverride = true\n')
    entries = load("java", [one, two]).calls["a.f"]
    assert [(entry.pure, entry.unique) for entry in entries] == [(False, "call")]


def test_conditions_make_entries_different(tmp_path: Path) -> None:
    text = '[[call]]\nname = "a.f"\n[[call]]\nname = "a.f"\nwhen = "^x"\n[[call]]\nname = "a.f"\nwhen_args = 2\n'
    assert len(load("java", [pack(tmp_path, "a.toml", text)]).calls["a.f"]) == 3


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[[type]]\nname = "a.A"\nsafty = "safe"\n', ["safty", '"a.A"', "a.toml:5"]),
        ('[[type]]\nname = "a.A"\nsafety = "secure"\n', ["secure", "safety"]),
        ('[[type]]\nname = "a.A"\nsafety = "safe"\n', ["source", '"a.A"']),
        ('[[call]]\nname = "a.f"\nrole = "log"\n', ["source", '"a.f"']),
        ('[[call]]\nname = "a.f"\nrole = "file.wirte"\nsource = "https://x"\n', ["file.wirte"]),
        ('[[call]]\nname = "a.f"\nreturns = "itself"\n', ["itself"]),
        ('[[minimum]]\npackage = "g:a"\nversion = "1"\nwhat = "a"\nwhy = "b"\n', ["g:a", "source"]),
        ('[[call]]\nname = "a.f"\ntext = "glue"\n', ["glue"]),
        ('[[call]]\nname = "a.f"\nunique = "day"\n', ["day"]),
        ('[[call]]\nname = "a.f"\nstores = "first"\n', ["first"]),
        ('[[call]]\nname = "a.f"\npasses = "element,x"\n', ["element,x"]),
        ('[[call]]\nname = "a.f"\nwhen = "("\n', ["regular expression"]),
        ('[[call]]\nname = "a.f"\ncalls = "soon"\n', ["soon"]),
        ('[[call]]\nname = "a.f"\npath = ["0"]\n', ["path"]),
        ('[[call]]\nrole = "log"\n', ["name"]),
        ('[[calls]]\nname = "a.f"\n', ["calls"]),
        ("[[call]\n", ["not valid TOML"]),
    ],
)
def test_faults_are_refused(tmp_path: Path, text: str, words: list[str]) -> None:
    error = refused(pack(tmp_path, "a.toml", text))
    assert "a.toml" in error.message
    assert error.hint
    assert [word for word in words if word not in error.message] == []


def test_wrong_language_is_refused(tmp_path: Path) -> None:
    error = refused(pack(tmp_path, "a.toml", "", head='language = "python"\nsubject = "x"\n'))
    assert "python" in error.message
    assert "java" in error.message


def test_unreadable_text_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "knowledge" / "java"
    folder.mkdir(parents=True)
    (folder / "a.toml").write_bytes(b'language = "java\xff"')
    assert "UTF-8" in refused(tmp_path).message


def test_absurd_nesting_is_refused(tmp_path: Path) -> None:
    error = refused(pack(tmp_path, "a.toml", "x = " + "[" * 100_000 + "]" * 100_000))
    assert "a.toml" in error.message


@pytest.mark.parametrize(
    ("entry", "complaint"),
    [
        ('options = ["("]', "a.toml:7: [[program]] \"x\": options '(' is no regular expression"),
        ('role = "file.write"', 'a.toml:7: [[program]] "x": role and operands go together'),
        ('operands = "all"\nrole = "file.burn"', "a.toml:8: [[program]] \"x\": Invalid enum value 'file.burn'"),
    ],
)
def test_programs_that_cannot_be_used(tmp_path, entry, complaint) -> None:
    folder = tmp_path / "knowledge" / "shell"
    folder.mkdir(parents=True)
    (folder / "a.toml").write_text(
        f'language = "shell"\nsubject = "s"\n\n[[program]]\nname = "x"\nsource = "https://example.com"\n{entry}\n'
    )
    with pytest.raises(PackError) as caught:
        load("shell", [tmp_path])
    assert complaint in caught.value.message


@pytest.mark.parametrize(
    ("arn", "expected"),
    [
        ("arn:aws:lambda:eu-west-1:464622532012:layer:Datadog-Extension:65", ("Datadog-Extension", 65)),
        (
            "arn:aws:lambda:eu-west-1:702835727665:layer:honeycomb-lambda-extension-arm64-v11-6-0:1",
            ("honeycomb-lambda-extension-arm64", 11),
        ),
        ("arn:aws:lambda:eu-west-1:1:layer:shared", None),
        ("SharedLayer", None),
    ],
)
def test_layer_by_its_arn(arn: str, expected: tuple[str, int] | None) -> None:
    assert name_and_version(arn) == expected
    assert expected is None or expected[0] in layers()


def chain(length: int) -> str:
    return "".join(f'[[type]]\nname = "a.T{n}"\nextends = ["a.T{n + 1}"]\n' for n in range(length))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            '[[type]]\nname = "a.A"\nextends = ["a.B"]\n[[type]]\nname = "a.B"\nextends = ["a.A"]\n',
            'a.toml:5: [[type]] "a.A": extends itself: a.A → a.B → a.A',
        ),
        (chain(200), 'a.toml:5: [[type]] "a.T0": extends more than 50 types, one after the other'),
        ('[[call]]\nname = "' + "{a,b}." * 20 + 'f"\n', "braces write 1048576 names, more than 500"),
        ('[[call]]\npure = true\nname = "a.*b*c*.d"\n', 'a.toml:5: [[call]] "a.*b*c*.d": more than 2 stars'),
        (
            "".join(f'[[call]]\nname = "{{{",".join(f"f{n}.{m}" for m in range(500))}}}"\n' for n in range(41)),
            "a.toml:83: [[call]]",
        ),
        ('[[type]]\nname = "a.A"\nadds = ["a*b*c*"]\n', 'a.toml:5: [[type]] "a.A": adds: more than 2 stars'),
        ('[[call]]\nname = "a.f"\nwhen_arg = -1\n', 'a.toml:5: [[call]] "a.f": when_arg is no number from 0'),
        ('[[call]]\nname = "a.f"\npath = [0, -2]\n', "path is no number from -1"),
        (f'[[call]]\nname = "a.f"\narity = {10**30}\n', "arity is no number from 0 to 1,000,000"),
        ('[[call]]\nname = "a.f"\nsizes = { max = -5 }\n', "sizes is no number"),
        ('[[lock]]\ntype = "a.L"\nkeys = -1\n', 'a.toml:5: [[lock]] "a.L": keys is no number'),
        ('[[scope]]\nannotation = "a.A"\nlifetime = "use"\nwhen = "("\n', "a.toml:6: [[scope]]"),
        ('[[call]]\nname = "a.f"\nwhen = "(a+)+$"\n', "a.toml:5: [[call]] \"a.f\": when '(a+)+$' could take very long"),
    ],
)
def test_what_would_take_long_is_refused(tmp_path: Path, text: str, message: str) -> None:
    assert message in refused(pack(tmp_path, "a.toml", text)).message


SLOW = [
    "(a+)+b",
    "(a|a)*b",
    "(?:a?){20}b",
    "a?" * 20,
    "a{0,8}" * 4,
    "((a?){8}){8}",
    "(a|b|c)" * 5,
    r"(\w+)\1",
    "(?=a)a",
    "(?P<n>a)",
    "a*a*a*b",
    "^a*a*a*a*b",
    "^a*|a*a*a*b",
    "(?m)^a*a*a*b",
]
QUICK = [
    "(?i)^\\s*(begin|start\\s+transaction)\\b",
    "[)(]+x{2,3}(ab)*",
    r"^\\\(*\)*[^]]*",
    "a{,3}b{}c",
    "(a|b)?x{8}y{50}",
    "",
    "(?i:a)+",
]


@pytest.mark.parametrize(("expressions", "slow"), [(SLOW, True), (QUICK, False)], ids=["slow", "quick"])
def test_expressions(expressions: list[str], slow: bool) -> None:
    found = {expression: expression_fault(expression) for expression in expressions}
    assert [expression for expression, fault in found.items() if bool(fault) is not slow] == []
    assert all("very long" in fault for fault in found.values() if fault)


@pytest.mark.parametrize("expression", ["(", "[", "a**", "x" * 301, "(?z)"])
def test_what_is_no_expression(expression: str) -> None:
    assert expression_fault(expression)
