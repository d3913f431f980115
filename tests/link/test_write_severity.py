"""How bad a plain write is: by what the value is made of, which may lie several calls back."""

from __future__ import annotations

from pathlib import Path

import pytest

from lmi_lint.model.finding import Severity
from tests.link.linking import link_one

FIXTURES = Path(__file__).parents[2] / "fixtures" / "rules"
NOTE, WARNING, ERROR = Severity.NOTE, Severity.WARNING, Severity.ERROR


@pytest.mark.parametrize(
    ("fixture", "severities"),
    [
        (
            "LMI101/java/SettingsEachTime.java",
            {"table": NOTE, "names": NOTE, "limit": NOTE, "chosen": WARNING, "seen": WARNING},
        ),
        (
            "LMI104/java/MadeForTheRequest.java",
            {"answer": ERROR, "code": ERROR, "logged": WARNING, "empty": WARNING},
        ),
        ("LMI104/csharp/MadeForTheRequest.cs", {"_answer": ERROR, "_ticket": ERROR, "_table": NOTE}),
        (
            "LMI104/javascript/made_for_the_request.js",
            {"ticket": ERROR, "code": ERROR, "trace": WARNING, "table": NOTE},
        ),
    ],
)
def test_severity(tmp_path: Path, fixture: str, severities: dict[str, Severity]) -> None:
    source = FIXTURES / fixture
    program = link_one(tmp_path, {source.name: source.read_text(encoding="utf-8")})
    found = {race.access.place_name.rpartition(".")[2]: race.severity for race in program.races}
    assert found == severities
