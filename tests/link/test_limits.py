"""Code that has no end ends here all the same, and what was cut is said."""

from __future__ import annotations

import pytest
from msgspec import structs

from lmi_lint.link import machine
from lmi_lint.link.limits import LIMITS
from tests.link.linking import link_all, races, serious

HANDLER = "\nexports.handler = async (event) => {{ {} }};\n"


@pytest.mark.parametrize(
    "functions",
    [
        "function a(x) { const s = n; return x ? a(s) : put(s); }",
        "function a(x) { const s = n; return x ? b(s) : put(s); }\nfunction b(x) { return x ? a(x) : put(x); }",
        "const a = (x) => (x ? [x].map(a)[0] : put(n));",
        "class A { go(x) { return x ? new A().go(x) : put(n); } }\nconst a = (x) => new A().go(x);",
    ],
    ids=["itself", "each other", "through a callback", "with new objects"],
)
def test_recursion(link, functions) -> None:
    head = "let n = 0;\nasync function put(x) { await fetch(process.env.URL); n = x + 1; return n; }\n"
    program = link(head + functions + HANDLER.format("return a(event.x);"))
    assert ("LOST_UPDATE", "n") in races(program)
    assert "evaluations" not in program.machine.cut


def test_structures_without_end(link) -> None:
    grow = "function grow(x) { const y = { x }; all.push(y); return event.stop ? y : grow(y); }"
    node = "class Node { constructor(d) { this.next = d ? new Node(d - 1) : null; } }"
    program = link(f"const all = [];\n{grow}\n{node}" + HANDLER.format("return grow(new Node(event.n));"))
    assert "evaluations" not in program.machine.cut
    assert len(program.machine.objects) < 200


def test_functions_that_make_functions(link) -> None:
    program = link(
        "const f = (k) => (x) => f(() => k(x));" + HANDLER.format("return f((y) => y)(event)(event)(event);")
    )
    assert "evaluations" not in program.machine.cut


def helper_called(times):
    calls = " ".join(f"helper({number});" for number in range(times))
    helper = "let n = 0;\nasync function helper(x) { const s = n; await fetch(process.env.URL); n = s + x; }\n"
    return helper + HANDLER.format(f"{calls} return n;")


def test_few_call_sites_are_told_apart(link) -> None:
    program = link(helper_called(LIMITS.contexts - 1))
    assert program.machine.cut == set()
    assert not any(context.merged for context in program.request_contexts)


def test_many_call_sites_are_merged(link) -> None:
    program = link(helper_called(200))
    assert program.machine.cut == {"contexts"}
    helpers = [context for context in program.request_contexts if context.function.label == "helper"]
    assert len(helpers) == LIMITS.contexts + 1
    assert [context.merged for context in helpers].count(True) == 1
    assert sum(len(context.callers) for context in helpers) == 200
    assert ("LOST_UPDATE", "n") in serious(program)


def test_merged_calls_are_those_on_all_objects(link) -> None:
    count = LIMITS.contexts + 5
    boxes = "class Box { async put(x) { this.last = x; await fetch(x); return this.last; } }\n"
    boxes += "".join(f"const b{number} = new Box();\n" for number in range(count))
    calls = " ".join(f"await b{number}.put(event.x);" for number in range(count))
    program = link(boxes + HANDLER.format(calls))
    assert program.machine.cut == {"contexts"}
    assert len(races(program)) == count


def test_steps_are_bounded(link, monkeypatch) -> None:
    monkeypatch.setattr(machine, "LIMITS", structs.replace(LIMITS, steps=20))
    assert link(helper_called(LIMITS.contexts - 1)).machine.cut == {"evaluations"}


def test_objects_are_bounded(link, monkeypatch) -> None:
    monkeypatch.setattr(machine, "LIMITS", structs.replace(LIMITS, objects=3))
    assert link(HANDLER.format("return [{}, {}, {}, {}];")).machine.cut == {"objects"}


@pytest.mark.parametrize("depth", [50, 1000])
def test_long_chains_of_calls(link, depth) -> None:
    chain = "\n".join(f"async function f{i}(x) {{ return await f{i + 1}(x); }}" for i in range(depth))
    last = f"async function f{depth}(x) {{ const s = n; await fetch(x); n = s + 1; return n; }}"
    program = link(f"let n = 0;\n{chain}\n{last}" + HANDLER.format("return f0(event.x);"))
    assert races(program) == [("LOST_UPDATE", "n")]
    assert len(program.trace(program.races[0].access.context)) == depth + 2


def test_long_chain_of_modules(link) -> None:
    files = {f"m{i}.js": f"const next = require('./m{i + 1}');\nexports.go = (x) => next.go(x);\n" for i in range(150)}
    files["m150.js"] = "let n = 0;\nexports.go = async (x) => { const s = n; await fetch(x); n = s + 1; return n; };\n"
    program = link("const m = require('./m0');" + HANDLER.format("return m.go(event.x);"), files=files)
    assert races(program) == [("LOST_UPDATE", "n")]


class TestUnusable:
    """What cannot be linked is said, not raised."""

    def problem(self, tmp_path, files):
        (linked,) = link_all(tmp_path, files)
        return linked.problem or (linked.program.started.problem if linked.program is not None else "")

    def template(self, handler, runtime="nodejs22.x"):
        return (
            "Transform: AWS::Serverless-2016-10-31\nResources:\n  F:\n    Type: AWS::Serverless::Function\n"
            f"    Properties:\n      Runtime: {runtime}\n      Handler: {handler}\n      CodeUri: .\n"
        )

    def test_missing_export(self, tmp_path) -> None:
        files = {"template.yaml": self.template("index.go"), "index.js": "exports.handler = async () => 1;\n"}
        assert "go" in self.problem(tmp_path, files)

    def test_missing_file(self, tmp_path) -> None:
        files = {"template.yaml": self.template("other.handler"), "index.js": "exports.x = async () => 1;\n"}
        assert self.problem(tmp_path, files)

    def test_broken_syntax(self, tmp_path) -> None:
        files = {"template.yaml": self.template("index.handler"), "index.js": "exports.handler = async () => {{{ ((;\n"}
        assert self.problem(tmp_path, files)

    def test_handler_made_elsewhere(self, tmp_path) -> None:
        source = "const { app } = require('some-framework');\nexports.handler = app();\n"
        files = {"template.yaml": self.template("index.handler"), "index.js": source}
        assert self.problem(tmp_path, files)
