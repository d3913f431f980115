"""What is found about a function depends on that function alone, not on which were linked before it."""

from __future__ import annotations

import pytest

from lmi_lint.checks.run import check
from lmi_lint.deploy.read import read
from lmi_lint.discover import discover
from lmi_lint.link.link import Linker
from lmi_lint.model.finding import Finding
from lmi_lint.pipeline.anew import registry
from lmi_lint.settings import Settings
from tests.harness import ROOT
from tests.link.linking import write

INTERFACES = {
    "src/app/Store.java": "package app; public interface Store { void put(String key); }",
    "src/app/Counting.java": """
        package app;
        public class Counting implements Store {
          private int puts;
          public void put(String key) { puts = puts + 1; }
        }
        """,
    "src/app/First.java": """
        package app;
        import com.amazonaws.services.lambda.runtime.*;
        public class First implements RequestHandler<String, String> {
          private final Store store = new Counting();
          public String handleRequest(String event, Context context) { store.put(event); return event; }
        }
        """,
    "src/app/Second.java": """
        package app;
        import com.amazonaws.services.lambda.runtime.*;
        public class Second implements RequestHandler<String, String> {
          private final Store store = Stores.open();
          public String handleRequest(String event, Context context) { store.put(event); return event; }
        }
        """,
    "src/app/Stores.java": "package app; class Stores { static native Store open(); }",
}


def found(folder, *, backwards: bool) -> dict[str, tuple[list[Finding], list[str], str]]:
    project = discover([folder], Settings())
    functions = tuple(function for function in read(project).functions if not function.edge)
    rules = registry().rules
    return {
        linked.function.key: (check(linked.function, linked.program, rules)[0], sorted(linked.files), linked.problem)
        for linked in Linker(project).link(functions[::-1] if backwards else functions)
    }


@pytest.mark.parametrize("rule", ["LMI101", "LMI102", "LMI105"])
def test_of_fixtures(rule) -> None:
    folder = ROOT / "fixtures" / "rules" / rule
    forwards = found(folder, backwards=False)
    assert len(forwards) > 10
    assert forwards == found(folder, backwards=True)


def test_implementors_are_found_whoever_read_them_before(tmp_path) -> None:
    write(tmp_path, INTERFACES)
    forwards = found(tmp_path, backwards=False)
    assert forwards == found(tmp_path, backwards=True)
    findings, files, _ = next(each for key, each in forwards.items() if "Second" in key)
    assert "src/app/Counting.java" in files
    assert [finding.rule for finding in findings]
