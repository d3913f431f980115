"""Names in Java: classes outward, inherited members, imports, packages."""

from __future__ import annotations

import pytest

from lmi_lint.link.limits import LIMITS
from lmi_lint.link.names import resolver
from lmi_lint.model.names import Language
from tests.link.linking import library_calls

IMPORTS = (
    "import com.amazonaws.services.lambda.runtime.Context;\n"
    "import com.amazonaws.services.lambda.runtime.RequestHandler;\n"
)


def handler(body, *, members="", head="", package="app", bases="implements RequestHandler<String, String>"):
    """A handler class; ``body`` is that of handleRequest."""
    package_line = f"package {package};\n" if package else ""
    return (
        f"{package_line}{head}\n{IMPORTS}public class H {bases} {{\n{members}\n"
        f"  public String handleRequest(String event, Context context) {{ {body} }}\n}}\n"
    )


def java(package, body):
    """Another file."""
    return f"package {package};\n{body}\n"


@pytest.fixture
def places(link):
    """Source of the handler and other files → qualified names of what a request writes."""

    def run(source, files=None, name="app/H.java"):
        program = link(source, name, files)
        found = set()
        for access in program.accesses:
            if access.mode.changes and not access.method:
                owner = access.obj.klass.qualified if access.obj.klass is not None else access.obj.type_name
                found.add(f"{owner}.{access.key}")
        return found

    return run


class TestFields:
    def test_own(self, places) -> None:
        assert places(handler("n++; return null;", members="int n;")) == {"app.H.n"}

    def test_static(self, places) -> None:
        assert places(handler("n++; H.m++; return null;", members="static int n; static int m;")) == {
            "app.H.n",
            "app.H.m",
        }

    @pytest.mark.parametrize("access", ["n", "this.n", "super.n"])
    def test_inherited(self, places, access) -> None:
        base = java("app", "public class Base { protected int n; }")
        source = handler(f"{access}++; return null;", bases="extends Base implements RequestHandler<String, String>")
        assert places(source, {"app/Base.java": base}) == {"app.H.n"}

    def test_inherited_static_is_one_place(self, places) -> None:
        base = java("app", "public class Base { protected static int n; }")
        source = handler(
            "n++; Base.n++; H.n++; return null;", bases="extends Base implements RequestHandler<String, String>"
        )
        assert places(source, {"app/Base.java": base}) == {"app.Base.n"}

    @pytest.mark.parametrize("name", ["n", "H.this.n"])
    def test_of_the_enclosing_instance(self, places, name) -> None:
        members = f"int n; class Inner {{ int add() {{ return {name}++; }} }} final Inner inner = new Inner();"
        assert places(handler("inner.add(); return null;", members=members)) == {"app.H.n"}

    def test_local_shadows_field(self, places) -> None:
        assert places(handler("int n = 0; n++; return null;", members="int n;")) == set()

    def test_parameter_shadows_field(self, places) -> None:
        members = "int n; int add(int n) { n = n + 1; return n; }"
        assert places(handler("add(1); return null;", members=members)) == set()

    def test_field_of_the_inner_class_shadows_the_outer(self, places) -> None:
        members = "int n; class Inner { int n; int add() { return n++; } } final Inner inner = new Inner();"
        assert places(handler("inner.add(); return null;", members=members)) == {"app.H.Inner.n"}

    def test_field_shadows_a_class(self, places) -> None:
        files = {"app/Other.java": java("app", "public class Other { static int n; int m; }")}
        members = "static class Mine { int n; } final Mine Other = new Mine();"
        assert places(handler("Other.n++; return null;", members=members), files) == {"app.H.Mine.n"}


class TestClasses:
    OTHER = "public class State { public static int n; public static void add() { n++; } }"

    def test_same_package(self, places) -> None:
        files = {"app/State.java": java("app", self.OTHER)}
        assert places(handler("State.n++; return null;"), files) == {"app.State.n"}

    def test_other_package_needs_an_import(self, places) -> None:
        files = {"lib/State.java": java("lib", self.OTHER)}
        assert places(handler("State.n++; return null;"), files) == {"State.n"}

    @pytest.mark.parametrize("head", ["import lib.State;", "import lib.*;"])
    def test_import(self, places, head) -> None:
        files = {"lib/State.java": java("lib", self.OTHER)}
        assert places(handler("State.n++; return null;", head=head), files) == {"lib.State.n"}

    def test_qualified(self, places) -> None:
        files = {"lib/State.java": java("lib", self.OTHER)}
        assert places(handler("lib.State.n++; return null;"), files) == {"lib.State.n"}

    def test_single_import_outranks_the_package(self, places) -> None:
        files = {"lib/State.java": java("lib", self.OTHER), "app/State.java": java("app", self.OTHER)}
        assert places(handler("State.n++; return null;", head="import lib.State;"), files) == {"lib.State.n"}

    def test_package_outranks_a_wildcard(self, places) -> None:
        files = {"lib/State.java": java("lib", self.OTHER), "app/State.java": java("app", self.OTHER)}
        assert places(handler("State.n++; return null;", head="import lib.*;"), files) == {"app.State.n"}

    def test_nested_outranks_all(self, places) -> None:
        files = {"lib/State.java": java("lib", self.OTHER), "app/State.java": java("app", self.OTHER)}
        source = handler(
            "State.n++; return null;", head="import lib.State;", members="static class State { static int n; }"
        )
        assert places(source, files) == {"app.H.State.n"}

    @pytest.mark.parametrize(
        ("head", "written"),
        [("import lib.Box;", "Box.State"), ("import lib.Box.State;", "State"), ("", "lib.Box.State")],
    )
    def test_nested_of_another_class(self, places, head, written) -> None:
        files = {"lib/Box.java": java("lib", "public class Box { public static class State { public static int n; } }")}
        assert places(handler(f"{written}.n++; return null;", head=head), files) == {"lib.Box.State.n"}

    def test_nested_of_a_superclass(self, places) -> None:
        base = java("app", "public class Base { static class State { static int n; } }")
        source = handler("State.n++; return null;", bases="extends Base implements RequestHandler<String, String>")
        assert places(source, {"app/Base.java": base}) == {"app.Base.State.n"}

    def test_default_package(self, places) -> None:
        files = {"State.java": self.OTHER}
        assert places(handler("State.n++; return null;", package=""), files, "H.java") == {"State.n"}

    def test_second_class_of_a_file(self, places) -> None:
        source = handler("State.n++; return null;") + "class State { static int n; }\n"
        assert places(source) == {"app.State.n"}


class TestStaticImports:
    OTHER = "public class State { public static int n; public static void add() { n++; } }"

    @pytest.mark.parametrize("head", ["import static lib.State.n;", "import static lib.State.*;"])
    def test_field(self, places, head) -> None:
        files = {"lib/State.java": java("lib", self.OTHER)}
        assert places(handler("n++; return null;", head=head), files) == {"lib.State.n"}

    @pytest.mark.parametrize("head", ["import static lib.State.add;", "import static lib.State.*;"])
    def test_method(self, places, head) -> None:
        files = {"lib/State.java": java("lib", self.OTHER)}
        assert places(handler("add(); return null;", head=head), files) == {"lib.State.n"}

    def test_own_field_outranks_it(self, places) -> None:
        files = {"lib/State.java": java("lib", self.OTHER)}
        assert places(handler("n++; return null;", head="import static lib.State.n;", members="int n;"), files) == {
            "app.H.n"
        }

    def test_own_method_outranks_it(self, places) -> None:
        files = {"lib/State.java": java("lib", self.OTHER)}
        source = handler(
            "add(); return null;", head="import static lib.State.add;", members="int m; void add() { m++; }"
        )
        assert places(source, files) == {"app.H.m"}

    def test_of_a_library(self, link) -> None:
        program = link(
            handler('return "" + nanoTime();', head="import static java.lang.System.nanoTime;"), "app/H.java"
        )
        assert "java.lang.System.nanoTime" in library_calls(program)


class TestMethods:
    def test_inherited_from_another_package(self, places) -> None:
        base = java("lib", "public abstract class Base { private int n; protected void add() { n++; } }")
        source = handler(
            "add(); return null;",
            head="import lib.Base;",
            bases="extends Base implements RequestHandler<String, String>",
        )
        assert places(source, {"lib/Base.java": base}) == {"app.H.n"}

    def test_overridden_method_is_reached_through_the_base(self, places) -> None:
        base = java("app", "public abstract class Base { void run() { step(); } abstract void step(); }")
        source = handler(
            "run(); return null;",
            members="int n; @Override void step() { n++; }",
            bases="extends Base implements RequestHandler<String, String>",
        )
        assert places(source, {"app/Base.java": base}) == {"app.H.n"}

    def test_super_call_skips_the_override(self, places) -> None:
        base = java("app", "public class Base { int below; void step() { below++; } }")
        source = handler(
            "super.step(); return null;",
            members="int n; @Override void step() { n++; }",
            bases="extends Base implements RequestHandler<String, String>",
        )
        assert places(source, {"app/Base.java": base}) == {"app.H.below"}

    def test_overload_by_arity(self, places) -> None:
        members = "int one; int two; void add(int a) { one++; } void add(int a, int b) { two++; }"
        assert places(handler("add(1, 2); return null;", members=members)) == {"app.H.two"}

    def test_default_method_of_an_interface(self, places) -> None:
        iface = java("app", "public interface Step { State S = new State(); default void step() { S.n++; } }")
        files = {"app/Step.java": iface, "app/State.java": java("app", "public class State { int n; }")}
        source = handler("step(); return null;", bases="implements RequestHandler<String, String>, Step")
        assert places(source, files) == {"app.State.n"}

    def test_of_the_enclosing_class(self, places) -> None:
        members = "int n; void add() { n++; } class Inner { void go() { add(); } } final Inner inner = new Inner();"
        assert places(handler("inner.go(); return null;", members=members)) == {"app.H.n"}

    def test_implementation_of_a_declared_interface(self, places) -> None:
        files = {
            "app/Store.java": java("app", "public interface Store { void put(); }"),
            "app/Disk.java": java("app", "public class Disk implements Store { int n; public void put() { n++; } }"),
        }
        members = "private final Store store = new Disk();"
        assert places(handler("store.put(); return null;", members=members), files) == {"app.Disk.n"}

    @pytest.mark.parametrize("count", [LIMITS.implementors, LIMITS.implementors + 1])
    def test_implementations_of_what_is_injected(self, places, count) -> None:
        """None of them, if they are many; what only has a method of that name is none of them."""
        put = "int n; public void put() { n++; }"
        files = {f"app/D{i}.java": java("app", f"public class D{i} implements Store {{ {put} }}") for i in range(count)}
        files["app/D0.java"] += f"class Other {{ {put} }} abstract class Half implements Store {{ {put} }}"
        files["app/Store.java"] = java("app", "public interface Store { void put(); }")
        source = handler("store.put(); return null;", members="private Store store;")
        expected = {f"app.D{i}.n" for i in range(count)} if count <= LIMITS.implementors else set()
        assert places(source, files) == expected


def test_a_class_by_its_qualified_name(link) -> None:
    files = {"other/State.java": java("other", "public class State { public static int n; }")}
    program = link(handler("other.State.n++; return null;"), "app/H.java", files)
    assert {each.obj.klass.name for each in program.accesses if each.mode.changes and each.obj.klass} == {"State"}


def test_of_two_classes_of_one_name_the_nearer_one(link) -> None:
    store = "public class Store {{ static int {0}; static void add() {{ {0}++; }} }}"
    files = {
        "all/a/app/Store.java": java("app", store.format("far")),
        "all/b/app/Store.java": java("app", store.format("near")),
    }
    program = link(handler("Store.add(); return null;"), "all/b/app/H.java", files)
    assert {access.key for access in program.accesses if access.mode.changes} == {"near"}


@pytest.mark.parametrize(
    ("name", "new", "library"),
    [
        ("java.sql.DriverManager.getConnection", False, "java.sql"),
        ("com.acme.Pool.open().lend", False, "com.acme"),
        ("com.acme.Pool", True, "com.acme"),
        ("Pool.open", False, "Pool"),
    ],
)
def test_the_library_of_a_name(name, new, library) -> None:
    assert resolver(Language.JAVA).library_of(name, new) == library
