"""The readable views of a program."""

from __future__ import annotations

from textwrap import dedent

from lmi_lint.link.show import show_heap, show_summary
from tests.link.linking import link_all

SOURCE = """\
const { Mutex } = require('async-mutex');
const mutex = new Mutex();
const cache = new Map();
let last = null;
exports.handler = async (event) => {
  last = { user: event.user };
  await fetch(process.env.URL);
  cache.set(event.id, last);
  return mutex.runExclusive(async () => last.user);
};
"""


def test_heap(link) -> None:
    assert show_heap(link(SOURCE)) == dedent("""\
        function index.handler, index.js handler, Node.js

        exports#1, exports of index.js, made at load
          handler = function handler

        variables of index.js, made at load
          Mutex = async-mutex.Mutex
          cache = Map#3
          last = Object#4 | {event.user} (written by requests)
          mutex = Mutex#2

        Mutex#2, async-mutex.Mutex, made at load index.js:2:15
          held by index.js:mutex

        Map#3, Map, made at load index.js:3:15
          held by index.js:cache
          (kept) = Object#4
          [] = Object#4 | {event.user} (written by requests)

        Object#4, Object, made in a request, kept index.js:6:10
          held by index.js:last, Map#3.(kept), Map#3[…]
          user = {event.user}
        """)


def test_summary(link) -> None:
    assert show_summary(link(SOURCE)) == dedent("""\
        function index.handler, index.js handler, Node.js

        e1 handler, index.js:5:9
          called by the runtime
          index.js:6:3 write index.js:last = Object#4 | {event.user}
          index.js:7:9 library fetch(process.env.URL | "…")
          index.js:7:3 suspend await
          index.js:8:3 read index.js:cache
          index.js:8:23 read index.js:last
          index.js:8:3 library Map.set({event.id}, Object#4 | {event.user}); made of index.js:8:23
          index.js:8:3 add Map#3[…] by set = Object#4 | {event.user} under {event.id}; made of index.js:8:23
          index.js:9:10 read index.js:mutex
          index.js:9:10 library async-mutex.Mutex.runExclusive(function (anonymous))
          index.js:9:10 call e2 (anonymous)

        e2 (anonymous), index.js:9:29
          called from index.js:9:10 in e1
          holds Mutex#2 from index.js:9:10
          index.js:9:41 read index.js:last; locks Mutex#2 from index.js:9:10
          index.js:9:41 read Object#4.user; locks Mutex#2 from index.js:9:10

        races: 2
          index.js:6:3 error request-data index.js:last
            against read index.js:8:23
            suspended index.js:7:3
          index.js:8:3 note growth Map#3[…]
        """)


class TestHeap:
    def test_nothing_outlives_an_invocation(self, link) -> None:
        shown = show_heap(link("export const handler = async () => 1;\n", "index.mjs"))
        assert shown.splitlines()[2:] == ["variables of index.mjs, made at load", "  handler = function handler"]

    def test_instances_of_classes(self, link) -> None:
        source = (
            "import com.amazonaws.services.lambda.runtime.*;\n"
            "public class H implements RequestHandler<String, String> {\n"
            "  static class Box { int n; }\n  static Box box = new Box();\n"
            "  public String handleRequest(String e, Context c) { box.n++; return null; }\n}\n"
        )
        shown = show_heap(link(source, "H.java"))
        assert "H#1, instance of H, made at load\n  held by the runtime\n" in shown
        assert (
            "Box#2, instance of H.Box, made at load H.java:4:20\n  held by H.box\n  n = ? (written by requests)\n"
            in shown
        )

    def test_request_objects_that_nothing_keeps_are_left_out(self, link) -> None:
        shown = show_heap(link("exports.handler = async (event) => { const mine = [event.x]; return mine; };\n"))
        assert "Array" not in shown

    def test_limits_are_said(self, link) -> None:
        calls = " ".join(f"helper({number});" for number in range(100))
        source = f"let n = 0;\nfunction helper(x) {{ n = x; }}\nexports.handler = async () => {{ {calls} }};\n"
        assert "limits reached: contexts" in show_heap(link(source))


class TestSummary:
    def test_locks_name_their_section(self, link) -> None:
        body = "return mutex.runExclusive(async () => { const s = last; await fetch(s); last = s + 1; return last; });"
        before = SOURCE.split("exports", maxsplit=1)[0]
        shown = show_summary(link(f"{before}exports.handler = async () => {{\n  {body}\n}};\n"))
        assert "; locks Mutex#2 from index.js:6:10" in shown
        assert shown.endswith("no races\n")

    def test_reads_behind_a_write(self, link) -> None:
        body = "  const s = n;\n  if (s) await fetch(s);\n  n = s + 1;\n  return n;\n"
        source = f"let n = 0;\nexports.handler = async () => {{\n{body}}};\n"
        shown = show_summary(link(source))
        assert "index.js:5:3 write index.js:n = ?; made of index.js:3:13\n" in shown
        assert "index.js:4:10 suspend await\n" in shown
        assert "error lost-update index.js:n\n    against read index.js:3:13\n    suspended index.js:4:10\n" in shown

    def test_guards(self, link) -> None:
        source = (
            "let n;\nexports.handler = async () => {\n  if (!n) {\n    n = await fetch('u');\n  }\n  return n;\n};\n"
        )
        assert "; if index.js:3:8\n" in show_summary(link(source))
        both = show_summary(link(source.replace("await fetch('u')", "await fetch('u', n)")))
        assert "; made of index.js:4:26; if index.js:3:8\n" in both

    def test_constructions_are_told_from_calls(self, link) -> None:
        source = (
            "const fs = require('fs');\nexports.handler = async () => [fs.openSync('/opt/a'), new fs.Dir('/opt')];\n"
        )
        shown = show_summary(link(source))
        assert ' library fs.openSync("/opt/a")' in shown
        assert ' library new fs.Dir("/opt")' in shown

    def test_the_first_suspension_is_told(self, link) -> None:
        source = (
            "let n = 0;\nexports.handler = async () => {\n  const s = n;\n  await fetch('u');\n  await fetch('v');\n"
            "  n = s + 1;\n  return n;\n};\n"
        )
        assert "    suspended index.js:4:3\n" in show_summary(link(source))

    def test_receivers_and_callers(self, link) -> None:
        source = (
            "class A { go() { this.n = 1; } }\nconst a = new A();\n"
            "exports.handler = async () => {\n  a.go();\n  new A().go();\n  setTimeout(() => a.go(), 1);\n};\n"
        )
        shown = show_summary(link(source))
        assert shown.count(" A.go, index.js:1:11\n") == 2
        assert "  on A#2 (shared)\n" in shown
        assert "(of the request)\n" in shown
        assert "index.js:6:3 later e" in shown

    def test_problem_of_the_start(self, tmp_path) -> None:
        template = (
            "Transform: AWS::Serverless-2016-10-31\nResources:\n  F:\n    Type: AWS::Serverless::Function\n"
            "    Properties: {Runtime: nodejs22.x, Handler: index.go, CodeUri: .}\n"
        )
        files = {"template.yaml": template, "index.js": "exports.handler = async () => 1;\n"}
        (linked,) = link_all(tmp_path, files)
        assert linked.program is not None
        assert show_summary(linked.program).splitlines()[1] == f"problem: {linked.program.started.problem}"
