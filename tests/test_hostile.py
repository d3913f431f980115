"""The page of hostile repositories, docs/design/hostile.md: the command line on all of it, and what it opens."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from tests.harness import ROOT
from tests.hostile import CASES, MODULES, PYTHON, build

PAGE: Final = ROOT / "docs" / "design" / "hostile.md"
FORMATS: Final = ("text", "json", "sarif", "concise", "github", "html", "markdown")
# Tells what this process and its forks open, list, run and connect to.
WATCHED: Final = (
    "import os, sys\n"
    "log = os.open(os.environ['WATCH'], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)\n"
    "wanted = ('open', 'os.listdir', 'os.scandir', 'subprocess.Popen', 'os.exec', 'os.posix_spawn', 'os.system',\n"
    "          'socket.connect', 'socket.getaddrinfo')\n"
    "def hook(event, arguments):\n"
    "    if event in wanted and not isinstance(arguments[0], int):\n"
    "        name = os.fsencode(arguments[0]) if isinstance(arguments[0], (str, bytes, os.PathLike)) else b'?'\n"
    "        os.write(log, event.encode() + b' ' + os.path.realpath(name) + b'\\0')\n"
    "sys.addaudithook(hook)\n"
    "from lmi_lint.cli import main\n"
    "main(sys.argv[1:])\n"
)
STEERING: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u202e\u2028]")


def environment(**more: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), **more}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("hostile")
    build(folder / "tree", folder / "outside")
    yield folder
    (folder / "tree" / "locked" / "closed").chmod(0o700)


class Run:
    """One run in every format, from the project's folder."""

    def __init__(self, place: Path, cache: Path) -> None:
        self.place = place
        outputs = {name: place / f"report.{name}" for name in FORMATS}
        arguments = ["--pedantic", "--jobs", "2", "--min-severity", "note"]
        for name, output in outputs.items():
            arguments += ["--format", name, "--output", str(output)]
        command = [sys.executable, "-P", "-c", WATCHED, *arguments]
        known = environment(WATCH=str(place / "watch"), LMI_LINT_CACHE_DIR=str(cache))
        done = subprocess.run(command, cwd=place / "tree", env=known, capture_output=True, check=False, timeout=300)
        self.code, self.said = done.returncode, done.stdout + done.stderr
        self.reports = {name: output.read_bytes().decode() for name, output in outputs.items() if output.exists()}
        self.events = [tuple(each.split(b" ", 1)) for each in (place / "watch").read_bytes().split(b"\0") if each]
        self.json = json.loads(self.reports["json"]) if "json" in self.reports else {}


@pytest.fixture(scope="module")
def run(place: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return Run(place, tmp_path_factory.mktemp("cache"))


def test_it_ends_with_a_report(run: Run) -> None:
    assert (run.code, run.said) == (1, b"")
    assert set(run.reports) == set(FORMATS)
    assert {function["template"] for function in run.json["functions"]} > {"code/template.yaml", "many/template.yaml"}


@pytest.mark.parametrize("name", CASES)
def test_what_is_told_of_each(run: Run, name: str) -> None:
    places = [(each["location"]["path"], each["kind"]) for each in run.json["problems"] if each.get("location")]
    kinds = {path.removeprefix(f"{name}/"): kind for path, kind in places if path.startswith(f"{name}/")}
    assert kinds == dict(CASES[name].told)
    if "good.js" in CASES[name].files:
        assert f"{name}/good.js" in {finding["location"]["path"] for finding in run.json["findings"]}


def test_no_file_outside_the_tree_is_opened(run: Run) -> None:
    tree = os.fsencode((run.place / "tree").resolve())
    allowed = [
        tree,
        *(os.fsencode(str(each)) for each in (sys.prefix, sys.base_prefix, ROOT / "lmi_lint", ROOT / "rules")),
    ]
    allowed += [os.path.realpath(each) for each in map(os.fsencode, sys.path) if each]
    named = [run.place / f"report.{name}" for name in FORMATS]
    allowed += [os.fsencode(str(each)) for each in (*named, os.environ["LMI_LINT_CONFIG_DIR"], os.devnull)]
    allowed.append(b"/proc/")  # of the process itself, by its number
    outside = os.fsencode(run.place / "outside")
    opened = {path for event, path in run.events if event in {b"open", b"os.listdir", b"os.scandir"}}
    assert any(path.startswith(tree) for path in opened)
    assert not [path for path in opened if path.startswith((outside, b"/etc", b"/dev/zero", b"/proc/1/"))]
    cache = re.compile(rb".*/cache\d*(?:/|$)")
    hidden = re.compile(re.escape(os.fsencode(run.place)) + rb"/\.report\.")  # reports before they have their names
    unknown = [path for path in opened if not path.startswith(tuple(allowed)) and not cache.match(path)]
    assert [path for path in unknown if not hidden.match(path)] == []
    assert "CANARY" not in "".join(run.reports.values())


def test_nothing_is_run_but_git(run: Run) -> None:
    ran = {path for event, path in run.events if event not in {b"open", b"os.listdir", b"os.scandir"}}
    assert {os.path.basename(path) for path in ran} <= {b"git"}  # noqa: PTH119  bytes
    assert not list((run.place / "tree").rglob("ran"))


def test_names_do_not_steer(run: Run) -> None:
    for name in FORMATS:
        assert not STEERING.search(run.reports[name]), name
    for line in run.reports["github"].splitlines():
        assert re.match(r"::(?:error|warning|notice) file=[^:]*::[^\n]*$", line), line
    assert len(run.reports["github"].splitlines()) == len(run.json["findings"])
    assert len(run.reports["concise"].splitlines()) == len(run.json["findings"])
    assert not re.search(r"(?<!\\)<img src", run.reports["html"] + run.reports["markdown"])
    paths = {finding["location"]["path"] for finding in run.json["findings"]}
    assert {"names/-rf.js", "names/line\nbreak.js", "names/\x1b[31mred\x1b[0m.js"} <= paths


def test_the_same_again(run: Run, place: Path) -> None:
    """Another order of processes and no cache: the same report."""
    command = [sys.executable, "-P", "-m", "lmi_lint", "--pedantic", "--jobs", "1", "--no-cache", "--format", "concise"]
    known = environment()
    done = subprocess.run(
        [*command, "--min-severity", "note"],
        cwd=place / "tree",
        env=known,
        capture_output=True,
        check=False,
        timeout=300,
    )
    assert (done.returncode, done.stderr) == (1, b"")
    assert done.stdout.decode() == run.reports["concise"]


@pytest.mark.skipif(shutil.which("strace") is None, reason="no strace here")
def test_no_system_call_opens_what_lies_outside(place: Path, tmp_path: Path) -> None:
    log = tmp_path / "calls"
    traced = ["strace", "-f", "-qq", "-e", "trace=open,openat,openat2,execve", "-o", str(log)]
    command = [*traced, sys.executable, "-P", "-m", "lmi_lint", "--no-cache", "--jobs", "2", "--format", "concise"]
    parts = ("code", "terraform", "cdk", "images", "scripts", "modules", "builds", "links", "special", "serverless")
    folders = [str(place / "tree" / part) for part in parts]
    done = subprocess.run([*command, *folders], env=environment(), capture_output=True, check=False, timeout=300)
    if not log.exists() or not log.read_text(errors="replace").strip():
        pytest.skip("nothing may be traced here")
    assert done.returncode == 1, done.stderr
    calls = log.read_text(errors="replace")
    assert str(place / "tree" / "code" / "template.yaml") in calls
    assert not re.findall(r'"(?:[^"]*/outside/[^"]*|/etc/passwd|/dev/zero|/proc/\d+/environ)".* = \d+', calls)


def test_python_m_does_not_import_what_lies_in_the_folder(tmp_path: Path) -> None:
    for name in MODULES:
        (tmp_path / f"{name}.py").write_text("open('ran', 'w').close()\nraise SystemExit(77)\n")
    (tmp_path / "app.py").write_text(PYTHON)
    info = tmp_path / "evil-1.0.dist-info"
    info.mkdir()
    (info / "entry_points.txt").write_text("[lmi_lint.packs]\nevil = json\n")
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: evil\nVersion: 1.0\n")
    command = [sys.executable, "-m", "lmi_lint", "--no-cache"]
    done = subprocess.run(command, cwd=tmp_path, env=environment(), capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (1, b"")
    assert not (tmp_path / "ran").exists()


SETTINGS: Final = {
    "a link": ({}, {"lmi-lint.toml": "{outside}/lmi-lint.toml"}, "leads out of"),
    "traffic above": ({"lmi-lint.toml": 'traffic = "../outside/traffic.toml"'}, {}, "leads out of"),
    "traffic elsewhere": ({"lmi-lint.toml": 'traffic = "/etc/passwd"'}, {}, "leads out of"),
    "traffic by a link": ({"lmi-lint.toml": 'traffic = "t.toml"'}, {"t.toml": "/etc/passwd"}, "leads out of"),
    "packs above": ({"lmi-lint.toml": 'packs = ["../outside"]'}, {}, "leads out of"),
    "deep": ({"lmi-lint.toml": "a = " + "[" * 100_000}, {}, "nested too deep"),
    "large": ({"lmi-lint.toml": "# a comment\n" * 100_000}, {}, "larger than"),
    "no text": ({"lmi-lint.toml": "\udcff"}, {}, "not valid TOML"),
    "a costly pattern": ({"lmi-lint.toml": f'exclude = ["{"**/a/" * 40}b"]'}, {}, "is no pattern"),
    "a rule like a command": ({"lmi-lint.toml": 'select = ["::error::\\u001b[31m"]'}, {}, "no rule id"),
}


def test_settings_that_reach_out_are_one_line(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    for name in ("lmi-lint.toml", "traffic.toml"):
        (outside / name).write_text("CANARY = ]\n")
    for name, (files, links, message) in SETTINGS.items():
        root = tmp_path / name.replace(" ", "-")
        root.mkdir()
        (root / "app.py").write_text(PYTHON)
        for path, text in files.items():
            (root / path).write_bytes(text.encode("utf-8", "surrogateescape"))
        for path, target in links.items():
            (root / path).symlink_to(target.format(outside=outside))
        command = [sys.executable, "-m", "lmi_lint", "--no-cache", str(root)]
        done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False, timeout=60)
        assert (done.returncode, done.stdout) == (2, ""), name
        assert message in done.stderr, name
        assert done.stderr.count("\n") == 1, name
        assert "CANARY" not in done.stderr
        assert not STEERING.search(done.stderr), name


def test_settings_with_odd_patterns_are_used(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(PYTHON)
    (tmp_path / ("a" * 250)).write_text("")
    (tmp_path / "pyproject.toml").symlink_to("/etc/passwd")
    stars = "*a" * 60
    (tmp_path / "lmi-lint.toml").write_text(f'exclude = ["{stars}b"]\nfunctions = ["{stars}", "app*"]\n')
    command = [sys.executable, "-m", "lmi_lint", "--no-cache", str(tmp_path)]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (1, "")


@pytest.mark.skipif(shutil.which("git") is None, reason="no git here")
def test_git_is_told_what_to_run(tmp_path: Path) -> None:
    """Programs that a repository's configuration names, for what git does by itself or when objects are missing."""
    marker, script = tmp_path / "ran", tmp_path / "evil.sh"
    script.write_text(f"#!/bin/sh\ntouch {marker}\n")
    script.chmod(0o755)
    root = tmp_path / "root"
    for name in ("a", "b"):
        (root / name).mkdir(parents=True)
        (root / name / "app.py").write_text(PYTHON)
    (root / "git").write_text(script.read_text())
    (root / "git").chmod(0o755)

    def git(*arguments: str) -> None:
        who = ("-c", "user.name=x", "-c", "user.email=x@example.org")
        subprocess.run(["git", *who, *arguments], cwd=root, check=True, capture_output=True)

    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "x")
    git("sparse-checkout", "set", "--cone", "--sparse-index", "a")
    for key in ("core.fsmonitor", "core.sshCommand", "core.pager", "remote.origin.uploadpack", "core.editor"):
        git("config", key, str(script))
    git("config", "core.hooksPath", str(tmp_path))
    git("config", "remote.origin.url", f"ext::{script}")
    git("config", "protocol.ext.allow", "always")
    git("config", "extensions.partialClone", "origin")
    git("config", "remote.origin.promisor", "true")
    for each in (root / ".git" / "objects").glob("??"):
        shutil.rmtree(each)
    known = environment(PATH=f"{root}{os.pathsep}.{os.pathsep}{os.environ['PATH']}")
    command = [sys.executable, "-P", "-m", "lmi_lint", "--no-cache", "--format", "concise"]
    done = subprocess.run(command, cwd=root, env=known, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (1, "")
    assert "a/app.py" in done.stdout
    assert not marker.exists()


def test_the_page_names_every_case_and_every_test_exists() -> None:
    page = PAGE.read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| ") and "`" in line]
    named = [match for row in rows for match in re.findall(r"`(tests/[\w/]+\.py)::(\w+)(?:\[([\w]+)\])?`", row)]
    assert {case for _, _, case in named if case} == set(CASES)
    for path, test, _ in named:
        assert f"def {test}(" in (ROOT / path).read_text(encoding="utf-8"), (path, test)
    assert all("`tests/" in row for row in rows)
