"""Whether a function belongs on managed instances: what the judgement is made of, and what it says."""

from __future__ import annotations

from decimal import Decimal
from enum import Enum
from typing import Final

from msgspec import Struct

from lmi_lint.cost.model import Estimate, PoolEstimate, RacePrice
from lmi_lint.deploy.model import DeployedFunction, Deployment
from lmi_lint.model.finding import Finding, Location
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
    """The verdict. ``MOVE`` and ``MEND_FIRST`` are never given without a comparison of cost that speaks for it;
    ``CANNOT``: managed instances do not run it. ``Assessment.advice`` is the verdict in words, which also fits
    functions that have moved already."""

    MOVE = "move"
    MEND_FIRST = "mend, then move"
    STAY = "stay"
    CANNOT = "cannot move"
    ASK = "not known yet"


class Recommendation(Struct, frozen=True):
    """A configuration for managed instances. ``memory_mb`` of an environment, MB; ``gib_per_vcpu``: ratio;
    ``max_concurrency``: invocations per environment; environments at least and at most (None: no maximum);
    ``architecture``; ``max_vcpus``: ceiling of the provider. ``mended_concurrency``: what ``max_concurrency`` may
    become once the code is mended, or has been looked at; None if it is that already. ``reasons``: one sentence for
    each choice."""

    memory_mb: int
    gib_per_vcpu: int
    max_concurrency: int
    min_environments: int
    max_environments: int | None
    architecture: str
    max_vcpus: int
    reasons: tuple[str, ...] = ()
    mended_concurrency: int | None = None


class Judged(Struct, frozen=True):
    """What is known of a function before its fitness is judged. ``findings``: those that count for its verdict;
    ``settings``: what its configuration would need on managed instances (or needs, where it is there). ``problem``: why
    it was not analysed."""

    function: DeployedFunction
    verdict: Verdict
    findings: tuple[Finding, ...] = ()
    settings: tuple[Finding, ...] = ()
    problem: str = ""


class Assessment(Struct, frozen=True):
    """The judgement on one function.

    ``verdict``: that on its code and settings. ``reasons``: those for the fit, most telling first. ``obstacles``: what
    stands between it and *ready*. ``safe_concurrency``: invocations that an environment may hold today without races,
    None for any number; meaningless unless ``safe_known``. ``pool``: estimate for the provider that it is on, or would
    be; ``race``: what it costs to run at the safe concurrency. ``floor``: the least that that provider costs a month;
    ``break_even``: requests a month, of all functions of the provider, from which on it pays; None where not known.
    ``saved``: USD a month, on demand, that managed instances save against plain Lambda (negative if they are dearer);
    None where the two cannot be compared. ``rank``: 1 for the best candidate of the project, 0 for what is none.
    """

    function: DeployedFunction
    verdict: Verdict
    fit: Fit
    reasons: tuple[str, ...]
    signals: tuple[Signal, ...]
    recommendation: Recommendation | None = None
    obstacles: tuple[str, ...] = ()
    safe_concurrency: int | None = None
    safe_known: bool = True
    pool: PoolEstimate | None = None
    race: RacePrice | None = None
    floor: Decimal | None = None
    break_even: int | None = None
    saved: Decimal | None = None
    rank: int = 0

    @property
    def advice(self) -> str:
        """The fit in words, as it applies to where the function is today."""
        return (_ADVICE_MANAGED if self.function.managed else _ADVICE)[self.fit]

    @property
    def asks(self) -> tuple[str, ...]:
        """What its owner should find out."""
        return tuple(dict.fromkeys(signal.ask for signal in self.signals if signal.ask))


_ADVICE: Final = {fit: fit.value for fit in Fit}
_ADVICE_MANAGED: Final = {
    Fit.MOVE: "keep managed",
    Fit.MEND_FIRST: "keep managed, mend",
    Fit.STAY: "move back",
    Fit.CANNOT: "cannot be managed",
    Fit.ASK: "not known yet",
}


class Fitness(Struct, frozen=True):
    """All functions of a project, in the order of ``rank`` (those without one last), and the estimate that their
    figures come from. ``traffic``: the file that says what is known of their traffic, empty if there is none.
    ``deployment``: what they were read from."""

    assessments: tuple[Assessment, ...]
    estimate: Estimate
    notes: tuple[str, ...] = ()
    traffic: str = ""
    deployment: Deployment = Deployment(())
