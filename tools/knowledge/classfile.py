"""Reads what a Java class file declares; the format is chapter 4 of the Java Virtual Machine Specification."""

from __future__ import annotations

import struct
from typing import Final

from msgspec import Struct

_MAGIC: Final = 0xCAFEBABE
_UTF8, _CLASS, _LONG, _DOUBLE = 1, 7, 5, 6
_WIDTHS: Final = {
    3: 4,
    4: 4,
    5: 8,
    6: 8,
    7: 2,
    8: 2,
    9: 4,
    10: 4,
    11: 4,
    12: 4,
    15: 3,
    16: 2,
    17: 4,
    18: 4,
    19: 2,
    20: 2,
}


class ClassFile(Struct, frozen=True):
    """A class: its name and those of its supertypes (``java/util/Map$Entry``), and the descriptors of its fields and
    methods by name."""

    name: str
    supertypes: tuple[str, ...]
    members: dict[str, tuple[str, ...]]


def read(data: bytes) -> ClassFile:
    """The class that a class file declares. ValueError if the bytes are none."""
    try:
        return _Reader(data).read()
    except (struct.error, IndexError, KeyError) as error:
        raise ValueError(f"no class file: {error}") from error


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0
        self.texts: dict[int, str] = {}
        self.classes: dict[int, int] = {}

    def read(self) -> ClassFile:
        if self.number(">I") != _MAGIC:
            raise ValueError("no class file: wrong magic number")
        self.number(">I")
        self.constants()
        self.number(">H")
        name, parent = self.type_name(), self.type_name()
        interfaces = [self.type_name() for _ in range(self.number(">H"))]
        members: dict[str, list[str]] = {}
        for _ in ("fields", "methods"):
            for _ in range(self.number(">H")):
                self.number(">H")
                member, descriptor = self.texts[self.number(">H")], self.texts[self.number(">H")]
                members.setdefault(member, []).append(descriptor)
                self.skip_attributes()
        supertypes = tuple(each for each in (parent, *interfaces) if each)
        return ClassFile(name, supertypes, {member: tuple(kinds) for member, kinds in members.items()})

    def number(self, shape: str) -> int:
        (value,) = struct.unpack_from(shape, self.data, self.at)
        self.at += struct.calcsize(shape)
        return int(value)

    def constants(self) -> None:
        index, count = 1, self.number(">H")
        while index < count:
            tag = self.number(">B")
            if tag == _UTF8:
                size = self.number(">H")
                self.texts[index] = self.data[self.at : self.at + size].decode("utf-8", "replace")
                self.at += size
            elif tag == _CLASS:
                self.classes[index] = self.number(">H")
            else:
                self.at += _WIDTHS[tag]
            index += 2 if tag in (_LONG, _DOUBLE) else 1

    def type_name(self) -> str:
        index = self.number(">H")
        return self.texts[self.classes[index]] if index else ""

    def skip_attributes(self) -> None:
        for _ in range(self.number(">H")):
            self.number(">H")
            size = self.number(">I")
            self.at += size
