"""What the Terraform of a project deploys."""

from __future__ import annotations

from msgspec import Struct

from lmi_lint.deploy.model import CapacityProvider
from lmi_lint.deploy.template import Candidate
from lmi_lint.model.finding import Location, Problem


class Infrastructure(Struct, frozen=True):
    """What the Terraform of a project deploys. ``roots``: folders of its root modules."""

    functions: tuple[Candidate, ...] = ()
    providers: tuple[CapacityProvider, ...] = ()
    problems: tuple[Problem, ...] = ()
    left_out: tuple[tuple[str, Location], ...] = ()
    roots: tuple[str, ...] = ()


class Root(Struct, frozen=True):
    """What one root module deploys, with what was not understood in its files; ``cut``: which bounds were reached."""

    found: Infrastructure
    cut: tuple[Problem, ...] = ()
