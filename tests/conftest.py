"""Options of the test run."""

from __future__ import annotations

import os

import pytest

from lmi_lint.facts.reading import prepare
from lmi_lint.model.names import Language

# What workers that are forked from this process then need not import themselves, some thousand times.
for _language in Language:
    prepare(_language)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-snapshots", action="store_true", help="rewrite expected.* of fixtures/projects")


@pytest.fixture(scope="session", autouse=True)
def _cache_of_their_own(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Runs of the command line leave nothing in the user's cache, and find no settings of the user's."""
    os.environ["LMI_LINT_CACHE_DIR"] = str(tmp_path_factory.mktemp("cache"))
    os.environ["LMI_LINT_CONFIG_DIR"] = str(tmp_path_factory.mktemp("config"))


@pytest.fixture
def update_snapshots(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-snapshots"))
