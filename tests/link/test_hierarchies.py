"""Supertypes: deep hierarchies are climbed to the top, and those that lead back to where they began have an end."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.link.linking import link_one

DEPTH = 300

HANDLERS = {
    "java": (
        "import com.amazonaws.services.lambda.runtime.*;\n"
        "public class H implements RequestHandler<String, String> {\n"
        "  static final Made made = new Made();\n"
        "  public String handleRequest(String event, Context context) { made.go(event); return null; }\n}\n"
    ),
    "csharp": (
        "using Amazon.Lambda.Core;\npublic class H {\n  static readonly Made made = new Made();\n"
        "  public void Handler(string input, ILambdaContext context) { made.go(input); }\n}\n"
    ),
    "javascript": "const made = new Made();\nexports.handler = async (event) => { made.go(event); };\n",
    "python": "made = Made()\n\ndef handler(event, context):\n    made.go(event)\n",
}

FILES = {"java": "H.java", "csharp": "H.cs", "javascript": "index.js", "python": "app.py"}

# The class at the top, one between, and the one at the bottom.
DEEP = {
    "java": (
        "class C0 { String last; C0() { last = first(); } void go(String x) { last = x; } }",
        "class C{0} extends C{1} {{ }}",
        "class Made extends C{0} {{ }}",
    ),
    "csharp": (
        "public class C0 { string last; public C0() { last = First(); } public void go(string x) { last = x; } }",
        "public class C{0} : C{1} {{ }}",
        "public class Made : C{0} {{ }}",
    ),
    "javascript": (
        "class C0 { constructor() { this.last = first(); } go(x) { this.last = x; } }",
        "class C{0} extends C{1} {{ }}",
        "class Made extends C{0} {{ }}",
    ),
    "python": (
        (
            "class C0:\n    def __init__(self):\n        self.last = first()\n"
            "    def go(self, x):\n        self.last = x\n"
        ),
        "class C{0}(C{1}):\n    pass\n",
        "class Made(C{0}):\n    pass\n",
    ),
}


def source(language, classes):
    """A handler that calls ``go`` of an object of the class ``Made`` that all invocations share."""
    handler = HANDLERS[language]
    head, _, rest = handler.partition("public class H")
    return f"{head}{classes}\n{_}{rest}" if rest else f"{classes}\n{handler}"


def written(program):
    """The names of the fields that requests write."""
    return {access.key for access in program.accesses if access.mode.changes}


@pytest.mark.parametrize("language", HANDLERS)
def test_deep(link, language) -> None:
    top, between, bottom = DEEP[language]
    classes = [top, *(between.format(i, i - 1) for i in range(1, DEPTH)), bottom.format(DEPTH - 1)]
    program = link(source(language, "\n".join(classes)), FILES[language])
    assert written(program) == {"last"}
    assert [call.phase.name for call in program.calls if call.name.lower().endswith("first")] == ["LOAD"]


GO = {
    "java": "void go(String x) { last = x; }",
    "csharp": "public void go(string x) { last = x; }",
    "javascript": "go(x) { this.last = x; }",
    "python": "    def go(self, x):\n        self.last = x\n",
}

CYCLES = {
    "java": [
        "class Made extends Made { String last; GO }",
        "class Made extends B { String last; GO } class B extends Made { }",
        "class Made extends B { } class B extends C { String last; GO } class C extends B { }",
        (
            "class Made extends A implements I { String last; GO } class A implements J { } interface I extends J { }"
            " interface J extends I { }"
        ),
        "class Made extends Made.In { String last; GO static class In { } }",
        "class Made extends B.X { String last; GO static class Y { } } class B extends Made.Y { static class X { } }",
        (
            "class Made extends B.X { String last; GO } class B { static class X extends C.X { } }"
            " class C extends B.X { static class X extends Made { } }"
        ),
    ],
    "csharp": [
        "public class Made : Made { string last; GO }",
        "public class Made : B { string last; GO } public class B : Made { }",
        "public partial class Made { string last; GO } public partial class Made : B { } public class B : Made { }",
        (
            "public partial class Made : B { string last; GO } public partial class Made : B { }"
            " public partial class B { } public partial class B : Made { }"
        ),
        (
            "public partial class Made { string last; GO } public partial class Made : C { } public class C : B { }"
            " public partial class B { } public partial class B : Made { }"
        ),
        "public class Made : Made.IPart { string last; GO interface IPart { void go(string x); } }",
        (
            "public class Made : B.X { string last; GO public class Y { } }"
            " public class B : Made.Y { public class X : Made { } }"
        ),
    ],
    "javascript": [
        "class Made extends Made { GO }",
        "class Made extends B { GO } class B extends Made { }",
        "class Made extends B { } class B extends C { GO } class C extends B { }",
    ],
    "python": [
        "class Made(Made):\nGO",
        "class Made(B):\nGO\nclass B(Made):\n    pass\n",
        "class Made(B, C):\n    pass\nclass B(C):\nGO\nclass C(B):\n    pass\n",
    ],
}


@pytest.mark.parametrize(
    ("language", "classes"), [(language, classes) for language, found in CYCLES.items() for classes in found]
)
def test_cycles(link, language, classes) -> None:
    program = link(source(language, classes.replace("GO", GO[language])), FILES[language])
    assert written(program) == {"last"}


def test_base_class_by_two_ways_is_made_once(link) -> None:
    """Diamonds upon diamonds: the number of ways doubles with each."""
    classes = "class C0:\n    def __init__(self):\n        self.last = first()\n" + "\n".join(
        f"class L{i}(C{i - 1}):\n    pass\nclass R{i}(C{i - 1}):\n    pass\nclass C{i}(L{i}, R{i}):\n    pass"
        for i in range(1, 40)
    )
    program = link(source("python", f"{classes}\nclass Made(C39):\n{GO['python']}"), "app.py")
    assert written(program) == {"last"}


def test_deeply_nested_classes(link) -> None:
    nested = "".join(f"static class N{i} extends Top {{ " for i in range(60))
    classes = f"class Top {{ String last; {GO['java']} }} class Out extends Top {{ {nested} {'}' * 60} }}"
    names = ".".join(f"N{i}" for i in range(60))
    program = link(source("java", f"{classes} class Made extends Out.{names} {{ }}"), "H.java")
    assert written(program) == {"last"}


# Which ``go`` is run where several are inherited: the name of the field that it writes.
SEVERAL = {
    "python: what a base class inherits comes before the next base class": (
        "python",
        (
            "class Top:\n    def go(self, x):\n        self.top = x\n"
            "class Left(Top):\n    pass\n"
            "class Right:\n    def go(self, x):\n        self.right = x\n"
            "class Made(Left, Right):\n    pass\n"
        ),
        "top",
    ),
    "python: what base classes share comes after all of them": (
        "python",
        (
            "class Top:\n    def go(self, x):\n        self.top = x\n"
            "class Left(Top):\n    pass\n"
            "class Right(Top):\n    def go(self, x):\n        self.right = x\n"
            "class Made(Left, Right):\n    pass\n"
        ),
        "right",
    ),
    "java: what a superclass inherits comes before default methods": (
        "java",
        (
            "interface Goes { default void go(String x) { Other.other = x; } }\n"
            "class Other { static String other; }\n"
            "class Top { String top; public void go(String x) { top = x; } }\n"
            "class Middle extends Top { }\n"
            "class Made extends Middle implements Goes { }"
        ),
        "top",
    ),
}


@pytest.mark.parametrize("case", SEVERAL)
def test_which_is_inherited(link, case) -> None:
    language, classes, field = SEVERAL[case]
    assert written(link(source(language, classes), FILES[language])) == {field}


PART = "namespace App; public partial class Function { %s }"
PARTS = {
    "one/template.yaml": "Resources:\n  One:\n    Type: AWS::Serverless::Function\n"
    "    Properties: {CodeUri: ., Handler: one::App.Function::Handle, Runtime: dotnet8}\n",
    "one/one.csproj": "<Project Sdk='Microsoft.NET.Sdk'></Project>",
    "one/Function.cs": PART % "public string Handle(string user) { Keep(user); return user; }",
    "one/parts/Keeps.cs": PART % "string last; void Keep(string user) { last = user; }",
    "two/two.csproj": "<Project Sdk='Microsoft.NET.Sdk'></Project>",
    "two/Function.cs": PART % 'static string first = ""; void Other() { first = last; }',
}


def test_parts_of_a_class_are_of_one_project(tmp_path: Path) -> None:
    program = link_one(tmp_path, PARTS)
    assert {context.function.module.path for context in program.request_contexts} == {
        "one/Function.cs",
        "one/parts/Keeps.cs",
    }
    assert set(program.sources) == {"one/Function.cs", "one/parts/Keeps.cs"}
