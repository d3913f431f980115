"""Java source → facts."""

from __future__ import annotations

from lmi_lint.facts.show import show_event


def in_class(body, fields=""):
    return f"class A extends B {{ {fields} Object m(Map<String, String> p, int n) throws Exception {{ {body} }} }}"


def test_fields_stay_free_names(view):
    v = view(
        in_class("count++; items.add(n); this.count = 1; return Other.X;", "static int count; List<A> items;"), "A.java"
    )
    assert v.events("m") == [
        "load count",
        "store count = <0> (update)",
        "load items",
        "discarded call 2.add(p1:int)",
        "store this.count = 1",
        "load Other",
        "load 5.X",
    ]


def test_locals_carry_their_declared_types(view):
    v = view(in_class('String s = p.get("k"); use(s);'), "A.java")
    assert v.events("m") == [
        'call p0:Map<String, String>.get("k"):String',
        "discarded call use(0:String)",
    ]


def test_called_names_are_never_variables(view):
    v = view(in_class("int run = n; run(run);"), "A.java")
    assert v.events("m") == ["discarded call run(p1:int)"]


def test_construction_names_its_type(view):
    v = view(in_class("return new java.util.HashMap<String, A>();"), "A.java")
    assert v.events("m") == ["new java.util.HashMap()"]
    (made,) = v.function("m").returns
    assert made.type is not None
    assert [arg.name for arg in made.type.args] == ["String", "A"]


def test_package_prefix_is_loaded_name_by_name(view):
    v = view(in_class("com.acme.F.make(p);"), "A.java")
    assert v.events("m") == [
        "load com",
        "load 0.acme",
        "load 1.F",
        "discarded call 2.make(p0:Map<String, String>)",
    ]


def test_monitor_and_resources_are_regions(view):
    v = view(in_class("synchronized (LOCK) { a(); } try (In i = open(n)) { i.read(); } b();"), "A.java")
    assert v.events("m") == [
        "load LOCK",
        "discarded call a() in r0",
        "call open(p1:int):In",
        "discarded call 2:In.read() in r1",
        "discarded call b()",
    ]
    assert [region.how for region in v.function("m").regions] == ["monitor", "using"]


def test_lambda_captures_a_local_and_shares_the_receiver(view):
    v = view(in_class("String s = name(); run(x -> s + x + field);"), "A.java")
    assert v.events("m") == ["call name():String", "declare f1:s = 0:String", "closure f2", "discarded call run(2)"]
    assert [show_event(event) for event in v.module.functions[2].events] == ["load f1:s", "load field"]


def test_field_of_an_anonymous_class_hides_the_local_around_it(view):
    v = view(in_class("int q = n; return new R() { int q; public void run() { q = 1; use(n); } };"), "A.java")
    assert v.events("run") == ["store q = 1", "load f1:n", "discarded call use(1:int)"]


def test_constructor_calls(view):
    v = view("class A extends B { A() { this(1); } A(int n) { super(n); } }", "A.java")
    shown = [v.events(function.name) for function in v.module.functions if function.name == "<init>"]
    assert shown[0] == ["discarded call this(1)"]
    both = [event for function in v.module.functions for event in function.events]
    assert sorted((event.on_this, event.on_super) for event in both) == [(False, True), (True, False)]


def test_null_joins_as_nothing(view):
    v = view(in_class('String s = null; if (n > 1) { s = "/tmp/x"; } use(s);'), "A.java")
    value = v.argument("m", "use")
    assert value.texts == (("/tmp/x",),)
    assert not value.constant


def test_static_initialiser_stores_into_the_class(view):
    v = view('class A { static final Map<String, A> M = new HashMap<>(); static { M.put("a", null); } }', "A.java")
    initialiser = v.module.functions[v.module.classes[0].methods[0]]
    assert [show_event(event) for event in initialiser.events] == [
        "new HashMap()",
        "class c0",
        "store 1.M = 0:HashMap",
        "load M",
        'discarded call 3.put("a", null)',
    ]
