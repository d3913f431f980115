"""The exercise of docs/extending.md, as a newcomer does it."""

from __future__ import annotations

import re
from pathlib import Path

from lmi_lint import packs
from lmi_lint.catalog.markers import find_markers, strip_markers
from lmi_lint.knowledge import expressions, load
from tests.harness import ROOT, check_folder, found_in, run_folder
from tests.packs.builders import write

PAGE = (ROOT / "docs" / "extending.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^`([^`\n]+)`:\n\n(`{3,})\w+\n(.*?)^\2$", re.MULTILINE | re.DOTALL)
FILES = {match[1]: match[3] for match in BLOCK.finditer(PAGE)}
PACK = {name: text for name, text in FILES.items() if name.startswith("ci/")}
CODE = {name: text for name, text in FILES.items() if name.startswith("shop/")}


def test_before_nothing_is_found(tmp_path: Path) -> None:
    write(tmp_path, {name: strip_markers(text) for name, text in CODE.items()})
    assert found_in(run_folder(tmp_path)) == []


def test_afterwards_findings_are_where_the_page_says(tmp_path: Path) -> None:
    write(tmp_path, FILES)
    check_folder(tmp_path)
    expected = {(Path(name).suffix, marker.rule) for name, text in CODE.items() for marker in find_markers(name, text)}
    assert expected == {
        (".py", "LMI301"),
        (".js", "LMI301"),
        (".js", "LMI302"),
        (".java", "LMI301"),
        (".java", "LMI302"),
        (".cs", "LMI301"),
        (".cs", "LMI302"),
        (".py", "ACME101"),
    }


def test_the_first_step_alone_serves_python(tmp_path: Path) -> None:
    first = ("pyproject.toml", "ci/lmi/knowledge/python/acme.toml", "shop/app.py", "shop/index.js")
    write(tmp_path, {name: FILES[name] if name in PACK else strip_markers(FILES[name]) for name in first})
    assert [found.rule for found in found_in(run_folder(tmp_path))] == ["LMI301"]


def test_the_pack_is_toml_and_a_page() -> None:
    assert {Path(name).suffix for name in PACK} == {".toml", ".md"}
    assert {name for name in FILES if name not in (*PACK, *CODE)} == {"pyproject.toml"}


def test_bounds_are_as_the_page_says() -> None:
    text = " ".join(PAGE.split())
    for said in (
        f"at most {packs.MAX_PACKS} packs of {packs.MAX_PACK_BYTES:,} bytes",
        f"at most {packs.MAX_FILES} files of {packs.MAX_BYTES:,} bytes",
        f"at most {load.MAX_ENTRIES:,} entries",
        f"at most {load.MAX_NAMES} names",
        f"at most {load.MAX_BASES} others in a row",
        f"first {expressions.SEARCHED} characters",
    ):
        assert said in text
