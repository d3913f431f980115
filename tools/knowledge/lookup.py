"""Looks the names of a language family up in a folder of installed packages."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tools.knowledge import node_names, python_names
from tools.knowledge.claims import Family
from tools.knowledge.record import packages, spellings


def found(family: Family, names: Iterable[str], folder: Path) -> frozenset[str]:
    """Those of the names that packages have, under one of their spellings. RuntimeError where packages are missing."""
    aliases = [alias for alias in packages().aliases if alias.family == family]
    spelt = {name: spellings(name, aliases) for name in names}
    there = _existing(family, {each for choices in spelt.values() for each in choices}, folder)
    return frozenset(name for name, choices in spelt.items() if not there.isdisjoint(choices))


def _existing(family: Family, names: set[str], folder: Path) -> frozenset[str]:
    if family == "java":
        from tools.knowledge.java_names import JavaNames

        java = JavaNames(_needed(folder / "java"))
        if not java.jdk:
            raise RuntimeError("no JDK on this machine: set JAVA_HOME")
        return frozenset(name for name in names if java.exists(name))
    if family == "csharp":
        from tools.knowledge.dotnet_names import DotnetNames

        bindings = _needed(folder / "node" / "main" / "node_modules" / "@tsonic")
        dotnet = DotnetNames(bindings, _needed(folder / "dotnet"))
        return frozenset(name for name in names if dotnet.exists(name))
    there: frozenset[str] = frozenset()
    for home in sorted(_needed(folder / ("node" if family == "javascript" else "python")).iterdir()):
        missing = names - there
        if family == "javascript":
            there |= node_names.existing(missing, home)
        else:
            there |= python_names.existing(missing, home / "bin" / "python")
    return there


def _needed(folder: Path) -> Path:
    if not folder.is_dir():
        raise RuntimeError(f"{folder}: nothing there; python -m tools.knowledge install {folder.parent}")
    return folder
