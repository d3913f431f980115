"""Columns of text."""

from __future__ import annotations

from collections.abc import Sequence

from lmi_lint.report.neutral import text_width


def table(head: Sequence[str], rows: Sequence[Sequence[str]], right: frozenset[int] = frozenset()) -> list[str]:
    """Lines of a table with aligned columns, two spaces apart. ``right``: indexes of columns aligned to the right."""
    widths = [max(text_width(row[index]) for row in (head, *rows)) for index in range(len(head))]
    return [_line(row, widths, right) for row in (head, *rows)]


def _line(row: Sequence[str], widths: Sequence[int], right: frozenset[int]) -> str:
    cells: list[str] = []
    for index, (cell, width) in enumerate(zip(row, widths, strict=True)):
        pad = " " * (width - text_width(cell))
        cells.append(pad + cell if index in right else cell + pad)
    return "  ".join(cells).rstrip()
