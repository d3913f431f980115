"""Code that is written inside the configuration, as the content of a file of an archive."""

from __future__ import annotations

import posixpath
import re
from typing import Final

from lmi_lint.deploy.model import InlineCode
from lmi_lint.deploy.terraform.code import ARCHIVES
from lmi_lint.deploy.terraform.values import Value, as_text, refs_of
from lmi_lint.deploy.terraform.views import BlockView, View
from lmi_lint.deploy.terraform.world import World
from lmi_lint.frontends.hcl.nodes import Literal
from lmi_lint.model.names import Language

_OPENING: Final = re.compile(rb"<<-?\s*[\w.-]+[ \t]*\r?\n")
_ALL_BUT_LINES: Final = re.compile(rb"[^\n\r]")


def inline_code(world: World, value: Value, handler: str | None, language: Language | None) -> InlineCode | None:
    """The code of a function whose archive (``value`` comes from it) has the handler's file written in a heredoc."""
    module = (handler or "").rpartition(".")[0]
    if not module or language is None:
        return None
    for ref in refs_of(value):
        view = world.view(ref) if ref.kind in ARCHIVES else None
        if view is None:
            continue
        parts: list[tuple[View, str, str]] = [(view, "source_content", "source_content_filename")]
        parts += [(block, "content", "filename") for block in view.blocks("source")]
        for part, content, name in parts:
            stem = posixpath.splitext(as_text(part.get(name)) or "")[0]
            found = _heredoc(part, content, language) if stem == module and isinstance(part, BlockView) else None
            if found is not None:
                return found
    return None


def _heredoc(view: BlockView, name: str, language: Language) -> InlineCode | None:
    """A heredoc without interpolations, everything around it blank, so that offsets and lines hold."""
    written = view.written(name)
    if written is None or not isinstance(written.value, Literal):
        return None
    data, span = view.data(), written.value.span
    opening = _OPENING.match(data, span.start)
    start, end = opening.end() if opening else span.end, data.rfind(b"\n", 0, span.end) + 1
    if start >= end:
        return None
    # An escaped interpolation stands for what JavaScript interpolates; a blank keeps the length.
    body = data[start:end].replace(b"$${", b" ${").replace(b"%%{", b" %{")
    before, after = _ALL_BUT_LINES.sub(b" ", data[:start]), _ALL_BUT_LINES.sub(b" ", data[end:])
    return InlineCode(view.path, language, before + body + after)
