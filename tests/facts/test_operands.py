"""What an event refers to."""

from __future__ import annotations

from typing import get_args, get_type_hints

import pytest

from lmi_lint.facts import model as f


def parts(annotation: object) -> set[type]:
    """The classes that stand in the annotation of a field."""
    found = {annotation} if isinstance(annotation, type) else set()
    return found.union(*map(parts, get_args(annotation)))


@pytest.mark.parametrize("event", get_args(f.Event))
def test_operands_are_all_that_an_event_refers_to(event) -> None:
    """A new field that holds operands is one that ``operands`` knows."""
    hints = get_type_hints(event, vars(f))
    fields: dict[str, object] = dict.fromkeys(event.__struct_fields__)
    expected = []
    for number, name in enumerate(event.__struct_fields__):
        operand = f.Operand((number,))
        for kind, value in (
            (f.Operand, operand),
            (f.Argument, (f.Argument(operand),)),
            (f.Item, (f.Item("", operand),)),
        ):
            if kind in parts(hints[name]):
                fields[name] = value
                expected.append(operand)
    fields = {name: () if value is None and tuple in parts(hints[name]) else value for name, value in fields.items()}
    assert f.operands(event(**fields)) == expected
