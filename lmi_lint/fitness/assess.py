"""From configuration, findings, traffic and prices to a judgement on every function."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import msgspec
from msgspec import Struct

from lmi_lint.catalog.page import Page
from lmi_lint.cost.assumptions import Assumptions
from lmi_lint.cost.estimate import estimate
from lmi_lint.cost.model import Pool, PoolEstimate, Workload
from lmi_lint.cost.prices import ARCHITECTURES, Prices
from lmi_lint.cost.workloads import Group, group_of, pools, runtime_of
from lmi_lint.deploy.model import DeployedFunction, Deployment, Provenance
from lmi_lint.fitness.comparison import break_even, comparison
from lmi_lint.fitness.decide import decide
from lmi_lint.fitness.model import Assessment, Fit, Fitness, Judged
from lmi_lint.fitness.obstacles import impossible, obstacles
from lmi_lint.fitness.rank import ranked
from lmi_lint.fitness.recommend import adapted, recommend
from lmi_lint.fitness.safety import Safety, safety
from lmi_lint.fitness.signals import Subject, signals
from lmi_lint.model.names import RuleId
from lmi_lint.request import Costing
from lmi_lint.traffic.load import TrafficFile

DEFAULT_REGION: Final = "us-east-1"
"""Where nothing says another region."""


_NO_RUNTIME: Final = "what it is written in is not known, or nothing that managed instances run"


class Known(Struct, frozen=True):
    """All that functions are judged by beside what is found in each. ``pages``: the rules."""

    deployment: Deployment
    pages: Mapping[RuleId, Page]
    traffic: TrafficFile
    prices: Prices
    assumptions: Assumptions
    costing: Costing = Costing()

    @property
    def region(self) -> str:
        """The region of functions that name none."""
        return self.costing.region or DEFAULT_REGION

    def group(self, function: DeployedFunction) -> Group:
        """Functions of one group share instances."""
        return group_of(self.deployment, function, self.region, together=self.costing.together)


def assess(judged: Sequence[Judged], known: Known) -> Fitness:
    """The fitness of functions that are deployed. Functions that share a capacity provider with one of them are costed
    along. What cannot be costed is said in the assessment, never raised."""
    safe = {each.function.key: safety(each, known.pages) for each in judged}
    members = _members(judged, known)
    asked = _pools(members, known, safe)
    costed = {group: pool for group, pool in asked.items() if not _unpriced(pool, known)}
    found = estimate(
        costed.values(),
        known.assumptions,
        known.prices,
        stand_in=known.costing.stand_in,
        brief=known.costing.brief,
        curves=known.costing.curves,
    )
    estimates = dict(zip(costed, found.pools, strict=True))
    assessments = []
    for each in judged:
        group = known.group(each.function)
        pool = estimates.get(group)
        together = members.get(group, [])
        subject = _subject(each, known, safe[each.function.key], pool, together)
        if pool is None and group in asked:
            subject = msgspec.structs.replace(subject, problem=_unpriced(asked[group], known))
        assessments.append(_assessment(subject, known, together))
    return Fitness(ranked(assessments), found, tuple(_notes(judged, known)), known.traffic.origin, known.deployment)


def _members(judged: Sequence[Judged], known: Known) -> dict[Group, list[DeployedFunction]]:
    """Each pool's functions, in the order in which the estimate has them."""
    wanted = {known.group(each.function) for each in judged if runtime_of(each.function) is not None}
    keys = {each.function.key for each in judged}
    found: dict[Group, list[DeployedFunction]] = {}
    for function in known.deployment.functions:
        deployed = function.provenance is Provenance.DEPLOYED or function.key in keys
        if deployed and not function.edge and runtime_of(function) is not None:
            group = known.group(function)
            if group in wanted:
                found.setdefault(group, []).append(function)
    return found


def _pools(
    members: Mapping[Group, Sequence[DeployedFunction]], known: Known, safe: Mapping[str, Safety]
) -> dict[Group, Pool]:
    found = {}
    for group, functions in members.items():
        (pool,) = pools(
            known.deployment,
            functions,
            known.traffic.of,
            known.region,
            instance_types=known.costing.instance_types,
            together=known.costing.together,
            safe_of=_safe_of(safe),
        )
        workloads = tuple(adapted(each, known.assumptions) for each in pool.workloads)
        found[group] = msgspec.structs.replace(pool, workloads=workloads)
    return found


def _safe_of(safe: Mapping[str, Safety]) -> Callable[[DeployedFunction], int | None]:
    return lambda function: safe[function.key].concurrency if function.key in safe else None


def _unpriced(pool: Pool, known: Known) -> str:
    """Why a pool cannot be costed; empty if it can."""
    if pool.architecture not in ARCHITECTURES:
        return f"architecture {pool.architecture} has no prices"
    regions = (pool.region, known.costing.stand_in)
    if all(known.prices.table(region) is None for region in regions if region):
        return f"no EC2 prices are known for region {pool.region}"
    return ""


def _subject(
    judged: Judged, known: Known, safe: Safety, pool: PoolEstimate | None, together: Sequence[DeployedFunction]
) -> Subject:
    function = judged.function
    others = tuple(each for each in together if each.key != function.key)
    problem, ask = ("", "") if runtime_of(function) is not None else (_NO_RUNTIME, "which language and runtime it has")
    traffic, provider = known.traffic.of(function.name), known.deployment.provider_of(function)
    return Subject(judged, traffic, safe, pool, provider, others, problem, ask)


def _assessment(subject: Subject, known: Known, together: Sequence[DeployedFunction]) -> Assessment:
    judged, pool = subject.judged, subject.pool
    why = impossible(judged)
    if why:
        return Assessment(judged.function, judged.verdict, Fit.CANNOT, (why,), (), safe_known=False)
    rows = signals(subject)
    fit, reasons = decide(subject, rows)
    compared, start = comparison(pool), break_even(pool)
    race = pool.race if pool is not None and pool.race and judged.function.name in pool.race.functions else None
    position = next((index for index, each in enumerate(together) if each.key == judged.function.key), None)
    recommendation = None
    if pool is not None and position is not None and position < len(pool.environments):
        workload: Workload = pool.pool.workloads[position]
        recommendation = recommend(subject, workload, pool.environments[position], pool)
    return Assessment(
        judged.function,
        judged.verdict,
        fit,
        reasons,
        rows,
        recommendation,
        obstacles(judged, known.pages),
        subject.safety.concurrency,
        subject.safety.known,
        pool,
        race,
        pool.floor if pool is not None else None,
        start.requests if start is not None else None,
        compared.saved if compared is not None else None,
    )


def _notes(judged: Sequence[Judged], known: Known) -> list[str]:
    """What a reader should know of all of them."""
    notes = []
    functions = [each.function for each in judged]
    provided = {key for each in functions if (provider := known.deployment.provider_of(each)) for key in [provider.key]}
    nowhere = any(each.region is None for each in functions if known.deployment.provider_of(each) is None)
    if known.costing.region is None and (
        nowhere or any(not p.region for p in known.deployment.providers if p.key in provided)
    ):
        notes.append(f"region {DEFAULT_REGION} is assumed where the configuration names none")
    alone = [each for each in functions if not each.managed and not each.edge]
    if len(alone) > 1 and not known.costing.together:
        notes.append(
            "each function without a capacity provider is costed on one of its own; functions that trust each other "
            "may share one, which is far cheaper for small ones (lmi-lint fitness --together)"
        )
    return notes
