"""From the configuration to what is costed."""

from __future__ import annotations

from decimal import Decimal

import pytest

from lmi_lint.cost.workloads import pools, runtime_model
from lmi_lint.deploy.model import CapacityProvider, DeployedFunction, Deployment, Dialect, Provenance
from lmi_lint.model.finding import Location
from lmi_lint.model.names import Language
from lmi_lint.model.runtime import DOTNET, JAVA, NODE, PYTHON
from lmi_lint.model.source import Span
from lmi_lint.traffic.model import Traffic

HERE = Location("t.yaml", Span(0, 1))


def provider(name="CP", **given) -> CapacityProvider:
    return CapacityProvider(name, Dialect.SAM, "t.yaml", HERE, **given)


def deployed(name="f", language: Language | None = Language.PYTHON, **given) -> DeployedFunction:
    return DeployedFunction(name, Provenance.DEPLOYED, language, template="t.yaml", **given)


def grouped(*functions, providers=(), **options):
    deployment = Deployment(functions, providers=tuple(providers))
    return pools(deployment, functions, lambda name: Traffic(requests=Decimal(len(name))), "us-east-1", **options)


def test_functions_of_one_provider_share_its_pool() -> None:
    settings = provider(
        architectures=("arm64",), allowed=("m7g.*",), max_vcpus=30, target_utilisation=50.0, region="eu-west-1"
    )
    shared, alone = grouped(
        deployed("a", managed=True, provider="CP", memory_mb=4096),
        deployed("bb"),
        deployed("ccc", managed=True, provider="CP", max_concurrency=5),
        providers=[settings],
    )
    assert [each.name for each in shared.workloads] == ["a", "ccc"]
    assert (shared.name, shared.region, shared.architecture, shared.declared) == ("CP", "eu-west-1", "arm64", True)
    assert (shared.allowed, shared.max_vcpus, shared.cpu_target) == (("m7g.*",), 30, Decimal("0.5"))
    assert shared.workloads[0].configured
    assert not shared.workloads[1].configured
    assert (shared.workloads[1].max_concurrency, shared.workloads[1].concurrency_stated) == (5, True)
    assert shared.workloads[1].traffic.requests == 3
    assert (alone.name, alone.region, alone.architecture, alone.declared) == ("bb", "us-east-1", "x86_64", False)


def test_providers_of_which_only_the_name_is_known_are_shared_too() -> None:
    (pool,) = grouped(*(deployed(name, managed=True, provider="arn:aws:…:cp") for name in "ab"))
    assert (pool.name, len(pool.workloads), pool.declared) == ("arn:aws:…:cp", 2, False)


def test_together_by_architecture() -> None:
    found = grouped(deployed("a"), deployed("b", architecture="arm64"), deployed("c"), together=True)
    assert [(pool.name, [each.name for each in pool.workloads]) for pool in found] == [
        ("all x86_64", ["a", "c"]),
        ("all arm64", ["b"]),
    ]


def test_given_instance_types_win() -> None:
    function = deployed(managed=True, provider="CP")
    (pool,) = grouped(function, providers=[provider(excluded=("c*",))], instance_types=("m7i.large",))
    assert (pool.allowed, pool.excluded) == (("m7i.large",), None)
    (pool,) = grouped(function, providers=[provider(excluded=("c*",))])
    assert (pool.allowed, pool.excluded) == (None, ("c*",))


def test_plain_function() -> None:
    (pool,) = grouped(deployed(memory_mb=512, provisioned=3, ephemeral_mb=1024, auto_alias=True))
    (work,) = pool.workloads
    assert (work.memory_mb, work.environment_mb, work.max_concurrency) == (512, 2048, 16)
    assert (work.provisioned, work.ephemeral_mb, work.auto_alias, work.managed) == (3, 1024, True, False)
    assert work.process_per_invocation
    (pool,) = grouped(deployed(language=Language.TYPESCRIPT))
    assert (pool.workloads[0].memory_mb, pool.workloads[0].process_per_invocation) == (128, False)


def test_unknown_runtimes_are_left_out() -> None:
    assert grouped(deployed(language=None)) == []


@pytest.mark.parametrize(
    ("identifier", "model"),
    [
        ("python3.13", PYTHON),
        ("nodejs22.x", NODE),
        ("java21", JAVA),
        ("dotnet8", DOTNET),
        ("Python3.14", PYTHON),
        ("ruby3.3", None),
        ("provided.al2023", None),
        ("", None),
    ],
)
def test_runtime_model(identifier: str, model) -> None:
    assert runtime_model(identifier) is model
