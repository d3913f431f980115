"""How bad a setting of the process is that a request changes: by what it is set to, and by what else sets it."""

from __future__ import annotations

from pathlib import Path

from lmi_lint.checks.process_wide_setting import process_wide_setting
from lmi_lint.model.finding import Severity
from tests.link.linking import link_one

SETTINGS = """
    using System.Collections.Generic;
    using System.Globalization;
    using System.Net;
    using Amazon.Lambda.Core;
    using Newtonsoft.Json;
    public class Function
    {
        public string FunctionHandler(Dictionary<string, string> input, ILambdaContext context)
        {
            ServicePointManager.DefaultConnectionLimit = 50;
            JsonConvert.DefaultSettings = () => new JsonSerializerSettings();
            CultureInfo.DefaultThreadCurrentCulture = new CultureInfo(input["language"]);
            ServicePointManager.Expect100Continue = false;
            Other();
            return "";
        }
        private static void Other() { ServicePointManager.Expect100Continue = true; }
    }
"""


def test_constants_alone_are_notes(tmp_path: Path) -> None:
    program = link_one(tmp_path, {"Function.cs": SETTINGS})
    found = {finding.message.split(" ")[0]: finding.severity for finding in process_wide_setting.check(program)}
    assert found == {
        "System.Net.ServicePointManager.DefaultConnectionLimit": Severity.NOTE,
        "Newtonsoft.Json.JsonConvert.DefaultSettings": Severity.NOTE,
        "System.Globalization.CultureInfo.DefaultThreadCurrentCulture": Severity.ERROR,
        "System.Net.ServicePointManager.Expect100Continue": Severity.WARNING,  # two functions, two values
    }
