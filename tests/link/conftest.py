"""A project made of a few sources, linked as the pipeline links it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import pytest
from hypothesis import settings

from tests.link.linking import link_one

if TYPE_CHECKING:
    from pathlib import Path

    from lmi_lint.link.program import Program

# How long an example takes says something about the machine that it runs on.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


class Link(Protocol):
    """Writes sources and links the only function in them."""

    def __call__(self, source: str = "", /, name: str = "index.js", files: dict[str, str] | None = None) -> Program:
        """The program of ``source`` in a file called ``name``, with more ``files`` beside it."""


@pytest.fixture
def link(tmp_path: Path) -> Link:
    """See Link."""

    def run(source: str = "", /, name: str = "index.js", files: dict[str, str] | None = None) -> Program:
        return link_one(tmp_path, {**({name: source} if source else {}), **(files or {})})

    return run
