"""HTML and SVG from values: whatever is text is escaped, only what ``element`` made is markup.

No template engine: names of repositories reach attributes, SVG and preformatted code alike, and here a type tells
markup from text, which mypy checks. (jinja2 would add a dependency and 60 ms of import for one page.)
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Final, TypeAlias

from lmi_lint.report.neutral import neutral


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


Child: TypeAlias = "str | Iterable[Child] | None"
Attribute: TypeAlias = "str | int | float | bool | None"

NOTHING: Final = Markup()
_VOID: Final = frozenset({"br", "hr", "input", "meta"})


def element(name: str, /, *children: Child, **attributes: Attribute) -> Markup:
    """``<name …>children</name>``. In names of attributes ``class_`` is ``class`` and ``_`` is ``-``; True stands for
    the bare attribute, None and False for none."""
    shown = "".join([_attribute(key, value) for key, value in attributes.items()])
    if name in _VOID:
        return Markup(f"<{name}{shown}>")
    return Markup(f"<{name}{shown}>{join(*children)}</{name}>")


def join(*children: Child, between: str = "") -> Markup:
    """Children one after another."""
    return Markup(between.join(_flat(children)))


def lines(text: str) -> Markup:
    """Text of several lines, for ``pre``."""
    return join(*text.split("\n"), between="\n")


def table(
    head: Iterable[Child], rows: Iterable[Iterable[Child]], *, caption: str, right: frozenset[int] = frozenset()
) -> Markup:
    """A table that scrolls by itself where it is wider than the page; the first cell of a row is its header.
    ``right``: indexes of columns of numbers."""
    labels = list(head)
    top = [element("th", label, scope="col", class_=_number(index, right)) for index, label in enumerate(labels)]
    body = [element("tr", [_cell(index, cell, right) for index, cell in enumerate(row)]) for row in rows]
    inside = element("table", element("caption", caption), element("thead", element("tr", top)), element("tbody", body))
    return scrolling(inside, label=caption)


def scrolling(inside: Child, *, label: str, class_: str = "scroll") -> Markup:
    """Something wide in a box of its own, which the keyboard reaches too."""
    return element("div", inside, class_=class_, tabindex="0", role="group", aria_label=label)


def _cell(index: int, cell: Child, right: frozenset[int]) -> Markup:
    if index == 0:
        return element("th", cell, scope="row", class_=_number(index, right))
    return element("td", cell, class_=_number(index, right))


def _number(index: int, right: frozenset[int]) -> str | None:
    return "number" if index in right else None


def _flat(children: Iterable[Child]) -> list[str]:
    parts: list[str] = []
    for child in children:
        if isinstance(child, Markup):
            parts.append(child)
        elif isinstance(child, str):
            parts.append(escape(neutral(child)))
        elif child is not None:
            parts.extend(_flat(child))
    return parts


def _attribute(key: str, value: Attribute) -> str:
    if value is None or value is False:
        return ""
    name = key.rstrip("_").replace("_", "-")
    return f" {name}" if value is True else f' {name}="{escape(neutral(str(value)))}"'
