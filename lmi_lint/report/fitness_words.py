"""Words that all formats of the fitness report share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from lmi_lint.cost.breakeven import NEVER
from lmi_lint.cost.words import money, requests
from lmi_lint.fitness.comparison import break_even
from lmi_lint.fitness.model import Assessment, Fitness, Recommendation
from lmi_lint.model.verdict import Verdict

HEAD = ("RANK", "FUNCTION", "FIT", "CODE", "SAVES A MONTH", "FLOOR A MONTH", "PAYS FROM", "SAFE AT ONCE")
RIGHT = frozenset({0, 4, 5, 6, 7})


def row(each: Assessment) -> tuple[str, ...]:
    """A function's line of the ranking, as ``HEAD`` has it; what is not known is left blank."""
    return (
        str(each.rank) if each.rank else "",
        each.function.name,
        each.advice,
        each.verdict.value,
        dollars(each.saved) if each.saved is not None else "",
        dollars(each.floor) if each.floor is not None else "",
        pays_from(each),
        safe(each),
    )


def dollars(value: object) -> str:
    """USD with cents and sign: ``$193.92``, ``-$85.40``."""
    text = money(value)  # type: ignore[arg-type]
    return f"-${text[1:]}" if text.startswith("-") else f"${text}"


def pays_from(each: Assessment) -> str:
    """From where on it pays: in requests a month, or in invocations that always run."""
    found = break_even(each.pool)
    if found is None:
        return ""
    if found.requests is not None:
        return f"{requests(found.requests)} requests"
    if found.why.startswith(NEVER):
        return NEVER
    return f"{found.floor_concurrency:.1f} at once" if found.floor_concurrency is not None else "not known"


def safe(each: Assessment) -> str:
    """How many invocations at once are safe today; none where something else keeps it from running at all."""
    if not each.safe_known:
        return "not known"
    if each.safe_concurrency is not None:
        return str(each.safe_concurrency)
    return "none" if each.verdict is Verdict.BLOCKED else "any"


def configuration(found: Recommendation) -> str:
    """A recommended configuration in one line."""
    most = f", at most {found.max_environments}" if found.max_environments is not None else ""
    later = f" ({found.mended_concurrency} once the code allows)" if found.mended_concurrency is not None else ""
    parts = (
        f"{found.memory_mb} MB at {found.gib_per_vcpu} GiB per vCPU",
        f"maximum concurrency {found.max_concurrency}{later}",
        f"at least {found.min_environments} environments{most}",
        found.architecture,
        f"ceiling of {found.max_vcpus} vCPUs",
    )
    return ", ".join(parts)


def asks(assessments: Sequence[Assessment]) -> list[str]:
    """What owners should find out, what concerns most functions first, each once."""
    counts = Counter(ask for each in assessments for ask in each.asks)
    of = len(assessments)
    return [f"{ask} ({number} of {of} functions)" if number < of else ask for ask, number in counts.most_common()]


def tally(assessments: Sequence[Assessment]) -> str:
    """How many functions there are of each advice: ``12 not known yet, 3 stay``."""
    counts = Counter(each.advice for each in assessments)
    return ", ".join(f"{number} {advice}" for advice, number in counts.items())


def basis(fitness: Fitness) -> Iterator[str]:
    """What the figures rest on, and what a reader should know."""
    if not fitness.traffic:
        yield "traffic is not known: lmi-lint traffic template writes a file to fill in, --traffic FILE reads it"
    for source in fitness.estimate.sources:
        stand_in = f" instead of {source.region}" if source.stand_in else ""
        yield f"prices of {source.what}: {source.stand_in or source.region}{stand_in}, {source.as_of}, {source.source}"
    given = [each for each in fitness.estimate.assumptions if each.overridden]
    if given:
        yield "assumed by you: " + ", ".join(f"{each.name} = {each.value.normalize():f}" for each in given)
    if fitness.estimate.assumptions:
        yield "all that is assumed: lmi-lint cost"
    yield from fitness.notes
