"""The library calls of one program by what rules ask for: each index is made in one pass, when it is first asked."""

from __future__ import annotations

from functools import cached_property
from heapq import merge
from operator import itemgetter
from typing import TYPE_CHECKING, TypeAlias, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from lmi_lint.link.context import Site
    from lmi_lint.link.heap import Obj, Ref
    from lmi_lint.link.record import LibraryCall

_Key = TypeVar("_Key")
_Index: TypeAlias = "Mapping[_Key, list[tuple[int, LibraryCall]]]"
Refs: TypeAlias = "frozenset[Ref]"


class CallIndex:
    """Answers are in the order of the calls."""

    def __init__(self, calls: list[LibraryCall]) -> None:
        self._calls = calls

    def with_role(self, roles: Iterable[str]) -> list[LibraryCall]:
        """The calls that have one of the roles; the role "" is that of calls without any."""
        return self._chosen(self._by_role, roles)

    def named(self, names: Iterable[str]) -> list[LibraryCall]:
        """The calls that have one of the qualified names."""
        return self._chosen(self._by_name, names)

    @property
    def names(self) -> Iterable[str]:
        """The qualified names that are called."""
        return self._by_name.keys()

    @property
    def receivers(self) -> Iterable[Obj]:
        """The objects that something is called on."""
        return self._holding.keys()

    def on(self, objects: Iterable[Obj]) -> list[LibraryCall]:
        """The calls whose receiver may be one of the objects, each once."""
        receivers = {refs for obj in objects for refs in self._holding.get(obj, ())}
        return self._chosen(self._by_receiver, receivers)

    def making(self, obj: Obj) -> list[LibraryCall]:
        """The calls that may have returned an object."""
        return self._making.get(obj, [])

    @cached_property
    def _making(self) -> Mapping[Obj, list[LibraryCall]]:
        found: dict[Obj, list[LibraryCall]] = {}
        for call in self._calls:
            for obj in call.result.objects():
                found.setdefault(obj, []).append(call)
        return found

    @cached_property
    def at(self) -> Mapping[Site, list[LibraryCall]]:
        """The calls by the event that makes them; several, if the callee may be one of several."""
        found: dict[Site, list[LibraryCall]] = {}
        for call in self._calls:
            found.setdefault((call.context, call.event), []).append(call)
        return found

    @cached_property
    def known(self) -> list[LibraryCall]:
        """The calls of which something is known."""
        return [call for call in self._calls if call.entry is not None]

    @cached_property
    def _by_role(self) -> _Index[str]:
        return self._indexed(lambda call: call.role)

    @cached_property
    def _by_name(self) -> _Index[str]:
        return self._indexed(lambda call: call.name)

    @cached_property
    def _by_receiver(self) -> _Index[Refs]:
        return self._indexed(lambda call: call.receiver.refs)

    @cached_property
    def _holding(self) -> Mapping[Obj, list[Refs]]:
        """The receivers that may be an object: many calls have the same."""
        found: dict[Obj, list[Refs]] = {}
        for refs in self._by_receiver:
            for obj in {obj for obj, _ in refs}:
                found.setdefault(obj, []).append(refs)
        return found

    def _indexed(self, key: Callable[[LibraryCall], _Key]) -> _Index[_Key]:
        found: dict[_Key, list[tuple[int, LibraryCall]]] = {}
        for number, call in enumerate(self._calls):
            found.setdefault(key(call), []).append((number, call))
        return found

    @staticmethod
    def _chosen(index: _Index[_Key], keys: Iterable[_Key]) -> list[LibraryCall]:
        return [call for _, call in merge(*(index.get(key, ()) for key in set(keys)), key=itemgetter(0))]
