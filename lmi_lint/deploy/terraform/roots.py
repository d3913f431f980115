"""Which folders of Terraform are root modules: told from a few words in their files, before any is read as a whole."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from msgspec import Struct

from lmi_lint.discover.classify import in_test_folder
from lmi_lint.discover.project import Project

Folders: TypeAlias = Mapping[str, list[str]]
"""Folder → its Terraform files in order."""

_SUFFIXES: Final = (".tf", ".tf.json", ".tfvars", ".tfvars.json")
_WORTH: Final = re.compile(rb"aws_lambda_(?:function|capacity_provider)\b|lambda", re.IGNORECASE)
_LOCAL_SOURCE: Final = re.compile(rb"""\bsource"?\s*[=:]\s*"(\.{1,2}(?:/[^"\n]*)?)\"""")


class Links(Struct, frozen=True):
    """What a file tells at first sight: whether it may declare functions (``worth``), and which paths it calls."""

    worth: bool = False
    sources: tuple[str, ...] = ()


def links(data: bytes) -> Links:
    """Those of a file."""
    sources = [match.group(1).decode("utf-8", "replace") for match in _LOCAL_SOURCE.finditer(data)]
    return Links(_WORTH.search(data) is not None, tuple(dict.fromkeys(sources)))


def files_by_folder(project: Project) -> Folders:
    """The Terraform files of a project."""
    found: dict[str, list[str]] = {}
    for path in project.configs:
        if path.lower().endswith(_SUFFIXES):
            found.setdefault(posixpath.dirname(path), []).append(path)
    return found


def root_modules(folders: Folders, links_of: Callable[[str], Links], project: Project) -> tuple[str, ...]:
    """Folders of root modules from which a folder that may declare functions is reached.

    A root module is a folder that no other folder of the project calls as a module; folders for tests call nothing.
    """
    worth: set[str] = set()
    calls: dict[str, set[str]] = {}
    for folder, paths in folders.items():
        if in_test_folder(folder + "/x") or not any(path.endswith((".tf", ".tf.json")) for path in paths):
            continue
        calls[folder] = set()
        for path in paths:
            found = links_of(path)
            if found.worth:
                worth.add(folder)
            for source in found.sources:
                target = posixpath.normpath(posixpath.join(folder, source))
                called = "" if target == "." else project.canonical(target)
                if called != folder:
                    calls[folder].add(called)
    below = {target for targets in calls.values() for target in targets}
    roots = [folder for folder in calls if folder not in below]
    # Folders that call each other in a circle have no root above them; each is read from its first.
    reached = set().union(*(_closure(folder, calls) for folder in roots)) if roots else set()
    for folder in calls:
        if folder not in reached:
            roots.append(folder)
            reached |= _closure(folder, calls)
    return tuple(sorted(folder for folder in roots if not worth.isdisjoint(_closure(folder, calls))))


def _closure(folder: str, calls: dict[str, set[str]]) -> set[str]:
    found = {folder}
    waiting = [folder]
    while waiting:
        for target in calls.get(waiting.pop(), ()):
            if target not in found:
                found.add(target)
                waiting.append(target)
    return found
