"""Packs of a project: rules and knowledge as data, what they may not do, and what is said of bad ones."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

import lmi_lint
from lmi_lint.errors import ConfigError, PackError
from lmi_lint.model.finding import Severity
from lmi_lint.packs import MAX_BYTES, MAX_FILES, MAX_PACK_BYTES, MAX_PACKS
from tests.harness import found_in
from tests.packs.builders import KNOWLEDGE, PAGE, PYTHON, lmi, pack, project, write


def findings(folder: Path, **more: object) -> list[tuple[str, int, str]]:
    """Path, line and rule of everything that is found, and that no rule failed."""
    request = lmi_lint.Request(paths=(folder,), root=folder, min_severity=Severity.NOTE, costing=None)
    report = lmi_lint.run(msgspec.structs.replace(request, **more))
    assert not report.internal_errors
    return [(found.path, found.line, found.rule) for found in found_in(report)]


def test_a_pack_of_the_settings_reports(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    said = lmi(capfd, "--no-cache", "--format", "json", project(tmp_path))
    (found,) = json.loads(said.out)["findings"]
    assert said.code == 1
    assert (found["rule"], found["location"]["start"]["line"], found["severity"]) == ("ACME101", 4, "warning")
    assert found["message"] == "acme.flush empties the cache of the next invocation of this process"
    assert found["remedy"] == "Empty what belongs to the invocation"


RULES = {
    "catalog/ACME101-flush-all.md": PAGE,
    "catalog/ACME102-ledger.md": PAGE.replace("ACME101", "ACME102")
    .replace("flush-all", "ledger")
    .replace(
        'call = "acme:flush"\nmessage = "{call} empties the cache of {sharers}"', 'type = "acme:ledger"\nkept = false'
    ),
    "catalog/ACME103-boot.md": PAGE.replace("ACME101", "ACME103")
    .replace("flush-all", "boot")
    .replace('call = "acme:flush"', 'call = "acme:boot"\nphase = "load"')
    .replace(
        'message = "{call} empties the cache of {sharers}"',
        'message.python = "{call} in Python"\nmessage.javascript = "{call} in {runtime}"',
    ),
}
MORE = """
[[call]]
name = "acme.boot"
role = "acme:boot"

[[type]]
name = "acme.Ledger"
role = "acme:ledger"

[[type]]
name = "acme.SmallLedger"
extends = ["acme.Ledger"]

[[call]]
name = "acme.{Ledger,open_ledger}"
returns_type = "acme.Ledger"

[[call]]
name = "acme.SmallLedger"
returns_type = "acme.SmallLedger"
"""


def test_role_and_phase_decide_in_each_language(tmp_path: Path) -> None:
    knowledge = {
        f"knowledge/{each}/acme.toml": KNOWLEDGE.format(family=each) + MORE for each in ("python", "javascript")
    }
    write(tmp_path / "ci", RULES | knowledge)
    write(
        tmp_path,
        {
            "lmi-lint.toml": 'packs = ["ci"]\n',
            "app.py": """\
import acme
acme.boot()  # 2: at load
acme.flush()
KEPT = acme.Ledger()
lazy = None

def handler(event, context):
    global lazy
    acme.boot()
    helper()
    acme.open_ledger()  # 11: a type by what is returned
    acme.SmallLedger()  # 12: a type below it
    if lazy is None:
        lazy = acme.Ledger()  # kept
    return KEPT.entry()

def helper():
    acme.flush()  # 18: in the request, through a call
""",
            "index.js": """\
const acme = require('acme')
acme.boot() // 2
exports.handler = async () => {
  new acme.Ledger() // 4
  acme.flush() // 5
}
""",
            "index2.ts": "import { flush } from 'acme'\nexport const handler = () => flush() // another language\n",
        },
    )
    assert findings(tmp_path) == [
        ("app.py", 2, "ACME103"),
        ("app.py", 11, "ACME102"),
        ("app.py", 12, "ACME102"),
        ("app.py", 18, "ACME101"),
        ("index.js", 2, "ACME103"),
        ("index.js", 4, "ACME102"),
        ("index.js", 5, "ACME101"),
    ]


def test_rules_of_packs_are_rules_like_ours(tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch) -> None:
    project(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert "ACME101  flush-all" in lmi(capfd, "rules").out
    assert lmi(capfd, "explain", "flush-all").out.startswith("ACME101 flush-all\n")
    assert "expect:" not in lmi(capfd, "explain", "ACME101").out
    assert "ACME101" in lmi(capfd, "--no-cache", "--select", "ACME", ".").out
    assert lmi(capfd, "--no-cache", "--ignore", "flush-all", ".").code == 0
    assert "did you mean" in lmi(capfd, "--select", "ACME10l", ".").err
    sarif = json.loads(lmi(capfd, "--no-cache", "--format", "sarif", ".").out)
    assert "ACME101" in {rule["id"] for rule in sarif["runs"][0]["tool"]["driver"]["rules"]}
    (tmp_path / "app.py").write_text(PYTHON.replace("flush()", "flush()  # lmi: ignore[ACME101] at night"))
    assert lmi(capfd, "--no-cache", ".").code == 0
    (tmp_path / "app.py").write_text(PYTHON.replace("flush()", "flush()  # lmi: ignore[ACME104] no such rule"))
    assert "'ACME104' is no rule id" in lmi(capfd, "--no-cache", ".").out


def test_what_a_page_says_does_not_steer_the_terminal(tmp_path: Path, capfd, monkeypatch) -> None:
    steering = PAGE.replace("The cache", "\\u001b[2JThe cache").replace("One cache", "\x1b[2JOne cache")
    write(project(tmp_path) / "ci/lmi", {"catalog/ACME101-flush-all.md": steering})
    monkeypatch.chdir(tmp_path)
    for arguments in (
        ["rules"],
        ["explain", "ACME101"],
        ["--no-cache", "."],
        ["--no-cache", "--format", "github", "."],
    ):
        said = lmi(capfd, *arguments)
        assert "ACME101" in said.out
        assert "\x1b" not in said.out


def test_a_pack_named_by_the_caller_may_be_anywhere(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    code = write(tmp_path / "code", {"app.py": PYTHON, ".git/HEAD": ""})
    given = pack(tmp_path / "elsewhere")
    assert lmi(capfd, "--no-cache", code).code == 0
    assert "ACME101" in lmi(capfd, "--no-cache", "--pack", given, code).out
    assert "ACME101" in lmi(capfd, "rules", "--pack", given).out
    twice = ("--pack", given, "--pack", given.parent / "code" / ".." / given.name)
    assert lmi(capfd, "--no-cache", *twice, "--select", "ACME101", code).code == 1
    assert "nowhere: there is no such pack" in lmi(capfd, "--pack", "nowhere", code).err


def test_knowledge_of_a_pack_adds_to_ours_and_overrides_it(tmp_path: Path) -> None:
    write(tmp_path, {"app.py": "import pymysql\n\ndef handler(event, context):\n    pymysql.connect(host='x')\n"})
    assert [rule for _, _, rule in findings(tmp_path)] == ["LMI301"]
    given = '[[call]]\nname = "pymysql.connect"\nrole = "log"\nsource = "https://x.example"\n'
    knowledge = {"ci/knowledge/python/a.toml": f'language = "python"\nsubject = "x"\n{given}override = true\n'}
    write(tmp_path, {"lmi-lint.toml": 'packs = ["ci"]\n'} | knowledge)
    assert findings(tmp_path) == []
    write(tmp_path, {name: text.replace("override = true\n", "") for name, text in knowledge.items()})
    with pytest.raises(PackError, match=r"already in .*rules/knowledge/python/sql\.toml:\d+: "):
        findings(tmp_path)


def test_what_is_kept_between_runs_goes_with_the_packs(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("LMI_LINT_CACHE_DIR", str(tmp_path / "cache"))
    code = project(tmp_path / "code")

    def rules() -> list[str]:
        return [rule for _, _, rule in findings(code, cache=True)]

    assert rules() == rules() == ["ACME101"]
    page = code / "ci/lmi/catalog/ACME101-flush-all.md"
    page.write_text(PAGE.replace("[match]", '[match]\nphase = "load"'))
    assert rules() == []
    page.write_text(PAGE)
    assert rules() == ["ACME101"]
    path = code / "ci/lmi/knowledge/python/acme.toml"
    path.write_text(path.read_text().replace("acme.flush", "acme.drop"))
    assert rules() == []
    path.write_text(path.read_text().replace("acme.drop", "acme.flush"))
    page.unlink()
    with pytest.raises(PackError, match="unknown role 'acme:flush'"):
        rules()
    (code / "pyproject.toml").unlink()
    assert rules() == []


@pytest.mark.parametrize("cached", [False, True])
def test_knowledge_of_other_languages_is_read_too(tmp_path: Path, monkeypatch, cached: bool) -> None:
    monkeypatch.setenv("LMI_LINT_CACHE_DIR", str(tmp_path / "cache"))
    code = project(tmp_path / "code")
    assert findings(code, cache=cached)
    write(code, {"ci/lmi/knowledge/csharp/bad.toml": "language = 'csharp'\nsubjekt = 'x'\n"})
    with pytest.raises(PackError, match=r"csharp/bad\.toml:2: Object contains unknown field `subjekt`"):
        findings(code, cache=cached)


@pytest.mark.parametrize("key", ["select", "ignore"])
def test_settings_that_name_a_rule_of_no_pack(tmp_path: Path, key: str) -> None:
    project(tmp_path)
    (tmp_path / "pyproject.toml").write_text(f'[tool.lmi-lint]\n{key} = ["ACME101"]\n')
    with pytest.raises(ConfigError, match="there is no rule ACME101"):
        findings(tmp_path)


# --------------------------------------------------------------------------- bad packs

CATALOG = "catalog/ACME101-flush-all.md"
PYTHON_FILE = "knowledge/python/acme.toml"


def page(old: str, new: str) -> dict[str, str]:
    assert old in PAGE
    return {CATALOG: PAGE.replace(old, new)}


def entry(text: str) -> dict[str, str]:
    """The knowledge file with another entry, which begins on line 10."""
    return {PYTHON_FILE: KNOWLEDGE.format(family="python") + text}


BAD_PAGES = [
    pytest.param(page('id = "ACME101"', 'id = "LMI999"'), {}, f"{CATALOG}:1: the file of LMI999", id="file name"),
    pytest.param(
        {CATALOG: "", "catalog/LMI999-flush-all.md": PAGE.replace("ACME101", "LMI999")},
        {},
        "catalog/LMI999-flush-all.md:2: ids that begin with LMI are lmi-lint's own",
        id="our prefix",
    ),
    pytest.param(
        {"catalog/ACME102-flush-all.md": PAGE.replace("ACME101", "ACME102")},
        {},
        "catalog/ACME102-flush-all.md:2: name flush-all is already that of",
        id="two of one name",
    ),
    pytest.param(page("ACME101", "acme101"), {}, f"{CATALOG}:2: id 'acme101' is not", id="id"),
    pytest.param(page("severity", "severty"), {}, f"{CATALOG}:6: Object contains unknown field `severty`", id="key"),
    pytest.param(page('["warning"]', '"warning"'), {}, f"{CATALOG}:6: Expected `array`, got `str`", id="type"),
    pytest.param(page('["warning"]', '["fatal"]'), {}, f"{CATALOG}:6: Invalid enum value 'fatal'", id="severity"),
    pytest.param(page('["warning"]', "[]"), {}, f"{CATALOG}:6: no severity", id="no severity"),
    pytest.param(page('"python", ', '"cobol", '), {}, f"{CATALOG}:7: unknown language 'cobol'", id="language"),
    pytest.param(page('since = "1.0.0"', "since = "), {}, f"{CATALOG}:8: front matter is not valid TOML", id="TOML"),
    pytest.param(
        page('"acme:flush"', '"conection.open"'), {}, f"{CATALOG}:12: unknown role 'conection.open'", id="role"
    ),
    pytest.param(
        page("{call}", "{callee}"), {}, f"{CATALOG}:13: message: nothing is filled in for {{callee}}", id="word"
    ),
    pytest.param(page('call = "', 'cal = "'), {}, f"{CATALOG}:12: Object contains unknown field `cal`", id="match key"),
    pytest.param(
        page("[match]", 'roles = ["log"]\n[x]'), {}, f"{CATALOG}:12: Object contains unknown field `x`", id="table"
    ),
    pytest.param(
        {CATALOG: PAGE[: PAGE.index("[match]")] + "+++\n"}, {}, f"{CATALOG}:1: nothing decides ACME101", id="no match"
    ),
    pytest.param(page("[match]", "builtin = true\n[match]"), {}, f"{CATALOG}:1: ACME101 is not built in", id="builtin"),
    pytest.param(
        page('call = "acme:flush"', 'call = "log"\ntype = "lock"'),
        {},
        f"{CATALOG}:11: [match] asks for calls or for types",
        id="both",
    ),
    pytest.param(
        {CATALOG: PAGE[: PAGE.index("## Hazard")]}, {}, f"{CATALOG}:1: no example of what ACME101", id="example"
    ),
    pytest.param({CATALOG: PAGE.removesuffix("```\n")}, {}, f"{CATALOG}:20: a fenced block has no end", id="fence"),
    pytest.param(
        page("remedy = ", 'references = ["javascript:alert(1)"]\nremedy = '),
        {},
        f"{CATALOG}:9: 'javascript:alert(1)' is no address of a page",
        id="reference",
    ),
    pytest.param(
        page("The cache of everybody is emptied", ""), {}, f"{CATALOG}:5: a summary is one line", id="summary"
    ),
    pytest.param({CATALOG: "no page"}, {}, f"{CATALOG}:1: no front matter", id="no front matter"),
    pytest.param({}, {CATALOG: b'+++\nid = "\xff"\n'}, f"{CATALOG}:2: not UTF-8", id="not UTF-8"),
]
BAD_KNOWLEDGE = [
    pytest.param(
        entry('[[call]]\nname = "a.f"\nrol = "log"\n'), {}, f'{PYTHON_FILE}:12: [[call]] "a.f": Object', id="key"
    ),
    pytest.param(entry('[[call]]\nname = "a.f"\npath = [0, "1"]\n'), {}, f"{PYTHON_FILE}:12: ", id="type"),
    pytest.param(entry('[[calls]]\nname = "a.f"\n'), {}, f"{PYTHON_FILE}:10: Object contains unknown", id="table"),
    pytest.param(
        entry('[[call]]\nname = "acme.f"\nrole = "acme:flsh"\n'), {}, f"{PYTHON_FILE}:12: [[call]] ", id="role of none"
    ),
    pytest.param(
        entry('[[type]]\nname = "acme.F"\nrole = "lok"\n'),
        {},
        f"{PYTHON_FILE}:12: [[type]] \"acme.F\": unknown role 'lok'",
        id="role",
    ),
    pytest.param(
        entry('[[call]]\nname = "a.f"\nrole = "log"\n'),
        {},
        f'{PYTHON_FILE}:10: [[call]] "a.f": a role or a safety without a source',
        id="source",
    ),
    pytest.param(
        entry('[[call]]\nname = "a.f"\nwhen = "("\n'),
        {},
        f"{PYTHON_FILE}:12: [[call]] \"a.f\": when '(' is no regular expression",
        id="expression",
    ),
    pytest.param(
        entry('[[call]]\nname = "a.f"\nwhen = "(x+x+)+y"\n'), {}, f"{PYTHON_FILE}:12: [[call]] ", id="slow expression"
    ),
    pytest.param(entry("[[call]\n"), {}, f"{PYTHON_FILE}:10: not valid TOML", id="TOML"),
    pytest.param(entry("x = {"), {}, f"{PYTHON_FILE}:10: not valid TOML", id="TOML at its end"),
    pytest.param(
        entry('[[call]]\nname = "acme.flush"\n'),
        {},
        f'{PYTHON_FILE}:10: [[call]] "acme.flush": already in ',
        id="two the same",
    ),
    pytest.param(
        {PYTHON_FILE: KNOWLEDGE.format(family="java")}, {}, f"{PYTHON_FILE}:1: language is 'java'", id="language"
    ),
    pytest.param({}, {PYTHON_FILE: b'language = "python"\n#\xff\n'}, f"{PYTHON_FILE}:2: not UTF-8", id="not UTF-8"),
    pytest.param({"knowledge/ruby/a.toml": ""}, {}, "knowledge/ruby: no folder of knowledge", id="family"),
]


@pytest.mark.parametrize(("files", "raw", "message"), BAD_PAGES + BAD_KNOWLEDGE)
def test_a_bad_pack_is_one_line(
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    files: dict[str, str],
    raw: dict[str, bytes],
    message: str,
) -> None:
    folder = write(project(tmp_path) / "ci" / "lmi", files)
    for name, data in raw.items():
        (folder / name).write_bytes(data)
    if files.get(CATALOG) == "":
        (folder / CATALOG).unlink()
    code, out, err = lmi(capfd, "--no-cache", "--jobs", 1, tmp_path)
    assert (code, out, err.count("\n")) == (2, "", 1), err
    assert f"{folder}/{message}" in err
    assert err.startswith("lmi-lint: error: ")
    assert err.rstrip().endswith(")"), "how to mend it"


@pytest.mark.parametrize(
    ("packs", "message"),
    [
        ('["ci/lm"]', "ci/lm: there is no such pack"),
        ('["app.py"]', "app.py: a pack is a folder, and this is none"),
        ('["ci"]', "ci: no pack: neither catalog/ nor knowledge/ is in it"),
        ('["../elsewhere"]', "leads out of"),
        ('["/usr"]', "/usr: leads out of"),
        ('["linked"]', "linked: leads out of"),
        ('["inside"]', "inside/catalog/ACME101-flush-all.md: leads out of"),
        ('["folder"]', "folder/catalog/ACME101-flush-all.md: is no file"),
        ('["circle"]', "circle: cannot be read"),
        ('["ci/lmi\\u0000"]', "'ci/lmi\\x00' is no folder"),
        ('[""]', "'' is no folder"),
        ('"ci/lmi"', "key 'packs' must be a list of strings"),
        ("[1]", "key 'packs' must be a list of strings"),
        ('["large"]', f"large/knowledge/python/a.toml: larger than {MAX_BYTES:,} bytes"),
        ('["heavy"]', f"heavy: larger than {MAX_PACK_BYTES:,} bytes"),
        (str(["ci/lmi"] * (MAX_PACKS + 1)).replace("'", '"'), f"packs: {MAX_PACKS + 1} folders"),
        ('["many"]', f"many/catalog: more than {MAX_FILES} files"),
    ],
)
def test_what_is_no_pack_of_the_project(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], packs: str, message: str
) -> None:
    code = project(tmp_path / "code", packs)
    outside = pack(tmp_path / "elsewhere")
    (code / "linked").symlink_to(outside)
    (code / "inside" / "catalog").mkdir(parents=True)
    (code / "inside" / CATALOG).symlink_to(outside / CATALOG)
    (code / "folder" / CATALOG).mkdir(parents=True)
    (code / "circle").symlink_to(code / "circle")
    if "large" in packs:
        write(code / "large", {"knowledge/python/a.toml": "#" * (MAX_BYTES + 1)})
    if "heavy" in packs:
        size = MAX_BYTES // 2
        write(code / "heavy", {f"catalog/{number}.md": "#" * size for number in range(MAX_PACK_BYTES // size + 1)})
    if "many" in packs:
        write(code / "many", {f"catalog/{number}.md": "" for number in range(MAX_FILES + 1)})
    said = lmi(capfd, "--no-cache", code)
    assert (said.code, said.out, said.err.count("\n")) == (2, "", 1), said.err
    assert message in said.err


def test_a_pack_above_the_settings_but_in_the_repository(tmp_path: Path) -> None:
    project(tmp_path)
    inner = write(tmp_path / "services" / "orders", {"lmi-lint.toml": 'packs = ["../../ci/lmi"]\n', "app.py": PYTHON})
    with pytest.raises(PackError, match="leads out of"):
        findings(inner)
    (tmp_path / ".git").mkdir()
    assert findings(inner) == [("app.py", 4, "ACME101")]
