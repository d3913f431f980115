"""What a snippet is, and what is decided before one is written."""

from __future__ import annotations

from msgspec import Struct

from lmi_lint.deploy.model import CapacityProvider, DeployedFunction, Dialect


class Snippet(Struct, frozen=True):
    """Configuration of a second function. ``language``: what highlighters call the text's language (``yaml``,
    ``json``, ``hcl``, ``typescript``, ``python``, ``java``, ``csharp``). ``notes``: what its reader has to know, one
    sentence or two each; where the language has no comments, all that would stand in them."""

    dialect: Dialect
    language: str
    text: str
    notes: tuple[str, ...] = ()


class Plan(Struct, frozen=True):
    """What a snippet says, whatever the dialect.

    ``first``: the function that there is; ``second``: name of the one beside it, letters and digits. ``provider``: a
    declared capacity provider that it can use, else one is written, called ``capacity``. ``memory_mb`` MB,
    ``gib_per_vcpu`` GiB, ``concurrency`` invocations per environment, ``minimum`` and ``maximum`` environments,
    ``max_vcpus`` ceiling of the provider. ``runtime``: the first's, or the oldest version of it that managed instances
    run. ``choices``: why these. ``verdict``: that of ``lmi-lint fitness``, with its first reason; ``obstacles``: what
    has to be mended before.
    """

    first: DeployedFunction
    second: str
    capacity: str
    provider: CapacityProvider | None
    memory_mb: int
    gib_per_vcpu: int
    concurrency: int
    minimum: int
    maximum: int
    architecture: str
    max_vcpus: int
    runtime: str | None = None
    verdict: str = ""
    choices: tuple[str, ...] = ()
    obstacles: tuple[str, ...] = ()

    @property
    def known_environment(self) -> tuple[tuple[str, str], ...]:
        """The variables whose values are known."""
        return tuple((name, value) for name, value in self.first.environment if value is not None)

    @property
    def unknown_environment(self) -> tuple[str, ...]:
        """The variables whose values are worked out at deployment."""
        return tuple(name for name, value in self.first.environment if value is None)
