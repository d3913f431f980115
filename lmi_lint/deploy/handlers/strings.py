"""What handler strings say by themselves, and where agents and frameworks put theirs before the real one."""

from __future__ import annotations

from lmi_lint.deploy.model import DeployedFunction
from lmi_lint.discover.frameworks import FRAMEWORKS
from lmi_lint.model.names import Language

_WRAPPERS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("datadog", ("DD_LAMBDA_HANDLER",)),
    ("newrelic", ("NEW_RELIC_LAMBDA_HANDLER",)),
    ("lumigo", ("LUMIGO_ORIGINAL_HANDLER",)),
    *((framework.part, framework.variables) for framework in FRAMEWORKS),
    ("org.springframework.", ("FUNCTION_NAME", "MAIN_CLASS")),
)  # fmt: skip
"""A part of the wrapper's handler string → variables that may name the real handler, first set one counts."""


def unwrapped(function: DeployedFunction) -> tuple[str | None, str | None]:
    """The handler string that counts and, if a wrapper's variable gave it, that variable's name."""
    handler = function.handler
    if handler is None:
        return None, None
    variables = {name.upper(): value for name, value in function.environment}
    for part, names in _WRAPPERS:
        if part.lower() in handler.lower():
            for name in names:
                value = variables.get(name)
                if value and value.strip():
                    return value.strip(), name
    return handler.strip() or None, None


def language_by_shape(handler: str) -> Language | None:
    """The language that a handler string's form gives away when the runtime is unknown."""
    if handler.count("::") == 2:
        return Language.CSHARP
    return Language.JAVA if handler.count("::") == 1 else None


def split_module(handler: str) -> tuple[str, str, str]:
    """``dir/file``, ``.``, ``export`` as Node's runtime splits them: at the first dot of the last segment."""
    text = handler.strip().removeprefix("/var/task/").removeprefix("./")
    folder, slash, last = text.rpartition("/")
    stem, dot, symbol = last.partition(".")
    for suffix in ("js.", "mjs.", "cjs.", "ts."):  # "index.js.handler" is a common slip that bundlers forgive
        symbol = symbol.removeprefix(suffix)
    return folder + slash + stem, dot, symbol
