"""What manifests say about the packages of a function."""

from __future__ import annotations

from enum import Enum

from msgspec import Struct

from lmi_lint.model.finding import Location, Problem


class Scheme(Enum):
    """How an ecosystem writes and orders versions."""

    PYPI = "pypi"
    NPM = "npm"
    MAVEN = "maven"
    NUGET = "nuget"


class Dependency(Struct, frozen=True):
    """One package that a manifest asks for, as what is deployed needs it: nothing for development or tests alone.

    ``name``: as the ecosystem compares it (``group:artifact`` in Java). ``location``: where its version is written: the
    entry in the manifest, the one that manages it, or the property that holds it. ``version``: the one that is
    deployed, by a lock file or as the manifest pins it; ``locked``: where the lock file says so. ``admits``: without
    that, the versions that the manifest admits; None where that cannot be told.
    """

    name: str
    scheme: Scheme
    location: Location
    version: str | None = None
    admits: str | None = None
    locked: Location | None = None


class Asks(Enum):
    """What an extension asks for that managed instances do not give."""

    INVOKE = "invoke"
    LOGS = "logs"


class Extension(Struct, frozen=True):
    """One place where an extension asks for something."""

    asks: Asks
    location: Location


class Manifest(Struct, frozen=True):
    """A manifest with the files that belong to it, as one function sees it."""

    path: str
    dependencies: tuple[Dependency, ...]


class Dependencies(Struct, frozen=True):
    """What a function is deployed with: its manifests, and the extensions of the project that come with it. ``read``:
    the files that say so, and whether something could be read of each; ``problems``: what could not be read."""

    manifests: tuple[Manifest, ...] = ()
    extensions: tuple[Extension, ...] = ()
    read: dict[str, bool] = {}
    problems: tuple[Problem, ...] = ()
