"""Annotated components: which object an injection point gets, and who shares it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.link.linking import link_one, races

if TYPE_CHECKING:
    from lmi_lint.link.heap import Obj
    from lmi_lint.link.program import Program

HANDLER = """
    import com.amazonaws.services.lambda.runtime.*;
    {imports}
    public class Handler implements RequestHandler<String, String> {{
        {field}
        public String handleRequest(String input, Context context) {{
            {use}
            return "";
        }}
    }}
"""
STORE = """
    {imports}
    {notes}
    public class Store implements Shelf {{
        private String last;
        public void add(String item) {{ last = item; System.out.println(last); }}
    }}
"""
SHELF = "public interface Shelf { void add(String item); }"
SPRING = "import org.springframework.stereotype.*; import org.springframework.context.annotation.*;"
CDI = "import jakarta.enterprise.context.*; import jakarta.inject.*; import jakarta.enterprise.inject.*;"
SHARED = [("REQUEST_DATA", "Store.last")]


def linked(tmp_path: Path, files: dict[str, str]) -> list[tuple[str, str]]:
    return races(link_one(tmp_path, files))


@pytest.mark.parametrize(
    ("imports", "notes", "field", "use", "shared"),
    [
        (SPRING, "@Service", "@Inject Shelf shelf;", "shelf.add(input);", True),
        (SPRING, '@Component @Scope("prototype")', "@Inject Shelf shelf;", "shelf.add(input);", True),
        (SPRING, '@Component @Scope("prototype")', "@Inject Provider<Store> shelf;", "shelf.get().add(input);", False),
        (SPRING, "@Service", "@Inject Provider<Store> shelf;", "shelf.get().add(input);", True),
        (SPRING, '@Component @Scope(value = "request")', "@Inject Shelf shelf;", "shelf.add(input);", False),
        (CDI, "@ApplicationScoped", "@Inject Shelf shelf;", "shelf.add(input);", True),
        (CDI, "@RequestScoped", "@Inject Shelf shelf;", "shelf.add(input);", False),
        (CDI, "@Dependent", "@Inject Store shelf;", "shelf.add(input);", True),
        (CDI, "@Dependent", "@Inject Instance<Store> shelf;", "shelf.get().add(input);", False),
        ("", "", "", "new Store().add(input);", False),
    ],
)
def test_lifetimes(tmp_path: Path, imports: str, notes: str, field: str, use: str, shared: bool) -> None:
    files = {
        "Handler.java": HANDLER.format(imports=CDI, field=field, use=use),
        "Store.java": STORE.format(imports=imports, notes=notes),
        "Shelf.java": SHELF,
    }
    assert linked(tmp_path, files) == (SHARED if shared else [])


OTHER = """
    import org.springframework.stereotype.*; import org.springframework.context.annotation.*;
    {notes} public class Other implements Shelf {{
        private String seen;
        public void add(String item) {{ seen = item; System.out.println(seen); }}
    }}
"""


@pytest.mark.parametrize(
    ("store", "other", "field", "expected"),
    [
        ("@Service", "", "@Autowired Shelf shelf;", ["Store.last"]),
        ("@Service @Primary", "@Service", "@Autowired Shelf shelf;", ["Store.last"]),
        ("@Service", '@Service("cold")', '@Autowired @Qualifier("cold") Shelf shelf;', ["Other.seen"]),
        ("@Service", "@Service", "@Autowired Shelf shelf;", ["Other.seen", "Store.last"]),
    ],
)
def test_which_of_several(tmp_path: Path, store: str, other: str, field: str, expected: list[str]) -> None:
    imports = SPRING + "import org.springframework.beans.factory.annotation.*;"
    files = {
        "Handler.java": HANDLER.format(imports=imports, field=field, use="shelf.add(input);"),
        "Store.java": STORE.format(imports=SPRING, notes=store),
        "Other.java": OTHER.format(notes=other),
        "Shelf.java": SHELF,
    }
    program = link_one(tmp_path, files)
    assert sorted(place for _, place in races(program)) == expected


@pytest.mark.parametrize(("name", "expected"), [('"other"', [("REQUEST_DATA", "Other.seen")]), ("input", [])])
def test_a_component_asked_for_by_name(tmp_path: Path, name: str, expected: list[tuple[str, str]]) -> None:
    imports = "import org.springframework.context.annotation.*; import org.springframework.beans.factory.*;"
    field = "static final BeanFactory BEANS = new AnnotationConfigApplicationContext(Store.class, Other.class);"
    files = {
        "Handler.java": HANDLER.format(
            imports=imports, field=field, use=f"((Shelf) BEANS.getBean({name})).add(input);"
        ),
        "Store.java": STORE.format(imports=SPRING, notes="@Service"),
        "Other.java": OTHER.format(notes="@Service"),
        "Shelf.java": SHELF,
    }
    assert linked(tmp_path, files) == expected


def test_an_annotation_of_the_project_means_what_it_is_declared_with(tmp_path: Path) -> None:
    files = {
        "Handler.java": HANDLER.format(imports=CDI, field="@Inject Shelf shelf;", use="shelf.add(input);"),
        "Store.java": STORE.format(imports="", notes="@Adapter"),
        "Adapter.java": SPRING + "@Component public @interface Adapter {}",
        "Shelf.java": SHELF,
    }
    assert linked(tmp_path, files) == SHARED


def test_setup_runs_at_load(tmp_path: Path) -> None:
    store = """
        import org.springframework.stereotype.Service;
        import org.springframework.beans.factory.InitializingBean;
        import jakarta.annotation.PostConstruct;
        @Service
        public class Store implements InitializingBean {
            private String name;
            private int size;
            @PostConstruct void open() { name = "store"; }
            public void afterPropertiesSet() { size = 3; }
            public String describe() { return name + size; }
        }
    """
    use = "System.out.println(store.describe());"
    files = {
        "Handler.java": HANDLER.format(imports=CDI, field="@Inject Store store;", use=use),
        "Store.java": store,
    }
    program = link_one(tmp_path, files)
    assert races(program) == []
    written = {context.function.label for context in program.machine.contexts.values() if context.phase == 0}
    assert {"Store.open", "Store.afterPropertiesSet"} <= written


def test_an_injector_of_each_invocation_shares_nothing(tmp_path: Path) -> None:
    use = "Guice.createInjector(new Module()).getInstance(Store.class).add(input);"
    module = "import com.google.inject.*; public class Module extends AbstractModule {}"
    files = {
        "Handler.java": HANDLER.format(imports="import com.google.inject.*;", field="", use=use),
        "Store.java": STORE.format(imports="import javax.inject.Singleton;", notes="@Singleton"),
        "Module.java": module,
        "Shelf.java": SHELF,
    }
    assert linked(tmp_path, files) == []


@pytest.mark.parametrize(("scope", "expected"), [("", []), (".in(Singleton.class)", SHARED)])
def test_what_is_bound_to_itself_is_made_for_each_use(
    tmp_path: Path, scope: str, expected: list[tuple[str, str]]
) -> None:
    guice = "import com.google.inject.*;"
    module = f"void configure() {{ bind(Store.class){scope}; }}"
    files = {
        "Handler.java": HANDLER.format(
            imports=guice,
            field="private static final Injector ALL = Guice.createInjector(new Bindings());",
            use="ALL.getInstance(Store.class).add(input);",
        ),
        "Bindings.java": f"{guice} public class Bindings extends AbstractModule {{ @Override protected {module} }}",
        "Store.java": STORE.format(imports="", notes=""),
        "Shelf.java": SHELF,
    }
    assert linked(tmp_path, files) == expected


def test_a_parameter_takes_the_component_of_its_name_and_type_arguments(tmp_path: Path) -> None:
    config = (
        SPRING
        + """
        import java.util.*;
        @Configuration
        public class Config {
            @Bean Map<String, String> words() { return new TreeMap<>(); }
            @Bean Map<java.lang.String, Integer> sizes() { return new HashMap<>(); }
            @Bean Set<String> warm() { return new HashSet<>(); }
            @Bean Set<String> cold() { return new LinkedHashSet<>(); }
        }
    """
    )
    service = (
        SPRING
        + """
        import java.util.*;
        @Service
        public class Store {
            private final Map<String, Integer> counts;
            private final Set<String> cold;
            public Store(Map<String, Integer> counts, Set<String> cold) { this.counts = counts; this.cold = cold; }
            public void add(String item) { counts.put(item, 1); cold.add(item); }
        }
    """
    )
    handler = HANDLER.format(imports=CDI, field="@Inject Store store;", use="store.add(input);")
    program = link_one(tmp_path, {"Handler.java": handler, "Store.java": service, "Config.java": config})
    makers = {Path(obj.site[0]).name + str(obj.type_name) for obj in written(program) if obj.site is not None}
    assert makers == {"Config.javajava.util.HashMap", "Config.javajava.util.LinkedHashSet"}


def written(program: Program) -> list[Obj]:
    """The objects that requests write, each once."""
    return list({access.obj: None for race in program.races for access in (race.access,)})


def test_a_final_field_without_a_constructor_is_filled(tmp_path: Path) -> None:
    outer = (
        SPRING
        + """
        import lombok.RequiredArgsConstructor;
        @Service
        @RequiredArgsConstructor
        public class Outer {
            private final Shelf shelf;
            public void add(String item) { shelf.add(item); }
        }
    """
    )
    files = {
        "Handler.java": HANDLER.format(imports=CDI, field="@Inject Outer outer;", use="outer.add(input);"),
        "Outer.java": outer,
        "Store.java": STORE.format(imports=SPRING, notes="@Repository"),
        "Shelf.java": SHELF,
    }
    assert linked(tmp_path, files) == SHARED


def test_a_component_is_any_class_of_its_file(tmp_path: Path) -> None:
    store = SPRING + "class Label { }" + STORE.format(imports="", notes='@Component @Scope("request")')
    files = {
        "Handler.java": HANDLER.format(imports=CDI, field="@Inject Shelf shelf;", use="shelf.add(input);"),
        "Store.java": store,
        "Shelf.java": SHELF,
    }
    assert linked(tmp_path, files) == []


@pytest.mark.parametrize(
    "field", ["@Inject Shelf shelf;", "Shelf shelf; @Inject void setShelf(Shelf given) { shelf = given; }"]
)
def test_what_a_handler_is_filled_with_is_made_at_load(tmp_path: Path, field: str) -> None:
    store = STORE.format(imports=SPRING, notes='@Component @Scope("prototype")')
    files = {
        "Handler.java": HANDLER.format(imports=CDI, field=field, use="shelf.add(input);"),
        "Store.java": store.replace("private", "static int made; public Store() { made++; } private"),
        "Shelf.java": SHELF,
    }
    assert linked(tmp_path, files) == SHARED


def test_a_factory_makes_components_of_any_annotation(tmp_path: Path) -> None:
    factory = """
        import io.micronaut.context.annotation.Factory;
        import java.util.*;
        @Factory
        public class Makers { @Lasting Map<String, String> words() { return new TreeMap<>(); } }
    """
    field = "@Inject java.util.Map<String, String> words;"
    files = {
        "Handler.java": HANDLER.format(imports=CDI, field=field, use="words.put(input, input);"),
        "Lasting.java": "import jakarta.inject.Singleton; @Singleton public @interface Lasting { }",
        "Makers.java": factory,
    }
    assert [obj.type_name for obj in written(link_one(tmp_path, files))] == ["java.util.TreeMap"]
