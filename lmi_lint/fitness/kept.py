"""Fitness as it is kept between runs: that of each group of functions by itself, without what whoever asks for it has
already; that of all says which groups there are, and in which order their functions are ranked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec import Struct, structs

from lmi_lint.cost.assumptions import Assumption
from lmi_lint.cost.model import Column, Estimate, PoolEstimate, PriceSource
from lmi_lint.deploy.kept import Entry
from lmi_lint.deploy.model import DeployedFunction, Deployment, Provenance
from lmi_lint.fitness.model import Assessment, Fitness, Judged

_NONE: Final = DeployedFunction("", Provenance.DEPLOYED)


class OfGroup(Struct, frozen=True, array_like=True):
    """The fitness of functions that share instances. ``pool``: their estimate, None where they cannot be costed;
    ``used``: the names of assumptions that it rests on. ``bare``: assessments without their functions and pools, each
    with whether it has the pool."""

    pool: PoolEstimate | None
    used: tuple[str, ...]
    bare: tuple[tuple[Assessment, bool], ...]

    @classmethod
    def of(cls, pool: PoolEstimate | None, used: tuple[str, ...], assessments: Sequence[Assessment]) -> OfGroup:
        """Assessments of all functions of a group."""
        bare = [(structs.replace(each, function=_NONE, pool=None), each.pool is not None) for each in assessments]
        return cls(pool, used, tuple(bare))

    def assessments(self, judged: Sequence[Judged]) -> list[Assessment]:
        """Those of the same functions."""
        return [
            structs.replace(each, function=own.function, pool=self.pool if pooled else None)
            for own, (each, pooled) in zip(judged, self.bare, strict=True)
        ]


class OfAll(Struct, frozen=True, array_like=True):
    """The fitness of all functions. ``groups``: the keys under which groups are kept, each with the positions of its
    functions among those that were judged; ``costed``: groups with an estimate, in its order; ``ranks``: positions of
    functions in the order of the ranking, with their ranks."""

    groups: tuple[tuple[bytes, tuple[int, ...]], ...]
    costed: tuple[int, ...]
    ranks: tuple[tuple[int, int], ...]
    total: tuple[Column, ...]
    assumptions: tuple[Assumption, ...]
    sources: tuple[PriceSource, ...]
    notes: tuple[str, ...]
    traffic: str

    def whole(self, judged: Sequence[Judged], deployment: Deployment, kept: Entry) -> Fitness | None:
        """The fitness of the same functions; None if some group is not kept."""
        found: dict[int, Assessment] = {}
        pools: list[PoolEstimate | None] = []
        for key, positions in self.groups:
            group: OfGroup | None = kept.get(key, OfGroup)
            if group is None or len(group.bare) != len(positions):
                return None
            pools.append(group.pool)
            found.update(zip(positions, group.assessments([judged[each] for each in positions]), strict=True))
        costed = tuple(pool for at in self.costed if (pool := pools[at]) is not None)
        estimate = Estimate(costed, self.total, self.assumptions, self.sources)
        assessments = tuple(structs.replace(found[position], rank=rank) for position, rank in self.ranks)
        return Fitness(assessments, estimate, self.notes, self.traffic, deployment)
