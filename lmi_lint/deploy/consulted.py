"""Which settings of a function somebody looks at: what is found out about it rests on these, and on no others."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, cast

from msgspec import msgpack, structs

from lmi_lint.cache import short_digest
from lmi_lint.deploy.model import DeployedFunction
from lmi_lint.model.finding import Location
from lmi_lint.model.source import Span

_NO_PLACE: Final = Location("", Span(0, 0))
_FIELDS: Final = frozenset(DeployedFunction.__struct_fields__)


class Consulted:
    """A deployed function that notes which of its fields are read (``fields``). It has the attributes of one and is
    none, so that whoever would take one apart in any other way fails."""

    def __init__(self, function: DeployedFunction) -> None:
        self.function = function
        self.fields: set[str] = set()

    def __getattr__(self, name: str) -> object:
        if name in _FIELDS:
            self.fields.add(name)
            return getattr(self.function, name)
        made = vars(DeployedFunction).get(name)
        if not isinstance(made, property) or made.fget is None:
            raise AttributeError(name)
        return made.fget(self)

    @property
    def view(self) -> DeployedFunction:
        """Itself, for those who read a deployed function."""
        return cast("DeployedFunction", self)


def values(function: DeployedFunction, fields: Iterable[str]) -> bytes:
    """A digest of what some fields say, apart from where it is written."""
    return short_digest(msgpack.encode([(name, _value(function, name)) for name in fields]))


def _value(function: DeployedFunction, name: str) -> object:
    if name == "location":
        return function.location is None
    if name == "locations":
        return [setting for setting, _ in function.locations]
    if name == "events":
        return [structs.replace(each, location=None) for each in function.events]
    if name == "oddities":
        return [structs.replace(each, location=_NO_PLACE) for each in function.oddities]
    return getattr(function, name)
