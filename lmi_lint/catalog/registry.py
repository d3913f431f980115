"""All rules of all packs: pages joined with checks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final, Generic, Protocol, TypeVar

import msgspec
from msgspec import Struct

from lmi_lint.cache import NO_CACHE, Cache, digest
from lmi_lint.catalog.match import Match
from lmi_lint.catalog.page import EXAMPLE_SECTIONS, Page, load_page
from lmi_lint.errors import PackError
from lmi_lint.model.names import RuleId
from lmi_lint.packs import CATALOG, content_of, files_of, rules_root

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

_PAGES: Final = msgspec.msgpack.Decoder(list[Page])
OURS: Final = "LMI"
"""What the ids of our own rules begin with."""


class HasRuleId(Protocol):
    """What the registry needs to know of a check."""

    @property
    def id(self) -> RuleId:
        """The rule it decides."""


R = TypeVar("R", bound=HasRuleId)


class Registry(Struct, Generic[R], frozen=True):
    """Every page and every check by rule id, sorted by id."""

    pages: Mapping[RuleId, Page]
    rules: tuple[R, ...]

    @classmethod
    def load(
        cls,
        roots: Sequence[Traversable],
        checks: Sequence[R],
        by_page: Callable[[Page, Match], R] | None = None,
        cache: Cache = NO_CACHE,
    ) -> Registry[R]:
        """Read all packs, of which only ours has checks. ``by_page``: the check of a page with a ``[match]`` table.
        PackError if two pages or checks claim one id, a check has no page, or a page has neither a check nor a
        ``[match]`` table nor, of ours, ``builtin = true``.
        """
        return cls.of(load_pages(roots, cache), checks, by_page)

    @classmethod
    def of(
        cls, pages: Mapping[RuleId, Page], checks: Sequence[R], by_page: Callable[[Page, Match], R] | None = None
    ) -> Registry[R]:
        """Join pages with checks; see ``load``."""
        found: dict[RuleId, R] = {}
        for check in checks:
            if check.id in found:
                raise PackError(f"two checks for {check.id}", "drop one of them")
            if check.id not in pages:
                raise PackError(f"{check.id} has no page", f"add catalog/{check.id}-<name>.md")
            found[check.id] = check
        for page in pages.values():
            decided = (page.id in found) + (page.match is not None) + page.builtin
            if not decided:
                raise PackError(f"{page.source}:1: nothing decides {page.id}", "add a [match] table")
            if decided > 1:
                raise PackError(f"{page.source}:1: {page.id} is decided twice", "drop its check or its [match] table")
            if page.match is not None and by_page is not None:
                found[page.id] = by_page(page, page.match)
        return cls(pages=pages, rules=tuple(found[rule] for rule in sorted(found)))


def load_pages(roots: Sequence[Traversable], cache: Cache = NO_CACHE) -> dict[RuleId, Page]:
    """The pages of ``catalog`` folders by id, sorted. PackError for a page that cannot be used or claims a taken id or
    name, and for one beside ours that claims to be ours.
    """
    files = [(path, content_of(path)) for root in roots for path in files_of(root, CATALOG, suffix=".md")]
    key = digest(*(part for path, data in files for part in (str(path), data)))
    kept = cache.get("pages", key, _PAGES.decode)
    if kept is not None:
        return {page.id: page for page in kept}
    pages = _parsed(roots)
    cache.put("pages", key, msgspec.msgpack.encode(list(pages.values())))
    return pages


def _parsed(roots: Sequence[Traversable]) -> dict[RuleId, Page]:
    pages: dict[RuleId, Page] = {}
    names: dict[str, Page] = {}
    ours = rules_root()
    for root in roots:
        for path in files_of(root, CATALOG, suffix=".md"):
            page = load_page(path)
            if ours in roots and root != ours:
                _hold_foreign(page)
            taken = pages.get(page.id) or names.get(page.name)
            if taken is not None:
                what = f"id {page.id}" if taken.id == page.id else f"name {page.name}"
                raise PackError(f"{page.source}:2: {what} is already that of {taken.source}", "choose another")
            pages[page.id] = names[page.name] = page
    return {rule: pages[rule] for rule in sorted(pages)}


def _hold_foreign(page: Page) -> None:
    """PackError for what only our own pages may say, or what a page of others lacks."""
    if page.id.startswith(OURS):
        raise PackError(
            f"{page.source}:2: ids that begin with {OURS} are lmi-lint's own", "choose letters of your own: ACME101"
        )
    if page.match is None:
        what = f"{page.source}:1: nothing decides {page.id}"
        raise PackError(what, 'add a [match] table that says what to report, such as call = "connection.open"')
    if page.builtin:
        raise PackError(f"{page.source}:1: {page.id} is not built in", "drop builtin")
    if not any(example.section == EXAMPLE_SECTIONS[0] for example in page.examples):
        what = f"{page.source}:1: no example of what {page.id} reports"
        raise PackError(what, f"add a section '## {EXAMPLE_SECTIONS[0]}' with a fenced block of code")


def asked_roles(pages: Iterable[Page]) -> frozenset[str]:
    """The roles that pages with a ``[match]`` table ask for: entries of knowledge may have them."""
    return frozenset(role for page in pages if page.match for role in (page.match.call, page.match.type) if role)


def find_page(pages: Mapping[RuleId, Page], word: str) -> Page | None:
    """The page that a user means by an id or a name, in any case."""
    wanted = word.strip().lower()
    return next((page for page in pages.values() if wanted in {page.id.lower(), page.name}), None)


def suggest(pages: Mapping[RuleId, Page], word: str) -> str | None:
    """The id or name most like ``word``, or None."""
    import difflib

    known: dict[str, str] = {page.id.lower(): page.id for page in pages.values()}
    known.update((page.name, page.name) for page in pages.values())
    close = difflib.get_close_matches(word.strip().lower(), known, n=1, cutoff=0.6)
    return known[close[0]] if close else None
