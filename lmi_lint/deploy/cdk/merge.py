"""One function for what an app's source and its output say of the same construct."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct, structs

from lmi_lint.deploy.cdk.apps import common
from lmi_lint.deploy.model import CapacityProvider, DeployedFunction, Dialect
from lmi_lint.discover.assembly import in_assembly

if TYPE_CHECKING:
    from lmi_lint.deploy.cdk.apps import Apps
    from lmi_lint.deploy.template import Candidate


class Placed(Struct, frozen=True):
    """A function and the ids of its construct from the app down, None for one that is not known; a path for each time
    that it is made."""

    function: DeployedFunction
    paths: tuple[tuple[str | None, ...], ...]


def merged(outputs: Sequence[Placed], sources: Sequence[Placed]) -> list[DeployedFunction]:
    """The output's functions with the places and entries of their sources, then the sources without an output.

    Several functions of the output that one place in the source makes (a stack per stage) become one: what differs
    between them is unknown.
    """
    found: dict[int, list[DeployedFunction]] = {}
    order: list[int | DeployedFunction] = []
    for output in outputs:
        at = _source_of(output, sources)
        if at is None:
            order.append(output.function)
        elif at in found:
            found[at].append(output.function)
        else:
            found[at] = [output.function]
            order.append(at)
    covered = {_code(each.function) for each in outputs if each.function.entry is not None}
    rest = [
        each.function for at, each in enumerate(sources)
        if at not in found and not (each.function.entry is not None and _code(each.function) in covered)
    ]  # fmt: skip
    joined = [
        each if isinstance(each, DeployedFunction) else _one(found[each], sources[each].function) for each in order
    ]
    return [*joined, *rest]


def _source_of(output: Placed, sources: Sequence[Placed]) -> int | None:
    """Which construct of the source made a function of the output: by its ids, else by its code."""
    scores = [
        max((_agreement(path, own) for path in each.paths for own in output.paths), default=0) for each in sources
    ]
    best = max(scores, default=0)
    hits = [at for at, score in enumerate(scores) if score == best and best > 0]
    if len(hits) > 1:
        hits = [at for at in hits if _code(sources[at].function) == _code(output.function)] or hits
    if len(hits) == 1:
        return hits[0]
    if output.function.entry is None:
        return None
    same = [at for at, each in enumerate(sources) if _code(each.function) == _code(output.function)]
    return same[0] if len(same) == 1 and not hits else None


def _agreement(source: tuple[str | None, ...], output: tuple[str | None, ...]) -> int:
    """How many ids agree, counted from the innermost; 0 if any differ. An id that is not known agrees with any, at the
    outer end with any number of them."""
    outer = next((place for place, each in enumerate(source) if each is not None), len(source))
    is_open, source = outer > 0, source[outer:]
    if len(source) > len(output) or not source or source[-1] is None:
        return 0
    agreed = 0
    for place in range(1, len(source) + 1):
        wanted = source[-place]
        if wanted is None:
            continue
        if wanted != output[-place]:
            return 0
        agreed += 1
    return agreed if is_open or len(source) == len(output) else 0


def _code(function: DeployedFunction) -> tuple[str, str] | None:
    return (function.entry.path, function.entry.symbol) if function.entry is not None else None


def _one(outputs: Sequence[DeployedFunction], source: DeployedFunction) -> DeployedFunction:
    """The settings of the output with the names, places and code of the source."""
    function = outputs[0]
    for other in outputs[1:]:
        function = common(function, other)
    places = dict(function.locations) | dict(source.locations)
    entry = source.entry or function.entry
    return structs.replace(
        function,
        name=source.name,
        dialect=Dialect.CDK,
        template=source.template,
        location=source.location,
        locations=tuple(places.items()),
        entry=entry,
        inline=source.inline if source.entry is not None else source.inline or function.inline,
        language=(source.language if source.entry is not None else function.language) or source.language,
        code_root=source.code_root if source.entry is not None else function.code_root,
        local=source.local or function.local,
        unresolved="" if entry is not None or source.inline is not None else source.unresolved or function.unresolved,
        events=function.events or source.events,
        edge=source.edge or function.edge,
        proxied=source.proxied or function.proxied,
        layer_roots=source.layer_roots,
    )


def with_output(
    candidates: Iterable[tuple[Candidate, tuple[str, ...] | None]],
    apps: Apps,
    of_asset: Callable[[Candidate, tuple[str, ...]], DeployedFunction],
    resolve: Callable[[Candidate], DeployedFunction],
) -> list[DeployedFunction]:
    """The functions of all templates and of the apps' source. ``candidates``: with the ids of their constructs, where
    they were synthesised; ``resolve`` looks handlers up, ``of_asset`` those of synthesised ones."""
    plain: list[DeployedFunction] = []
    synthesised: list[Placed] = []
    for candidate, construct in candidates:
        if construct is None:
            plain.append(resolve(candidate))
        else:
            synthesised.append(Placed(of_asset(candidate, construct), (construct,)))
    declared = [Placed(resolve(each.candidate), each.paths) for each in apps.functions]
    return [*plain, *merged(synthesised, declared)]


def with_sources(
    templates: Iterable[CapacityProvider], sources: Iterable[CapacityProvider]
) -> tuple[CapacityProvider, ...]:
    """The providers of both, without those of the source that a template has: the logical ids that the CDK makes hold
    the words of the construct's path and end in eight hexadecimal digits."""
    templates = tuple(
        structs.replace(each, dialect=Dialect.CDK_OUTPUT) if in_assembly(each.template) else each for each in templates
    )
    logical = [each.name[:-8] for each in templates if each.dialect is Dialect.CDK_OUTPUT]
    rest = [each for each in sources if not any(name.endswith(_words(each.name)) for name in logical)]
    return (*templates, *rest)


def _words(name: str) -> str:
    return "".join(char for char in name if char.isalnum())
