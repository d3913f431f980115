"""A project made of a few files, read as the pipeline reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import pytest

from lmi_lint.deploy.read import read
from lmi_lint.discover import discover
from lmi_lint.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from lmi_lint.deploy.model import Deployment


class Deploy(Protocol):
    """Writes files (path → text) and reads the deployment."""

    def __call__(self, files: dict[str, str]) -> Deployment:
        """The deployment of a project with these files."""


@pytest.fixture
def deploy(tmp_path: Path) -> Deploy:
    """See Deploy."""

    def run(files: dict[str, str]) -> Deployment:
        for name, content in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
        return read(discover([tmp_path], Settings()))

    return run
