"""What a handler looks like in source text, by regular expression on bytes."""

from __future__ import annotations

import re

from msgspec import Struct

from lmi_lint.discover.scan import Declared, declarations
from lmi_lint.model.names import Language
from lmi_lint.model.source import Span


class Shape(Struct, frozen=True):
    """Something that looks like a handler: ``symbol`` as in Entry, ``method`` where the language needs one, ``span`` of
    the name in the file's bytes."""

    symbol: str
    method: str | None
    span: Span


CONVENTIONAL = frozenset({"handler", "lambdaHandler", "lambda_handler", "Handler", "lambdahandler"})
"""Names that say handler by themselves."""

_CONVENTIONAL = frozenset(name.encode() for name in CONVENTIONAL)
_EVENT = rb"(?:event|_event|evt|_evt|_)"
_CONTEXT = rb"(?:context|_context|ctx|_ctx|_)"
_IDENT = rb"[A-Za-z_$][\w$]*"
# Two parameters as Lambda passes them, or a type annotation that says so.
_TAKES_EVENT = re.compile(
    rb"(?:async\s+)?(?:function\s*\*?\s*[\w$]*\s*)?\(\s*" + _EVENT + rb"\b[^(){}]{0,200}?,\s*" + _CONTEXT + rb"\b"
)
_HANDLER_TYPE = re.compile(rb"\s*:\s*(?:[A-Za-z.]+\.)?(?:\w*Handler(?:V2)?)\s*(?:<|=)")
_HEADER = 2000
_WRAPPER = re.compile(
    rb"\s*(?:await\s+)?(?:middy|serverless|serverlessHttp|serverlessExpress|serverless_express|streamifyResponse"
    rb"|awslambda\s*\.\s*streamifyResponse|wrapHandler|makeHandler|Sentry\s*\.[\w.]*?wrapHandler|createHandler)\s*\("
)
_EXPORTS = re.compile(rb"^[ \t]*(?:module\s*\.\s*)?exports\s*\.\s*(" + _IDENT + rb")\s*=(?!=)\s*", re.MULTILINE)
_EXPORT_VARIABLE = re.compile(rb"^[ \t]*export\s+(?:const|let|var)\s+(" + _IDENT + rb")", re.MULTILINE)
_EXPORT_FUNCTION = re.compile(
    rb"^[ \t]*export\s+(?:async\s+)?function\s*\*?\s*(" + _IDENT + rb")\s*(?=[(<])", re.MULTILINE
)
_EXPORT_DEFAULT = re.compile(rb"^[ \t]*export\s+(default)\b\s*", re.MULTILINE)
_EXPORT_LIST = re.compile(rb"^[ \t]*export\s*\{([^{}]{0,2000})\}(?!\s*from)", re.MULTILINE)
_MODULE_OBJECT = re.compile(rb"^[ \t]*(?:module\.)?exports\s*=\s*\{([^{}]{0,4000})", re.MULTILINE)
_LISTED = re.compile(rb"(?:^|,)\s*(?:async\s+)?(?:" + _IDENT + rb"\s+as\s+)?(" + _IDENT + rb")\s*(?=$|[,:(])")
_PYTHON = re.compile(
    rb"^(?:async[ \t]+)?def[ \t]+(\w+)\s*\(\s*" + _EVENT + rb"\b[^(),=]{0,200},\s*" + _CONTEXT + rb"\b"
    rb"|^(?:def[ \t]+)?(lambda_handler|handler|lambdaHandler)\b\s*(?:[(]|=(?!=))",
    re.MULTILINE,
)
_JAVA_BASE = re.compile(rb"\bimplements\b[^{]*\bRequest(?:Stream)?Handler\b")
_CSHARP_METHOD = re.compile(
    rb"\bpublic\s+(?:(?:static|async|virtual|override|unsafe)\s+)*[\w.<>\[\],?\s]{1,200}?\b(\w+)\s*"
    rb"\([^(){};]{0,400}?\bILambdaContext\b"
)


def handler_shapes(data: bytes, language: Language) -> tuple[Shape, ...]:
    """What looks like a handler in a file's bytes, in file order, each symbol once."""
    if language.family == "javascript":
        found = _javascript(data)
    elif language is Language.PYTHON:
        found = [_shape(match, 1 if match.group(1) else 2) for match in _PYTHON.finditer(data)]
    elif language is Language.JAVA:
        found = _java(data)
    else:
        found = _csharp(data)
    unique = {(shape.symbol, shape.method): shape for shape in sorted(found, key=lambda s: -s.span.start)}
    return tuple(sorted(unique.values(), key=lambda s: s.span.start))


def _shape(match: re.Match[bytes], group: int = 1) -> Shape:
    return Shape(match.group(group).decode("utf-8", "replace"), None, Span(*match.span(group)))


def _javascript(data: bytes) -> list[Shape]:
    if b"export" not in data:
        return []
    found = []
    for match in _EXPORTS.finditer(data):
        if match.group(1) in _CONVENTIONAL or _takes_event(data, match.end()):
            found.append(_shape(match))
    for match in _EXPORT_VARIABLE.finditer(data):
        if match.group(1) in _CONVENTIONAL or _variable_is_handler(data, match.end()):
            found.append(_shape(match))
    for match in _EXPORT_FUNCTION.finditer(data):
        if match.group(1) in _CONVENTIONAL or _TAKES_EVENT.match(data, match.end()):
            found.append(_shape(match))
    for match in _EXPORT_DEFAULT.finditer(data):
        if _takes_event(data, match.end()):
            found.append(_shape(match))
    for pattern in (_EXPORT_LIST, _MODULE_OBJECT):
        for match in pattern.finditer(data):
            found += _listed(match)
    return found


def _takes_event(data: bytes, at: int) -> bool:
    return bool(_TAKES_EVENT.match(data, at) or _WRAPPER.match(data, at))


def _variable_is_handler(data: bytes, at: int) -> bool:
    if _HANDLER_TYPE.match(data, at):
        return True
    equals = data.find(b"=", at, at + 300)
    if equals < 0:
        return False
    value = equals + 1
    while data[value : value + 1] in (b" ", b"\t", b"\n", b"\r"):
        value += 1
    return _takes_event(data, value)


def _listed(match: re.Match[bytes]) -> list[Shape]:
    """Conventional names in ``export { … }`` or at the start of an object that is exported."""
    start = match.start(1)
    found = []
    for item in _LISTED.finditer(match.group(1)):
        if item.group(1) in _CONVENTIONAL:
            span = Span(start + item.start(1), start + item.end(1))
            found.append(Shape(item.group(1).decode(), None, span))
    return found


def _java(data: bytes) -> list[Shape]:
    if b"RequestHandler" not in data and b"RequestStreamHandler" not in data:
        return []
    declared = declarations(data, Language.JAVA)
    return [
        Shape(item.qualified, None, item.span)
        for item in declared.types
        if item.kind == "class" and _JAVA_BASE.search(data, item.span.end, min(item.body, item.span.end + _HEADER))
        and not re.search(rb"\babstract\s+(?:\w+\s+)*$", data[max(0, item.keyword - 60) : item.keyword])
    ]  # fmt: skip


def _csharp(data: bytes) -> list[Shape]:
    if b"ILambdaContext" not in data:
        return []
    declared = declarations(data, Language.CSHARP)
    found = []
    for match in _CSHARP_METHOD.finditer(data):
        owner = _owner(declared, match.start())
        if owner is not None:
            name = match.group(1).decode("utf-8", "replace")
            found.append(Shape(owner, name, Span(*match.span(1))))
    return found


def _owner(declared: Declared, offset: int) -> str | None:
    """The innermost class whose body holds an offset."""
    holding = [item for item in declared.types if item.kind == "class" and item.body <= offset < item.end]
    return max(holding, key=lambda item: item.body).qualified if holding else None
