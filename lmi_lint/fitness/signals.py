"""The rows of the decision table, one function each. What each rests on: docs/fitness.md."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from msgspec import Struct

from lmi_lint.cost.model import PoolEstimate
from lmi_lint.cost.words import money, percent
from lmi_lint.deploy.model import CapacityProvider, DeployedFunction
from lmi_lint.fitness.comparison import beginning, compared, comparison, never_fills, sharing
from lmi_lint.fitness.model import Basis, Judged, Leaning, Signal
from lmi_lint.fitness.safety import Safety
from lmi_lint.model.finding import Location, Severity
from lmi_lint.model.verdict import Verdict
from lmi_lint.traffic.model import Traffic

FOLLOWED: Final = Decimal(2)
"""Growth within five minutes that managed instances follow without throttling (Lambda developer guide, Scaling of
managed instances)."""
_WAITS: Final = Decimal("0.25")
"""Share of computing up to which a function is bound by waiting: several share a vCPU then."""
_COMPUTES: Final = Decimal("0.7")
"""Share from which on hardly a second invocation fits on a vCPU (the assumption ``cpu_target``)."""
_MONTH: Final = Decimal(730)
_IDLE: Final = Decimal("0.5")
_BUSY: Final = Decimal("0.1")
_BLOCKING: Final = "LMI409"


class Subject(Struct, frozen=True):
    """A function with all that its signals rest on. ``pool``: the estimate; ``others``: functions of the same pool;
    ``problem``: why there is no estimate, ``ask``: what would make one."""

    judged: Judged
    traffic: Traffic
    safety: Safety
    pool: PoolEstimate | None = None
    provider: CapacityProvider | None = None
    others: tuple[DeployedFunction, ...] = ()
    problem: str = ""
    ask: str = ""

    @property
    def function(self) -> DeployedFunction:
        """The function."""
        return self.judged.function


def signals(subject: Subject) -> tuple[Signal, ...]:
    """All rows, in the order in which they are told."""
    rows = (_cost, _code, _traffic, _compute, _cold_start, _isolation, _scale_to_zero)
    return tuple(row(subject) for row in rows)


def _where(subject: Subject, setting: str) -> Location | None:
    return dict(subject.function.locations).get(setting)


def _unknown(name: str, evidence: str, ask: str, leaning: Leaning = Leaning.NEITHER) -> Signal:
    return Signal(name, leaning, Basis.UNKNOWN, evidence, ask)


def _cost(subject: Subject) -> Signal:
    name, pool = "cost", subject.pool
    if pool is None:
        return _unknown(name, subject.problem or "no figure", subject.ask or "prices: lmi-lint prices update")
    found = comparison(pool)
    start = beginning(pool)
    if found is not None:
        leaning = Leaning.MOVE if found.pays else Leaning.STAY
        evidence = compared(found, pool) + (f"; {start}" if start else "")
        return Signal(name, leaning, Basis.TRAFFIC, evidence)
    if pool.floor is None or pool.problems:
        return _unknown(name, "; ".join(pool.problems) or "nothing fits", "which instance types and limits it may have")
    evidence = f"${money(pool.floor)} a month at the least{sharing(pool)}" + (f"; {start}" if start else "")
    reserved = subject.function.reserved
    if never_fills(pool, reserved):
        evidence += (
            f"; at most {reserved} run at once (reserved concurrency), which never costs as much on plain Lambda"
        )
        return Signal(name, Leaning.STAY, Basis.CONFIGURATION, evidence, location=_where(subject, "reserved"))
    return _unknown(name, evidence, "requests a month and their mean duration: lmi-lint traffic template or collect")


def _code(subject: Subject) -> Signal:
    name, judged = "code readiness", subject.judged
    if judged.verdict is Verdict.READY:
        return Signal(name, Leaning.MOVE, Basis.CODE, "nothing that has to be mended was found")
    if judged.verdict is Verdict.NOT_ANALYSED:
        why = judged.problem or "its code could not be analysed to the end"
        return _unknown(name, why, "whether its invocations disturb each other when several run at once")
    worst = Severity.ERROR if judged.verdict is Verdict.BLOCKED else Severity.WARNING
    found = [each for each in judged.findings if each.severity is worst]
    rules = ", ".join(dict.fromkeys(str(each.rule) for each in found))
    word = worst.value if len(found) == 1 else f"{worst.value}s"
    evidence = f"{len(found)} {word} to mend: {rules}"
    if subject.safety.concurrency == 1:
        evidence += "; until then it is safe with one invocation at a time"
    leaning = Leaning.STAY if judged.verdict is Verdict.BLOCKED else Leaning.NEITHER
    return Signal(name, leaning, Basis.CODE, evidence, location=found[0].location if found else None)


def _traffic(subject: Subject) -> Signal:
    name, traffic = "traffic", subject.traffic
    swing = _swing(traffic)
    about = f"at the peak {_short(swing)} times the mean of its active hours" if swing is not None else ""
    if traffic.burst is None:
        evidence = about or "it is not known how steady it is"
        return _unknown(name, evidence, "burst: by what factor traffic grows within five minutes")
    grows = f"traffic grows {_short(traffic.burst)} times at most within five minutes"
    if traffic.burst > FOLLOWED:
        evidence = f"{grows}; what exceeds twice is throttled while instances are added"
        return Signal(name, Leaning.STAY, Basis.TRAFFIC, evidence)
    evidence = f"{grows}, which managed instances follow" + (f"; {about}" if about else "")
    return Signal(name, Leaning.MOVE, Basis.TRAFFIC, evidence)


def _swing(traffic: Traffic) -> Decimal | None:
    """The peak over the mean number of invocations at once."""
    if traffic.peak_concurrency is None or not traffic.requests or traffic.duration_ms is None:
        return None
    seconds = (traffic.active_hours or _MONTH) * 3600
    return traffic.peak_concurrency / (traffic.requests * traffic.duration_ms / 1000 / seconds)


def _compute(subject: Subject) -> Signal:
    name, share = "compute", subject.traffic.cpu_share
    families = _families(subject.provider)
    if share is None:
        blocking = [each for each in subject.judged.findings if each.rule == _BLOCKING]
        if blocking:
            evidence = f"its code holds other invocations up while it computes ({_BLOCKING} × {len(blocking)})"
            return Signal(name, Leaning.STAY, Basis.CODE, evidence, _CPU_SHARE, blocking[0].location)
        if families:
            return Signal(name, Leaning.MOVE, Basis.CONFIGURATION, families, _CPU_SHARE)
        return _unknown(name, "it is not known how much of its time it computes", _CPU_SHARE)
    evidence = f"it computes in {percent(share)} of its time"
    if share <= _WAITS:
        return Signal(name, Leaning.MOVE, Basis.TRAFFIC, f"{evidence} and waits in the rest, which others can use")
    if share >= _COMPUTES:
        text = f"{evidence}: invocations gain little from sharing an environment"
        return Signal(name, Leaning.STAY, Basis.TRAFFIC, text + (f"; {families}" if families else ""))
    return Signal(name, Leaning.NEITHER, Basis.TRAFFIC, evidence)


_CPU_SHARE: Final = "cpu_share: in how much of its billed duration it computes rather than waits"


def _families(provider: CapacityProvider | None) -> str:
    allowed = provider.allowed if provider is not None else None
    if not allowed:
        return ""
    return f"{provider.name if provider else ''} chooses its instance types ({', '.join(allowed)})"


def _cold_start(subject: Subject) -> Signal:
    name, function = "cold start", subject.function
    if function.provisioned:
        evidence = (
            f"it pays for {function.provisioned} provisioned environments against cold starts; managed instances keep "
            "theirs running"
        )
        return Signal(name, Leaning.MOVE, Basis.CONFIGURATION, evidence, location=_where(subject, "provisioned"))
    if function.snapstart:
        evidence = "it uses SnapStart against cold starts; managed instances have none, but keep environments running"
        return Signal(name, Leaning.MOVE, Basis.CONFIGURATION, evidence, location=_where(subject, "snapstart"))
    return _unknown(
        name, "nothing is configured against cold starts", "whether cold starts are noticed: how often, how long"
    )


def _isolation(subject: Subject) -> Signal:
    name, function = "isolation", subject.function
    if not subject.others:
        evidence = "reckoned with instances of its own, which nothing else runs on"
        return Signal(name, Leaning.NEITHER, Basis.CONFIGURATION, evidence)
    shared = f"{len(subject.others)} other functions run" if len(subject.others) > 1 else "another function runs"
    evidence = f"{shared} on the same instances ({_some(each.name for each in subject.others)})"
    foreign = [each for each in subject.others if each.role != function.role]
    if function.role is None or any(each.role is None for each in subject.others):
        return _unknown(name, evidence, "whether these functions trust each other: a container is no boundary")
    if foreign:
        names = _some(each.name for each in foreign)
        text = (
            f"{evidence}, with other roles: {names}; a container is no boundary, so they need a provider of their own"
        )
        return Signal(name, Leaning.STAY, Basis.CONFIGURATION, text, location=_where(subject, "role"))
    return Signal(name, Leaning.NEITHER, Basis.CONFIGURATION, f"{evidence}, all with one role")


def _scale_to_zero(subject: Subject) -> Signal:
    name, hours = "scale to zero", subject.traffic.active_hours
    if hours is None:
        kinds = {each.kind for each in subject.function.events}
        if kinds == {"schedule"}:
            evidence = "only a schedule invokes it, so that it is idle in between; instances cost all the time"
            return Signal(name, Leaning.STAY, Basis.CONFIGURATION, evidence, _ACTIVE)
        return _unknown(name, "it is not known how much of the time it is idle; instances cost all the time", _ACTIVE)
    idle = max(_MONTH - hours, Decimal(0)) / _MONTH
    evidence = f"idle in {percent(idle)} of the month" if idle else "in use in every hour of the month"
    if idle >= _IDLE:
        text = f"{evidence}, in which plain Lambda costs nothing and instances do (the comparison of cost counts them)"
        return Signal(name, Leaning.STAY, Basis.TRAFFIC, text)
    leaning = Leaning.MOVE if idle <= _BUSY else Leaning.NEITHER
    return Signal(name, leaning, Basis.TRAFFIC, evidence)


_ACTIVE: Final = "active_hours: in how many hours of a month there is any traffic"


def _some(names: Iterator[str]) -> str:
    listed = list(names)
    more = f" and {len(listed) - 3} more" if len(listed) > 3 else ""
    return ", ".join(listed[:3]) + more


def _short(value: Decimal) -> str:
    return f"{value:.1f}".removesuffix(".0")
