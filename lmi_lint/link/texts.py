"""Texts with gaps: what a path or a query may read, folded over operands and library calls."""

from __future__ import annotations

import re
from itertools import product
from typing import TYPE_CHECKING

from lmi_lint.facts.model import Hole
from lmi_lint.link.heap import Gap, Origin, Text, Val
from lmi_lint.link.limits import LIMITS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from lmi_lint.facts.model import Part, Pattern, Source

UNKNOWN = Gap("unknown")
REQUEST = Gap("request")
BASE = Gap("base")
SETTING = Gap("setting")
EVERY_INVOCATION = frozenset(("call", "request", "thread"))
"""Reaches of what tells any two invocations apart."""


def texts_of(value: Val) -> frozenset[Text]:
    """The texts of a value as a part of a longer text: what is not known becomes a gap that says what fills it."""
    if value.texts:
        return value.texts
    if value.data:
        return frozenset({(REQUEST,)})
    return frozenset({(UNKNOWN,)})


def concat(parts: Sequence[frozenset[Text]]) -> frozenset[Text]:
    """All concatenations of one alternative of each part, bounded; nothing if there are too many."""
    size = 1
    for part in parts:
        size *= len(part)
        if size > LIMITS.texts * 4:
            return frozenset()
    found = frozenset(squeeze(sum(choice, ())) for choice in product(*parts))
    return found if len(found) <= LIMITS.texts and not any(map(_overlong, found)) else frozenset()


def _overlong(text: Text) -> bool:
    return sum(len(part) for part in text if isinstance(part, str)) > LIMITS.chars


def squeeze(text: Text) -> Text:
    """Neighbouring literal parts made one."""
    parts: list[str | Gap] = []
    for part in text:
        if isinstance(part, str) and parts and isinstance(parts[-1], str):
            parts[-1] += part
        elif part != "":
            parts.append(part)
    return tuple(parts[: LIMITS.parts])


def fold(patterns: tuple[Pattern, ...], value_of: Callable[[Source], Val]) -> frozenset[Text]:
    """The texts of an operand's patterns, its holes filled with the texts of their sources."""
    found: frozenset[Text] = frozenset()
    for pattern in patterns:
        if len(pattern) == 1 and isinstance(pattern[0], str):
            found = found | {(pattern[0],)}
            continue
        if len(pattern) == 1 and _absent(pattern[0], value_of):
            continue  # an argument that was left out: the default is the text
        if len(pattern) > 1 and not any(_is_text(part, value_of) for part in pattern):
            return frozenset()  # a sum
        folded = concat([_filled(part, value_of) for part in pattern])
        if not folded:
            return frozenset()
        found = found | folded
    return _with_default(found) if len(found) <= LIMITS.texts else frozenset()


def _with_default(found: frozenset[Text]) -> frozenset[Text]:
    """``setting or "/tmp"``: a setting and the one text that stands in for it are a setting with a default."""
    rest = found - {(SETTING,)}
    if len(found) != 2 or len(rest) != 1:
        return found
    default = literal(Val(texts=rest))
    return frozenset({(setting(default),)}) if default else found


def setting(default: str | None) -> Gap:
    """A setting of the deployment, the same for all invocations; with the text that holds where it is not made."""
    return Gap("setting", default or "")


def settled(text: Text) -> Text:
    """The text with its settings as their defaults have them."""
    return squeeze(
        tuple(part.reach if isinstance(part, Gap) and part.kind == "setting" and part.reach else part for part in text)
    )


def _is_text(part: Part, value_of: Callable[[Source], Val]) -> bool:
    return not isinstance(part, Hole) or any(value_of(source).texts for source in part.sources)


def _absent(part: Part, value_of: Callable[[Source], Val]) -> bool:
    return isinstance(part, Hole) and bool(part.sources) and all(value_of(source).null for source in part.sources)


def _filled(part: Part, value_of: Callable[[Source], Val]) -> frozenset[Text]:
    """The texts of one part of a pattern."""
    if not isinstance(part, Hole):
        return frozenset({(part,)})
    alternatives: frozenset[Text] = frozenset()
    for source in part.sources:
        alternatives = alternatives | texts_of(value_of(source))
    return alternatives or frozenset({(UNKNOWN,)})


def joined(parts: Sequence[Val], separator: str = "/") -> frozenset[Text]:
    """Path parts joined by one separator each."""
    pieces: list[frozenset[Text]] = []
    for part in parts:
        if pieces:
            pieces.append(frozenset({(separator,)}))
        pieces.append(texts_of(part))
    return frozenset(_single_separators(text, separator) for text in concat(pieces)) if pieces else frozenset()


def _single_separators(text: Text, separator: str) -> Text:
    double = separator * 2
    parts: list[str | Gap] = []
    for part in text:
        if isinstance(part, str):
            single = part
            while double in single:
                single = single.replace(double, separator)
            parts.append(single)
        else:
            parts.append(part)
    return tuple(parts)


def formatted(template: Val, args: Sequence[Val]) -> frozenset[Text]:
    """A format call's text: ``%s``, ``{}`` and ``{0}`` places are filled with the arguments in order."""
    found: frozenset[Text] = frozenset()
    for text in template.texts:
        if len(text) != 1 or not isinstance(text[0], str):
            return frozenset()
        found = found | _fill(text[0], args)
    return found


def _fill(template: str, args: Sequence[Val]) -> frozenset[Text]:
    parts: list[frozenset[Text]] = []
    at = 0
    used = 0
    for match in re.finditer(r"%%|%[-+ 0#,(]*\d*(?:\.\d+)?[a-zA-Z]|\{(\d*)[^{}]*\}", template):
        parts.append(frozenset({(template[at : match.start()],)}))
        at = match.end()
        if match.group() == "%%":
            parts.append(frozenset({("%",)}))
            continue
        if match.group() == "%n":
            parts.append(frozenset({("\n",)}))
            continue
        index = int(match.group(1)) if match.group(1) else used
        used += 1
        parts.append(texts_of(args[index]) if index < len(args) else frozenset({(UNKNOWN,)}))
    parts.append(frozenset({(template[at:],)}))
    return concat(parts)


def last_part(value: Val) -> frozenset[Text]:
    """The texts of a path's last part: ``/tmp/a.txt`` gives ``a.txt``; of data of the invocation, a ``base`` gap."""
    if not (value.texts or value.data):
        return frozenset()
    return frozenset(_after_last_separator(text) for text in texts_of(value))


def _after_last_separator(text: Text) -> Text:
    parts: list[str | Gap] = []
    for part in reversed(text):
        if isinstance(part, Gap):
            parts.append(BASE if part.kind == "request" else part)
            continue
        tail = part.rpartition("/")[2]
        parts.append(tail)
        if tail != part:
            break
    return squeeze(tuple(reversed(parts)))


def directory(value: Val) -> frozenset[Text]:
    """The texts of a path without its last part."""
    return frozenset(_before_last_separator(text) for text in value.texts)


def _before_last_separator(text: Text) -> Text:
    for index in range(len(text) - 1, -1, -1):
        part = text[index]
        if isinstance(part, Gap):
            if part.kind not in ("unique", "base"):
                return (UNKNOWN,)  # it may hold separators itself
        elif "/" in part:
            return squeeze((*text[:index], part.rpartition("/")[0] or ("" if index else "/")))
    return (UNKNOWN,)


def renamed(path: Val, end: Val, *, suffix: bool) -> frozenset[Text]:
    """The texts of a path with another last part, or with another suffix to it."""
    if not suffix:
        return joined([Val(texts=directory(path)), end]) if path.texts else frozenset()
    stems = frozenset(_without_suffix(text) for text in path.texts)
    return concat([stems, texts_of(end)]) if stems else frozenset()


def _without_suffix(text: Text) -> Text:
    last = text[-1] if text else None
    if not isinstance(last, str):
        return text
    folder, slash, name = last.rpartition("/")
    stem, dot, _ = name.rpartition(".")
    return squeeze((*text[:-1], folder + slash + (stem if dot and (stem or not slash) else name)))


def piece(whole: Val, cuts: Sequence[Val]) -> frozenset[Text]:
    """The texts of one piece of a text that is cut at ``cuts``: separators, or places made of where one was found.
    Of a path from the invocation that is cut at its slashes, a ``base`` gap."""
    at_slash = any(
        (isinstance(part, str) and part in ("/", "\\")) or part == BASE for cut in cuts for part in _parts(cut)
    )
    if at_slash and REQUEST in _gaps(whole):
        whole = Val(texts=frozenset(tuple(BASE if part == REQUEST else part for part in t) for t in texts_of(whole)))
    return computed((whole,))


def _parts(value: Val) -> Iterator[str | Gap]:
    return (part for text in value.texts for part in text)


def _gaps(value: Val) -> frozenset[Gap]:
    """The gaps of a value's texts; data without a text is one itself."""
    if not value.texts:
        return frozenset({REQUEST}) if value.data else frozenset()
    return frozenset(part for part in _parts(value) if isinstance(part, Gap))


def computed(values: Iterable[Val]) -> frozenset[Text]:
    """The text of what is computed from texts, as far as their gaps tell: unknown once anything unique or unknown is in
    it, else the gap that varies most. Nothing where no text with a gap takes part."""
    values = tuple(values)
    if not any(isinstance(part, Gap) for value in values for text in value.texts for part in text):
        return frozenset()
    gaps = frozenset[Gap]().union(*map(_gaps, values))
    if any(gap.kind == "unknown" or gap.reach in EVERY_INVOCATION for gap in gaps):
        return frozenset({(UNKNOWN,)})
    return frozenset({(min(gaps, key=_steadiness),)})


def _steadiness(gap: Gap) -> tuple[int, Gap]:
    """What varies most comes first."""
    if gap.reach == "environment":
        return 3, gap
    return {"request": 0, "base": 1, "unique": 2}.get(gap.kind, 4), gap


def show(text: Text) -> str:
    """A text for people: gaps as ``…``."""
    return "".join(part if isinstance(part, str) else "…" for part in settled(text))


def literal(value: Val) -> str | None:
    """The one text that a value is, without gaps; settings as their defaults have them."""
    if len(value.texts) != 1:
        return None
    (text,) = map(settled, value.texts)
    if len(text) == 0:
        return ""
    if len(text) == 1 and isinstance(text[0], str):
        return text[0]
    return None


def unique_value(reach: str, data: frozenset[Origin]) -> Val:
    """A value that differs per ``reach``."""
    return Val(data=data, texts=frozenset({(Gap("unique", reach),)}))
