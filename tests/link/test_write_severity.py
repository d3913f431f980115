"""How bad a plain write is: by what the value is made of, which may lie several calls back."""

from __future__ import annotations

from pathlib import Path

import pytest

from lmi_lint.model.finding import Severity
from tests.link.linking import link_one

HANDED_OUT = """
    using System;
    using System.Collections.Generic;
    using Amazon.Lambda.Core;
    using Microsoft.Extensions.DependencyInjection;
    public class Function
    {
        private readonly IServiceProvider _given;
        private IServiceProvider _own;
        private ITracer _tracer;
        private IServer _server;
        public Function(IServiceProvider given) => _given = given;
        public string FunctionHandler(Dictionary<string, string> input, ILambdaContext context)
        {
            _tracer ??= _given.GetRequiredService<ITracer>();
            if (_server == null)
            {
                _own = Hosts.Build().Services;
                _server = _own.GetRequiredService<IServer>();
            }
            return _tracer.ToString() + _server;
        }
    }
"""
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
            "LMI101/java/SameServiceEachTime.java",
            {"plain": NOTE, "remembering": WARNING, "named": ERROR, "seen": ERROR},
        ),
        (
            "LMI101/csharp/ChosenByRequest.cs",
            {"_reopened": WARNING, "_west": WARNING, "s_region": WARNING, "s_url": WARNING, "s_table": WARNING}
            | {"s_home": NOTE, "s_bucket": NOTE, "s_reference": ERROR},
        ),
        ("LMI101/csharp/OutArguments.cs", {"s_level": ERROR, "s_limit": NOTE, "_ticks": WARNING}),
        (
            "LMI101/csharp/SecretsEachTime.cs",
            {"_secrets": NOTE, "s_url": NOTE, "s_key": WARNING, "s_tenantKey": WARNING},
        ),
        ("LMI101/javascript/chosen_by_class.js", {"checker": WARNING}),
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


def test_what_a_container_hands_out_is_its_own_affair(tmp_path: Path) -> None:
    program = link_one(tmp_path, {"Function.cs": HANDED_OUT})
    found = {race.access.place_name: race.severity for race in program.races if race.kind.name == "LAZY_INIT"}
    assert found == {"Function._tracer": NOTE, "Function._server": WARNING}  # two containers, each with its server
