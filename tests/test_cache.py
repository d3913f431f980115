"""The cache: right or a miss, whatever became of it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import msgpack

from lmi_lint.cache import Cache, digest, user_folder
from tests.harness import FIXTURES, ROOT

PROJECT = FIXTURES / "projects" / "orders-sam"


def entries(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "tidied")


@pytest.fixture
def kept(tmp_path: Path) -> tuple[Cache, Path]:
    """A cache with one entry, and the entry's file."""
    cache = Cache(tmp_path)
    cache.put("facts", digest("a"), msgpack.encode([1, "two"]))
    (entry,) = entries(tmp_path)
    return cache, entry


def get(cache: Cache, text: str = "a", kind: str = "facts") -> list[object] | None:
    return cache.get(kind, digest(text), msgpack.Decoder(list[object]).decode)


def test_what_was_put_is_there(kept) -> None:
    cache, _ = kept
    assert get(cache) == [1, "two"]
    assert get(cache, "b") is None
    assert get(cache, kind="pages") is None
    assert get(Cache(None)) is None


def test_every_damaged_byte_is_a_miss(kept) -> None:
    cache, entry = kept
    whole = entry.read_bytes()
    for at in range(len(whole)):
        entry.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        assert get(cache) is None
        entry.write_bytes(whole[:at])
        assert get(cache) is None


def test_another_entry_under_its_name_is_a_miss(kept, tmp_path) -> None:
    cache, entry = kept
    cache.put("facts", digest("b"), msgpack.encode(["other"]))
    (other,) = [path for path in entries(tmp_path) if path != entry]
    shutil.copy(other, entry)
    assert get(cache) is None


def test_another_type_is_a_miss(kept) -> None:
    cache, _ = kept
    assert cache.get("facts", digest("a"), msgpack.Decoder(dict[str, int]).decode) is None


def test_a_folder_that_cannot_be_used(tmp_path) -> None:
    (tmp_path / "file").write_text("")
    cache = Cache(tmp_path / "file" / "below")
    cache.put("facts", digest("a"), b"")
    cache.tidy()
    assert get(cache) is None


@given(
    st.lists(st.text(alphabet="ab\0", max_size=3), max_size=4),
    st.lists(st.text(alphabet="ab\0", max_size=3), max_size=4),
)
def test_keys_differ_if_parts_do(left, right) -> None:
    assert (digest(*left) == digest(*right)) == (left == right)


def test_old_entries_go(kept, tmp_path) -> None:
    cache, entry = kept
    cache.put("facts", digest("b"), msgpack.encode(["new"]))
    month = time.time() - 40 * 86_400
    os.utime(entry, (month, month))
    cache.tidy()
    assert not entry.exists()
    assert get(cache, "b") == ["new"]
    os.utime(entries(tmp_path)[0], (month, month))
    cache.tidy()  # not twice a day
    assert len(entries(tmp_path)) == 1


def test_an_entry_that_is_used_stays(kept) -> None:
    cache, entry = kept
    month = time.time() - 40 * 86_400
    os.utime(entry, (month, month))
    get(cache)
    cache.tidy()
    assert get(cache) == [1, "two"]


@pytest.mark.parametrize(
    ("environment", "folder"),
    [
        ({"LMI_LINT_CACHE_DIR": "/x/y"}, "/x/y"),
        pytest.param(
            {"XDG_CACHE_HOME": "/x"}, "/x/lmi-lint", marks=pytest.mark.skipif(sys.platform != "linux", reason="Linux")
        ),
    ],
)
def test_where_it_is(environment, folder, monkeypatch) -> None:
    monkeypatch.delenv("LMI_LINT_CACHE_DIR", raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert user_folder() == Path(folder)


def start(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "lmi_lint", "--format", "json", "--min-severity", "note", *arguments, str(PROJECT)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "LMI_LINT_CACHE_DIR": str(folder)}
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def told(run: subprocess.Popen[str]) -> object:
    """The report without its times."""
    out, err = run.communicate()
    assert err == ""
    document = json.loads(out)
    document["stats"].pop("ms")
    return document


def test_the_same_report_cold_warm_damaged_and_without(tmp_path) -> None:
    folder = tmp_path / "cache"
    without = told(start(folder, "--no-cache", "--select", "LMI"))
    assert not folder.exists()
    first, second = start(folder), start(folder)  # at once
    assert told(first) == told(second) == without
    kinds = {"beside", "deployed", "facts", "fitness", "judged", "knowledge", "pages", "pieces", "prices", "scanned"}
    assert {path.parent.parent.name for path in entries(folder)} - {"contents"} == kinds  # those of files left alone
    assert told(start(folder)) == without
    for number, entry in enumerate(entries(folder)):
        entry.write_bytes(entry.read_bytes()[: 40 * number] + b"\xff")
    assert told(start(folder)) == without
    assert told(start(folder)) == without


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_read_only(tmp_path) -> None:
    folder = tmp_path / "cache"
    folder.mkdir(mode=0o500)
    assert told(start(folder)) == told(start(folder, "--no-cache"))


def test_where_all_is_as_it_was_nothing_that_judges_is_imported(tmp_path) -> None:
    program = (
        "import sys\n"
        "from lmi_lint.cli import run_command\n"
        "code = run_command(sys.argv[1:])\n"
        "print(*sorted(sys.modules), file=sys.stderr)\n"
        "raise SystemExit(code)\n"
    )
    command = [sys.executable, "-c", program, "--exit-zero", "--output", str(tmp_path / "report"), str(PROJECT)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "LMI_LINT_CACHE_DIR": str(tmp_path / "cache")}
    cold, warm = (
        set(subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stderr.split())
        for _ in range(2)
    )
    dear = {"lmi_lint.link", "lmi_lint.facts.isolation", "lmi_lint.checks.run", "lmi_lint.deploy.read", "yaml"}
    assert dear <= cold
    assert not dear & warm
