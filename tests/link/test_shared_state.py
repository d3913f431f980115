"""Which places invocations race for, and how: locks, keyed caches, ownership, on both kinds of runtime."""

from __future__ import annotations

import pytest

from lmi_lint.link.heap import Phase
from lmi_lint.model.finding import Severity
from tests.link.linking import race, races, serious

LOST = "LOST_UPDATE"
LAZY = "LAZY_INIT"
DATA = "REQUEST_DATA"
WRITE = "SHARED_WRITE"
UNSAFE = "UNSAFE_TYPE"
GROWTH = "GROWTH"
LOCKS = "INCONSISTENT_LOCK"
_THROUGH_A_LOCAL = """
List<String> l = c;
if (l == null) { synchronized (H.class) { l = c; if (l == null) { c = l = make(); } } }
return l;"""


@pytest.fixture
def java(link):
    """Members and body of a Java handler → its program."""

    def run(members, body):
        return link(
            "import java.util.*;\nimport java.util.concurrent.*;\nimport java.util.concurrent.atomic.*;\n"
            "import java.util.concurrent.locks.*;\nimport com.amazonaws.services.lambda.runtime.*;\n"
            "public class H implements RequestHandler<Map<String, String>, String> {\n"
            f"{members}\npublic String handleRequest(Map<String, String> event, Context context) {{ {body} }}\n}}\n",
            "H.java",
        )

    return run


@pytest.fixture
def node(link):
    """State and body of a JavaScript handler → its program."""

    def run(before, body):
        head = "const { Mutex } = require('async-mutex');\nconst f = (x) => fetch(process.env.URL + x);\n"
        return link(f"{head}{before}\nexports.handler = async (event) => {{ {body} }};\n")

    return run


class TestJavaPlaces:
    @pytest.mark.parametrize(
        ("members", "body", "expected"),
        [
            ("int n;", 'n = n + 1; return "" + n;', [(LOST, "H.n")]),
            ("int n;", 'n++; return "" + n;', [(LOST, "H.n")]),
            ("volatile int n;", 'n++; return "" + n;', [(LOST, "H.n")]),
            ("static int n;", 'n += 2; return "" + n;', [(LOST, "H.n")]),
            ("String user;", 'user = event.get("u"); return user;', [(DATA, "H.user")]),
            ("long t;", 't = System.nanoTime(); return "" + t;', [(WRITE, "H.t")]),
            ("volatile long t;", 't = System.nanoTime(); return "" + t;', []),
            ("boolean done;", 'done = true; return "" + done;', []),
            ("int n = 3;", 'return "" + n;', []),
            ("final AtomicInteger n = new AtomicInteger();", 'return "" + n.incrementAndGet();', []),
        ],
    )
    def test_fields(self, java, members, body, expected) -> None:
        assert races(java(members, body)) == expected

    @pytest.mark.parametrize(
        ("made", "use", "expected"),
        [
            (
                "Map<String, String> m = new HashMap<>()",
                'm.put(event.get("k"), "v"); return m.get("x");',
                [(UNSAFE, "H.m")],
            ),
            (
                "Map<String, String> m = new ConcurrentHashMap<>()",
                'm.put(event.get("k"), "v"); return m.get("x");',
                [(GROWTH, "H.m")],
            ),
            ("Map<String, String> m = new HashMap<>()", 'return m.get(event.get("k"));', []),
            (
                "Map<String, String> m = new HashMap<>()",
                'synchronized (m) { m.put(event.get("k"), "v"); return m.get("x"); }',
                [(GROWTH, "H.m")],
            ),
        ],
        ids=["unsafe", "safe type", "never changed", "locked"],
    )
    def test_keyed_caches(self, java, made, use, expected) -> None:
        assert races(java(f"final {made};", use)) == expected

    def test_cache_filled_at_load(self, java) -> None:
        members = 'final Map<String, String> m = new HashMap<>(); public H() { m.put("a", "b"); }'
        assert races(java(members, 'return m.get("a");')) == []

    def test_request_data_in_a_list(self, java) -> None:
        found = race(java("final List<String> l = new ArrayList<>();", 'l.add(event.get("k")); return l.get(0);'))
        assert found.kind.name == DATA
        assert found.severity is Severity.ERROR

    @pytest.mark.parametrize(
        ("body", "severity"),
        [
            ('n++; com.acme.Out.put("" + n); return "";', Severity.ERROR),
            ('n++; System.out.println(n); return "";', Severity.WARNING),
        ],
        ids=["a call", "a log"],
    )
    def test_a_lost_update_is_as_bad_as_what_its_value_is_for(self, java, body, severity) -> None:
        assert race(java("int n;", body)).severity is severity

    @pytest.mark.parametrize(
        ("key", "grows"),
        [
            ('Kind.valueOf(event.get("k"))', False),
            ('Locale.forLanguageTag(event.get("k"))', False),
            ('event.get("k")', True),
        ],
        ids=["enum", "locale", "text"],
    )
    def test_values_of_an_enum_are_few(self, java, key, grows) -> None:
        members = "enum Kind { A, B } final Map<Object, String> m = new ConcurrentHashMap<>();"
        program = java(members, f'm.put({key}, "v"); return m.toString();')
        assert [kind for kind, _ in races(program)] == ([GROWTH] if grows else [])

    @pytest.mark.parametrize(("key", "grows"), [("event.size()", False), ("event.name()", True)])
    def test_members_of_the_event_that_are_enums_are_few(self, link, key, grows) -> None:
        source = f"""
            import com.amazonaws.services.lambda.runtime.*;
            import java.util.*;
            import java.util.concurrent.*;
            public class H implements RequestHandler<Order, String> {{
                final Map<Object, String> m = new ConcurrentHashMap<>();
                public String handleRequest(Order event, Context context) {{ m.put({key}, "v"); return m.toString(); }}
            }}
            enum Size {{ A, B }}
            record Order(Size size, String name) {{ }}
        """
        assert [kind for kind, _ in races(link(source, "H.java"))] == ([GROWTH] if grows else [])


class TestJavaLocks:
    @pytest.mark.parametrize(
        ("members", "body"),
        [
            ("", 'synchronized (this) { n++; return "" + n; }'),
            ("synchronized int inc() { n++; return n; }", 'return "" + inc();'),
            ("final Lock a = new ReentrantLock();", 'a.lock(); try { n++; return "" + n; } finally { a.unlock(); }'),
            (
                "final Object a = new Object(); Object same() { return a; }",
                'synchronized (a) { n++; } synchronized (same()) { n--; return "" + n; }',
            ),
            (
                "synchronized void inc() { n++; }",
                'inc(); synchronized (this) { return "" + n; }',
            ),
            (
                "final Object a = new Object(); void with(Runnable r) { synchronized (a) { r.run(); } }",
                'with(() -> n++); with(() -> n--); return "";',
            ),
            (
                "final Object a = new Object(); void inc() { n++; }",
                'synchronized (a) { inc(); } synchronized (a) { inc(); return "" + n; }',
            ),
        ],
        ids=[
            "this",
            "synchronized method",
            "Lock",
            "two paths",
            "method and block",
            "lambda under lock",
            "caller holds",
        ],
    )
    def test_one_lock(self, java, members, body) -> None:
        assert races(java(f"int n; {members}", body)) == []

    def test_a_lock_taken_inside_the_lock_of_a_parameter(self, java) -> None:
        go = "int go(String a, String b, Object gate, Lock l) { synchronized (gate) { l.lock(); return n++; } }"
        members = f"int n; final Lock lock = new ReentrantLock(); {go}"
        assert races(java(members, 'return "" + go("", "", this, lock);')) == []

    @pytest.mark.parametrize(
        ("members", "body", "expected"),
        [
            (
                "final Object a = new Object(); final Object b = new Object();",
                'synchronized (a) { n++; } synchronized (b) { n--; } return "";',
                LOCKS,
            ),
            ("final Object a = new Object();", 'synchronized (a) { n++; } return "" + n;', LOCKS),
            ("", 'synchronized (new Object()) { n++; return "" + n; }', LOST),
            ("void with(Runnable r) { r.run(); }", 'with(() -> n++); return "" + n;', LOST),
            (
                "static int s; synchronized int inc() { return s++; } static synchronized void dec() { s--; }",
                'dec(); return "" + inc();',
                LOCKS,
            ),
        ],
        ids=["two locks", "read without", "lock of the request", "lambda without lock", "instance and class"],
    )
    def test_no_common_lock(self, java, members, body, expected) -> None:
        assert expected in {kind for kind, _ in races(java(f"int n; {members}", body))}


class TestDoubleCheckedLocking:
    @pytest.mark.parametrize(
        ("modifiers", "body", "expected"),
        [
            ("volatile", "if (c == null) { synchronized (H.class) { if (c == null) { c = make(); } } } return c;", []),
            (
                "",
                "if (c == null) { synchronized (H.class) { if (c == null) { c = make(); } } } return c;",
                [(LAZY, "H.c")],
            ),
            ("volatile", "if (c == null) { synchronized (H.class) { c = make(); } } return c;", [(LAZY, "H.c")]),
            (
                "volatile",
                _THROUGH_A_LOCAL,
                [],
            ),
            ("volatile", "if (c == null) { c = make(); } return c;", [(LAZY, "H.c")]),
            ("", "synchronized (H.class) { if (c == null) { c = make(); } return c; }", []),
        ],
        ids=["correct", "not volatile", "checked once", "through a local", "no lock", "always locked"],
    )
    def test_variants(self, java, modifiers, body, expected) -> None:
        make = "static List<String> make() { return new ArrayList<>(); }"
        members = f"private static {modifiers} List<String> c; {make} static List<String> get() {{ {body} }}"
        assert races(java(members, 'return "" + get().size();')) == expected

    def test_synchronized_getter(self, java) -> None:
        members = "static Object c; static synchronized Object get() { if (c == null) { c = new Object(); } return c; }"
        assert races(java(members, "return get().toString();")) == []

    def test_holder_class(self, java) -> None:
        members = "static class Holder { static final List<String> C = new ArrayList<>(); }"
        assert races(java(members, 'return "" + Holder.C.size();')) == []


class TestNodePlaces:
    @pytest.mark.parametrize(
        ("before", "body", "expected"),
        [
            ("const m = new Map();", "m.set(event.k, await f(event.k)); return m.get(event.k);", []),
            ("const m = {};", "m[event.k] = await f(event.k); return m[event.k];", []),
            ("const m = {};", "m.user = event.user; await f(1); return m.user;", [(DATA, "m.user")]),
            ("const l = [];", "l.push(event.x); await f(1); return l;", [(DATA, "l")]),
            ("const l = [];", "const mine = [...l]; mine.push(event.x); await f(1); return mine;", []),
            ("const l = Object.freeze([1]);", "await f(1); return l[0];", []),
        ],
        ids=["map", "object by key", "slot", "append", "copy", "frozen"],
    )
    def test_containers(self, node, before, body, expected) -> None:
        assert serious(node(before, body)) == expected

    def test_keyed_fill_after_a_test_is_a_note(self, node) -> None:
        body = "if (!m.has(event.k)) { m.set(event.k, await f(event.k)); } return m.get(event.k);"
        assert {r.severity for r in node("const m = new Map();", body).races} <= {Severity.NOTE}

    def test_keyed_fill_with_a_connection_is_an_error(self, node) -> None:
        before = "const { Client } = require('pg'); const kept = {};"
        body = "if (!kept[event.k]) { await f(1); kept[event.k] = new Client(); } return kept[event.k].query('x');"
        assert [found.severity for found in node(before, body).races if found.kind.name == LAZY] == [Severity.ERROR]

    @pytest.mark.parametrize(("slots", "expected"), [(1, []), (5, [(LOST, "n")])])
    def test_a_queue_of_several_keeps_nobody_out(self, link, slots, expected) -> None:
        program = link(
            f"import PQueue from 'p-queue';\nconst queue = new PQueue({{ concurrency: {slots} }});\nlet n = 0;\n"
            "const add = async () => { const s = n; await fetch('u'); n = s + 1; return n; };\n"
            "export const handler = async () => queue.add(add);",
            "index.mjs",
        )
        assert races(program) == expected

    def test_without_suspension_there_is_no_race(self, node) -> None:
        assert races(node("let n = 0;", "n = n + 1; return n;")) == []


class TestNodeLocks:
    def test_path_without_the_lock(self, node) -> None:
        body = """
        if (event.reset) { n = event.to; return 0; }
        return mutex.runExclusive(async () => { const seen = n; await f(1); n = seen + 1; return n; });"""
        assert LOCKS in {kind for kind, _ in races(node("let n = 0; const mutex = new Mutex();", body))}

    def test_every_path_with_the_lock(self, node) -> None:
        body = """
        if (event.less) {
          return mutex.runExclusive(async () => { const seen = n; await f(1); n = seen - 1; return n; });
        }
        return mutex.runExclusive(async () => { const seen = n; await f(1); n = seen + 1; return n; });"""
        assert races(node("let n = 0; const mutex = new Mutex();", body)) == []


class TestOwnership:
    CLASS = """
    class Box {
      constructor() { this.n = 0; }
      async add() { const s = this.n; await f(1); this.n = s + 1; return this.n; }
    }
    """

    def test_made_at_load(self, node) -> None:
        assert races(node(f"{self.CLASS} const box = new Box();", "return box.add();")) == [(LOST, "Box.n")]

    def test_made_per_request(self, node) -> None:
        assert races(node(self.CLASS, "const box = new Box(); return box.add();")) == []

    def test_both_ways_are_told_apart(self, node) -> None:
        program = node(
            f"{self.CLASS} const box = new Box();", "const mine = new Box(); await mine.add(); return box.add();"
        )
        assert races(program) == [(LOST, "Box.n")]
        evaluations = [c for c in program.request_contexts if c.function.label == "Box.add"]
        assert sorted(obj.phase for c in evaluations for obj in c.this.objects()) == [Phase.LOAD, Phase.REQUEST]
        assert {access.obj.phase for access in program.accesses if access.key == "n"} == {Phase.LOAD}

    def test_stored_into_a_shared_slot_and_read_back(self, node) -> None:
        before = f"{self.CLASS} let kept;"
        assert (LOST, "Box.n") in races(node(before, "kept = kept || new Box(); return kept.add();"))

    @pytest.mark.parametrize(("mode", "expected"), [("event.mode || 'a'", [(DATA, "last")]), ("'a'", [])])
    def test_code_behind_a_text_that_the_event_may_be(self, node, mode, expected) -> None:
        go = "async function go(mode, x) { if (mode === 'b') { last = x; await f(1); return last; } }"
        assert races(node(f"let last; {go}", f"return go({mode}, event.x);")) == expected

    def test_static_of_a_class_that_a_function_declares(self, node) -> None:
        shelf = "class Shelf { static items = given; add(x) { Shelf.items.push(x); return Shelf.items[0]; } }"
        before = f"function make(given) {{ {shelf} return new Shelf(); }} const kept = make([]);"
        assert races(node(before, "kept.add(event.x); await f(1); return kept.add(1);")) == [(DATA, "given")]

    def test_data_beside_what_a_library_made(self, node) -> None:
        made = "".join(f"m.d{number} = new Date(); " for number in range(9))  # parts are looked at in any order
        made = f"const m = {{}}; {made} m.who = {{}}; m.who.name = 'a' + event.name;"
        assert races(node("let last;", f"{made} last = m; await f(1); return last;")) == [(DATA, "last")]

    def test_a_list_and_whatever_else_touches_it(self, java) -> None:
        found = race(java("final List<String> l = new ArrayList<>();", 'l.add("x"); return l.get(0);'))
        assert found.other is not None
        assert found.other.span != found.access.span

    def test_data_inside_what_is_kept(self, java) -> None:
        members = "static List<List<String>> last;"
        body = "List<String> l = new ArrayList<>(); List<List<String>> m = new ArrayList<>(); m.add(l);"
        program = java(members, f'{body} l.add("a" + event.get("a")); last = m; return last.get(0).get(0);')
        assert races(program) == [(DATA, "H.last")]

    def test_java_object_kept_by_a_static(self, java) -> None:
        members = "static class Box { int n; } static Box kept;"
        shared = java(members, 'if (kept == null) { kept = new Box(); } kept.n++; return "" + kept.n;')
        assert (LOST, "Box.n") in races(shared)
        assert races(java(members, 'Box box = new Box(); box.n++; return "" + box.n;')) == []

    def test_object_that_a_shared_one_holds(self, java) -> None:
        classes = "static class Box { int n; } static class Owner { final Box box = new Box(); }"
        members = f"{classes} final Owner owner = new Owner();"
        assert races(java(members, 'owner.box.n++; return "" + owner.box.n;')) == [(LOST, "Box.n")]

    def test_event_belongs_to_the_request(self, node) -> None:
        assert races(node("", "event.user = event.name; await f(1); return event.user;")) == []


class TestPhases:
    def test_helper_of_constructor_and_handler(self, java) -> None:
        """The same helper is harmless while the handler is made and a race when it is called."""
        members = "int n; void add() { n++; } public H() { add(); }"
        assert races(java(members, 'return "" + n;')) == []
        assert races(java(members, 'add(); return "" + n;')) == [(LOST, "H.n")]

    def test_both_evaluations_exist(self, java) -> None:
        program = java("int n; void add() { n++; } public H() { add(); }", 'add(); return "" + n;')
        phases = [c.phase for c in program.machine.contexts.values() if c.function.label == "H.add"]
        assert sorted(phases) == [Phase.LOAD, Phase.REQUEST]
        (context,) = [c for c in program.request_contexts if c.function.label == "H.add"]
        assert all(access.context is context for access in program.accesses if access.update)

    def test_module_body_and_handler(self, node) -> None:
        before = "let n = 0; async function add() { const s = n; await f(1); n = s + 1; }"
        assert races(node(f"{before} add();", "return n;")) == []
        assert races(node(f"{before} add();", "await add(); return n;")) == [(LOST, "n")]

    def test_top_level_await_is_load(self, link) -> None:
        filled = "let token;\ntoken = await (await fetch(process.env.URL)).text();\n"
        source = f"{filled}export const handler = async () => token;\n"
        program = link(source, "index.mjs")
        assert races(program) == []
        assert all(not access.mode.changes for access in program.accesses)

    def test_trace_leads_from_the_handler(self, java) -> None:
        members = "int n; void outer() { inner(); } void inner() { n++; }"
        program = java(members, 'outer(); return "" + n;')
        trace = program.trace(race(program).access.context)
        assert [step.message for step in trace] == ["H.handleRequest", "calls H.outer", "calls H.inner"]


def test_a_variable_that_nobody_declared_is_the_processes(link):
    program = link("exports.handler = async (e) => { seen = e.id; await fetch(e.u); return seen; };")
    assert races(program) == [("REQUEST_DATA", "global.seen")]


def test_a_plain_write_of_what_does_the_same_is_a_note(node) -> None:
    before = "const { MongoClient } = require('mongodb'); const client = new MongoClient(); let db; let at;"
    body = "db = client.db('x'); at = Date.now(); await f(1); return [db.stats(), at];"
    found = {r.access.place_name: r.severity for r in node(before, body).races if r.kind.name == WRITE}
    assert found == {"db": Severity.NOTE, "at": Severity.WARNING}


def test_what_every_invocation_makes_alike_is_a_note(node) -> None:
    before = """
        const { fromEnv } = require('@aws-sdk/credential-providers');
        const { getSecret } = require('@aws-lambda-powertools/parameters/secrets');
        const LISTS = ['a'];
        let keys, secret, own, table, list, rows, made;
    """
    body = """
        keys = await fromEnv('AWS')(); secret = await getSecret(process.env.SECRET); own = await getSecret(event.id);
        table = JSON.parse(process.env.TABLE); list = LISTS.concat(Object.values(JSON.parse(process.env.TABLE)));
        rows = JSON.parse(await read()); made = new Client();
        await f(1);
        return [keys, secret, own, table, list, rows, made];
    """
    found = {r.access.place_name: r.severity for r in node(before, body).races}
    alike = dict.fromkeys(("keys", "secret", "table", "list"), Severity.NOTE)
    assert found == alike | {"own": Severity.ERROR, "rows": Severity.WARNING, "made": Severity.WARNING}


def test_what_is_parsed_twice_for_lack_of_a_guard_is_a_note(node) -> None:
    before = "let table, rows; async function load() { await f(1); return JSON.parse(process.env.TABLE); }"
    body = "if (!table) table = await load(); if (!rows) rows = await read(); return [table, rows];"
    found = {r.access.place_name: r.severity for r in node(before, body).races}
    assert found == {"table": Severity.NOTE, "rows": Severity.WARNING}


def test_a_collection_made_anew_takes_what_others_put_in(node) -> None:
    before = "let log = [], none = []; function init() { log = []; none = []; }"
    body = "init(); await f(1); log.push('x'); await f(2); return [log.length, none];"
    found = {r.access.place_name: r.severity for r in node(before, body).races if r.kind.name == WRITE}
    assert found == {"log": Severity.WARNING, "none": Severity.NOTE}


def test_what_load_made_is_no_invocations_own_whatever_decides_on_it(node) -> None:
    before = "const { randomUUID } = require('crypto'); const client = new Client(); let used, id;"
    body = (
        "const key = randomUUID(); if (await f(key)) { used = client; id = key; } await f(1); return [used.get(), id];"
    )
    found = {r.access.place_name: (r.kind.name, r.severity) for r in node(before, body).races}
    assert found == {"used": (WRITE, Severity.NOTE), "id": ("REQUEST_DATA", Severity.ERROR)}
