"""Where another invocation can run between two accesses to one place.

A walk over the structured flow of one invocation carries tokens: an access that began something, and the
suspension since, if there was one. Callees are walked in place, so that what crosses function borders is seen; a
critical section that spans both accesses protects them. Only for runtimes that switch at suspensions.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from lmi_lint.facts import model as f
from lmi_lint.link.context import Grip, Site
from lmi_lint.link.heap import Phase
from lmi_lint.link.limits import LIMITS
from lmi_lint.link.names import ASYNC

if TYPE_CHECKING:
    from lmi_lint.link.context import Context, Held
    from lmi_lint.link.record import Access


class Token(NamedTuple):
    """``start``: the access that began it (None: the invocation's start); ``gap``: the suspension since."""

    start: Access | None
    gap: Site | None


class Match(NamedTuple):
    """Two accesses of one invocation with a suspension between (``first`` None: nothing of this invocation before)."""

    first: Access | None
    gap: Site | None
    second: Access


Tokens: TypeAlias = frozenset[Token]
Flowing: TypeAlias = "Tokens | None"  # None: this point is not reached
_NO_TOKENS: Tokens = frozenset()


class Question(NamedTuple):
    """What a walk looks for: ``begins`` starts a token, ``ends`` says whether a pair matters, ``kills`` drops all."""

    begins: Callable[[Access], bool]
    ends: Callable[[Access | None, Access], bool]
    kills: Callable[[Access], bool]


class Walker:
    """Walks the invocations that start in ``roots`` for the accesses to one place."""

    def __init__(self, accesses: Iterable[Access], question: Question, suspends: frozenset[Context]) -> None:
        self.at: dict[Site, list[Access]] = {}
        for access in accesses:
            self.at.setdefault((access.context, access.event), []).append(access)
        self.question = question
        self.suspends = suspends
        self.touching = {context for context, _ in self.at}
        self.matches: dict[tuple[Access | None, Access], Match] = {}
        self.memo: dict[tuple[Context, Tokens], Tokens] = {}
        self.relevant: dict[Context, bool] = {}
        self.jumps: list[list[Tokens]] = []
        self.paces = 0

    def run(self, roots: Iterable[Context], start: Tokens = _NO_TOKENS) -> list[Match]:
        """The pairs found, in the order of the walk."""
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(max(limit, LIMITS.walk))  # calls and blocks nest as deep as the code does
        try:
            for root in roots:
                self._function(root, start)
        finally:
            sys.setrecursionlimit(limit)
        return list(self.matches.values())

    def _matters(self, context: Context) -> bool:
        """Whether the evaluation touches the place or suspends, itself or in what it calls."""
        known = self.relevant.get(context)
        if known is not None:
            return known
        self.relevant[context] = False
        stack, seen, found = [context], {context}, False
        while stack and not found:
            top = stack.pop()
            found = top in self.suspends or top in self.touching
            for table in (top.callees, top.deferred):
                for targets in table.values():
                    for target in targets:
                        if target not in seen:
                            seen.add(target)
                            stack.append(target)
        self.relevant[context] = found
        return found

    def _function(self, context: Context, tokens: Tokens) -> Tokens:
        if len(tokens) > LIMITS.tokens or not self._matters(context):
            return tokens
        key = (context, tokens)
        known = self.memo.get(key)
        if known is not None:
            return known
        self.memo[key] = tokens  # recursion: what goes in comes out
        exits: list[Tokens] = []
        outer, self.jumps = self.jumps, []
        out = self._flow(context, context.function.facts.flow, tokens, exits)
        self.jumps = outer
        result = frozenset().union(*exits, out or _NO_TOKENS)
        self.memo[key] = result
        return result

    def _flow(self, context: Context, flow: f.Flow, tokens: Flowing, exits: list[Tokens]) -> Flowing:
        if tokens is None or self.paces > LIMITS.paces:
            return None
        match flow:
            case f.Step(event=event):
                return self._event(context, event, tokens)
            case f.Seq(items=items):
                for item in items:
                    tokens = self._flow(context, item, tokens, exits)
                    if tokens is None:
                        return None
                return tokens
            case f.Branch(arms=arms):
                return _union([self._flow(context, arm, tokens, exits) for arm in arms])
            case f.Loop(body=body, at_least_once=once):
                self.jumps.append([])
                first = self._flow(context, body, tokens, exits)
                again = self._flow(context, body, _union([tokens, first, *self.jumps[-1]]), exits)
                return _union([first, again, *self.jumps.pop(), *(() if once else (tokens,))])
            case f.Attempt(body=body, handlers=handlers, final=final):
                left: list[Tokens] = []  # ways out of the whole by return or raise: the final block runs on them too
                out = self._flow(context, body, tokens, left)
                broken = _union([tokens, out, *left])
                caught = [self._flow(context, handler, broken, left) for handler in handlers]
                leaving = self._flow(context, final, _union(left), exits)
                if leaving is not None:
                    exits.append(leaving)
                return self._flow(context, final, _union([out, *caught]), exits)
            case f.Exit(how=how):
                if how == "jump" and not self.jumps:
                    return tokens
                (self.jumps[-1] if how == "jump" else exits).append(tokens)
                return None

    def _event(self, context: Context, index: int, tokens: Tokens) -> Tokens:
        self.paces += 1
        targets = context.callees.get(index)
        if targets:
            tokens = self._called(context, index, tokens, list(targets))
        later = context.deferred.get(index)
        if later:
            aged = _age(tokens, (context, index))
            for target in later:
                tokens = tokens | frozenset(t for t in self._function(target, aged) if t not in aged)
        for access in self.at.get((context, index), ()):
            tokens = self._access(access, tokens)
        if isinstance(context.function.facts.events[index], f.Suspend):
            tokens = _age(tokens, (context, index))
        return tokens

    def _called(self, context: Context, index: int, tokens: Tokens, targets: list[Context]) -> Tokens:
        """An asynchronous function that is not awaited at once returns at its first suspension: what follows here
        precedes the rest of it."""
        fact = context.function.facts.events[index]
        results = []
        for target in targets:
            result = self._function(target, tokens)
            if target.function.has(ASYNC) and not (isinstance(fact, f.Call) and fact.awaited):
                known = {token.start for token in tokens}
                result = tokens | frozenset(token for token in result if token.start not in known)
            results.append(result)
        return frozenset().union(*results)

    def _access(self, access: Access, tokens: Tokens) -> Tokens:
        for token in sorted(tokens, key=_order):
            first = token.start
            crossed = token.gap is not None or first is None
            apart = first is None or not protected(first, access)
            if crossed and apart and self.question.ends(first, access):
                self.matches.setdefault((first, access), Match(first, token.gap, access))
        if self.question.kills(access):
            tokens = _NO_TOKENS
        if self.question.begins(access) and len(tokens) < LIMITS.tokens:
            tokens = frozenset(token for token in tokens if token.start is not access) | {Token(access, None)}
        return tokens


def protected(first: Access, second: Access) -> bool:
    """Whether one critical section spans both accesses, in which nobody else writes the place."""
    spans = {(held.lock, held.section) for held in first.held}
    return any(
        kept_in_common(held, second)
        and held.grip is not Grip.READ
        and (held.lock, held.section) in spans
        and (not held.keyed or second.goes_with(held.lock))
        for held in second.held
    )


def kept_in_common(held: Held, access: Access) -> bool:
    """Whether other invocations can take the lock too, as far as they come to the place: whoever reaches an object
    that was made in the request reaches the lock that it is, or that was made with it."""
    if held.shared or held.lock is access.obj:
        return True
    owner = held.lock.home[0] if held.lock.home is not None else None
    return owner is access.obj and access.obj.phase is Phase.REQUEST


def _age(tokens: Tokens, site: Site) -> Tokens:
    return frozenset(Token(token.start, site) if _tells_more(token, site) else token for token in tokens)


def _tells_more(token: Token, site: Site) -> bool:
    """The first suspension, but rather one in the function of the access than one in what it calls."""
    if token.start is None:
        return False
    home = token.start.context.function
    return token.gap is None or (site[0].function is home and token.gap[0].function is not home)


def _union(states: Iterable[Flowing]) -> Flowing:
    reached = [state for state in states if state is not None]
    return frozenset().union(*reached) if reached else None


def _order(token: Token) -> tuple[int, int, int]:
    if token.start is None:
        return -1, 0, 0
    gap = token.gap
    return token.start.context.serial, token.start.event, gap[1] if gap is not None else -1


def suspending(contexts: Iterable[Context]) -> frozenset[Context]:
    """The evaluations that themselves suspend or defer a function."""
    return frozenset(
        context
        for context in contexts
        if context.deferred or any(isinstance(event, f.Suspend) for event in context.function.facts.events)
    )
