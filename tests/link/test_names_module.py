"""Names in JavaScript and TypeScript: imports, re-exports, what CommonJS and ES modules see of each other."""

from __future__ import annotations

import pytest

from lmi_lint.link.heap import Kind
from tests.link.linking import library_calls, races, stored

COUNTER = "export let count = 0;\nexport function bump() { count += 1; return count; }\n"
USE = "export const handler = async (event) => { const seen = %s; await fetch(event.url); return %s; };\n"
LOST = "LOST_UPDATE"


def calls_made(program):
    """Functions of the project that the request reaches."""
    return {context.function.label for context in program.request_contexts}


@pytest.mark.parametrize(
    ("head", "call"),
    [
        ("import { bump } from './counter.js';", "bump()"),
        ("import { bump as up } from './counter.js';", "up()"),
        ("import * as counter from './counter.js';", "counter.bump()"),
        ("import * as counter from './counter';", "counter['bump']()"),
        ("const { bump } = await import('./counter.js');", "bump()"),
    ],
)
def test_named_import(link, head, call) -> None:
    source = f"{head}\nexport const handler = async () => {call};\n"
    program = link(source, "index.mjs", {"counter.js": COUNTER, "package.json": '{"type": "module"}'})
    assert "bump" in calls_made(program)


@pytest.mark.parametrize(
    ("barrel", "name"),
    [
        ("export { bump } from './counter.js';", "bump"),
        ("export { bump as raise } from './counter.js';", "raise"),
        ("export * from './counter.js';", "bump"),
        ("export * from './nothing.js'; export * from './counter.js';", "bump"),
        ("import { bump } from './counter.js'; export { bump };", "bump"),
        ("export * from './further.js';", "bump"),
    ],
)
def test_re_export(link, barrel, name) -> None:
    files = {"counter.js": COUNTER, "nothing.js": "export const x = 1;", "further.js": "export * from './counter.js';"}
    source = f"import {{ {name} }} from './barrel.js';\nexport const handler = async () => {name}();\n"
    assert "bump" in calls_made(link(source, "index.mjs", {**files, "barrel.js": barrel}))


def test_re_export_as_namespace(link) -> None:
    source = "import { counter } from './barrel.js';\nexport const handler = async () => counter.bump();\n"
    files = {"counter.js": COUNTER, "barrel.js": "export * as counter from './counter.js';"}
    assert "bump" in calls_made(link(source, "index.mjs", files))


def test_own_export_outranks_a_star(link) -> None:
    barrel = "export * from './counter.js';\nexport function bump() { return mine(); }\nfunction mine() { return 1; }\n"
    source = "import { bump } from './barrel.js';\nexport const handler = async () => bump();\n"
    program = link(source, "index.mjs", {"counter.js": COUNTER, "barrel.js": barrel})
    assert "mine" in calls_made(program)


@pytest.mark.parametrize(
    ("path", "library", "head", "call"),
    [
        ("lib.js", "module.exports = function put() { return 1; };", "const put = require('./lib');", "put()"),
        ("lib.js", "module.exports = { put() { return 1; } };", "const { put } = require('./lib');", "put()"),
        ("lib.js", "exports.put = function put() { return 1; };", "const lib = require('./lib');", "lib.put()"),
        (
            "lib.js",
            "function put() { return 1; }\nmodule.exports.put = put;",
            "const lib = require('./lib');",
            "lib.put()",
        ),
        ("lib/index.js", "exports.put = function put() { return 1; };", "const lib = require('./lib');", "lib.put()"),
        (
            "lib.js",
            "class A { put() { return 1; } }\nmodule.exports = new A();",
            "const a = require('./lib');",
            "a.put()",
        ),
    ],
)
def test_common_js(link, path, library, head, call) -> None:
    program = link(f"{head}\nexports.handler = async () => {call};\n", files={path: library})
    assert any(label.rpartition(".")[2] == "put" for label in calls_made(program))


@pytest.mark.parametrize(
    ("library", "head"),
    [
        ("module.exports = function put() { return 1; };", "import put from './lib.js';"),
        ("module.exports = { put() { return 1; } };", "import lib from './lib.js'; const put = lib.put;"),
        ("exports.put = function put() { return 1; };", "import { put } from './lib.js';"),
        ("export default function put() { return 1; }", "import put from './lib.js';"),
        ("const put = () => 1;\nexport default put;", "import put from './lib.js';"),
        ("const put = () => 1;\nexport { put as default };", "import put from './lib.js';"),
        ("const put = () => 1;\nexport default { put };", "import lib from './lib.js'; const { put } = lib;"),
    ],
)
def test_default_import(link, library, head) -> None:
    program = link(f"{head}\nexport const handler = async () => put();\n", "index.mjs", {"lib.js": library})
    assert any(label in ("put", "(anonymous)") for label in calls_made(program) - {"handler"})


@pytest.mark.parametrize(
    ("library", "head", "call"),
    [
        ("export function put() { return 1; }", "const lib = require('./lib.js');", "lib.put()"),
        ("export function put() { return 1; }", "const { put } = require('./lib.js');", "put()"),
        ("export default function put() { return 1; }", "const lib = require('./lib.js');", "lib.default()"),
    ],
)
def test_require_of_an_es_module(link, library, head, call) -> None:
    program = link(f"{head}\nexports.handler = async () => {call};\n", files={"lib.js": library})
    assert "put" in calls_made(program)


class TestLiveBindings:
    def test_importer_reads_what_the_exporter_writes(self, link) -> None:
        source = "import { count, bump } from './counter.js';\n" + USE % ("count", "bump()")
        program = link(source, "index.mjs", {"counter.js": COUNTER})
        places = {(access.place_name, access.mode.value, access.path) for access in program.accesses}
        assert ("count", "read", "index.mjs") in places
        assert ("count", "write", "counter.js") in places
        assert len({access.obj for access in program.accesses if access.key == "count"}) == 1

    def test_property_of_exports(self, link) -> None:
        library = "exports.count = 0;\nexports.bump = (n) => { exports.count = n + 1; };\n"
        source = (
            "const lib = require('./lib');\n"
            "exports.handler = async (e) => { const n = lib.count; await fetch(e.u); lib.bump(n); return n; };\n"
        )
        program = link(source, files={"lib.js": library})
        assert [kind for kind, _ in races(program)] == [LOST]

    def test_two_importers_share_one_module(self, link) -> None:
        files = {
            "counter.js": COUNTER,
            "a.js": "import { bump } from './counter.js';\nexport const a = () => bump();\n",
            "b.js": "import * as c from './counter.js';\nexport const b = () => c.bump();\n",
        }
        source = (
            "import { a } from './a.js';\nimport { b } from './b.js';\nexport const handler = async () => a() + b();\n"
        )
        program = link(source, "index.mjs", files)
        assert len({access.obj for access in program.accesses if access.key == "count"}) == 1


class TestCycles:
    def test_star_exports(self, link) -> None:
        files = {"a.js": "export * from './b.js';", "b.js": "export * from './a.js';\nexport const put = () => 1;\n"}
        source = "import { put, missing } from './a.js';\nexport const handler = async () => [put(), missing()];\n"
        assert "put" in calls_made(link(source, "index.mjs", files))

    def test_named_re_exports_of_each_other(self, link) -> None:
        files = {"a.js": "export { x } from './b.js';", "b.js": "export { x } from './a.js';"}
        source = "import { x } from './a.js';\nexport const handler = async () => x();\n"
        assert calls_made(link(source, "index.mjs", files)) == {"handler"}

    def test_requires(self, link) -> None:
        files = {
            "a.js": "const b = require('./b');\nexports.put = function put() { return b.get(); };\n",
            "b.js": "const a = require('./a');\nexports.get = function get() {};\nexports.x = () => a.put();\n",
        }
        program = link("const a = require('./a');\nexports.handler = async () => a.put();\n", files=files)
        assert {"put", "get"} <= calls_made(program)

    def test_module_that_imports_itself(self, link) -> None:
        own = "import * as me from './index.mjs';\nexport const put = () => 1;\n"
        source = f"{own}export const handler = async () => me.put();\n"
        assert "put" in calls_made(link(source, "index.mjs"))


class TestLibraries:
    @pytest.mark.parametrize(
        ("head", "call", "name"),
        [
            ("import fs from 'node:fs';", "fs.readFileSync('/opt/a')", "fs.readFileSync"),
            ("import * as fs from 'fs';", "fs.readFileSync('/opt/a')", "fs.readFileSync"),
            ("import { readFileSync } from 'fs';", "readFileSync('/opt/a')", "fs.readFileSync"),
            ("import { readFileSync as read } from 'node:fs';", "read('/opt/a')", "fs.readFileSync"),
            ("import axios from 'axios';", "axios.get('u')", "axios.get"),
            ("const axios = require('axios');", "axios.get('u')", "axios.get"),
        ],
    )
    def test_qualified_name(self, link, head, call, name) -> None:
        export = "exports.handler =" if "require" in head else "export const handler ="
        suffix = "js" if "require" in head else "mjs"
        program = link(f"{head}\n{export} async () => {call};\n", f"index.{suffix}")
        assert name in library_calls(program)

    def test_a_local_name_shadows_a_library(self, link) -> None:
        source = "const fs = { readFileSync() { return 1; } };\nexports.handler = async () => fs.readFileSync('a');\n"
        program = link(source)
        assert "fs.readFileSync" not in library_calls(program)

    def test_a_parameter_shadows_a_global(self, link) -> None:
        helper = "function go(process) { process.exit(1); }\n"
        source = helper + "exports.handler = async () => go({ exit() { return 1; } });\n"
        assert "process.exit" not in library_calls(link(source))
        assert "process.exit" in library_calls(link("exports.handler = async () => process.exit(1);\n"))

    def test_re_export_of_a_library(self, link) -> None:
        source = "import { get } from './http.js';\nexport const handler = async () => get('u');\n"
        program = link(source, "index.mjs", {"http.js": "export { get } from 'axios';"})
        assert library_calls(program) == ["axios.get"]


def test_module_state_is_an_object_of_load(link) -> None:
    program = link(
        "const cache = new Map();\nconst list = [];\nexports.handler = async () => cache.size + list.length;\n"
    )
    (cache,) = stored(program, "index.js", "cache").objects()
    (items,) = stored(program, "index.js", "list").objects()
    assert (cache.kind, cache.type_name, cache.phase.name) == (Kind.INSTANCE, "Map", "LOAD")
    assert (items.kind, items.type_name, items.phase.name) == (Kind.OBJECT, "Array", "LOAD")
