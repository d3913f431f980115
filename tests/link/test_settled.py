"""Events are evaluated again only when something that they use has changed; nothing is missed by that."""

from __future__ import annotations

import pytest

from lmi_lint.deploy.read import read
from lmi_lint.discover import discover
from lmi_lint.link.entrypoints import start
from lmi_lint.link.link import Linker
from lmi_lint.link.machine import Machine
from lmi_lint.settings import Settings
from tests.harness import ROOT

FIXTURES = ROOT / "fixtures" / "rules"


def settled(linker: Linker, function) -> Machine | None:
    """The evaluation of a function up to where nothing changes any more, as the linker runs it."""
    if function.language is None or function.entry is None:
        return None
    world = linker.world(function.language)
    module = world.module(function.entry.path)
    if module is None:
        return None
    machine = Machine(world, world.knowledge)
    start(machine, module, function.entry)
    machine.run()
    return machine


@pytest.mark.parametrize("rule", ["LMI101", "LMI102", "LMI104", "LMI105", "LMI201", "LMI301"])
def test_evaluating_everything_again_changes_nothing(rule) -> None:
    project = discover([FIXTURES / rule], Settings())
    linker = Linker(project)
    evaluated = 0
    for function in read(project).functions:
        machine = settled(linker, function)
        if machine is None:
            continue
        for context in list(machine.contexts.values()):
            before, returned = list(context.results), context.ret
            context.outdate()
            machine.evaluate(context)
            evaluated += 1
            assert context.results == before, context
            assert context.ret == returned, context
    assert evaluated > 10
