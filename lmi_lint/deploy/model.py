"""What deployment configuration says about one function, whatever dialect it is written in."""

from __future__ import annotations

from enum import Enum

from msgspec import Struct

from lmi_lint.model.finding import Location, Problem
from lmi_lint.model.names import Language


class Provenance(Enum):
    """How we know that something is a handler; feeds confidence."""

    DEPLOYED = "deployed"  # a template names it
    CONVENTION = "convention"  # nothing names it, but it looks like one


class Entry(Struct, frozen=True):
    """The source file and the symbol that a handler string means.

    ``path``: file relative to the project root, POSIX. ``symbol``: export name (JavaScript, Python), or the class
    as written in the handler string or found by convention (Java, C#). ``method``: method name where the string gives
    one. ``program``: the symbol's method (without a symbol, the statements of the file) is run once at load and says
    itself what serves the invocations. ``location``: the symbol itself where the index knows it, for reports.
    """

    path: str
    symbol: str
    method: str | None = None
    location: Location | None = None
    program: bool = False


class InlineCode(Struct, frozen=True):
    """Code written inside a template. ``data`` is as long as the template's bytes, blank outside the code, so that
    offsets and lines are the template's own.
    """

    path: str
    language: Language
    data: bytes


class DeployedFunction(Struct, frozen=True):
    """One Lambda function.

    Every setting is None where it is absent or cannot be known statically (then its name is in ``unknown``).
    ``memory_mb`` MB, ``timeout_s`` seconds, ``ephemeral_mb`` MB, ``max_concurrency`` invocations per environment,
    ``memory_per_vcpu`` GiB. ``managed``: attached to a capacity provider; ``provider``: its name or logical id.
    ``code_root``: folder or archive of the code, relative to the project root. ``locations``: setting name (that of the
    field) → where it is written. ``proxied``: its environment names an RDS Proxy.
    ``entry`` is None where the handler was not found; ``unresolved`` then says why, and ``local`` whether the code
    should have been here.
    """

    name: str
    provenance: Provenance
    language: Language | None = None
    runtime: str | None = None
    handler: str | None = None
    entry: Entry | None = None
    inline: InlineCode | None = None
    unresolved: str = ""
    local: bool = True
    template: str | None = None
    location: Location | None = None
    code_root: str | None = None
    memory_mb: int | None = None
    timeout_s: int | None = None
    ephemeral_mb: int | None = None
    architecture: str | None = None
    managed: bool = False
    provider: str | None = None
    max_concurrency: int | None = None
    memory_per_vcpu: float | None = None
    environment: tuple[tuple[str, str | None], ...] = ()
    locations: tuple[tuple[str, Location], ...] = ()
    unknown: tuple[str, ...] = ()
    streaming: bool = False
    proxied: bool = False

    @property
    def key(self) -> str:
        """What tells it from every other function: names repeat from template to template."""
        where = self.template or (self.entry.path if self.entry is not None else "")
        line = self.location.span.start if self.location is not None else 0
        return f"{where}:{line}:{self.name}"


class Deployment(Struct, frozen=True):
    """All functions of a project, deployed ones first, each group in file order."""

    functions: tuple[DeployedFunction, ...]
    problems: tuple[Problem, ...] = ()
