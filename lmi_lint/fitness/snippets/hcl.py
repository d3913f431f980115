"""Terraform configuration as ``terraform fmt`` lays it out."""

from __future__ import annotations

from msgspec import Struct

from lmi_lint.fitness.snippets.quoting import comments


class Block(Struct, frozen=True):
    """A block with its labels. ``body``: attributes (name and expression, already quoted), blocks, and ``None`` for an
    empty line; ``said``: what stands above it."""

    kind: str
    labels: tuple[str, ...]
    body: tuple[tuple[str, str] | Block | None, ...]
    said: tuple[str, ...] = ()


def written(block: Block, indent: str = "") -> str:
    """The block as text, equals signs of attributes that follow each other below each other."""
    labels = "".join(f' "{label}"' for label in block.labels)
    found = [comments(block.said, "#", indent), f"{indent}{block.kind}{labels} {{\n"]
    inner = indent + "  "
    group: list[tuple[str, str]] = []
    for item in (*block.body, None):
        if isinstance(item, tuple):
            group.append(item)
            continue
        width = max((len(name) for name, _ in group), default=0)
        found += [f"{inner}{name.ljust(width)} = {expression}\n" for name, expression in group]
        group = []
        if isinstance(item, Block):
            found.append(written(item, inner))
        else:
            found.append("\n")
    found.pop()
    return "".join([*found, f"{indent}}}\n"])
