"""Exchanging the code of functions that are loaded, and keeping what no mutant of link can change.

No mutant is ever written to disk: the changed module is compiled, and the functions that are there get its code.
"""

from __future__ import annotations

import functools
import gc
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import CodeType, FunctionType


def outer_codes(code: CodeType) -> Iterator[CodeType]:
    """The code of functions and methods, in order of writing; what is nested in them goes with them."""
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            if not constant.co_flags & 0x02:  # CO_NEWLOCALS: functions; class bodies have none
                yield from outer_codes(constant)


def numbered(codes: Iterable[CodeType]) -> dict[tuple[str, int], CodeType]:
    """Codes by qualified name and, as a property and its setter share one, by which of that name."""
    seen: Counter[str] = Counter()
    found = {}
    for code in codes:
        found[code.co_qualname, seen[code.co_qualname]] = code
        seen[code.co_qualname] += 1
    return found


def functions_below(folder: Path) -> list[FunctionType]:
    """All functions that were loaded from files below a folder. To be asked before ``gc.freeze``, which hides them."""
    found = [each for each in gc.get_objects() if isinstance(each, FunctionType)]
    return [each for each in found if each.__code__.co_filename.startswith(str(folder))]


def put_in(path: Path, text: str, functions: Iterable[FunctionType]) -> int:
    """Give those of the functions that are of a module the code of another text of it. How many have changed."""
    old = numbered(outer_codes(compile(path.read_text(encoding="utf-8"), str(path), "exec", dont_inherit=True)))
    new = numbered(outer_codes(compile(text, str(path), "exec", dont_inherit=True)))
    if old.keys() != new.keys():
        raise ValueError("a mutant has other functions")
    by_place = {(old[key].co_qualname, old[key].co_firstlineno): new[key] for key in old if old[key] != new[key]}
    count = 0
    for function in functions:
        code = function.__code__
        if code.co_filename == str(path) and (code.co_qualname, code.co_firstlineno) in by_place:
            function.__code__ = by_place[code.co_qualname, code.co_firstlineno]
            count += 1
    return count


def remember(folder: Path) -> None:
    """Have facts, knowledge and rule pages kept, for everything that this process and its children run."""
    from lmi_lint import cache
    from lmi_lint.knowledge.load import load
    from lmi_lint.link import link
    from lmi_lint.packs import rules_root
    from lmi_lint.pipeline import anew

    cache.NO_CACHE.__init__(folder)  # type: ignore[misc]  # what is asked of no cache is asked of this one
    found = cache.Cache.get

    def get(self: cache.Cache, kind: str, key: str, decode: Callable[[bytes], object]) -> object:
        """What link makes of all this is for each mutant to find."""
        return None if kind == "judged" else found(self, kind, key, decode)

    vars(cache)["Cache"].get = get
    rules = functools.cache(anew.registry)
    vars(anew)["registry"] = lambda _pages=None: rules()
    loaded = functools.cache(lambda family: load(family, [rules_root()], cache.NO_CACHE))
    vars(link)["load"] = lambda family, _roots, _cache: loaded(family)
