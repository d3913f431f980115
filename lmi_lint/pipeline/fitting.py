"""The stage that adds to a report which functions belong on managed instances: what it needs is read here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct, msgpack

from lmi_lint.cache import NO_CACHE, Cache, digest
from lmi_lint.deploy.kept import Entry
from lmi_lint.deploy.model import Deployment, Provenance
from lmi_lint.errors import LmiLintError
from lmi_lint.model.finding import Finding, Problem
from lmi_lint.packs import rules_root
from lmi_lint.pipeline.beside import Beside
from lmi_lint.request import Costing, Request
from lmi_lint.settings import Settings
from lmi_lint.triage.model import Report

if TYPE_CHECKING:
    from lmi_lint.catalog.page import Page
    from lmi_lint.cost.assumptions import Assumptions
    from lmi_lint.fitness.kept import OfAll
    from lmi_lint.fitness.model import Fitness, Judged
    from lmi_lint.model.names import RuleId
    from lmi_lint.traffic.load import TrafficFile

# Costs are imported when a function is deployed: nothing else needs them, and they take longer than a small run.


class Kept(Struct, frozen=True):
    """Where the fitness of the functions of a project is kept between runs."""

    cache: Cache
    root: Path


class Fitting(Struct, frozen=True):
    """What a run was told of traffic and costs, read before the code is, so that mistakes in it show at once."""

    costing: Costing
    traffic: TrafficFile | None
    assumptions: Assumptions | None

    @classmethod
    def of(cls, request: Request, settings: Settings) -> Fitting | None:
        """None where the run does not ask for it. ConfigError, UsageError."""
        costing = request.costing
        if costing is None:
            return None
        traffic = assumptions = None
        if settings.traffic is not None:
            from lmi_lint.traffic.load import read_traffic

            traffic = read_traffic(settings.traffic)
        if costing.assume:
            from lmi_lint.cost.load import load_assumptions

            assumptions = load_assumptions(rules_root()).override(costing.assume)
        return cls(costing, traffic, assumptions)

    def judged(self, report: Report, deployment: Deployment, beside: Beside, kept: Kept) -> Report:
        """The report with the fitness of its functions, unless none of them is deployed. ``beside`` says what their
        configuration needs on managed instances. ConfigError."""
        functions = [item for item in report.functions if item.function.provenance is Provenance.DEPLOYED]
        if not functions:
            return report
        from lmi_lint.fitness.model import Judged

        settings, failed = _by_function(beside.moved), list(beside.moved_errors)
        judged = [
            Judged(item.function, item.verdict, item.counted, tuple(settings.get(item.function.key, ())), item.problem)
            for item in functions
        ]
        names = (each.name for each in deployment.functions)
        unmatched = self.traffic.unmatched(names) if self.traffic is not None else []
        try:
            told = self._told(judged, report.pages, deployment, kept)
        except LmiLintError:
            raise
        except Exception as error:  # noqa: BLE001  findings must not be lost to it
            failed.append(f"the fitness of functions: {type(error).__name__}: {error}")
            return msgspec.structs.replace(report, internal_errors=(*report.internal_errors, *failed))
        undeployed = len(report.functions) - len(functions)
        if undeployed:
            which = "1 handler is" if undeployed == 1 else f"{undeployed} handlers are"
            note = f"{which} left out: no configuration here deploys {'it' if undeployed == 1 else 'them'}"
            told = msgspec.structs.replace(told, notes=(*told.notes, note))
        return msgspec.structs.replace(
            report,
            problems=(*report.problems, *(Problem("traffic", message) for message in unmatched)),
            internal_errors=tuple(dict.fromkeys([*report.internal_errors, *failed])),
            fitness=told,
        )

    def _told(self, judged: list[Judged], pages: Mapping[RuleId, Page], deployment: Deployment, kept: Kept) -> Fitness:
        """What is said of functions, or was said of all that it rests on in an earlier run. ConfigError."""
        from lmi_lint.cost.load import content
        from lmi_lint.fitness.kept import OfAll

        prices = content(rules_root(), self.costing.prices) if kept.cache.keeps else None
        if prices is None:  # what is wrong with them is said by reading them
            return self._assessed(judged, pages, deployment, kept.cache, Entry(NO_CACHE, ""))[0]
        known = digest(msgpack.encode([list(pages.values()), self.traffic]), *prices)
        entry = Entry(kept.cache, "fitness", kept.root, msgpack.encode(self.costing, enc_hook=str), known)
        entry.recall()
        key = entry.key([judged, deployment])
        found: OfAll | None = entry.get(key, OfAll)
        whole = found.whole(judged, deployment, entry) if found is not None else None
        if whole is None:
            whole, found = self._assessed(judged, pages, deployment, kept.cache, entry)
            entry.put(key, found)
            entry.keep()
        return whole

    def _assessed(
        self,
        judged: list[Judged],
        pages: Mapping[RuleId, Page],
        deployment: Deployment,
        cache: Cache,
        kept: Entry,
    ) -> tuple[Fitness, OfAll]:
        from lmi_lint.cost.load import load_assumptions, load_prices
        from lmi_lint.fitness.assess import Known, assess_anew
        from lmi_lint.traffic.load import TrafficFile

        known = Known(
            deployment,
            pages,
            self.traffic or TrafficFile(),
            load_prices(rules_root(), self.costing.prices, cache),
            self.assumptions or load_assumptions(rules_root()),
            self.costing,
        )
        return assess_anew(judged, known, kept)


def _by_function(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    found: dict[str, list[Finding]] = {}
    for finding in findings:
        for key in finding.handlers:
            found.setdefault(key, []).append(finding)
    return found
