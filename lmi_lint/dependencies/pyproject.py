"""``pyproject.toml`` (PEP 621, Poetry) with ``uv.lock`` and ``poetry.lock``; ``Pipfile`` with ``Pipfile.lock``.

https://packaging.python.org/en/latest/specifications/pyproject-toml/, https://python-poetry.org/docs/dependency-specification/,
https://docs.astral.sh/uv/concepts/projects/layout/#the-lockfile
"""

from __future__ import annotations

import posixpath
import re
from typing import Any, Final

import msgspec

from lmi_lint.dependencies.files import Files, Wanted
from lmi_lint.dependencies.model import Dependency, Scheme
from lmi_lint.dependencies.requirements import dependency, named, normalised, parsed
from lmi_lint.model.finding import Location
from lmi_lint.model.source import Span

_CARET: Final = re.compile(r"\^\s*(\d+(?:\.\d+)*)")
_TILDE: Final = re.compile(r"~\s*(\d+(?:\.\d+)*)")
# As both tools write it; such a file is too long for the parser of TOML.
_LOCKED: Final = re.compile(r'(?m)^\[\[package\]\]\r?\nname = "([^"\n]+)"\r?\nversion = "([^"\n]+)"')
_BARE: Final = re.compile(r"(\d+(?:\.\d+)*(?:\.\*)?)")


def read_pyproject(files: Files, path: str, wanted: Wanted) -> list[Dependency]:
    """What a ``pyproject.toml`` asks for of the packages ``wanted``, as its lock file settles it."""
    data = files.toml(path)
    found = [*_standard(files, path, data, wanted), *_poetry(files, path, data, wanted)]
    locks = list(files.upward(posixpath.dirname(path), "uv.lock", "poetry.lock"))
    # Only a lock beside it, or the one of uv's workspace above it, is this file's.
    locks = [lock for lock in locks if lock.endswith("uv.lock") or posixpath.dirname(lock) == posixpath.dirname(path)]
    return _locked(files, found, locks[0]) if found and locks else found


def read_pipfile(files: Files, path: str, wanted: Wanted) -> list[Dependency]:
    """What a ``Pipfile`` asks for of the packages ``wanted``, as its lock file settles it."""
    packages = _table(files.toml(path), "packages").items()
    listed = [(name, value) for name, value in packages if wanted(normalised(name))]
    found = [each for name, value in listed if (each := _entry(files, path, name, value, poetry=False))]
    lock = files.beside(path, "Pipfile.lock")
    pinned = _table(files.plain_json(lock), "default") if lock is not None else {}
    settled: list[Dependency] = []
    for each in found:
        entry = next((value for name, value in pinned.items() if normalised(name) == each.name), None)
        version = entry.get("version") if isinstance(entry, dict) else None
        if lock is not None and isinstance(version, str) and version.startswith("=="):
            where = files.place(lock, b'"' + each.name.encode() + b'"')
            settled.append(msgspec.structs.replace(each, version=version.lstrip("="), locked=where))
        else:
            settled.append(each)
    return settled


def _standard(files: Files, path: str, data: dict[str, Any], wanted: Wanted) -> list[Dependency]:
    listed = _table(data, "project").get("dependencies")
    found: list[Dependency] = []
    for text in listed if isinstance(listed, list) else ():
        requirement = parsed(text) if isinstance(text, str) and wanted(named(text.lstrip())) else None
        if requirement is not None:
            found.append(dependency(requirement, _quoted(files, path, text)))
    return found


def _poetry(files: Files, path: str, data: dict[str, Any], wanted: Wanted) -> list[Dependency]:
    packages = _table(_table(_table(data, "tool"), "poetry"), "dependencies").items()
    listed = [(name, value) for name, value in packages if wanted(normalised(name))]
    entries = (_entry(files, path, name, value, poetry=True) for name, value in listed)
    return [each for each in entries if each is not None]


def _entry(files: Files, path: str, name: str, value: object, *, poetry: bool) -> Dependency | None:
    """An entry of a table from names to versions; None for what comes from elsewhere or is optional."""
    if isinstance(value, dict):
        if value.get("optional") is True or "markers" in value or not isinstance(value.get("version"), str):
            return None
        value = value["version"]
    if not isinstance(value, str):
        return None
    admits = _poetry_range(value) if poetry else value.replace("*", "") if value.strip() == "*" else value
    requirement = parsed(f"{name}{admits}") if admits is not None else None
    location = _key(files, path, name)
    if requirement is None:
        return Dependency(normalised(name), Scheme.PYPI, location)
    return dependency(requirement, location)


def _poetry_range(text: str) -> str | None:
    """Poetry's ranges as specifiers of Python; None for those that have no such form."""
    if "|" in text:
        return None
    parts: list[str] = []
    for part in (each.strip() for each in text.split(",")):
        caret, tilde, bare = _CARET.fullmatch(part), _TILDE.fullmatch(part), _BARE.fullmatch(part)
        if caret:
            numbers = caret[1].split(".")
            place = next((index for index, number in enumerate(numbers) if int(number)), len(numbers) - 1)
            parts.append(f">={caret[1]},<{_bumped(numbers, place)}")
        elif tilde:
            numbers = tilde[1].split(".")
            parts.append(f">={tilde[1]},<{_bumped(numbers, min(1, len(numbers) - 1))}")
        elif bare:
            parts.append(f"=={bare[1]}")
        elif part != "*":
            parts.append(part)
    return ",".join(parts)


def _bumped(numbers: list[str], place: int) -> str:
    return ".".join([*numbers[:place], str(int(numbers[place]) + 1)])


def _locked(files: Files, found: list[Dependency], lock: str) -> list[Dependency]:
    """Dependencies with the versions of ``uv.lock`` or ``poetry.lock``; several versions of one package settle none."""
    versions: dict[str, list[str]] = {}
    for match in _LOCKED.finditer(files.text(lock)):
        versions.setdefault(normalised(match[1]), []).append(match[2])
    settled: list[Dependency] = []
    for each in found:
        known = versions.get(each.name, [])
        if len(known) == 1:
            where = files.place(lock, f'name = "{each.name}"'.encode())
            each = msgspec.structs.replace(each, version=known[0], locked=where)  # noqa: PLW2901
        elif known:
            each = msgspec.structs.replace(each, version=None, admits=None)  # noqa: PLW2901
        settled.append(each)
    return settled


def _table(data: dict[str, Any], key: str) -> dict[str, Any]:
    found = data.get(key)
    return found if isinstance(found, dict) else {}


def _quoted(files: Files, path: str, text: str) -> Location:
    """Where a text stands in quotes."""
    data = files.data(path)
    for quote in (b'"', b"'"):
        needle = quote + text.encode() + quote
        if needle in data:
            return files.place(path, needle)
    return files.place(path, b"")


def _key(files: Files, path: str, name: str) -> Location:
    """Where a name stands as a key at the beginning of a line."""
    pattern = rf"(?m)^[ \t]*[\"']?{re.escape(name)}[\"']?[ \t]*=[^\n]*".encode()
    match = re.search(pattern, files.data(path))
    return Location(path, Span(match.start(), match.end())) if match else files.place(path, b"")
