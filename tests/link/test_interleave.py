"""Where another invocation can run between two accesses to one place, from source to race."""

from __future__ import annotations

import pytest

from tests.link.linking import line_of, race, races, serious

LOST = "LOST_UPDATE"
LAZY = "LAZY_INIT"
DATA = "REQUEST_DATA"
WRITE = "SHARED_WRITE"


def handler(body, before=""):
    """A module with state, helpers and a handler whose body this is."""
    return (
        "const { Mutex } = require('async-mutex');\n"
        "const f = () => fetch(process.env.URL).then((r) => r.json());\n"
        f"let count = 0; let token; let user; const mutex = new Mutex();\n{before}\n"
        f"exports.handler = async (event) => {{\n{body}\n}};\n"
    )


class TestKnownCases:
    """Cases that linters for one function at a time get wrong, among others."""

    @pytest.mark.parametrize(
        ("body", "expected"),
        [
            ("count += await f(); return count;", [(LOST, "count")]),
            ("count = (await f()) + count; return count;", []),
            ("if (!token) { token = await f(); } return token;", [(LAZY, "token")]),
            ("token = token || await f(); return token;", [(LAZY, "token")]),
            ("token ??= await f(); return token;", [(LAZY, "token")]),
        ],
    )
    def test_module_variable(self, link, body, expected) -> None:
        assert races(link(handler(body))) == expected

    def test_read_then_await_then_write(self, link) -> None:
        program = link(handler("const seen = count;\nawait f();\ncount = seen + 1;\nreturn count;"))
        found = race(program)
        assert (found.kind.name, found.access.place_name) == (LOST, "count")
        assert found.gap is not None
        assert [line_of(program, found.other), program.line(found.gap), line_of(program, found.access)] == [6, 7, 8]

    def test_object_of_the_request_as_parameter(self, link) -> None:
        helper = "async function fill(ctx) { ctx.body = await f(); await f(); return ctx.body; }"
        assert races(link(handler("return fill({});", helper))) == []
        assert races(link(handler("return fill(all);", f"const all = {{}}; {helper}"))) == [(WRITE, "all.body")]

    def test_argument_changed_after_the_call(self, link) -> None:
        body = "const sent = { a: 1 }; await fetch(process.env.URL, { sent }); sent['x'] = event.x; return sent;"
        assert races(link(handler(body))) == []

    @pytest.mark.parametrize(
        ("made", "expected"),
        [("const client = new Client(); ", [(LAZY, "Client.bar")]), ("", [])],
        ids=["shared", "per request"],
    )
    def test_lazy_field(self, link, made, expected) -> None:
        klass = "class Client { async get() { if (!this.bar) { this.bar = await f(); } return this.bar; } }\n"
        body = ("" if made else "const client = new Client(); ") + "return client.get();"
        assert races(link(handler(body, klass + made))) == expected

    def test_flag_of_constants(self, link) -> None:
        body = "busy = true; await f(); busy = false; return 1;"
        assert serious(link(handler(body, "let busy = false;"))) == []

    def test_flag_that_guards(self, link) -> None:
        body = "if (busy) { return 0; } busy = true; await f(); busy = false; return 1;"
        assert serious(link(handler(body, "let busy = false;"))) == []

    def test_read_and_write_in_one_section(self, link) -> None:
        body = (
            "return mutex.runExclusive(async () => { const seen = count; await f(); count = seen + 1; return count; });"
        )
        assert races(link(handler(body))) == []

    def test_read_outside_the_section(self, link) -> None:
        body = (
            "const seen = count; return mutex.runExclusive(async () => { await f(); count = seen + 1; return count; });"
        )
        assert (LOST, "count") in races(link(handler(body)))

    def test_two_sections_of_one_lock(self, link) -> None:
        body = """
        let release = await mutex.acquire(); const seen = count; release();
        await f();
        release = await mutex.acquire(); count = seen + 1; release();
        return count;"""
        assert (LOST, "count") in races(link(handler(body)))

    def test_lock_of_the_request(self, link) -> None:
        body = """
        const own = new Mutex();
        return own.runExclusive(async () => { const seen = count; await f(); count = seen + 1; return count; });"""
        assert (LOST, "count") in races(link(handler(body)))

    @pytest.mark.parametrize("wait", ["await f();", ""])
    def test_getter_and_setter_functions(self, link, wait) -> None:
        helpers = "const getTok = () => token; const setTok = (v) => { token = v; };"
        body = f"if (!getTok()) {{ const v = await f(); {wait} setTok(v); }} return getTok();"
        assert races(link(handler(body, helpers))) == [(LAZY, "token")]

    @pytest.mark.parametrize(
        ("before", "body", "expected"),
        [
            ("const svc = new Service();", "return svc.put();", [(LOST, "Service.n")]),
            ("", "return new Service().put();", []),
            ("const svc = new Service();", "return mutex.runExclusive(() => svc.put());", []),
            ("const svc = new Service();", "return svc.safely();", []),
        ],
        ids=["shared", "fresh", "locked outside", "locked inside"],
    )
    def test_method_by_receiver(self, link, before, body, expected) -> None:
        klass = """
        class Service {
          constructor() { this.n = 0; this.lock = new Mutex(); }
          async put() { const seen = this.n; await f(); this.n = seen + 1; return this.n; }
          safely() { return this.lock.runExclusive(() => this.put()); }
        }
        """
        assert races(link(handler(body, klass + before))) == expected

    def test_locks_of_two_objects(self, link) -> None:
        klass = """
        const shared = { n: 0 };
        class Service {
          constructor() { this.lock = new Mutex(); }
          put() {
            return this.lock.runExclusive(async () => { const s = shared.n; await f(); shared.n = s + 1; return s; });
          }
        }
        const one = new Service(); const two = new Service();
        """
        body = "return event.x ? one.put() : two.put();"
        kinds = {kind for kind, _ in races(link(handler(body, klass)))}
        assert "INCONSISTENT_LOCK" in kinds


class TestLoops:
    def test_back_edge(self, link) -> None:
        """The write of one round is stale in the next."""
        body = "let seen = 0; for (const x of event.xs) { count = seen + 1; seen = count; await f(); } return count;"
        assert (LOST, "count") in races(link(handler(body)))

    def test_each_round_reads_anew(self, link) -> None:
        body = "for (const x of event.xs) { await f(); count = count + 1; } return 1;"
        assert races(link(handler(body))) == []

    def test_suspension_in_the_loop(self, link) -> None:
        body = "const seen = count; for (const x of event.xs) { await f(x); } count = seen + 1; return count;"
        assert (LOST, "count") in races(link(handler(body)))

    def test_for_await_suspends(self, link) -> None:
        body = "const seen = count; for await (const x of event.xs) { x.ok = 1; } count = seen + 1; return count;"
        assert (LOST, "count") in races(link(handler(body)))

    @pytest.mark.parametrize("jump", ["break", "continue"])
    def test_jump_skips_the_rest_of_the_round(self, link, jump) -> None:
        skipping = f"if (x.slow) {{ await f(); {jump}; }}"
        body = f"for (const x of event.xs) {{ const seen = count; {skipping} count = seen + 1; }} return 1;"
        assert races(link(handler(body))) == []

    def test_jump_carries_on_after_the_loop(self, link) -> None:
        body = "const seen = count; for (const x of event.xs) { await f(); break; } count = seen + 1; return count;"
        assert (LOST, "count") in races(link(handler(body)))

    def test_test_of_a_loop_guards(self, link) -> None:
        body = "while (!token) { const got = await f(); token = got; } return token;"
        assert races(link(handler(body))) == [(LAZY, "token")]


class TestBranches:
    def test_suspension_in_one_arm(self, link) -> None:
        body = "const seen = count; if (event.slow) { await f(); } count = seen + 1; return count;"
        assert (LOST, "count") in races(link(handler(body)))

    def test_suspension_only_where_nothing_follows(self, link) -> None:
        body = "const seen = count; if (event.slow) { await f(); return 0; } count = seen + 1; return count;"
        assert races(link(handler(body))) == []

    def test_early_return_guards(self, link) -> None:
        body = "if (token) { return token; } const made = await f(); token = made; return made;"
        assert races(link(handler(body))) == [(LAZY, "token")]

    def test_arms_do_not_follow_each_other(self, link) -> None:
        body = "if (event.a) { event.seen = count; await f(); } else { count = 1 + event.n; } return 1;"
        assert LOST not in {kind for kind, _ in races(link(handler(body)))}

    def test_switch(self, link) -> None:
        body = """
        const seen = count;
        switch (event.kind) { case 'a': await f(); break; default: return 0; }
        count = seen + 1; return count;"""
        assert (LOST, "count") in races(link(handler(body)))

    def test_conditional_expression(self, link) -> None:
        body = "const seen = count; const x = event.a ? await f() : 1; count = seen + 1; return x + count;"
        assert (LOST, "count") in races(link(handler(body)))

    def test_read_again_after_the_suspension(self, link) -> None:
        body = "event.log = count; await f(); count = count + 1; return event.log;"
        assert LOST not in {kind for kind, _ in races(link(handler(body)))}


class TestTry:
    def test_suspension_in_the_body_write_in_finally(self, link) -> None:
        body = "const seen = count; try { await f(); } finally { count = seen + 1; } return count;"
        assert (LOST, "count") in races(link(handler(body)))

    def test_suspension_in_the_handler(self, link) -> None:
        body = "const seen = count; try { event.go(); } catch (e) { await f(e); } count = seen + 1; return count;"
        assert (LOST, "count") in races(link(handler(body)))

    def test_release_in_finally(self, link) -> None:
        body = """
        const release = await mutex.acquire();
        try { const seen = count; await f(); count = seen + 1; return count; } finally { release(); }"""
        assert races(link(handler(body))) == []

    @pytest.mark.parametrize("ending", ["catch (e)", "finally"])
    def test_suspension_before_the_body_fails(self, link, ending) -> None:
        body = f"const seen = count; try {{ await f(); event.go(); }} {ending} {{ count = seen + 1; }} return count;"
        assert (LOST, "count") in races(link(handler(body)))

    @pytest.mark.parametrize("ending", ["catch (e)", "finally"])
    def test_suspension_in_a_return(self, link, ending) -> None:
        body = f"const seen = count; try {{ return await f(); }} {ending} {{ count = seen + 1; }} return count;"
        assert (LOST, "count") in races(link(handler(body)))


class TestCalls:
    def test_suspension_in_a_callee(self, link) -> None:
        helper = "async function wait() { await f(); }"
        body = "const seen = count; await wait(); count = seen + 1; return count;"
        assert (LOST, "count") in races(link(handler(body, helper)))

    def test_callee_without_suspension_that_is_awaited(self, link) -> None:
        """``await`` yields even if the function itself never does."""
        helper = "async function wait() { return 1; }"
        body = "const seen = count; await wait(); count = seen + 1; return count;"
        assert (LOST, "count") in races(link(handler(body, helper)))

    def test_plain_call_does_not_suspend(self, link) -> None:
        helper = "function add(n) { count = n + 1; }"
        body = "await f(); add(count); return count;"
        assert LOST not in {kind for kind, _ in races(link(handler(body, helper)))}

    def test_async_call_that_nobody_awaits(self, link) -> None:
        """What follows the call precedes the rest of the callee."""
        helper = "async function later() { const seen = count; await f(); count = seen + 1; }"
        assert (LOST, "count") in races(link(handler("later(); return count;", helper)))

    def test_async_call_that_nobody_awaits_does_not_suspend_the_caller(self, link) -> None:
        helper = "async function later() { await f(); }"
        body = "const seen = count; later(); count = seen + 1; return count;"
        assert races(link(handler(body, helper))) == []

    def test_promise_kept_and_awaited_later(self, link) -> None:
        body = "const seen = count; const p = f(); count = seen + 1; await p; return 1;"
        assert LOST not in {kind for kind, _ in races(link(handler(body)))}
        body = "const seen = count; const p = f(); await p; count = seen + 1; return 1;"
        assert (LOST, "count") in races(link(handler(body)))

    def test_read_in_one_callee_write_in_another(self, link) -> None:
        helpers = "const take = () => count; async function put(n) { await f(); count = n + 1; }"
        assert (LOST, "count") in races(link(handler("await put(take()); return count;", helpers)))


class TestDeferred:
    @pytest.mark.parametrize(
        "body",
        [
            "const seen = count; return f().then(() => { count = seen + 1; return count; });",
            "const seen = count; setTimeout(() => { count = seen + 1; }, 10); return count;",
            "const seen = count; const { readFile } = require('fs'); readFile('/opt/a', () => { count = seen + 1; });",
        ],
        ids=["then", "timer", "callback"],
    )
    def test_callback_runs_after_a_suspension(self, link, body) -> None:
        assert (LOST, "count") in races(link(handler(body)))

    def test_read_and_write_in_one_callback(self, link) -> None:
        body = "return f().then(() => { const seen = count; count = seen + 1; return 1; });"
        assert LOST not in {kind for kind, _ in races(link(handler(body)))}

    def test_array_methods_run_at_once(self, link) -> None:
        body = "const seen = count; event.xs.forEach((x) => { count = seen + 1; }); return count;"
        assert races(link(handler(body))) == []

    def test_executor_of_a_promise_runs_at_once(self, link) -> None:
        body = "const seen = count; const p = new Promise((ok) => { count = seen + 1; ok(1); }); return p;"
        assert LOST not in {kind for kind, _ in races(link(handler(body)))}


class TestDataReadBack:
    def test_leak(self, link) -> None:
        program = link(handler("user = event.user;\nawait f();\nreturn user;"))
        found = race(program)
        assert (found.kind.name, found.access.place_name) == (DATA, "user")
        assert (line_of(program, found.access), line_of(program, found.other)) == (6, 8)

    @pytest.mark.parametrize(
        "body",
        [
            "user = event.user; return user;",
            "user = 'nobody'; await f(); return user;",
            "await f(); user = event.user; return user;",
            "return mutex.runExclusive(async () => { user = event.user; await f(); return user; });",
        ],
        ids=["no suspension", "constant", "written after it", "one section"],
    )
    def test_no_leak(self, link, body) -> None:
        assert DATA not in {kind for kind, _ in races(link(handler(body)))}

    def test_written_again_before_the_read(self, link) -> None:
        body = "user = event.user; await f(); user = event.user; return user;"
        assert races(link(handler(body))) == []

    def test_read_of_what_an_earlier_invocation_left(self, link) -> None:
        body = "const before = user; await f(); user = event.user; return before;"
        assert (DATA, "user") in races(link(handler(body)))

    def test_value_of_this_invocation_that_is_not_its_data(self, link) -> None:
        body = "started = Date.now(); await f(); return Date.now() - started;"
        assert races(link(handler(body, "let started;"))) == [(WRITE, "started")]

    def test_nothing_suspends(self, link) -> None:
        source = "let user;\nexports.handler = (event) => {{ user = event.user; {} return use(user); }};"
        assert races(link(source.format(""))) == []
        assert (DATA, "user") in races(link(source.format("setTimeout(() => use(user), 1);")))
