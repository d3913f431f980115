"""From configuration, findings, traffic and prices to a judgement on every function."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final

import msgspec
from msgspec import Struct

from lmi_lint.cache import NO_CACHE
from lmi_lint.catalog.page import Page
from lmi_lint.cost.assumptions import Assumptions
from lmi_lint.cost.estimate import Estimator
from lmi_lint.cost.model import Pool, PoolEstimate, Workload
from lmi_lint.cost.prices import ARCHITECTURES, Prices
from lmi_lint.cost.workloads import Group, group_of, pools, runtime_of
from lmi_lint.deploy.kept import Entry
from lmi_lint.deploy.model import DeployedFunction, Deployment, Provenance
from lmi_lint.fitness.comparison import break_even, comparison
from lmi_lint.fitness.decide import decide
from lmi_lint.fitness.kept import OfAll, OfGroup
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
    return assess_anew(judged, known, Entry(NO_CACHE, ""))[0]


def assess_anew(judged: Sequence[Judged], known: Known, kept: Entry) -> tuple[Fitness, OfAll]:
    """The same, and as it is to be kept. ``kept``: what was found of the functions of a group in earlier runs."""
    costing = known.costing
    estimator = Estimator(
        known.assumptions, known.prices, stand_in=costing.stand_in, brief=costing.brief, curves=costing.curves
    )
    members = _members(judged, known)
    positions: dict[Group, list[int]] = {}
    for position, each in enumerate(judged):
        positions.setdefault(known.group(each.function), []).append(position)
    found: dict[Group, OfGroup] = {}
    keys: list[tuple[bytes, tuple[int, ...]]] = []
    assessments: dict[int, Assessment] = {}
    for group, places in positions.items():
        own = [judged[each] for each in places]
        narrowed = _narrowed(known, own, members.get(group, []))
        traffic = [known.traffic.of(each.name) for each in narrowed.deployment.functions]
        key = kept.key([group, own, narrowed.deployment, traffic])
        found[group] = kept.of(key, OfGroup, partial(_of_group, own, narrowed, estimator), lambda _: True)
        keys.append((key, tuple(places)))
        assessments.update(zip(places, found[group].assessments(own), strict=True))
    costed = [group for group in members if found[group].pool is not None]
    pools = [pool for group in costed if (pool := found[group].pool) is not None]
    estimate = estimator.together(pools, {name for each in costed for name in found[each].used})
    order = ranked(assessments[position] for position in range(len(judged)))
    notes, origin = tuple(_notes(judged, known)), known.traffic.origin
    of_key = {each.function.key: position for position, each in enumerate(judged)}
    ranks = tuple((of_key[each.function.key], each.rank) for each in order)
    numbers = {group: number for number, group in enumerate(positions)}
    whole = OfAll(
        tuple(keys),
        tuple(numbers[group] for group in costed),
        ranks,
        estimate.total,
        estimate.assumptions,
        estimate.sources,
        notes,
        origin,
    )
    return Fitness(order, estimate, notes, origin, known.deployment), whole


def _narrowed(known: Known, own: Sequence[Judged], members: Sequence[DeployedFunction]) -> Known:
    """What is known of the functions of one group: what is found of them rests on nothing else."""
    provider = known.deployment.provider_of(own[0].function)
    deployment = Deployment(tuple(members), providers=(provider,) if provider is not None else ())
    return msgspec.structs.replace(known, deployment=deployment)


def _of_group(judged: Sequence[Judged], known: Known, estimator: Estimator) -> OfGroup:
    """The fitness of the functions of one group."""
    members = known.deployment.functions
    safe = {each.function.key: safety(each, known.pages) for each in judged}
    pool = _pool(members, known, safe) if members else None
    unpriced = _unpriced(pool, known) if pool is not None else ""
    costed, used = estimator.of(pool) if pool is not None and not unpriced else (None, ())
    assessments = []
    for each in judged:
        subject = _subject(each, known, safe[each.function.key], costed, members)
        if unpriced:
            subject = msgspec.structs.replace(subject, problem=unpriced)
        assessments.append(_assessment(subject, known, members))
    return OfGroup.of(costed, used, assessments)


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


def _pool(functions: Sequence[DeployedFunction], known: Known, safe: Mapping[str, Safety]) -> Pool:
    (pool,) = pools(
        known.deployment,
        functions,
        known.traffic.of,
        known.region,
        instance_types=known.costing.instance_types,
        together=known.costing.together,
        safe_of=_safe_of(safe),
    )
    return msgspec.structs.replace(pool, workloads=tuple(adapted(each, known.assumptions) for each in pool.workloads))


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
