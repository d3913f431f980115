"""Looks Java names up in jars and in the JDK's own record of its releases (``lib/ct.sym``)."""

from __future__ import annotations

import os
import re
import shutil
import zipfile
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Final

from tools.knowledge.classfile import ClassFile, read

_PRIMITIVES: Final = frozenset(("boolean", "byte", "char", "short", "int", "long", "float", "double"))
_RESULT: Final = re.compile(r"(?:.*\))?\[*L([^;]+);")


class JavaNames:
    """The classes of the jars in a folder and of the newest JDK on this machine. What several versions of a library or
    of the JDK declare is joined: a name exists if it does in one of them."""

    def __init__(self, jars: Path) -> None:
        self.places: Final[dict[str, list[tuple[zipfile.ZipFile, str]]]] = {}
        self.read: Final[dict[str, ClassFile | None]] = {}
        for jar in sorted(jars.glob("*.jar")):
            self._index(zipfile.ZipFile(jar), ".class", depth=0)
        symbols = jdk_symbols()
        if symbols is not None:
            self._index(zipfile.ZipFile(symbols), ".sig", depth=2)

    def _index(self, archive: zipfile.ZipFile, suffix: str, depth: int) -> None:
        for name in archive.namelist():
            if name.endswith(suffix) and not name.startswith("META-INF/"):
                inside = name.removesuffix(suffix).split("/", depth)[-1]
                self.places.setdefault(inside, []).append((archive, name))

    def exists(self, name: str) -> bool:
        """Whether a class, a member or a member of what a member is or returns has this dotted name."""
        if name in _PRIMITIVES:
            return True
        if "*" in name:
            return self._glob_exists(name)
        parts = name.split(".")
        return any(self._has(found, parts[count:]) for count, found in self._classes(parts))

    def _classes(self, parts: list[str]) -> Iterator[tuple[int, str]]:
        """Classes that the first parts of a dotted name may mean, with the number of those parts."""
        for count in range(len(parts), 0, -1):
            for nested in range(count):
                inside = "/".join(parts[: count - nested]) + "".join(
                    f"${part}" for part in parts[count - nested : count]
                )
                if inside in self.places:
                    yield count, inside
                    break

    def _glob_exists(self, name: str) -> bool:
        parts = name.split(".")
        for count in range(len(parts), 0, -1):
            pattern = re.compile("[./$]".join(part.replace("*", "[^./$]*") for part in parts[:count]))
            rest = parts[count:]
            if any(self._has(inside, rest) for inside in self.places if pattern.fullmatch(inside)):
                return True
        return False

    def _has(self, inside: str, rest: list[str]) -> bool:
        if not rest:
            return True
        member, *others = rest
        pattern = re.compile(re.escape(member.removesuffix("()")).replace(r"\*", ".*"))
        for kind in self._hierarchy(inside):
            for known, descriptors in kind.members.items():
                if not pattern.fullmatch(known):
                    continue
                results = {found[1] for text in descriptors if (found := _RESULT.fullmatch(text))}
                if not others or any(self._has(result, others) for result in results if result in self.places):
                    return True
        return False

    def _hierarchy(self, inside: str) -> Iterator[ClassFile]:
        """The class and all that it extends, but for what no jar here declares."""
        seen, waiting = {inside}, [inside, "java/lang/Object"]
        while waiting:
            for kind in self._load(waiting.pop()):
                yield kind
                fresh = [each for each in kind.supertypes if each not in seen]
                seen.update(fresh)
                waiting += fresh

    def _load(self, inside: str) -> list[ClassFile]:
        return [self._read(archive, name) for archive, name in self.places.get(inside, ())]

    def _read(self, archive: zipfile.ZipFile, name: str) -> ClassFile:
        key = f"{archive.filename}!{name}"
        kind = self.read.get(key)
        if kind is None:
            kind = self.read[key] = read(archive.read(name))
        return kind

    @cached_property
    def jdk(self) -> bool:
        """Whether a JDK was found."""
        return "java/lang/Object" in self.places


def jdk_symbols() -> Path | None:
    """``lib/ct.sym`` of ``JAVA_HOME``, else of the newest JDK where systems and ``PATH`` keep them. A JDK records in
    it all releases before its own."""
    homes = [Path(home) for home in (os.environ.get("JAVA_HOME"),) if home]
    homes += Path("/usr/lib/jvm").glob("*")
    java = shutil.which("javac")
    homes += [Path(java).resolve().parents[1]] if java else []
    found = [(_release(home), home / "lib" / "ct.sym") for home in homes if (home / "lib" / "ct.sym").is_file()]
    return max(found)[1] if found else None


def _release(home: Path) -> int:
    try:
        text = (home / "release").read_text("utf-8")
    except OSError:
        return 0
    match = re.search(r'JAVA_VERSION="(\d+)', text)
    return int(match[1]) if match else 0
