"""``requirements.txt`` and what it includes.

https://pip.pypa.io/en/stable/reference/requirements-file-format/
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from lmi_lint.dependencies.files import Files, Wanted
from lmi_lint.dependencies.model import Dependency, Scheme
from lmi_lint.model.finding import Location
from lmi_lint.model.source import Span

if TYPE_CHECKING:
    from packaging.requirements import Requirement

_INCLUDE: Final = re.compile(r"(-r|--requirement|-c|--constraint)[ =]?\s*([^\s#]+)")
_COMMENT: Final = re.compile(r"(?:^|\s)#.*$")
_OPTION: Final = re.compile(r"\s--?\w[\w-]*(?:[ =]|$).*$")
_NAME: Final = re.compile(r"[A-Za-z0-9](?:[\w.-]{0,200}[A-Za-z0-9])?")
_LONGEST: Final = 2000

_TARGET: Final = {
    "python_version": "3.13",
    "python_full_version": "3.13.0",
    "sys_platform": "linux",
    "platform_system": "Linux",
    "os_name": "posix",
    "implementation_name": "cpython",
    "platform_python_implementation": "CPython",
    "extra": "",
}
"""Lambda's environment, for environment markers."""


class _Line(Struct, frozen=True):
    text: str
    start: int
    end: int


def normalised(name: str) -> str:
    """The name of a Python package as names compare."""
    return re.sub(r"[-_.]+", "-", name).lower()


def parsed(text: str) -> Requirement | None:
    """A requirement that holds on Lambda; None for one that does not, a direct reference, or no requirement."""
    from packaging.markers import UndefinedComparison, UndefinedEnvironmentName
    from packaging.requirements import InvalidRequirement, Requirement

    if len(text) > _LONGEST:
        return None
    try:
        found = Requirement(text)
        applies = found.marker is None or found.marker.evaluate(dict(_TARGET))
    except (InvalidRequirement, UndefinedComparison, UndefinedEnvironmentName, ValueError, RecursionError):
        return None
    return found if applies and found.url is None else None


def dependency(requirement: Requirement, location: Location) -> Dependency:
    """What a requirement asks for."""
    pins = {
        each.version if each.operator in ("==", "===") and "*" not in each.version else None
        for each in requirement.specifier
    }
    version = pins.pop() if len(pins) == 1 else None
    name = normalised(requirement.name)
    return Dependency(name, Scheme.PYPI, location, version, str(requirement.specifier))


def named(text: str) -> str:
    """The normalised name that a requirement begins with; empty without one."""
    match = _NAME.match(text)
    return normalised(match[0]) if match else ""


def read_requirements(files: Files, path: str, wanted: Wanted) -> list[Dependency]:
    """What a requirements file and those that it includes ask for of the packages ``wanted``, within its
    constraints."""
    asked: list[tuple[Requirement, Location]] = []
    limits: dict[str, Requirement] = {}
    pending = [(path, False)]
    seen: set[tuple[str, bool]] = set()
    while pending:
        current, constraint = pending.pop(0)
        if (current, constraint) in seen:
            continue
        if not files.has_room(path, len(seen)):
            break
        seen.add((current, constraint))
        for line in _lines(files.data(current).decode("utf-8", "replace")):
            include = _INCLUDE.match(line.text)
            if include:
                other = files.beside(current, include[2])
                if other is not None:
                    pending.append((other, constraint or include[1] in ("-c", "--constraint")))
                continue
            requirement = parsed(_OPTION.sub("", line.text)) if wanted(named(line.text)) else None
            if requirement is None:
                continue
            if constraint:
                limits.setdefault(normalised(requirement.name), requirement)
            else:
                asked.append((requirement, Location(current, Span(line.start, line.end))))
    for requirement, _ in asked:
        limit = limits.get(normalised(requirement.name))
        if limit is not None:
            requirement.specifier &= limit.specifier
    return [dependency(requirement, location) for requirement, location in asked]


def _lines(text: str) -> Iterator[_Line]:
    """Logical lines without comments; spans count bytes and leave out what continues the first line."""
    offset = 0
    joined, start, end = "", -1, 0
    for raw in text.split("\n"):
        line = raw.rstrip("\r")
        goes_on = line.endswith("\\")
        content = _COMMENT.sub("", line[:-1] if goes_on else line)
        if start < 0 and content.strip():
            lead = len(content) - len(content.lstrip())
            start = offset + len(content[:lead].encode())
            end = offset + len(content.rstrip().encode())
        joined += content if not joined else " " + content.strip()
        offset += len(raw.encode()) + 1
        if not goes_on:
            if joined.strip():
                yield _Line(joined.strip(), start, end)
            joined, start = "", -1
    if joined.strip():
        yield _Line(joined.strip(), start, end)
