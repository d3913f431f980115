"""Settings files: where they are looked for, and what a wrong one says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lmi_lint.errors import ConfigError
from lmi_lint.model.finding import Severity
from lmi_lint.settings import Settings, load

if TYPE_CHECKING:
    from pathlib import Path


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    assert load(tmp_path) == Settings()


def test_own_file_is_read(tmp_path: Path) -> None:
    (tmp_path / "lmi-lint.toml").write_text(
        'select = ["LMI1"]\nignore = ["LMI107"]\nmin-severity = "note"\nfail-on = "error"\nfunctions = ["Orders*"]\n'
    )
    assert load(tmp_path) == Settings(
        select=("LMI1",),
        ignore=("LMI107",),
        min_severity=Severity.NOTE,
        fail_on=Severity.ERROR,
        functions=("Orders*",),
    )


def test_pyproject_table_of_a_folder_above_counts_up_to_the_git_root(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "pyproject.toml").write_text('[tool.lmi-lint]\nexclude = ["legacy/"]\n')
    inner = tmp_path / "services" / "orders"
    inner.mkdir(parents=True)
    (inner / "pyproject.toml").write_text('[project]\nname = "orders"\n')
    assert load(inner).exclude == ("legacy/",)


def test_files_above_the_git_root_do_not_count(tmp_path: Path) -> None:
    (tmp_path / "lmi-lint.toml").write_text('select = ["LMI2"]\n')
    inner = tmp_path / "repository"
    (inner / ".git").mkdir(parents=True)
    assert load(inner) == Settings()


def test_unknown_key_suggests_the_right_one(tmp_path: Path) -> None:
    (tmp_path / "lmi-lint.toml").write_text("exlude = []\n")
    with pytest.raises(ConfigError) as caught:
        load(tmp_path)
    assert "'exlude'" in caught.value.message
    assert "lmi-lint.toml" in caught.value.message
    assert "'exclude'" in caught.value.hint


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ('select = "LMI1"', "key 'select' must be a list of strings"),
        ("exclude = [1]", "key 'exclude' must be a list of strings"),
        ('min_severity = "fatal"', "key 'min_severity' must be one of 'note', 'warning', 'error'"),
        ("fail_on = true", "key 'fail_on' must be one of"),
        ("fail_on = [1]", "key 'fail_on' must be one of"),
        ('ignore = ["E501"]', "'E501' is no rule id"),
        ('fail-on = "error"\nfail_on = "note"', "given twice"),
        ("select = [", "not valid TOML"),
    ],
)
def test_wrong_values_name_file_and_key(tmp_path: Path, text: str, part: str) -> None:
    (tmp_path / "lmi-lint.toml").write_text(text)
    with pytest.raises(ConfigError) as caught:
        load(tmp_path)
    assert part in caught.value.message
    assert str(tmp_path) in caught.value.message
