"""Snippets of the CDK, in the language of the app: a construct of its own, to be made where the first function is.

Source: https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_lambda.CapacityProvider.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from msgspec import Struct

from lmi_lint.deploy.model import Dialect
from lmi_lint.fitness.snippets import quoting, words
from lmi_lint.fitness.snippets.model import Plan, Snippet
from lmi_lint.fitness.snippets.templates import filled

_RUNTIME: Final = re.compile(r"(nodejs|python|java|dotnet)(\d+)(?:\.(\d+|x))?")


_Pairs = tuple[tuple[str, str], ...]
_MOST_OF_MAP: Final = 10
"""Pairs that ``Map.of`` takes."""


def _braces(pairs: _Pairs) -> str:
    return "{ " + ", ".join(f"{name}: {value}" for name, value in pairs) + " }"


def _dict(pairs: _Pairs) -> str:
    return "{" + ", ".join(f"{name}: {value}" for name, value in pairs) + "}"


def _map(pairs: _Pairs) -> str:
    if len(pairs) <= _MOST_OF_MAP:
        return "Map.of(" + ", ".join(f"{name}, {value}" for name, value in pairs) + ")"
    return "Map.ofEntries(" + ", ".join(f"Map.entry({name}, {value})" for name, value in pairs) + ")"


def _dictionary(pairs: _Pairs) -> str:
    return "new Dictionary<string, string> { " + ", ".join(f"[{name}] = {value}" for name, value in pairs) + " }"


class _Language(Struct, frozen=True):
    """``name``: what highlighters call it; ``template``: the construct; ``mark`` and ``indent`` of comments;
    ``pairs``: how a map of names and values, each quoted, is written."""

    name: str
    template: str
    mark: str
    indent: int
    quote: Callable[[str], str]
    pairs: Callable[[_Pairs], str]


_LANGUAGES: Final = {
    ".py": _Language("python", "cdk_python.tmpl", "#", 8, quoting.python, _dict),
    ".java": _Language("java", "cdk_java.tmpl", "//", 8, quoting.braced, _map),
    ".cs": _Language("csharp", "cdk_csharp.tmpl", "//", 8, quoting.braced, _dictionary),
}
_TYPESCRIPT: Final = _Language("typescript", "cdk_typescript.tmpl", "//", 4, quoting.braced, _braces)


def cdk(plan: Plan) -> Snippet:
    """A snippet of the CDK; in TypeScript where the language of the app is not to be seen."""
    first = plan.first
    suffix = "." + (first.template or "").rpartition(".")[2].lower()
    language = _LANGUAGES.get(suffix, _TYPESCRIPT)
    notes = words.notes(plan)
    if language is _TYPESCRIPT and suffix not in (".ts", ".mts", ".cts", ".tsx"):
        script = suffix in (".js", ".mjs", ".cjs")
        why = "in JavaScript leave out the types" if script else "the app’s source is not here"
        notes += (f"Written in TypeScript: {why}.",)
    runtime = _runtime(plan.runtime)
    flags = {
        "new": plan.provider is None,
        "image": first.image,
        "handler": first.handler is not None,
        "runtime": runtime is not None,
        "timeout": first.timeout_s is not None,
        "variables": bool(plan.known_environment) and not plan.unknown_environment,
        "environment": bool(plan.unknown_environment) or "environment" in first.unknown,
    }
    flags["variables"] = flags["variables"] and not flags["environment"]
    values = {
        "head": quoting.comments(words.head(plan), language.mark),
        "tail": words.tail(plan, language.mark),
        "about_provider": _commented(words.PROVIDER, language),
        "about_cpu": _commented(words.DOCUMENTED, language),
        "name": plan.second,
        "python_name": quoting.snake(plan.second),
        "first": quoting.comment(first.name),
        "declared": quoting.comment(plan.provider.name) if plan.provider is not None else "",
        "architecture": "ARM_64" if plan.architecture == "arm64" else "X86_64",
        "max_vcpus": str(plan.max_vcpus),
        "handler": language.quote(first.handler or ""),
        "runtime": runtime or "",
        "memory": str(plan.memory_mb),
        "timeout": str(first.timeout_s),
        "variables": language.pairs(
            tuple((language.quote(name), language.quote(value)) for name, value in plan.known_environment)
        ),
        "concurrency": str(plan.concurrency),
        "ratio": str(plan.gib_per_vcpu),
        "minimum": str(plan.minimum),
        "maximum": str(plan.maximum),
        "percent_throttled": language.quote(f"More than 1 % of invocations of {plan.second} are throttled"),
        "percent_cpu": language.quote(f"Environments of {plan.second} use more than 80 % of their CPU"),
    }
    text = filled(language.template, values, frozenset(flag for flag, is_set in flags.items() if is_set))
    notes += (
        (
            "The first function’s code is handed in. Where a construct bundles it (NodejsFunction, PythonFunction),"
            " make the second function with that construct too."
        ),
    )
    return Snippet(Dialect.CDK, language.name, text, notes)


def _commented(text: str, language: _Language) -> str:
    return quoting.comments([text], language.mark, " " * language.indent).strip()


def _runtime(name: str | None) -> str | None:
    """The constant of ``Runtime``: ``nodejs22.x`` is ``NODEJS_22_X``."""
    if name == "provided.al2023":
        return "PROVIDED_AL2023"
    found = _RUNTIME.fullmatch(name or "")
    return "_".join(part for part in found.groups() if part).upper() if found else None
