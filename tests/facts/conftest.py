"""Source text → facts, and what must hold of any facts."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import dedent

import pytest

from lmi_lint.facts import flows
from lmi_lint.facts import model as facts
from lmi_lint.facts.extract import extract
from lmi_lint.facts.show import show_event, show_flow, show_operand
from lmi_lint.frontends import frontend
from lmi_lint.model.names import SUFFIXES
from lmi_lint.model.source import SourceFile


class View:
    """Facts with the shorthands that tests use; checks the invariants on the way."""

    def __init__(self, module: facts.ModuleFacts) -> None:
        self.module = module
        for function in module.functions:
            check_function(function, module)

    def function(self, name: str) -> facts.FunctionFacts:
        return next(function for function in self.module.functions if function.name == name)

    def events(self, name: str) -> list[str]:
        """The shown events of a function; the module body's name is empty."""
        return [show_event(event) for event in self.function(name).events]

    def flow(self, name: str) -> str:
        return show_flow(self.function(name).flow)

    def returns(self, name: str) -> list[str]:
        return [show_operand(operand) for operand in self.function(name).returns]

    def argument(self, name: str, method: str, index: int = 0) -> facts.Operand:
        """An argument of the only call of ``method`` in a function."""
        (call,) = [e for e in self.function(name).events if isinstance(e, facts.Call) and e.method == method]
        return call.args[index].value


def check_function(function: facts.FunctionFacts, module: facts.ModuleFacts) -> None:
    """Sources name earlier events or parameters; each event stands once in the flow, in order; regions exist."""
    steps: list[int] = []
    stack: list[facts.Flow] = [function.flow]
    while stack:
        top = stack.pop()
        if isinstance(top, facts.Step):
            steps.append(top.event)
        stack.extend(reversed(flows.parts(top)))
    assert steps == list(range(len(function.events)))
    for number, event in enumerate(function.events):
        assert event.start <= event.end
        assert all(region < len(function.regions) for region in event.regions)
        assert list(event.guards) == sorted(set(event.guards))
        in_loop = "*" in show_flow(function.flow) or "+" in show_flow(function.flow)
        limit = len(function.events) if in_loop else number
        for source in _sources(event):
            assert source < limit, (function.name, number, show_event(event))
            index = facts.param_index(source)
            assert index is None or index < len(function.params)
        if isinstance(event, facts.MakeClosure):
            assert event.function < len(module.functions)


def _sources(value: object) -> list[int]:
    """All sources below an event's operands."""
    found: list[int] = []
    if isinstance(value, facts.Operand):
        assert set(value.sources) <= set(value.made_from)
        assert list(value.made_from) == sorted(set(value.made_from))
        assert len(value.texts) <= facts.MAX_TEXTS
        return [*value.made_from]
    if isinstance(value, tuple):
        for item in value:
            found += _sources(item)
    elif hasattr(value, "__struct_fields__"):
        for name in value.__struct_fields__:
            if name not in ("guards", "regions"):
                found += _sources(getattr(value, name))
    return found


@pytest.fixture
def view() -> Callable[..., View]:
    """Lower and extract source text; the name's suffix tells the language."""

    def make(text: str, name: str = "a.js") -> View:
        data = dedent(text).encode()
        language = SUFFIXES[name[name.rindex(".") :]]
        lowered = frontend(language).lower(SourceFile(name, data, language=language))
        return View(extract(lowered, data.count(b"\n") + 1))

    return make
