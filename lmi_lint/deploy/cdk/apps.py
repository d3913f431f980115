"""What the source of CDK apps declares."""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct, structs

from lmi_lint.deploy.model import CapacityProvider, DeployedFunction
from lmi_lint.deploy.template import Candidate
from lmi_lint.model.finding import Problem

Turn: TypeAlias = tuple[int, str]
"""When something was found: files are gone through several times, in the order of their paths."""


class Declared(Struct, frozen=True):
    """One function of an app's source. ``paths``: the ids of its construct from the app down, None where unknown, one
    path for each time that the app makes it."""

    candidate: Candidate
    paths: tuple[tuple[str | None, ...], ...]
    turn: Turn = (0, "")


class App(Struct, frozen=True):
    """What files declare that were read together: as a rule one app. ``providers``: with their turns; ``reached``:
    further files that were read for it; ``cut``: bounds that were reached; ``steps``: that it took."""

    functions: tuple[Declared, ...]
    providers: tuple[tuple[Turn, CapacityProvider], ...]
    problems: tuple[Problem, ...]
    reached: frozenset[str]
    cut: tuple[str, ...]
    steps: int


class Apps(Struct):
    """What the CDK apps of a project declare."""

    functions: tuple[Declared, ...] = ()
    providers: tuple[CapacityProvider, ...] = ()
    problems: tuple[Problem, ...] = ()


_COMPARED = (
    "memory_mb", "timeout_s", "ephemeral_mb", "architecture", "managed", "provider", "max_concurrency",
    "memory_per_vcpu", "min_environments", "max_environments", "vpc", "snapstart", "provisioned", "reserved",
    "log_format", "published", "role", "runtime",
)  # fmt: skip
"""Settings that may differ between two runs of one construct."""


def common(one: DeployedFunction, two: DeployedFunction) -> DeployedFunction:
    """One function for two of the same code; settings that differ are unknown."""
    unknown = [*one.unknown, *two.unknown]
    changed: dict[str, object] = {}
    for name in _COMPARED:
        if getattr(one, name) != getattr(two, name):
            changed[name] = False if isinstance(getattr(one, name), bool) else None
            unknown.append(name)
    variables = dict(two.environment)
    environment = tuple((key, value if variables.get(key) == value else None) for key, value in one.environment)
    return structs.replace(one, environment=environment, unknown=tuple(dict.fromkeys(unknown)), **changed)
