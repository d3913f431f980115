"""The layers, and the rules that hold for every module."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.harness import ROOT

MODULES = sorted((ROOT / "lmi_lint").rglob("*.py"))
EVERY_MODULE = pytest.mark.parametrize("path", MODULES, ids=[path.relative_to(ROOT).as_posix() for path in MODULES])
PARSERS = {
    "libcst",
    "tree_sitter",
    "tree_sitter_c_sharp",
    "tree_sitter_hcl",
    "tree_sitter_java",
    "tree_sitter_javascript",
    "tree_sitter_typescript",
}
BESIDE_THE_DOOR = (
    "lmi_lint.cache",
    "lmi_lint.discover",
    "lmi_lint.index",
    "lmi_lint.facts.source",
    "lmi_lint.facts.trees",
    "io",
    "os",
    "pathlib",
    "subprocess",
)
"""What could tell link of a project, but for ``link/outside.py``."""
RUNNERS = {"compile", "eval", "exec"}
DOWNLOAD = ROOT / "lmi_lint" / "commands" / "download.py"
NETWORK = {"urllib.error", "urllib.request", "http.client"}
"""What the module that fetches price lists, and nothing else, may import."""
LIMIT = 600
"""Lines of a module; the aim is 450, node and fact types are lists."""


def imported_modules(tree: ast.Module) -> set[str]:
    """All modules that a module imports, by their dotted names."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


def imported(tree: ast.Module) -> set[str]:
    """Top-level names of all packages that a module imports."""
    return {name.partition(".")[0] for name in imported_modules(tree)}


def test_layers() -> None:
    code = "from importlinter.cli import lint_imports; raise SystemExit(lint_imports(no_cache=True))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@EVERY_MODULE
def test_link_and_rules_learn_of_a_project_through_one_door(path: Path) -> None:
    """Else a judgement could rest on what nobody has noted."""
    folder, *inner = path.relative_to(ROOT / "lmi_lint").parts
    if folder not in {"link", "checks"} or inner in (["outside.py"], ["link.py"], ["tool.py"]):
        return
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            node.body = []
    beside = {name for name in imported_modules(tree) if name.startswith(BESIDE_THE_DOOR)}
    assert not beside


@EVERY_MODULE
def test_only_front_ends_see_a_parser(path: Path) -> None:
    parsers = imported(ast.parse(path.read_text(encoding="utf-8"))) & PARSERS
    assert not parsers or path.relative_to(ROOT / "lmi_lint").parts[0] in {"frontends", "fix"}


@EVERY_MODULE
def test_nothing_is_run(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    called = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert not called & RUNNERS
    harmless = {"urllib.parse"} | (NETWORK if path == DOWNLOAD else set())
    packages = {name.partition(".")[0] for name in imported_modules(tree) - harmless}
    assert not packages & {"pickle", "marshal", "socket", "urllib", "http", "requests"}


@EVERY_MODULE
def test_module_is_of_readable_size(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("\n") <= LIMIT
    assert ast.get_docstring(ast.parse(text)), "say what the module does"
