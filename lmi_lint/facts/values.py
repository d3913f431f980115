"""The algebra of operands: joins, texts, constants."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from lmi_lint.facts.model import MAX_TEXTS, NOTHING, Hole, Operand, Part, Pattern, Source, TypeName
from lmi_lint.ir.nodes import TypeRef

NULL: Final = Operand(constant=True)
"""null, None, undefined."""

_UNKNOWN: Final = Hole(())

_MAX_CHARS: Final = 4096
_MAX_PARTS: Final = 64
"""Of one text that is put together; a longer one is not known. Doubling a text doubles its length, not the code's."""


def merge(left: tuple[Source, ...], right: tuple[Source, ...]) -> tuple[Source, ...]:
    """Union of two sorted tuples of sources, sorted."""
    if not right or left == right:
        return left
    if not left:
        return right
    return tuple(sorted({*left, *right}))


def made_of(operands: Iterable[Operand]) -> tuple[Source, ...]:
    """Union of what ``operands`` are made from, sorted."""
    found: set[Source] = set()
    for operand in operands:
        if operand.made_from:
            found.update(operand.made_from)
    return tuple(sorted(found)) if found else ()


def literal(value: str | float | bool | None) -> Operand:
    """The operand of a constant."""
    if value is None:
        return NULL
    if isinstance(value, str):
        return Operand(texts=((value,),), constant=True, const=value)
    return Operand(constant=True, const=value)


def join(left: Operand, right: Operand) -> Operand:
    """What may be either. Null adds nothing to the texts and the type of the other."""
    if left is right or left == right:
        return left
    if _is_nothing(right):
        return _weakly(left)
    if _is_nothing(left):
        return _weakly(right)
    same = left.constant and right.constant and type(left.const) is type(right.const) and left.const == right.const
    return Operand(
        merge(left.sources, right.sources),
        merge(left.made_from, right.made_from),
        _join_texts(left, right),
        same,
        left.const if same else None,
        left.type if left.type == right.type else None,
    )


def _is_nothing(operand: Operand) -> bool:
    return not operand.made_from and operand.const is None and not operand.texts


def _weakly(operand: Operand) -> Operand:
    if not operand.constant:
        return operand
    return Operand(operand.sources, operand.made_from, operand.texts, False, None, operand.type)


def _join_texts(left: Operand, right: Operand) -> tuple[Pattern, ...]:
    """A side that is not known to be text is one more text, a mere hole."""
    if not left.texts and not right.texts:
        return ()
    found = dict.fromkeys(left.texts or ((hole(left),),))
    found.update(dict.fromkeys(right.texts or ((hole(right),),)))
    return tuple(found) if len(found) <= MAX_TEXTS else ()


def widened(operand: Operand) -> Operand:
    """The operand without what need not hold in every turn of a loop."""
    if not operand.texts and not operand.constant:
        return operand
    return Operand(operand.sources, operand.made_from, (), False, None, operand.type)


def hole(operand: Operand) -> Hole:
    """The unknown part of a text that ``operand`` fills."""
    return Hole(operand.sources or operand.made_from)


def computed(operands: Sequence[Operand]) -> Operand:
    """A scalar that an operator makes of ``operands``."""
    sources = made_of(operands)
    return Operand((), sources) if sources else NOTHING


def concatenated(operands: Sequence[Operand]) -> Operand:
    """The text that ``operands`` make one after the other."""
    parts = [_alternatives(operand) for operand in operands]
    texts: list[list[Part]] = [[]]
    for known in parts:
        alternatives = known if len(texts) * len(known) <= MAX_TEXTS else ((_UNKNOWN,),)
        if len(alternatives) == 1:
            for text in texts:
                text.extend(alternatives[0])
        else:
            texts = [[*text, *alternative] for text in texts for alternative in alternatives]
    folded = tuple(dict.fromkeys(_fold(text) for text in texts))
    if any(map(_overlong, folded)):
        return computed(operands)
    if len(folded) == 1 and all(operand.constant for operand in operands):
        only = folded[0]
        if len(only) == 1 and isinstance(only[0], str):
            return Operand((), (), folded, True, only[0])
    return Operand((), made_of(operands), folded)


def _overlong(text: Pattern) -> bool:
    return len(text) > _MAX_PARTS or sum(len(part) for part in text if isinstance(part, str)) > _MAX_CHARS


def _alternatives(operand: Operand) -> tuple[Pattern, ...]:
    if operand.texts:
        return operand.texts
    const = operand.const
    if operand.constant and isinstance(const, int) and not isinstance(const, bool):
        return ((str(const),),)
    return ((hole(operand),),)


def _fold(parts: Iterable[Part]) -> Pattern:
    """The parts with neighbouring strings made one; an empty text is one empty string."""
    folded: list[Part] = []
    pending: list[str] = []
    for part in (*parts, _UNKNOWN):
        if isinstance(part, str):
            pending.append(part)
            continue
        text = "".join(pending)
        if text:
            folded.append(text)
        pending = []
        folded.append(part)
    folded.pop()
    return tuple(folded) or ("",)


def typed(operand: Operand, declared: TypeName | None) -> Operand:
    """The operand with the declared type where none is known from its allocation."""
    if declared is None or operand.type is not None:
        return operand
    return Operand(operand.sources, operand.made_from, operand.texts, operand.constant, operand.const, declared)


def type_name(ref: TypeRef | None) -> TypeName | None:
    """A written type as a fact; ``T[]`` becomes ``T`` with the array mark."""
    if ref is None:
        return None
    name = ref.name
    array = name.endswith("[]")
    while name.endswith("[]"):
        name = name[:-2].rstrip()
    return TypeName(name, type_names(ref.args), array)


def type_names(refs: Iterable[TypeRef]) -> tuple[TypeName, ...]:
    """Several written types as facts."""
    found: list[TypeName] = []
    for ref in refs:
        name = type_name(ref)
        if name is not None:
            found.append(name)
    return tuple(found)
