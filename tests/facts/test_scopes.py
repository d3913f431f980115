"""Scopes of languages whose front-ends are not used here: IR made by hand."""

from __future__ import annotations

from lmi_lint.facts.extract import extract
from lmi_lint.facts.show import show_event
from lmi_lint.ir import nodes as ir
from lmi_lint.ir.nodes import Flags
from lmi_lint.model.names import Language


def name(text, at=0):
    return ir.Name(at, at + len(text), text)


def assign(target, value, at=0, how=ir.How.SET):
    return ir.Do(at, at + 1, ir.Assign(at, at + 1, value, name(target, at), how))


def call(callee, *args):
    return ir.Call(0, 1, name(callee), tuple([ir.Arg(0, 1, arg) for arg in args]))


def module(language, *functions):
    return ir.Module("a", language, None, (), (), functions, (), (), (), 0)


def function(title, body, outer=0, params=(), flags=Flags.NONE):
    return ir.Function(0, 1, title, 0, 1, tuple([ir.Param(0, 1, param) for param in params]), body, flags, None, outer)


def body(*statements):
    return ir.Function(0, 1, "", 0, 0, (), statements, Flags.INITIALIZER)


def events(made, index):
    return [show_event(event) for event in extract(made, 1).functions[index].events]


def define(index):
    return ir.Define(0, 1, index, None)


def test_python_assignment_makes_a_local():
    made = module(
        Language.PYTHON,
        body(assign("n", ir.Literal(0, 1, 1), 3), define(1)),
        function("f", (assign("n", call("g")), ir.Return(0, 1, name("n")))),
    )
    assert events(made, 0) == ["declare f0:n = 1", "closure f1", "declare f0:f = 1"]
    assert events(made, 1) == ["call g()"]
    assert [variable.name for variable in extract(made, 1).variables] == ["n"]


def test_python_global_and_nonlocal():
    inner = function("g", (ir.Scope(0, 1, False, ("x",)), assign("x", name("n"))), outer=1)
    made = module(
        Language.PYTHON,
        body(assign("n", ir.Literal(0, 1, 1), 3), define(1)),
        function("f", (ir.Scope(0, 1, True, ("n",)), assign("n", call("h")), assign("x", name("n"), 9), define(2))),
        inner,
    )
    assert events(made, 1) == ["call h()", "store f0:n = 0", "load f0:n", "declare f1:x = 2", "closure f2"]
    assert events(made, 2) == ["load f0:n", "store f1:x = 0"]


def test_python_comprehension_variables_stay_inside():
    loop = ir.Loop(
        0, 1, name("xs"), name("x"), None, (ir.Do(0, 1, call("use", name("x"))),), declares=ir.DeclareKind.LET
    )
    made = module(
        Language.PYTHON,
        body(define(1)),
        function("f", (ir.Do(0, 1, ir.Sequence(0, 1, (loop,), None)), ir.Return(0, 1, name("x")))),
    )
    assert events(made, 1) == ["load xs", "element of 0", "discarded call use(1)", "load x"]


def test_csharp_locals_hide_fields_only_after_their_declaration():
    made = module(
        Language.CSHARP,
        body(),
        function(
            "m",
            (
                ir.Do(0, 1, call("use", name("x"))),
                ir.Declare(0, 1, "x", None, ir.Literal(0, 1, 1)),
                ir.Do(0, 1, call("use", name("x"))),
            ),
        ),
    )
    assert events(made, 1) == ["load x", "discarded call use(0)", "discarded call use(1)"]


def test_csharp_calls_a_local_of_delegate_type_and_writes_back_by_reference():
    by_reference = ir.Call(0, 1, name("get"), (ir.Arg(0, 1, name("v"), mode=ir.ArgMode.OUT),))
    made = module(
        Language.CSHARP,
        body(),
        function(
            "m",
            (ir.Declare(0, 1, "v", None, None), ir.Do(0, 1, by_reference), ir.Return(0, 1, name("v"))),
            params=("f",),
        ),
        function("n", (ir.Do(0, 1, call("f")),), params=("f",)),
    )
    facts = extract(made, 1)
    assert facts.functions[1].returns[0].sources == (0,)
    assert events(made, 2) == ["discarded call (p0)()"]


def test_object_initialiser_fills_the_new_object():
    fills = (ir.Entry(0, 1, ir.Literal(0, 1, "Name"), name("p")),)
    made = ir.Call(0, 1, name("K"), (), new=True, type=ir.TypeRef(0, 1, "K"), fills=fills)
    assert events(module(Language.CSHARP, body(), function("m", (ir.Do(0, 1, made),), params=("p",))), 1) == [
        "discarded new K()",
        "store 0:K.Name = p0",
    ]


def test_unknown_constructs_keep_their_children():
    opaque = ir.Opaque(0, 1, "what", (call("a"), ir.Do(0, 1, call("b")), ir.Return(0, 1, name("p"))))
    made = module(Language.CSHARP, body(), function("m", (opaque, ir.Do(0, 1, opaque)), params=("p",)))
    assert events(made, 1) == ["call a()", "discarded call b()", "call a()", "discarded call b()"]
    assert extract(made, 1).functions[1].returns[0].made_from == (-2,)
