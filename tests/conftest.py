"""Options of the test run."""

from __future__ import annotations

import libcst as _  # noqa: F401  slow to import; workers forked from this process then need not
import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-snapshots", action="store_true", help="rewrite expected.* of fixtures/projects")


@pytest.fixture
def update_snapshots(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-snapshots"))
