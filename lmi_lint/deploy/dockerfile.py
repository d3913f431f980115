"""What a Dockerfile says an image runs: its command, the base image of the stage, and what is copied into it.

Syntax: the Dockerfile reference (https://docs.docker.com/reference/dockerfile/). Nothing is built or fetched.
"""

from __future__ import annotations

import json
import posixpath
import re
import shlex
from collections.abc import Iterator

from msgspec import Struct

MAX_BYTES = 1 << 20
"""A larger Dockerfile is not read."""

MAX_INSTRUCTIONS = 2000
"""A Dockerfile with more is none."""

_MAX_LINE = 20_000
_CONTINUED = re.compile(r"\\[ \t]*\r?\n(?:[ \t]*#[^\n]*\n)*")
_HEREDOC = re.compile(r"<<-?[\"']?(\w+)[\"']?")
_FROM = re.compile(r"(?:--\S+\s+)*(\S+)(?:\s+as\s+(\S+))?", re.IGNORECASE)
_VARIABLE = re.compile(r"\$(?:\{(\w+)(?::?-([^}]*))?\}|(\w+))")
_MAX_STAGES = 100


class Stage(Struct, frozen=True):
    """One build stage. ``base``: the image that it starts from, stages followed; ``copied``: source and target of what
    is copied from the build's context; ``variables``: of ``ENV``; ``commands``: ``ENTRYPOINT`` and ``CMD``."""

    base: str
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    copied: tuple[tuple[str, str], ...] = ()
    variables: tuple[tuple[str, str], ...] = ()
    from_images: tuple[str, ...] = ()


def read_dockerfile(text: str, target: str = "") -> Stage | None:
    """The stage that is built: the one called ``target``, else the last. None if there is none."""
    stages: dict[str, Stage] = {}
    arguments: dict[str, str] = {}
    name = ""
    stage: Stage | None = None
    for count, (word, rest) in enumerate(_instructions(text)):
        if count >= MAX_INSTRUCTIONS:
            return None
        if word == "FROM":
            if stage is not None:
                stages[name] = stage
                if target and name.lower() == target.lower():
                    return stage
            match = _FROM.match(rest)
            image = _filled(match.group(1), arguments) if match else ""
            name = (match.group(2) if match else None) or str(len(stages))
            above = stages.get(image)
            stage = above if above is not None else Stage(image)
            if len(stages) > _MAX_STAGES:
                return None
        elif word == "ARG" and stage is None:
            arguments.update(_assigned(rest))
        elif stage is not None:
            stage = _after(stage, word, rest, arguments)
    return stage if not target or name.lower() == target.lower() else None


def _after(stage: Stage, word: str, rest: str, arguments: dict[str, str]) -> Stage:
    """The stage after one more instruction."""
    known = {**arguments, **dict(stage.variables)}
    entrypoint, command, copied, variables = stage.entrypoint, stage.command, stage.copied, stage.variables
    images = stage.from_images
    if word == "ARG":
        arguments.update({key: value for key, value in _assigned(rest) if value or key not in arguments})
    elif word == "ENV":
        variables = (*variables, *((key, _filled(value, known)) for key, value in _assigned(rest)))
    elif word == "ENTRYPOINT":
        entrypoint, command = tuple(_filled(item, known) for item in _words(rest)), ()
    elif word == "CMD":
        command = tuple(_filled(item, known) for item in _words(rest))
    elif word in ("COPY", "ADD"):
        flags = re.findall(r"--(\w+)=(\S+)", rest)
        images = (*images, *(value for key, value in flags if key == "from"))
        if not any(key == "from" for key, _ in flags):
            words = [_filled(item, known) for item in _words(re.sub(r"--\w+(?:=\S+)?\s", "", rest + " "))]
            copied = (*copied, *((source, words[-1]) for source in words[:-1]))
    return Stage(stage.base, entrypoint, command, copied, variables, images)


def _instructions(text: str) -> Iterator[tuple[str, str]]:
    """Instructions in upper case with their arguments; comments and the bodies of heredocs left out."""
    lines = iter(_CONTINUED.sub(" ", text).splitlines())
    for line in lines:
        word, _, rest = line.strip().partition(" ")
        if not word or word.startswith("#"):
            continue
        heredoc = _HEREDOC.search(rest)
        if heredoc is not None and word.upper() in ("RUN", "COPY", "ADD"):
            for inner in lines:
                if inner.strip() == heredoc.group(1):
                    break
            continue
        yield word.upper(), rest.strip()


def _words(text: str) -> list[str]:
    """The words of a command in exec form (a JSON list) or in shell form."""
    text = text.strip()
    if len(text) > _MAX_LINE:
        return []
    if text.startswith("["):
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            found = None
        if isinstance(found, list):
            return [item for item in found if isinstance(item, str)]
        text = text.strip("[]").replace(",", " ")
    try:
        return shlex.split(text, comments=False)
    except ValueError:
        return text.split()


def _assigned(text: str) -> list[tuple[str, str]]:
    """``NAME=value`` pairs, or the older ``NAME value``."""
    words = _words(text)
    if words and "=" not in words[0]:
        return [(words[0], " ".join(words[1:]))]
    return [(key, value) for key, _, value in (word.partition("=") for word in words)]


def _filled(text: str, known: dict[str, str]) -> str:
    """A text with the variables that are known; others stay as written."""

    def value(match: re.Match[str]) -> str:
        found = known.get(match.group(1) or match.group(3)) or match.group(2)
        return found if found is not None else match.group()

    return _VARIABLE.sub(value, text)


def copied_folders(stage: Stage, context: str) -> list[str]:
    """Folders below the context that the stage's files come from: of a copied file its folder, and what is copied."""
    found: list[str] = []
    for source, _ in stage.copied:
        path = posixpath.normpath(posixpath.join(context, source.lstrip("/") or "."))
        if path.startswith("..") or "$" in path:
            continue
        found += [posixpath.dirname(path) or "."] if re.search(r"\.\w+$|[*?]", posixpath.basename(path)) else [path]
    return list(dict.fromkeys(found))
