"""What extensions of a project ask for."""

from __future__ import annotations

import pytest

from lmi_lint.dependencies.extensions import Extensions
from lmi_lint.deploy.model import DeployedFunction, Provenance
from tests.dependencies.conftest import Make

URL = "http://x/2020-01-01/extension/register"

SOURCES = {
    "list": ("a.py", f"'{URL}'\nBODY = {{'events': ['SHUTDOWN', 'INVOKE']}}\n", ["'INVOKE'"]),
    "keyword": ("a.py", f"'{URL}'\nregister(events=('INVOKE',))\n", ["'INVOKE'"]),
    "shorthand": ("a.js", f"`{URL}`\nconst events = [\n  'INVOKE',\n]\n", ["'INVOKE'"]),
    "JSON in a text": ("A.java", f'"{URL}"; "{{\\"events\\": [\\"INVOKE\\"]}}";', ['\\"INVOKE\\"']),
    "array": ("A.cs", f'"{URL}"; var events = new string[] {{ "INVOKE" }};', ['"INVOKE"']),
    "another language": ("a.go", f'"{URL}"; events := []string{{"INVOKE"}}', []),
    "Logs API": ("a.js", "`http://${api}/2020-08-15/logs`", ["2020-08-15/logs"]),
    "both": ("a.py", f"'{URL}' '2020-08-15/logs'\nevents = ['INVOKE']\n", ["'INVOKE'", "2020-08-15/logs"]),
    "nothing registered": ("a.py", "events = ['INVOKE']\n", []),
    "compared": ("a.py", f"'{URL}'\nif event['eventType'] == 'INVOKE':\n    pass\n", []),
    "an event": ("a.py", f"'{URL}'\nevents = [{{'eventType': 'INVOKE'}}]\n", []),
    "commented": ("a.py", f"'{URL}'\n# events = ['INVOKE']\n# 2020-08-15/logs\n", []),
    "aware": ("a.py", f"'{URL}'\nos.environ['AWS_LAMBDA_INITIALIZATION_TYPE']\nevents = ['INVOKE']\n", []),
    "shut down alone": ("a.py", f"'{URL}'\nevents = ['SHUTDOWN']\n", []),
}


@pytest.mark.parametrize("name", SOURCES)
def test_asks(name: str, make: Make) -> None:
    path, text, expected = SOURCES[name]
    project = make({f"layer/{path}": text, f"other/{path}": text}).project
    function = DeployedFunction(name="f", provenance=Provenance.DEPLOYED, layer_roots=("layer",))
    found = Extensions(project).of(function)
    assert [each.location.path for each in found] == [f"layer/{path}"] * len(expected)
    assert [text[each.location.span.start : each.location.span.end] for each in found] == expected


def test_what_registers_and_what_is_registered_may_be_two_files(make: Make) -> None:
    project = make({"ext/client.py": f"'{URL}'\n", "ext/main.py": "register({'events': ['INVOKE']})\n"}).project
    image = DeployedFunction(name="f", provenance=Provenance.DEPLOYED, image=True, code_root="ext")
    assert [each.location.path for each in Extensions(project).of(image)] == ["ext/main.py"]
    whole = DeployedFunction(name="f", provenance=Provenance.DEPLOYED, image=True, code_root=".")
    assert not Extensions(project).of(whole)
