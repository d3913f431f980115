"""Names and values of a project as literals and comments of other languages.

They come from files that may have been written to break out of what is made of them: every text passes through here or
through a YAML or JSON library.
"""

from __future__ import annotations

import json
import re
from typing import Final

_WIDTH: Final = 100


def comment(text: str) -> str:
    """Text that cannot end a line comment in any of the languages: one line, printable, without backslashes (Java reads
    an escaped line break as one wherever it stands)."""
    line = " ".join(text.split()).replace("\\", "/")
    return "".join(char if char.isprintable() else "?" for char in line)


def comments(lines: tuple[str, ...] | list[str], mark: str, indent: str = "") -> str:
    """Lines as comments, wrapped; an empty one is an empty comment. Ends in a line break if there is any line."""
    found = []
    for line in lines:
        found += [f"{indent}{mark} {part}".rstrip() for part in _wrapped(comment(line))]
    return "".join(f"{line}\n" for line in found)


def _wrapped(line: str) -> list[str]:
    hanging = "  " if re.match(r"(?:\d+\.|-) ", line) else ""
    found, current = [], ""
    for word in line.split(" "):
        if current and len(current) + 1 + len(word) > _WIDTH:
            found.append(current)
            current = hanging + word
        else:
            current = f"{current} {word}" if current else word
    return [*found, current]


def braced(text: str) -> str:
    """A string literal of JavaScript, Java and C#. ASCII alone, so nothing in it is read as a line break."""
    return json.dumps(text)


def python(text: str) -> str:
    """A string literal of Python; a character beyond the first plane is one escape there, not two."""
    return "".join(f"\\U{ord(char):08x}" if ord(char) > 0xFFFF else json.dumps(char)[1:-1] for char in text).join('""')


def hcl(text: str) -> str:
    """A string literal of Terraform: templates in it stay text."""
    found = []
    for char in text:
        if char in '"\\':
            found.append(f"\\{char}")
        elif char in _HCL:
            found.append(_HCL[char])
        else:
            found.append(char if char.isprintable() else f"\\U{ord(char):08X}")
    return '"' + "".join(found).replace("${", "$${").replace("%{", "%%{") + '"'


_HCL: Final = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def snake(name: str) -> str:
    """``OrdersManaged`` as ``orders_managed``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def camel(name: str) -> str:
    """``OrdersManaged`` as ``ordersManaged``."""
    return name[:1].lower() + name[1:]
