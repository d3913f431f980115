"""What a handler looks like in source text, by regular expression on bytes."""

from __future__ import annotations

import re

from msgspec import Struct

from lmi_lint.discover.found import Declared, DeclaredType, Shape
from lmi_lint.discover.scan import base_types, declarations, is_abstract, supertypes
from lmi_lint.model.names import Language
from lmi_lint.model.source import Span

CONVENTIONAL = frozenset({"handler", "lambdaHandler", "lambda_handler", "Handler", "lambdahandler"})
"""Names that say handler by themselves."""

JAVA_IMPORT = re.compile(rb"^[ \t]*import\s+([\w.]+)\.Request(?:Stream)?Handler\s*;", re.MULTILINE)
"""Imports of types that are called like the runtime's interfaces; group 1: the package."""

JAVA_INTERFACES = frozenset({"RequestHandler", "RequestStreamHandler"})
"""Simple names of the interfaces that Lambda's Java runtime calls."""

_CONVENTIONAL = frozenset(name.encode() for name in CONVENTIONAL)
_TENCENT = "main_handler"
_EVENT = rb"(?:event|_event|evt|_evt|_)"
_CONTEXT = rb"(?:context|_context|ctx|_ctx|_)"
_IDENT = rb"[A-Za-z_$][\w$]*"
# Two parameters as Lambda passes them, or a type annotation that says so.
_TAKES_EVENT = re.compile(
    rb"(?:async\s+)?(?:function\s*\*?\s*[\w$]*\s*)?\(\s*" + _EVENT + rb"\b[^(){}]{0,200}?,\s*" + _CONTEXT + rb"\b"
)
# Parameters that Lambda does not pass: (context, event) of Twilio and (context, req) of Azure, (req, res) of Google and
# web frameworks, (request, env) of Cloudflare.
_TAKES_FOREIGN = re.compile(
    rb"(?:async\s+)?(?:function\s*\*?\s*[\w$]*\s*)?\(\s*(?:_?(?:context|ctx)\b[^(){},]{0,200},"
    rb"|_?(?:req|request)\b[^(){},]{0,200},\s*_?(?:res|resp|response|env)\b)"
)
_DECLARED_FUNCTION = re.compile(
    rb"\b(?:function\s*\*?|const|let|var)\s+(" + _IDENT + rb")\s*(?:(?=\()|(?::[^=\n]{1,200})?=\s*)"
)
_NAMED_VALUE = re.compile(rb"(" + _IDENT + rb")\s*(?:[;,}\n]|\Z)")
# A type called so, unless it is one of Express, SvelteKit, Next or the browser.
_HANDLER_TYPE = re.compile(
    rb"\s*:\s*(?:[A-Za-z.]+\.)?(?!(?:Error)?RequestHandler\b|(?:Next|Route)\w*Handler\b|\w*EventHandler\b)"
    rb"\w*Handler(?:V2)?\s*(?:<|=)"
)
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
# Applications that are handlers themselves, and adapters that make one of a web application.
_PYTHON_MADE = re.compile(
    rb"^(\w+)[ \t]*(?::[^=\n]{1,100})?=[ \t]*(?:\w+\.)?(?:Chalice|Mangum|make_lambda_handler)\(", re.MULTILINE
)
# What follows a name that says handler but is none: a log handler, parameters of another platform (Nuclio, Oracle), or
# one parameter where Lambda passes two.
_PYTHON_FOREIGN = re.compile(
    rb"\s*=\s*(?:logging\b|\w*(?:Stream|File|Rotating\w*|Log\w*)Handler\s*\()"
    rb"|\s*\(\s*(?:context|ctx)\b[^(),]{0,200},|\s*\(\s*\w+\s*(?::[^(),=]{1,200})?\)\s*(?:->|:)"
)
_LINE = 300
"""Bytes before a method that are searched for the start of a comment."""

_JAVA_CONTEXT = re.compile(rb"\bcom\.amazonaws\.services\.lambda\.runtime\.(?:Context\b|\*)")
_JAVA_METHOD = re.compile(
    rb"\bpublic\s+(?:(?:static|final|synchronized)\s+)*[\w.<>\[\],?&\s]{1,200}?\b(handleRequest)\s*"
    rb"\((?:[^(){};]{1,400}?,)?\s*(?:final\s+)?(?:com\.amazonaws\.services\.lambda\.runtime\.)?Context\s+\w+\s*\)"
)
_CSHARP_METHOD = re.compile(
    rb"\bpublic\s+(?:(?:static|async|virtual|override|unsafe)\s+)*[\w.<>\[\],?\s]{1,200}?\b(\w+)\s*"
    rb"\([^(){};]{0,400}?\bILambdaContext\b"
)

# Both begin with what is searched for: the engine passes over all other text at once.
_SERVES = re.compile(
    rb"LambdaBootstrap(?<!\wLambdaBootstrap)(?:Builder)?\b|AddAWSLambdaHosting(?<!\wAddAWSLambdaHosting)\b"
)
_MAIN = re.compile(rb"\bstatic\s+(?:async\s+)?(?:void|int|Task(?:<int>)?|System[\w.]*Task(?:<int>)?)\s+(Main)\s*\(")
# A statement at the start of a line; declarations begin with other words.
_TOP_LEVEL = re.compile(
    rb"^(?:await\b|(?:var|using var)\s+\w+\s*=|[A-Za-z_]\w*(?:\.\w+)+(?:<[^<>;\n]*>)?\s*[(=]"
    rb"|[A-Z]\w*(?:<[^;\n]*>)?\??\s+\w+\s*=[^>])",
    re.MULTILINE,
)
# [LambdaFunction(…)] with further attributes, then the method.
_ATTRIBUTES = rb"""(?:"[^"\n]*"|[^\[\]"])*\](?:\s*\[(?:"[^"\n]*"|[^\[\]"])*\])*"""
_ANNOTATED = re.compile(
    rb"\[\s*(?:Amazon\.Lambda\.Annotations\.)?LambdaFunction(?:Attribute)?\b" + _ATTRIBUTES + rb"\s*"
    rb"public\s+(?:(?:static|async|virtual|override)\s+)*[\w.<>\[\],?\s]{1,200}?\b(\w+)\s*\("
)
_WEB_BASES = frozenset(
    {"APIGatewayProxyFunction", "APIGatewayHttpApiV2ProxyFunction", "ApplicationLoadBalancerFunction"}
)

_MODIFIERS = frozenset({"static", "override", "abstract"})
_STREAM = re.compile(rb"\s*\(\s*(?:[\w.]+\.)?Stream\b")
_EXTENDS = re.compile(rb"\s*\(\s*this\b")


class ContextMethod(Struct, frozen=True):
    """A public method with the runtime's context among its parameters, as a C# handler has it; ``span`` of its name.
    ``modifiers``: which of static, override and abstract it has."""

    owner: DeclaredType
    name: str
    span: Span
    modifiers: frozenset[str]
    takes_stream: bool


def handler_shapes(data: bytes, language: Language) -> tuple[Shape, ...]:
    """What looks like a handler in a file's bytes, in file order, each symbol once."""
    if language.family == "javascript":
        found = _javascript(data)
    elif language is Language.PYTHON:
        found = _python(data)
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
    foreign = _foreign_names(data)
    found = []
    for match in _EXPORTS.finditer(data):
        named = match.group(1) in _CONVENTIONAL and not _is_foreign(data, match.end(), foreign)
        if named or _takes_event(data, match.end()):
            found.append(_shape(match))
    for match in _EXPORT_VARIABLE.finditer(data):
        if _variable_is_handler(data, match.end(), match.group(1) in _CONVENTIONAL, foreign):
            found.append(_shape(match))
    for match in _EXPORT_FUNCTION.finditer(data):
        named = match.group(1) in _CONVENTIONAL and not _TAKES_FOREIGN.match(data, match.end())
        if named or _TAKES_EVENT.match(data, match.end()):
            found.append(_shape(match))
    for match in _EXPORT_DEFAULT.finditer(data):
        if _takes_event(data, match.end()):
            found.append(_shape(match))
    for pattern in (_EXPORT_LIST, _MODULE_OBJECT):
        for match in pattern.finditer(data):
            found += [shape for shape in _listed(match) if shape.symbol.encode() not in foreign]
    return [shape for shape in found if shape.symbol != _TENCENT]


def _takes_event(data: bytes, at: int) -> bool:
    return bool(_TAKES_EVENT.match(data, at) or _WRAPPER.match(data, at))


def _variable_is_handler(data: bytes, at: int, named: bool, foreign: frozenset[bytes]) -> bool:
    """Whether a variable whose name ends at an offset is a handler by its name, type or value."""
    equals = data.find(b"=", at, at + 300)
    if equals < 0:
        return named or bool(_HANDLER_TYPE.match(data, at))
    value = equals + 1
    while data[value : value + 1] in (b" ", b"\t", b"\n", b"\r"):
        value += 1
    if named or _HANDLER_TYPE.match(data, at):
        return not _is_foreign(data, value, foreign)
    return _takes_event(data, value)


def _is_foreign(data: bytes, at: int, foreign: frozenset[bytes]) -> bool:
    """Whether the function at an offset, or the one that a name there stands for, takes what Lambda does not pass."""
    if _TAKES_FOREIGN.match(data, at):
        return True
    named = _NAMED_VALUE.match(data, at)
    return named is not None and named.group(1) in foreign


def _foreign_names(data: bytes) -> frozenset[bytes]:
    """Names under which a file declares functions that take what Lambda does not pass."""
    return frozenset(
        match.group(1) for match in _DECLARED_FUNCTION.finditer(data) if _TAKES_FOREIGN.match(data, match.end())
    )


def _listed(match: re.Match[bytes]) -> list[Shape]:
    """Conventional names in ``export { … }`` or at the start of an object that is exported."""
    start = match.start(1)
    found = []
    for item in _LISTED.finditer(match.group(1)):
        if item.group(1) in _CONVENTIONAL:
            span = Span(start + item.start(1), start + item.end(1))
            found.append(Shape(item.group(1).decode(), None, span))
    return found


def _python(data: bytes) -> list[Shape]:
    """Functions with Lambda's parameters, or with a name that says handler and no other platform's parameters."""
    made = [_shape(match) for match in _PYTHON_MADE.finditer(data)]
    found = [Shape(shape.symbol, None, shape.span, certain=True) for shape in made]
    known = {shape.span.start for shape in found}
    for match in _PYTHON.finditer(data):
        if match.start() in known:
            continue
        group = 1 if match.group(1) else 2
        if group == 1 or not _PYTHON_FOREIGN.match(data, match.end(2)):
            found.append(_shape(match, group))
    return [shape for shape in found if shape.symbol != _TENCENT]


def _java(data: bytes) -> list[Shape]:
    """Classes that implement the runtime's interfaces themselves, and those with a method of the usual signature."""
    direct = b"RequestHandler" in data or b"RequestStreamHandler" in data
    plain = b"handleRequest" in data and _JAVA_CONTEXT.search(data) is not None
    if not (direct or plain):
        return []
    declared = declarations(data, Language.JAVA)
    found = []
    if direct and not _java_namesake(data):
        found = [
            Shape(item.qualified, None, item.span)
            for item in declared.types
            if item.kind == "class" and not is_abstract(data, item)
            and any(name.rpartition(".")[2] in JAVA_INTERFACES for name in supertypes(data, item).interfaces)
        ]  # fmt: skip
    return found + (_java_methods(data, declared, {shape.symbol for shape in found}) if plain else [])


def _java_namesake(data: bytes) -> bool:
    """Whether the interface of the runtime's name that a file imports is another library's."""
    imported = JAVA_IMPORT.findall(data)
    return bool(imported) and not any(name.startswith(b"com.amazonaws.services.lambda") for name in imported)


def _java_methods(data: bytes, declared: Declared, known: set[str]) -> list[Shape]:
    """Top-level classes with a public ``handleRequest`` whose last parameter is the context, other than those known."""
    found = []
    for item in declared.types:
        if item.kind != "class" or "." in item.nested or item.qualified in known or is_abstract(data, item):
            continue
        at, depth = item.body + 1, 0
        for match in _JAVA_METHOD.finditer(data, item.body, item.end):
            depth += data.count(b"{", at, match.start()) - data.count(b"}", at, match.start())
            at = match.start()
            line = data[max(item.body, data.rfind(b"\n", 0, at), at - _LINE) : at].lstrip()
            # Not in a comment, and a member of this very class: as many braces closed as opened before it.
            if depth == 0 and b"//" not in line and not line.startswith((b"*", b"/*")):
                found.append(Shape(item.qualified, "handleRequest", item.span))
                break
    return found


def context_methods(data: bytes, declared: Declared | None = None) -> tuple[ContextMethod, ...]:
    """Public methods of C# classes that take the runtime's context, in file order. ``declared``: what the file
    declares, if that is known."""
    if b"ILambdaContext" not in data:
        return ()
    declared = declared or declarations(data, Language.CSHARP)
    found = []
    for match in _CSHARP_METHOD.finditer(data):
        owner = _owner(declared, match.start())
        line = data[max(0, data.rfind(b"\n", 0, match.start()), match.start() - _LINE) : match.start()].lstrip()
        name = match.group(1).decode("utf-8", "replace")
        extends = _EXTENDS.match(data, match.end(1)) is not None  # a helper on the context, which is never deployed
        if owner is None or extends or name == owner.name or b"//" in line or line.startswith((b"*", b"/*")):
            continue
        words = frozenset(data[match.start() : match.start(1)].decode("utf-8", "replace").split())
        takes_stream = _STREAM.match(data, match.end(1)) is not None
        found.append(ContextMethod(owner, name, Span(*match.span(1)), words & _MODIFIERS, takes_stream))
    return tuple(found)


def _csharp(data: bytes) -> list[Shape]:
    """Methods with the context, annotated ones, classes of a web server; without any, a program that serves."""
    found = [
        Shape(method.owner.qualified, method.name, method.span)
        for method in context_methods(data)
        if not is_abstract(data, method.owner)
    ]
    known = {(shape.symbol, shape.method) for shape in found}
    found += [shape for shape in _csharp_generated(data) if (shape.symbol, shape.method) not in known]
    if not found and _SERVES.search(data):
        main = program(data)
        found = [main] if main is not None else []
    return found


def _csharp_generated(data: bytes) -> list[Shape]:
    """Methods that generated code calls for the runtime, and classes whose base class is called by it."""
    found: list[Shape] = []
    if b"LambdaFunction" in data or b"AspNetCoreServer" in data or b"ProxyFunction" in data:
        declared = declarations(data, Language.CSHARP)
        for match in _ANNOTATED.finditer(data):
            owner = _owner(declared, match.start())
            if owner is not None:
                name = match.group(1).decode("utf-8", "replace")
                found.append(Shape(owner.qualified, name, Span(*match.span(1))))
        for item in declared.types:
            bases = {base.name.rpartition(".")[2] for base in base_types(data, item)} if item.kind == "class" else set()
            if bases & _WEB_BASES and not is_abstract(data, item):
                found.append(Shape(item.qualified, "FunctionHandlerAsync", item.span))
    return found


def program(data: bytes) -> Shape | None:
    """The main method of a C# file, or its top-level statements (a shape without a symbol)."""
    declared = declarations(data, Language.CSHARP)
    for match in _MAIN.finditer(data):
        owner = _owner(declared, match.start())
        if owner is not None:
            return Shape(owner.qualified, "Main", Span(*match.span(1)), program=True)
    for match in _TOP_LEVEL.finditer(data):
        if not any(item.keyword <= match.start() < item.end for item in declared.types):
            return Shape("", None, Span(*match.span()), program=True)
    return None


def _owner(declared: Declared, offset: int) -> DeclaredType | None:
    """The innermost class whose body holds an offset."""
    holding = [item for item in declared.types if item.kind == "class" and item.body <= offset < item.end]
    return max(holding, key=lambda item: item.body) if holding else None
