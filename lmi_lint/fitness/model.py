"""Whether a function belongs on managed instances: what the judgement is made of, and what it says."""

from __future__ import annotations

from decimal import Decimal
from enum import Enum

from msgspec import Struct

from lmi_lint.cost.model import Estimate, PoolEstimate, RacePrice
from lmi_lint.deploy.model import DeployedFunction
from lmi_lint.model.finding import Location
from lmi_lint.model.verdict import Verdict


class Basis(Enum):
    """What a signal rests on."""

    CONFIGURATION = "configuration"
    CODE = "code"
    TRAFFIC = "traffic"
    UNKNOWN = "not known"


class Leaning(Enum):
    """What a signal speaks for."""

    MOVE = "move"
    STAY = "stay"
    NEITHER = "neither"


class Signal(Struct, frozen=True):
    """One row of the decision table. ``name``: traffic, cost, cold start, compute, isolation, scale to zero or code
    readiness. ``evidence``: one sentence. ``ask``: what its owner should find out where the basis is unknown."""

    name: str
    leaning: Leaning
    basis: Basis
    evidence: str
    ask: str = ""
    location: Location | None = None


class Fit(Enum):
    """The verdict. ``MOVE`` and ``MEND_FIRST`` are never given without a comparison of cost; ``CANNOT``: managed
    instances do not run it."""

    MOVE = "move"
    MEND_FIRST = "mend, then move"
    STAY = "stay"
    CANNOT = "cannot move"
    ASK = "not known yet"


class Recommendation(Struct, frozen=True):
    """A configuration for managed instances. ``memory_mb`` of an environment, MB; ``gib_per_vcpu``: ratio;
    ``max_concurrency``: invocations per environment; environments at least and at most (None: no maximum);
    ``architecture``; ``max_vcpus``: ceiling of the provider. ``reasons``: one sentence for each choice."""

    memory_mb: int
    gib_per_vcpu: int
    max_concurrency: int
    min_environments: int
    max_environments: int | None
    architecture: str
    max_vcpus: int
    reasons: tuple[str, ...] = ()


class Assessment(Struct, frozen=True):
    """The judgement on one function.

    ``verdict``: that on its code and settings. ``reasons``: those for the fit, most telling first. ``obstacles``: what
    stands between it and *ready*. ``safe_concurrency``: invocations that an environment may hold today without races,
    None for any number. ``pool``: estimate for the provider that it is on, or would be; ``race``: what it costs to run
    at the safe concurrency. ``floor``: the least that it costs a month on managed instances; ``break_even``: requests a
    month from which on it pays; None where not known. ``rank``: 1 for the best candidate of the project.
    """

    function: DeployedFunction
    verdict: Verdict
    fit: Fit
    reasons: tuple[str, ...]
    signals: tuple[Signal, ...]
    recommendation: Recommendation | None = None
    obstacles: tuple[str, ...] = ()
    safe_concurrency: int | None = None
    pool: PoolEstimate | None = None
    race: RacePrice | None = None
    floor: Decimal | None = None
    break_even: int | None = None
    rank: int = 0


class Fitness(Struct, frozen=True):
    """All functions of a project, in the order of ``rank``, and the estimate that their figures come from."""

    assessments: tuple[Assessment, ...]
    estimate: Estimate
    notes: tuple[str, ...] = ()
