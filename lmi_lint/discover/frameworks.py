"""What a framework's own Java handler hands its events to, as it shows in one file, without saying where."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from lmi_lint.discover.found import Declared, DeclaredType, Target

_EMPTY = 40
"""Words in the body of a class that adds nothing of weight to what it extends."""


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
_LABEL = re.compile(
    rb"""@(?:Named|Component|Service|Bean|FunctionBean|Funq)\s*\(\s*(?:value\s*=\s*|name\s*=\s*)?"([^"\n]*)"\s*\)"""
)


def targets(data: bytes, declared: Declared) -> tuple[Target, ...]:
    """What may be the function of a framework's handler in a Java file, by framework."""
    return tuple(found for framework in FRAMEWORKS for found in _targets(data, declared, framework))


def thin_classes(data: bytes, declared: Declared) -> tuple[tuple[int, str], ...]:
    """Types of a Java file that add nothing of weight to what they extend: number among the file's types, and the
    declaration up to its body."""
    return tuple(
        (number, data[item.keyword : item.body].decode("utf-8", "replace"))
        for number, item in enumerate(declared.types)
        if len(data[item.body : item.end].split()) <= _EMPTY
    )


def _targets(data: bytes, declared: Declared, framework: Framework) -> Iterator[Target]:
    part = framework.part
    for match in framework.methods.finditer(data) if framework.methods is not None else ():
        owner = _around(declared, match.start())
        if owner is not None:
            method = match.group(1).decode()
            yield Target(part, owner.qualified, method, (method, *_labels(data[match.start() : match.end()])))
    for match in framework.classes.finditer(data):
        name = match.group(1).decode()
        owner = next((item for item in declared.types if name in (item.qualified, item.nested, item.name)), None)
        if owner is not None:
            start = max(data.rfind(b"}", 0, match.start()), data.rfind(b";", 0, match.start())) + 1
            default = owner.name[:1].lower() + owner.name[1:]
            labels = _labels(data[start : match.start()])
            yield Target(part, owner.qualified, None, (owner.name, owner.qualified, default, *labels))


def _labels(data: bytes) -> list[str]:
    """The names that annotations give."""
    return [label.decode("utf-8", "replace") for label in _LABEL.findall(data)]


def _around(declared: Declared, offset: int) -> DeclaredType | None:
    """The innermost type around an offset."""
    around = [item for item in declared.types if item.body <= offset < item.end]
    return min(around, key=lambda item: item.end - item.body, default=None)
