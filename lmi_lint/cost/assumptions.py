"""What an estimate takes for granted: values with a source, which a user may replace."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final, TypeVar

from msgspec import Struct

from lmi_lint.cost.prices import File, decode, toml
from lmi_lint.errors import ConfigError, UsageError

_T = TypeVar("_T")
_BY_USER: Final = "stated on the command line"
_WORDS: Final = {"yes": Decimal(1), "no": Decimal(0), "true": Decimal(1), "false": Decimal(0)}


class Assumption(Struct, frozen=True):
    """One assumption. ``value`` in ``unit``; ``verified``: seen in AWS's own documentation; ``overridden``: the user
    replaced the ``default``. ``least`` and ``most`` bound what is accepted, ``whole``: no fractions."""

    name: str
    value: Decimal
    default: Decimal
    unit: str
    what: str
    source: str
    date: str
    verified: bool
    least: Decimal
    most: Decimal | None
    whole: bool
    overridden: bool = False


class _Entry(Struct, frozen=True, forbid_unknown_fields=True):
    value: Decimal
    unit: str
    what: str
    source: str
    date: str
    verified: bool
    least: Decimal = Decimal(0)
    most: Decimal | None = None
    whole: bool = False


class Assumptions(Struct, frozen=True):
    """All assumptions, by name."""

    entries: Mapping[str, Assumption]

    def override(self, given: Iterable[str]) -> Assumptions:
        """With ``NAME=VALUE`` replaced, percents allowed. UsageError for an unknown name or an impossible value."""
        entries = dict(self.entries)
        for text in given:
            name, separator, written = (part.strip() for part in text.partition("="))
            if not separator or not written:
                raise UsageError(f"--assume {text}: no value", "write --assume NAME=VALUE, such as ec2_3yr=0.55")
            if name not in entries:
                import difflib

                close = difflib.get_close_matches(name.replace("-", "_"), entries, n=1, cutoff=0.5)
                hint = f"did you mean {close[0]}?" if close else f"known: {', '.join(entries)}"
                raise UsageError(f"--assume {text}: no assumption is called {name}", hint)
            entries[name] = _replaced(entries[name], written)
        return Assumptions(entries)


def _replaced(entry: Assumption, written: str) -> Assumption:
    where = f"--assume {entry.name}={written}"
    try:
        value = _WORDS.get(written.lower())
        if value is None:
            value = Decimal(written[:-1]) / 100 if written.endswith("%") else Decimal(written)
    except InvalidOperation:
        raise UsageError(f"{where}: no number", f"it is in {entry.unit}; {entry.default} unless stated") from None
    fault = _fault(entry, value)
    if fault:
        raise UsageError(f"{where}: {fault}", f"{entry.what}, in {entry.unit}")
    return Assumption(
        entry.name,
        value,
        entry.default,
        entry.unit,
        entry.what,
        _BY_USER,
        "",
        entry.verified,
        entry.least,
        entry.most,
        entry.whole,
        overridden=True,
    )


def _fault(entry: Assumption, value: Decimal) -> str:
    """Why a value is not accepted; empty if it is."""
    if not value.is_finite():
        return "not a finite number"
    if value < entry.least:
        return f"less than {entry.least}"
    if entry.most is not None and value > entry.most:
        return f"more than {entry.most}"
    return "not a whole number" if entry.whole and value != int(value) else ""


def read_assumptions(file: File) -> Assumptions:
    """The assumptions of a file (``rules/prices/assumptions.toml``). ConfigError names file and key."""
    entries: dict[str, Assumption] = {}
    for name, table in toml(file).items():
        raw = decode(table, _Entry, f"{file}: {name}")
        entry = Assumption(
            name, raw.value, raw.value, raw.unit, raw.what, raw.source, raw.date, raw.verified, raw.least, raw.most,
            raw.whole,
        )  # fmt: skip
        fault = _fault(entry, entry.value)
        if fault:
            raise ConfigError(f"{file}: {name}: value is {fault}", "mend value, least or most")
        entries[name] = entry
    return Assumptions(entries)


class Ledger:
    """Hands out assumptions of one estimate and remembers which were asked for."""

    def __init__(self, assumptions: Assumptions) -> None:
        self._entries = assumptions.entries
        self._used: dict[str, None] = {}
        self._kept: dict[Hashable, tuple[Any, dict[str, None]]] = {}

    def once(self, key: Hashable, make: Callable[[], _T]) -> _T:
        """What ``make`` makes of assumptions and prices, made once for each key of this estimate; what it asks for is
        asked for each time."""
        if key not in self._kept:
            outer, self._used = self._used, {}
            try:
                made = make()
            finally:
                inner, self._used = self._used, outer
            self._kept[key] = made, inner
        kept: _T = self._kept[key][0]
        self._used |= self._kept[key][1]
        return kept

    def forget(self) -> None:
        """Begin anew to remember what is asked for."""
        self._used = {}

    def __getitem__(self, name: str) -> Decimal:
        entry = self._entries.get(name)
        if entry is None:
            raise ConfigError(f"the assumptions lack {name}", "compare with rules/prices/assumptions.toml")
        self._used[name] = None
        return entry.value

    @property
    def used(self) -> tuple[str, ...]:
        """The names of those that were asked for."""
        return tuple(self._used)
