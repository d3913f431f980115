"""Where functions by convention are written now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import partial

from msgspec import structs

from lmi_lint.deploy.model import DeployedFunction, Entry, Provenance
from lmi_lint.index import Index
from lmi_lint.index.questions import NOWHERE
from lmi_lint.model.finding import Location
from lmi_lint.model.source import Span


def located(functions: Iterable[DeployedFunction], index: Index) -> tuple[DeployedFunction, ...]:
    """Functions with those by convention at their places. What the configuration says does not depend on places in
    sources, so that it can be kept while they move."""
    before: Counter[Entry] = Counter()  # one symbol may be written twice
    found, mixed = [], set()
    for each in functions:
        place = each.location if each.provenance is Provenance.CONVENTION else None
        if place is None or each.entry is None:
            found.append(each)
        elif place.span != NOWHERE:  # that of a type, by its number
            mixed.add(place.path)
            span = index.types_of(place.path)[place.span.end].span
            found.append(structs.replace(each, location=Location(place.path, span)))
        else:
            spans = _spans(each.entry, index)[before[each.entry] :]
            before[each.entry] += 1
            found.append(structs.replace(each, location=Location(place.path, spans[0])) if spans else each)
    return tuple(sorted(found, key=partial(_order, mixed)))


def _spans(entry: Entry, index: Index) -> list[Span]:
    wanted = (entry.symbol, entry.method, entry.program)
    shapes = index.handler_shapes(entry.path)
    return [each.span for each in shapes if (each.symbol, each.method, each.program) == wanted]


def _order(mixed: set[str], function: DeployedFunction) -> tuple[str, int]:
    """Deployed functions as they are, the others by file; in the order of their places where some of a file's handlers
    are known by what they extend."""
    place = function.location
    if place is None or function.provenance is not Provenance.CONVENTION:
        return "", 0
    return place.path, place.span.start if place.path in mixed else 0
