"""What a Java or C# file may need of its project: the types that its text names, found by regular expressions."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator

# The engine passes over all but ends of lines at once, which it does not where ``^`` stands.
_IMPORT = re.compile(
    rb"\n[ \t]*(?:import|(?:global\s+)?using)\s+(?:static\s+)?(?:\w+\s*=\s*)?(?:global::)?([\w.]+?)(?:\.\*)?\s*;"
)
_WORD = re.compile(rb"[A-Z]\w*")
_CALLED = re.compile(rb"\.\s*(\w+)\s*[(<]")


def named_types(data: bytes, package: str, shared: Iterable[str], known: Container[str]) -> Iterator[str]:
    """The qualified names of types that a file of a package imports, or that its words may stand for. ``shared``:
    namespaces that all files use; ``known``: qualified and simple names of the types that there are."""
    imported = dict.fromkeys(map(_text, _IMPORT.findall(b"\n" + data)))
    yield from imported
    yield from (name.rpartition(".")[0] for name in imported)  # where a member is imported
    parts = package.split(".")
    around = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    spaces = dict.fromkeys((*around, *imported, *shared))
    for word in sorted(set(map(_text, _WORD.findall(data)))):
        if word in known:
            yield from (f"{space}.{word}" for space in spaces)


def called_methods(data: bytes, known: Container[str]) -> list[str]:
    """The names of methods that a file calls on something, of those that are ``known``."""
    return [name for name in sorted(set(map(_text, _CALLED.findall(data)))) if name in known]


def _text(name: bytes) -> str:
    return name.decode("utf-8", "replace")
