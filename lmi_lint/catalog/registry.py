"""All rules of all packs: pages joined with checks."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from importlib.resources.abc import Traversable
from typing import Any, Final, Generic, Protocol, TypeVar

import msgspec
from msgspec import Struct

from lmi_lint.cache import NO_CACHE, Cache, digest
from lmi_lint.catalog.page import Page, load_page, read_page
from lmi_lint.errors import PackError
from lmi_lint.model.names import RuleId

_PAGES: Final = msgspec.msgpack.Decoder(list[Page])


class HasRuleId(Protocol):
    """What the registry needs to know of a check."""

    @property
    def id(self) -> RuleId:
        """The rule it decides."""


R = TypeVar("R", bound=HasRuleId)


class Pack(Struct, frozen=True):
    """A set of rules. ``root`` holds ``catalog`` and ``knowledge`` folders; ``checks`` the rules' code."""

    name: str
    root: Traversable
    checks: tuple[Any, ...] = ()


class Registry(Struct, Generic[R], frozen=True):
    """Every page and every check by rule id, sorted by id."""

    pages: Mapping[RuleId, Page]
    rules: tuple[R, ...]

    @classmethod
    def load(cls, packs: Sequence[Pack], *, strict: bool = True, cache: Cache = NO_CACHE) -> Registry[R]:
        """Read all packs. PackError if two pages or checks claim one id, a check has no page or, when ``strict``, a
        page has neither a check nor a ``[match]`` table nor ``builtin = true``.
        """
        pages = load_pages([pack.root for pack in packs], cache)
        checks: dict[RuleId, R] = {}
        for pack in packs:
            for check in pack.checks:
                if check.id in checks:
                    raise PackError(f"pack {pack.name}: two checks for {check.id}", "drop one of them")
                if check.id not in pages:
                    raise PackError(f"pack {pack.name}: {check.id} has no page", f"add catalog/{check.id}-<name>.md")
                checks[check.id] = check
        for page in pages.values():
            decided = page.id in checks or page.match is not None or page.builtin
            if strict and not decided:
                raise PackError(f"{page.source}: nothing decides {page.id}", "add a check or a [match] table")
            if page.id in checks and (page.match is not None or page.builtin):
                raise PackError(f"{page.source}: {page.id} is decided twice", "drop its check or its [match] table")
        return cls(pages=pages, rules=tuple(checks[rule] for rule in sorted(checks)))


def load_pages(roots: Sequence[Traversable], cache: Cache = NO_CACHE) -> dict[RuleId, Page]:
    """The pages of ``catalog`` folders by id, sorted. PackError for a page that cannot be used or claims a taken id or
    name.
    """
    key = digest(*(part for root in roots for path in _files(root) for part in (str(path), read_page(path))))
    kept = cache.get("pages", key, _PAGES.decode)
    if kept is not None:
        return {page.id: page for page in kept}
    pages = _parsed(roots)
    cache.put("pages", key, msgspec.msgpack.encode(list(pages.values())))
    return pages


def _parsed(roots: Sequence[Traversable]) -> dict[RuleId, Page]:
    pages: dict[RuleId, Page] = {}
    names: dict[str, Page] = {}
    for root in roots:
        for path in _files(root):
            page = load_page(path)
            taken = pages.get(page.id) or names.get(page.name)
            if taken is not None:
                raise PackError(f"{page.source}: id or name is already that of {taken.source}")
            pages[page.id] = names[page.name] = page
    return {rule: pages[rule] for rule in sorted(pages)}


def find_page(pages: Mapping[RuleId, Page], word: str) -> Page | None:
    """The page that a user means by an id or a name, in any case."""
    wanted = word.strip().lower()
    return next((page for page in pages.values() if wanted in {page.id.lower(), page.name}), None)


def suggest(pages: Mapping[RuleId, Page], word: str) -> str | None:
    """The id or name most like ``word``, or None."""
    known: dict[str, str] = {page.id.lower(): page.id for page in pages.values()}
    known.update((page.name, page.name) for page in pages.values())
    close = difflib.get_close_matches(word.strip().lower(), known, n=1, cutoff=0.6)
    return known[close[0]] if close else None


def _files(root: Traversable) -> list[Traversable]:
    folder = root / "catalog"
    try:
        if not folder.is_dir():
            return []
        return sorted((path for path in folder.iterdir() if path.name.endswith(".md")), key=lambda path: path.name)
    except OSError as error:
        raise PackError(f"{folder}: cannot be listed: {error}", "check that the folder is readable") from error
