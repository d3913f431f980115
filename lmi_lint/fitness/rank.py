"""Which functions are the best candidates."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

import msgspec

from lmi_lint.fitness.comparison import break_even
from lmi_lint.fitness.model import Assessment, Basis, Fit, Leaning
from lmi_lint.model.verdict import Verdict

_FITS: Final = (Fit.MOVE, Fit.MEND_FIRST, Fit.ASK, Fit.STAY, Fit.CANNOT)
_VERDICTS: Final = (Verdict.READY, Verdict.NEEDS_WORK, Verdict.BLOCKED, Verdict.NOT_ANALYSED)
_CANDIDATES: Final = frozenset({Fit.MOVE, Fit.MEND_FIRST, Fit.ASK})
_FAR: Final = Decimal("Infinity")


def ranked(assessments: Iterable[Assessment]) -> tuple[Assessment, ...]:
    """In the order in which to look at them. Candidates first: what pays before what is not known, then what saves
    most, then what less speaks against, then the readier code, then what pays from less traffic on. After them those on
    managed instances already, those that should stay, those that cannot move; these have no rank."""
    ordered = sorted(assessments, key=_key)
    numbered, rank = [], 0
    for each in ordered:
        rank += is_candidate(each)
        numbered.append(msgspec.structs.replace(each, rank=rank if is_candidate(each) else 0))
    return tuple(numbered)


def is_candidate(each: Assessment) -> bool:
    """Whether it might move."""
    return not each.function.managed and each.fit in _CANDIDATES


def _key(each: Assessment) -> tuple[bool, bool, int, Decimal, int, int, Decimal, str, str]:
    found = break_even(each.pool)
    load = found.floor_concurrency if found is not None and found.floor_concurrency is not None else _FAR
    return (
        not is_candidate(each),
        not each.function.managed,
        _FITS.index(each.fit),
        -(each.saved or Decimal(0)),
        sum(signal.leaning is Leaning.STAY and signal.basis is not Basis.CODE for signal in each.signals),
        _VERDICTS.index(each.verdict),
        load,
        each.function.name,
        each.function.key,
    )
