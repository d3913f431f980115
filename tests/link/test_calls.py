"""What calls do: constructors above, methods that are added to a type, functions that are kept, and what is counted."""

from __future__ import annotations

import pytest

from tests.link.linking import library_calls, link_all, link_one, race, races, serious

JAVA = """
    import com.amazonaws.services.lambda.runtime.*;
    import java.util.*;
    public class H implements RequestHandler<String, String> {{
        static final Map<String, String> SHARED = new HashMap<>();
        public String handleRequest(String event, Context context) {{ new Sub({arg}).add(event); return ""; }}
    }}
    class Base {{
        private final Map<String, String> kept;
        Base(Map<String, String> kept) {{ this.kept = kept; }}
        void add(String item) {{ kept.put(item, item); }}
    }}
    class Sub extends Base {{
        Sub(Map<String, String> given) {{ super(given); }}
        Sub() {{ super(new HashMap<>()); }}
    }}
"""


@pytest.mark.parametrize(
    ("arg", "expected"), [("SHARED", [("UNSAFE_TYPE", "H.SHARED")]), ("", []), ("new HashMap<>()", [])]
)
def test_what_a_constructor_hands_up(link, arg, expected):
    assert races(link(JAVA.format(arg=arg), "H.java")) == expected


EXTENSION = """
    using Amazon.Lambda.Core;
    using System.Collections.Generic;
    public class Store { public List<string> Items = new(); }
    public static class Stores {
        public static void Put(this Store store, string item, int times = 1) { store.Items.Add(item); }
    }
    public class Function {
        private static readonly Store Kept = new();
        public string Handler(string input, ILambdaContext context) { Kept.Put(input); return input; }
    }
"""


def test_an_extension_may_be_called_without_what_has_a_default(link):
    assert races(link(EXTENSION, "Function.cs")) == [("UNSAFE_TYPE", "Store.Items")]


@pytest.mark.parametrize("keeps", ["bus.on('flush', () => seen.clear());", "setInterval(() => seen.clear(), 1000);"])
def test_what_load_leaves_behind_runs_beside_requests(link, keeps):
    source = f"""
        import {{ EventEmitter }} from 'node:events';
        const bus = new EventEmitter();
        const seen = new Map();
        {keeps}
        export const handler = async (event) => {{ seen.set(event.id, 1); return bus.listenerCount('flush'); }};
    """
    program = link(source, "index.mjs")
    assert [access.place_name for access in program.recorder.beside if access.mode.changes] == ["seen"]


def test_unresolved_calls_are_counted_once(link):
    source = "const odd = require(process.env.KIND);\nexports.handler = async () => { odd.go(); odd.stop(); };"
    assert link(source).recorder.unresolved == 2


def test_a_call_is_resolved_if_anything_answers_it(link):
    source = "const a = { go() {} };\nclass B {}\nexports.handler = async (e) => { (e.x ? a : B).go(); B.go(); };"
    recorder = link(source).recorder
    assert (recorder.unresolved, recorder.resolved) == (1, 0)


def test_each_callee_is_called(link):
    """One of ours does not make that of a library unseen, in whatever order they come."""
    source = """
        const odd = require('odd');
        const own = () => 1, wrapped = odd.wrap(() => odd.inside()), made = odd.make();
        exports.handler = async (e) => { for (const f of [own, wrapped, made]) f(e); };
    """
    assert library_calls(link(source)) == ["odd.make()", "odd.inside"]


def test_an_abstract_method_is_that_of_the_library_above(link):
    source = """
        import com.amazonaws.services.lambda.runtime.*;
        import java.util.concurrent.*;
        interface Workers extends ExecutorService { Future<?> submit(Runnable task); }
        public class H implements RequestHandler<String, String> {
            private Workers workers;
            public String handleRequest(String event, Context context) { workers.submit(() -> { }); return ""; }
        }
    """
    assert library_calls(link(source, "H.java")) == ["java.util.concurrent.ExecutorService.submit"]


def test_the_other_access_of_a_race_is_not_told_again(link):
    found = race(
        link("let n = 0;\nexports.handler = async (e) => { const m = n; await fetch(e.u); n = m + 1; return n; };")
    )
    assert found.other is not None
    spans = [access.span for access in found.others]
    assert found.other.span not in spans
    assert found.access.span not in spans


OVERLOADS = """
    import com.amazonaws.services.lambda.runtime.*;
    public class H implements RequestHandler<String, String> {{
        public String handleRequest(String event, Context context) {{ Store.put(new Store()); return ""; }}
    }}
    class Store {{
        static Object store;
        static Object other;
        {0}
        {1}
    }}
"""
TEXTS = ("static void put(Thread item) { other = item; }", "static void put(String item) { store = item; }")
PUTS = ("static void put(Thread item) { other = item; }", "static void put(Store item) { store = item; }")


@pytest.mark.parametrize(
    ("puts", "given"),
    [(PUTS, "new Store()"), (PUTS[::-1], "new Store()"), (TEXTS, '"text"'), (TEXTS[::-1], '"text"')],
    ids=["last", "first", "text last", "text first"],
)
def test_of_overloads_of_as_many_parameters_the_one_of_the_type_given(link, puts, given):
    program = link(OVERLOADS.format(*puts).replace("new Store()", given), "H.java")
    assert [access.key for access in program.accesses if access.mode.changes] == ["store"]


def test_a_method_that_is_called_through_its_class_gets_its_object(link):
    source = """
        class Store:
            def __init__(self, path):
                self.path = path

            def write(self, text):
                open(self.path, "w").write(text)

        def handler(event, context):
            Store.write(Store("/tmp/kept"), event["text"])
    """
    program = link(source, "app.py")
    opened = [call.args[0].texts for call in program.calls if call.name.endswith("open")]
    assert opened == [frozenset({("/tmp/kept",)})]


def test_a_function_bound_to_nothing(link):
    source = """
        let last;
        function put(x) { last = x; }
        const bound = put.bind();
        exports.handler = async (event) => { bound(event.x); await fetch(process.env.URL); return last; };
    """
    assert races(link(source)) == [("REQUEST_DATA", "last")]


def test_a_derived_class_has_a_field_of_its_own(link):
    """A static field of JavaScript is created where it is assigned; that of the base class is another one."""
    source = """
        class Base { last = ""; }
        class Derived extends Base { }
        exports.handler = async (event) => { Derived.last = event.x; };
    """
    (access,) = [each for each in link(source).accesses if each.mode.changes]
    assert access.obj.klass.name == "Derived"


def test_where_a_path_is_given(link):
    source = """
        const fs = require('fs');
        function save(path, text) { fs.writeFileSync(path, text); }
        save('/tmp/a', 'start');
        exports.handler = async (event) => {
            save('/tmp/a', event.text);
        };
    """
    program = link(source)
    written = [call for call in program.calls if call.name == "fs.writeFileSync"]
    given = [[program.line(site) for site in program.givers(call.context, call.args[0])] for call in written]
    assert given == [[4], [6]]


SINGLETON = {
    "src/app/Registry.java": """
        package app;
        public class Registry {
          private static Registry only;
          int asked;
          static Registry get() { if (only == null) { only = new Registry(); } return only; }
        }
        """,
    "src/app/Reader.java": "package app; public class Reader { final Registry registry = Registry.get(); }",
    "src/app/Writer.java": "package app; public class Writer { final Registry registry = Registry.get(); }",
    "src/app/Handler.java": """
        package app;
        import com.amazonaws.services.lambda.runtime.*;
        public class Handler implements RequestHandler<String, String> {
          private final Reader reader = new Reader();
          private final Writer writer = new Writer();
          public String handleRequest(String event, Context context) {
            writer.registry.asked++;
            return event + reader.registry.asked;
          }
        }
        """,
}


def test_singleton_asked_for_under_several_constructions(tmp_path) -> None:
    """Whose construction asks for it at load makes no further object of it."""
    program = link_one(tmp_path, SINGLETON)
    objects = program.machine.objects.values()
    made = [obj.klass.name for obj in objects if obj.site is not None and obj.klass is not None]
    assert made.count("Registry") == 1
    assert serious(program) == [("LOST_UPDATE", "Registry.asked")]


def test_parameters_by_name_stand_under_their_names(link):
    source = """
        def save(**given):
            open(given["path"], "w").write(given["text"])

        def handler(event, context):
            save(path="/tmp/a", text="x")
            save(**event)
    """
    opened = [call.args[0] for call in link(source, "app.py").calls if call.name == "open"]
    assert [(value.texts, bool(value.data)) for value in opened] == [
        (frozenset({("/tmp/a",)}), False),
        (frozenset(), True),
    ]


def test_an_attribute_of_a_function_is_another_function(link):
    source = """
        import boto3

        def make():
            return boto3.client("s3")

        def handler(event, context):
            make.{}()
    """
    assert [library_calls(link(source.format(name), "app.py")) for name in ("reset", "__call__")] == [
        [],
        ["boto3.client"],
    ]


def test_what_an_element_of_a_list_reads(link):
    source = """
        import com.amazonaws.services.lambda.runtime.*;
        import java.util.*;
        import java.io.*;
        public class H implements RequestHandler<String, String> {
            static final List<String> PATHS = List.of("/tmp/a");
            public String handleRequest(String event, Context context) { new FileWriter(PATHS.get(0)); return ""; }
        }
    """
    (made,) = [call for call in link(source, "H.java").calls if call.name == "java.io.FileWriter"]
    assert made.args[0].texts == {("/tmp/a",)}


def test_a_block_that_only_locks_closes_nothing(link):
    source = """
        import com.amazonaws.services.lambda.runtime.*;
        import java.sql.*;
        public class H implements RequestHandler<String, String> {
            public String handleRequest(String event, Context context) throws SQLException {
                Connection mine = DriverManager.getConnection(event);
                synchronized (mine) { mine.commit(); }
                try (Connection own = DriverManager.getConnection(event)) { own.commit(); }
                return "";
            }
        }
    """
    assert library_calls(link(source, "H.java")).count("java.sql.Connection.close") == 1


def test_deployments_of_one_program_are_linked_once(tmp_path):
    function = (
        "Type: AWS::Serverless::Function\n    Properties: {Runtime: nodejs22.x, Handler: index.handler, CodeUri: .}"
    )
    template = f"Transform: AWS::Serverless-2016-10-31\nResources:\n  A:\n    {function}\n  B:\n    {function}\n"
    files = {"template.yaml": template, "index.js": "exports.handler = async () => 1;"}
    programs = [linked.program for linked in link_all(tmp_path, files)]
    assert len(programs) == 2
    assert len({id(program.machine) for program in programs if program is not None}) == 1


def test_the_values_of_a_dictionary_are_what_it_holds(link):
    source = """
        using System.Linq;
        using System.Collections.Generic;
        using Amazon.Lambda.Core;
        public class Function {
            static readonly Dictionary<string, List<string>> Kept = new() { ["a"] = new List<string>() };
            public string Handler(string input, ILambdaContext context) {
                Kept.Values.First().Add(input);
                return Kept["a"][0];
            }
        }
    """
    assert races(link(source, "Function.cs")) == [("REQUEST_DATA", "Function.Kept.a")]


def test_what_a_library_made_takes_part_in(link):
    source = """
        const fs = require('fs');
        const odd = require('odd');
        exports.handler = async () => {
            const made = fs.createWriteStream('/tmp/a');
            odd.copy({ to: made });
            odd.list([made]);
            odd.other({ to: 'a' });
        };
    """
    program = link(source)
    (opened,) = [call for call in program.calls if call.name == "fs.createWriteStream"]
    found = program.temp_writes.uses.of_result(opened.result.objects())
    assert sorted(call.name for use in found for call in use.library) == ["odd.copy", "odd.list"]


def test_what_an_object_holds_comes_before_methods_of_that_name(link):
    source = """
        let last;
        async function own(x) { last = x; await fetch('u'); return last; }
        class Shelf { constructor() { this.go = own; } go(x) { return x; } }
        const shelf = new Shelf();
        exports.handler = async (event) => { const go = shelf.go; return go(event.x); };
    """
    assert races(link(source)) == [("REQUEST_DATA", "last")]


def test_where_a_place_is_declared(link):
    """A variable of a function is not that of the module of the same name."""
    add = "async add() { const s = count; await fetch('u'); count = s + 1; return count; }"
    made = f"function make(count) {{ return {{ {add} }}; }}\nconst kept = make(0);\n"
    use = "exports.handler = async () => { other = other + 1; return kept.add() + count + other; };"
    program = link(f"let count = 5;\nlet other = 1;\n{made}{use}")
    declared = {access.key: program.declaration(access) for access in program.accesses if access.mode.changes}
    assert declared["count"] is None
    assert declared["other"] is not None


@pytest.mark.parametrize(("given", "place"), [("input", "Items"), ('input, "b"', "Others")])
def test_extensions_of_one_name_by_the_number_of_arguments(link, given, place):
    other = "public static void Put(this Store store, string item, string other) { store.Others.Add(other); }"
    source = EXTENSION.replace("public List", "public List<string> Others = new(); public List", 1)
    source = source.replace(", int times = 1", "").replace("public static void", f"{other} public static void", 1)
    found = races(link(source.replace("Kept.Put(input)", f"Kept.Put({given})"), "Function.cs"))
    assert found == [("UNSAFE_TYPE", f"Store.{place}")]
