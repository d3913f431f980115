"""What goes into an estimate of cost, and what comes out. Money is in USD, exact; only reports round."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from msgspec import Struct

from lmi_lint.cost.assumptions import Assumption
from lmi_lint.cost.prices import InstanceType
from lmi_lint.traffic.model import Traffic

PLANS: Final = ("lambda", "lambda-savings-plan", "lmi", "lmi-1yr", "lmi-3yr")
"""The columns of a cost table, in order."""


class Workload(Struct, frozen=True):
    """One function, as far as its cost depends on it.

    ``memory_mb``: memory size on plain Lambda. ``environment_mb`` and ``gib_per_vcpu``: size of its execution
    environments. ``configured``: these are settings for managed instances; else the environment is rounded up to whole
    vCPUs. ``max_concurrency``: invocations per environment that the settings or the runtime's default allow;
    ``concurrency_stated``: the former. ``process_per_invocation``: each invocation has a process of its own, so memory
    adds up. ``min_environments`` and ``max_environments``: its scaling, None where not stated. ``auto_alias``: the
    template publishes a version of its own. ``safe_concurrency``: how many invocations one environment may hold today
    without races, None for any number. ``provisioned``: concurrency provisioned on plain Lambda. ``managed``: on
    managed instances already. ``traffic``: what is known of it.
    """

    name: str
    memory_mb: int
    environment_mb: int
    gib_per_vcpu: Decimal
    max_concurrency: int
    process_per_invocation: bool
    traffic: Traffic = Traffic()
    configured: bool = False
    concurrency_stated: bool = False
    min_environments: int | None = None
    max_environments: int | None = None
    auto_alias: bool = False
    safe_concurrency: int | None = None
    ephemeral_mb: int = 512
    provisioned: int = 0
    managed: bool = False


class Pool(Struct, frozen=True):
    """Functions that share the instances of one capacity provider, declared or imagined.

    ``allowed`` and ``excluded``: instance types, with ``*`` and ``?``; None allows all. ``max_vcpus``: its ceiling;
    ``cpu_target``: utilisation that it scales for, 0 to 1; None where not stated. ``declared``: the configuration
    declares it.
    """

    name: str
    region: str
    architecture: str
    workloads: tuple[Workload, ...]
    allowed: tuple[str, ...] | None = None
    excluded: tuple[str, ...] | None = None
    max_vcpus: int | None = None
    cpu_target: Decimal | None = None
    declared: bool = False


class Environment(Struct, frozen=True):
    """An execution environment of a function. ``concurrency``: invocations that it holds at once, ``bound_by`` says
    what limits them. ``count``: environments of all its active versions (``versions``) at the peak. ``peak``:
    invocations at once in the busiest time, None if unknown."""

    function: str
    memory_mb: int
    vcpus: int
    concurrency: int
    bound_by: str
    count: int
    versions: int
    peak: Decimal | None


class Fleet(Struct, frozen=True):
    """The instances of a pool. ``by_load``: how many the environments need; ``count`` is not below the floor.
    ``types``: instance types that were compared. ``within_ceiling``: its vCPUs are at most the provider's ceiling."""

    instance: InstanceType
    count: int
    by_load: int
    types: int
    within_ceiling: bool

    @property
    def vcpus(self) -> int:
        """All its vCPUs."""
        return self.count * self.instance.vcpus


class Column(Struct, frozen=True):
    """What one plan of ``PLANS`` costs a month. ``fee``: management fee; ``other``: network and storage that the move
    adds. ``saving``: share of the month on plain Lambda, on demand, that is saved (negative if it is dearer), None
    where that is not known."""

    plan: str
    requests: Decimal
    compute: Decimal
    fee: Decimal
    other: Decimal
    saving: Decimal | None = None

    @property
    def month(self) -> Decimal:
        """All rows together."""
        return self.requests + self.compute + self.fee + self.other

    @property
    def year(self) -> Decimal:
        """Twelve months."""
        return 12 * self.month


class BreakEven(Struct, frozen=True):
    """From where on managed instances cost no more than plain Lambda (``against``) under one plan.

    ``requests``: the least a month; None: at no number that the provider's ceiling permits, or not known (``why``).
    ``instances``: how many run then. ``lasting``: from there on it stays so up to the ceiling; None if it does not.
    ``floor_requests``: requests that would pay for the fewest instances alone, could these serve them all.
    ``floor_gb_seconds`` and ``floor_concurrency``: the same as GB-seconds a month, and as invocations always at work.
    ``utilisation``: share of the rented vCPUs that has to be at work for a vCPU-hour to cost what it costs on Lambda.
    """

    plan: str
    against: str
    requests: int | None
    instances: int | None
    lasting: int | None
    floor_requests: int | None
    floor_gb_seconds: Decimal
    floor_concurrency: Decimal | None
    utilisation: Decimal
    why: str = ""


class Sensitivity(Struct, frozen=True):
    """The month on demand with one input changed: ``what`` (``duration``, ``memory``, ``utilisation``) times
    ``factor``. ``problem``: why there is no figure for managed instances."""

    what: str
    factor: Decimal
    plain: Decimal | None
    managed: Decimal | None
    problem: str = ""


class RacePrice(Struct, frozen=True):
    """What it costs a month, on demand, to run at the concurrency that is safe today instead of mending the code.
    ``functions``: those that are held back. A month is None where nothing fits."""

    functions: tuple[str, ...]
    safe: Decimal | None
    mended: Decimal | None

    @property
    def difference(self) -> Decimal | None:
        """What the races cost a month."""
        return self.safe - self.mended if self.safe is not None and self.mended is not None else None


class CurvePoint(Struct, frozen=True):
    """``months``: what a month with so many ``requests`` of all functions costs under each of ``PLANS``; None beyond
    the provider's ceiling."""

    requests: int
    months: tuple[Decimal | None, ...]


class Curve(Struct, frozen=True):
    """Cost against requests a month, for a plot: points in order. ``decades``: they spread over powers of ten.
    ``stated``: the month that the traffic states, if it does."""

    points: tuple[CurvePoint, ...]
    decades: bool = False
    stated: int | None = None


class PoolEstimate(Struct, frozen=True):
    """The estimate of one pool. ``fleet`` None: nothing fits, or no price is known; ``problems`` say why. ``columns``:
    those that are known (without traffic none of plain Lambda). ``notes``: what a reader should know. ``floor``: the
    least that the pool costs a month on managed instances, on demand, without any request; None if nothing fits.
    ``curve``: None unless it was asked for."""

    pool: Pool
    environments: tuple[Environment, ...]
    fleet: Fleet | None
    columns: tuple[Column, ...]
    break_even: tuple[BreakEven, ...] = ()
    sensitivity: tuple[Sensitivity, ...] = ()
    race: RacePrice | None = None
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    floor: Decimal | None = None
    curve: Curve | None = None

    def column(self, plan: str) -> Column | None:
        """The column of a plan, if it is known."""
        return next((column for column in self.columns if column.plan == plan), None)


class PriceSource(Struct, frozen=True):
    """A table of prices that was used. ``stand_in``: the region whose figures stand in for those of ``region``."""

    what: str
    region: str
    as_of: str
    source: str
    stand_in: str = ""


class Estimate(Struct, frozen=True):
    """Estimates of all pools, and what they rest on. ``total``: columns that every pool has, added up."""

    pools: tuple[PoolEstimate, ...]
    total: tuple[Column, ...]
    assumptions: tuple[Assumption, ...]
    sources: tuple[PriceSource, ...]
