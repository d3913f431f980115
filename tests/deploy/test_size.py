"""How many invocations an environment holds, from what the configuration says."""

from __future__ import annotations

import pytest

from lmi_lint.deploy.model import DeployedFunction, Provenance
from lmi_lint.deploy.size import environment_size
from lmi_lint.model.runtime import NODE, PYTHON, RuntimeModel


def _function(
    memory_mb: int | None = None,
    max_concurrency: int | None = None,
    memory_per_vcpu: float | None = None,
    *,
    managed: bool = True,
    unknown: tuple[str, ...] = (),
) -> DeployedFunction:
    return DeployedFunction(
        "Orders",
        Provenance.DEPLOYED,
        memory_mb=memory_mb,
        max_concurrency=max_concurrency,
        memory_per_vcpu=memory_per_vcpu,
        managed=managed,
        unknown=unknown,
    )


@pytest.mark.parametrize(
    ("function", "runtime", "memory", "concurrency"),
    [
        (_function(), PYTHON, 2048, 16),
        (_function(512, managed=False), PYTHON, 2048, 16),
        (_function(8192), PYTHON, 8192, 64),
        (_function(8192, memory_per_vcpu=8), PYTHON, 8192, 16),
        (_function(4096, 10), PYTHON, 4096, 10),
        (_function(2048), NODE, 2048, 64),
    ],
)
def test_size(function: DeployedFunction, runtime: RuntimeModel, memory: int, concurrency: int) -> None:
    size = environment_size(function, runtime)
    assert (size.memory_mb, size.concurrency) == (memory, concurrency)


def test_set_up_only_by_settings_for_managed_instances() -> None:
    assert environment_size(_function(4096), PYTHON).set_up
    assert not environment_size(_function(4096, managed=False), PYTHON).set_up
    assert not environment_size(_function(), PYTHON).set_up
    assert not environment_size(_function(4096, unknown=("max_concurrency",)), PYTHON).set_up
