"""A traffic file to fill in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from lmi_lint.traffic.load import KEYS, comment, quoted

_HEAD = """\
# Traffic of the functions, for lmi-lint cost --traffic FILE. Fill in what you know; every line may stay out.
# [default] holds for all functions, ["orders-*"] for those that match, ["orders-create"] for one; the nearer wins.
# Where the numbers are: CloudWatch, namespace AWS/Lambda, or lmi-lint traffic collect."""


class Known(Struct, frozen=True):
    """A function in a template: its name, and what a reader knows it by."""

    name: str
    about: str


def template(functions: Iterable[Known]) -> str:
    """A commented traffic file with a table for each function; of functions of one name there is one table."""
    about: dict[str, list[str]] = {}
    for function in functions:
        seen = about.setdefault(function.name, [])
        if function.about and function.about not in seen:
            seen.append(function.about)
    blocks = [_HEAD, "\n".join(["[default]", *_commented(("active_hours", "cpu_share"))])]
    for name, texts in about.items():
        told = [comment(text) for text in texts]
        blocks.append("\n".join([*told, f"[{quoted(name)}]", *_commented(KEYS)]))
    return "\n\n".join(blocks) + "\n"


def _commented(keys: Iterable[str]) -> Iterator[str]:
    for key in keys:
        known = KEYS[key]
        yield f"{f'# {key} = {known.example}':<30} # {known.comment}"
