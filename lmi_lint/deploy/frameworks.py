"""Which code of the project a framework's own Java handler hands its events to."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from msgspec import Struct

from lmi_lint.discover.found import DeclaredType
from lmi_lint.discover.project import Project, language_of
from lmi_lint.index import Index
from lmi_lint.model.names import Language


class Framework(Struct, frozen=True):
    """``part`` of the handler strings that are the framework's; ``variables`` that may name the function, in whatever
    case, the first that is set counts; ``methods`` and ``classes``: what a function looks like, the name in group 1.
    ``bases``: classes of the framework that handlers of the project extend."""

    part: str
    variables: tuple[str, ...]
    methods: re.Pattern[bytes] | None
    classes: re.Pattern[bytes]
    bases: tuple[str, ...] = ()


_FUNCTIONS = rb"(?:Function|Consumer|Supplier|BiFunction)"
_MODIFIERS = rb"(?:public|protected|private|static|final|\s)*"
_IMPLEMENTS = rb"\bclass\s+(\w+)[^{};]*?\bimplements\b[^{};]*?\b"
FRAMEWORKS = (
    Framework(
        "FunqyStreamHandler",
        ("QUARKUS_FUNQY_EXPORT",),
        re.compile(rb"@Funq\b(?:\s*\([^()]*\))?" + _MODIFIERS + rb"[\w.]+(?:\s*<[^;{}()]*>)?\s+(\w+)\s*\("),
        re.compile(rb"(?!)"),
    ),
    Framework(
        "QuarkusStreamHandler",
        ("QUARKUS_LAMBDA_HANDLER",),
        None,
        re.compile(_IMPLEMENTS + rb"Request(?:Stream)?Handler\b"),
    ),
    Framework(
        "org.springframework.cloud.function.",
        ("SPRING_CLOUD_FUNCTION_DEFINITION", "FUNCTION_NAME"),
        re.compile(
            rb"@Bean\b(?:\s*\([^()]*\))?(?:\s*@\w+(?:\([^()]*\))?)*"
            + _MODIFIERS
            + _FUNCTIONS
            + rb"\s*<[^;{}()]*>\s+(\w+)\s*\("
        ),
        re.compile(_IMPLEMENTS + _FUNCTIONS + rb"\s*<"),
        (
            "SpringBootRequestHandler",
            "SpringBootStreamHandler",
            "SpringBootApiGatewayRequestHandler",
            "FunctionInvoker",
        ),
    ),
    Framework(
        "io.micronaut.function.aws.MicronautRequestStreamHandler",
        ("MICRONAUT_FUNCTION_NAME",),
        None,
        re.compile(_IMPLEMENTS + _FUNCTIONS + rb"\s*<"),
    ),
)
_OWNERS = (
    ("io.quarkus.", "Quarkus"),
    ("io.micronaut.", "Micronaut"),
    ("org.springframework.", "Spring"),
    ("com.amazonaws.serverless.proxy.", "the serverless Java container"),
)
"""Packages whose handlers serve the routes of an application."""
_EMPTY = 40
"""Words in the body of a class that adds nothing of weight to what it extends."""
_LABEL = re.compile(
    rb"""@(?:Named|Component|Service|Bean|FunctionBean|Funq)\s*\(\s*(?:value\s*=\s*|name\s*=\s*)?"([^"\n]*)"\s*\)"""
)


class Target(Struct, frozen=True):
    """A class, or a method of one, that may be the function; ``names``: what it may be called by."""

    path: str
    owner: DeclaredType
    method: str | None
    names: tuple[str, ...]


def owner_of(handler: str) -> str | None:
    """The framework that a handler's class comes with."""
    return next((owner for package, owner in _OWNERS if handler.strip().startswith(package)), None)


def framework_of(project: Project, index: Index, handler: str) -> Framework | None:
    """The framework whose handler it is, or whose class the handler only extends."""
    found = next((each for each in FRAMEWORKS if each.part in handler), None)
    name = handler.partition("::")[0].strip()
    for path in index.find_type(name) if found is None else ():
        item = index.find_declared(path, name)
        if item is None or len(project.peek(path)[item.body : item.end].split()) > _EMPTY:
            continue
        declared = project.peek(path)[item.keyword : item.body].decode("utf-8", "replace")
        found = found or next((each for each in FRAMEWORKS if any(base in declared for base in each.bases)), None)
    return found


def named_by(framework: Framework, environment: Iterable[tuple[str, str | None]]) -> str | None:
    """The function that the environment names."""
    variables = {name.upper(): (value or "").strip() for name, value in environment}
    return next((variables[name] for name in framework.variables if variables.get(name)), None)


def target(project: Project, index: Index, framework: Framework, name: str | None, root: str) -> Target | None:
    """The function of that name below a folder; without a name the only one that there is."""
    found = [each for each in _targets(project, index, framework) if not root or each.path.startswith(f"{root}/")]
    if name is not None:
        found = [each for each in found if name in each.names]
    return found[0] if len(found) == 1 else None


def _targets(project: Project, index: Index, framework: Framework) -> Iterator[Target]:
    for path in sorted(project.primary):
        if language_of(path) is not Language.JAVA:
            continue
        data = project.peek(path)
        for match in framework.methods.finditer(data) if framework.methods is not None else ():
            owner = _around(index, path, match.start())
            if owner is not None:
                method = match.group(1).decode()
                yield Target(path, owner, method, (method, *_labels(data[match.start() : match.end()])))
        for match in framework.classes.finditer(data):
            owner = index.find_declared(path, match.group(1).decode())
            if owner is not None:
                start = max(data.rfind(b"}", 0, match.start()), data.rfind(b";", 0, match.start())) + 1
                default = owner.name[:1].lower() + owner.name[1:]
                yield Target(
                    path, owner, None, (owner.name, owner.qualified, default, *_labels(data[start : match.start()]))
                )


def _labels(data: bytes) -> list[str]:
    """The names that annotations give."""
    return [label.decode("utf-8", "replace") for label in _LABEL.findall(data)]


def _around(index: Index, path: str, offset: int) -> DeclaredType | None:
    """The innermost type around an offset."""
    around = [item for item in index.types_of(path) if item.body <= offset < item.end]
    return min(around, key=lambda item: item.end - item.body, default=None)
