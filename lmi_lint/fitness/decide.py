"""The verdict on a function's fitness."""

from __future__ import annotations

from typing import Final

from lmi_lint.cost.words import money
from lmi_lint.fitness.comparison import Comparison, comparison
from lmi_lint.fitness.model import Basis, Fit, Leaning, Signal
from lmi_lint.fitness.obstacles import MENDED_FIRST
from lmi_lint.fitness.signals import FOLLOWED, Subject
from lmi_lint.model.verdict import Verdict

_COST: Final = "cost"
_CODE: Final = "code readiness"


def decide(subject: Subject, rows: tuple[Signal, ...]) -> tuple[Fit, tuple[str, ...]]:
    """The fit and its reasons, most telling first. Nothing is advised to move that was not compared and found cheaper,
    at the traffic that is known."""
    found = comparison(subject.pool)
    by_name = {row.name: row for row in rows}
    cost, code = by_name[_COST].evidence, by_name[_CODE].evidence
    if found is None:
        if by_name[_COST].leaning is Leaning.STAY:
            return Fit.STAY, (cost,)
        return Fit.ASK, (f"its traffic is not known: {cost}" if _asks_traffic(by_name[_COST]) else cost, code)
    if not found.pays:
        return Fit.STAY, (cost, *_speaking(rows, Leaning.STAY, but={_COST, _CODE}))
    if _outruns(subject):
        return Fit.STAY, (
            by_name["traffic"].evidence,
            f"{cost}; but its peak is not stated, so that this reckons with less",
        )
    reasons = (cost, *_today(subject, found), *_kept(subject), code, *_speaking(rows, Leaning.MOVE, but={_COST, _CODE}))
    return _by_code(subject), reasons


def _asks_traffic(cost: Signal) -> bool:
    return cost.basis is Basis.UNKNOWN and cost.ask.startswith("requests")


def _outruns(subject: Subject) -> bool:
    """Traffic grows faster than managed instances do, and nobody says up to where: environments for the peak, which
    would settle that, cannot be counted."""
    burst = subject.traffic.burst
    return burst is not None and burst > FOLLOWED and subject.traffic.peak_concurrency is None


def _kept(subject: Subject) -> tuple[str, ...]:
    """What answers traffic that grows too fast, where its peak is known."""
    burst = subject.traffic.burst
    if burst is None or burst <= FOLLOWED:
        return ()
    return ("its traffic grows faster than instances are added; environments for the peak, always there, hold it",)


def _by_code(subject: Subject) -> Fit:
    verdict = subject.judged.verdict
    if verdict is Verdict.NOT_ANALYSED:
        # Code in a language that is not read is judged by the rest; reasons say so.
        return Fit.MOVE if subject.function.custom_runtime else Fit.ASK
    if verdict is not Verdict.READY or any(each.rule in MENDED_FIRST for each in subject.judged.settings):
        return Fit.MEND_FIRST
    return Fit.MOVE


def _today(subject: Subject, found: Comparison) -> tuple[str, ...]:
    """What may be had before the code is mended."""
    race = subject.pool.race if subject.pool is not None else None
    if race is None or subject.function.name not in race.functions:
        return ()
    if race.safe is None or race.difference is None:
        return ("with one invocation at a time in an environment nothing holds it",)
    price = f"with one invocation at a time, which is safe today, it costs ${money(race.safe)} a month"
    verdict = "still less than on plain Lambda" if race.safe < found.plain else "more than on plain Lambda"
    return (f"{price}, {verdict}: its races cost ${money(race.difference)} a month",)


def _speaking(rows: tuple[Signal, ...], leaning: Leaning, but: set[str]) -> tuple[str, ...]:
    return tuple(row.evidence for row in rows if row.leaning is leaning and row.name not in but)
