"""What is asked of functions beside their programs, and what is found of one."""

from __future__ import annotations

from msgspec import Struct

from lmi_lint.deploy.model import Deployment
from lmi_lint.model.finding import Finding, Problem
from lmi_lint.model.names import RuleId


class Asked(Struct, frozen=True):
    """What is to be found out. ``rules``: those that are selected; ``analysed``: the functions whose code was analysed,
    by their positions; ``as_if_managed``: judge the configuration of each function as if it had moved; ``moved``:
    whether the findings of that are wanted in any case."""

    deployment: Deployment
    rules: tuple[RuleId, ...]
    analysed: tuple[int, ...]
    as_if_managed: bool
    moved: bool


class OfFunction(Struct, frozen=True, array_like=True):
    """What is found of one function, or of all capacity providers. ``settings``: what is amiss with its configuration,
    and ``moved``: what would be on managed instances; ``packages``: with what it is deployed with. ``manifests``: the
    files that were read for that, and whether something could be read of each; ``problems``: why not. ``errors`` and
    ``moved_errors``: rules that failed."""

    settings: tuple[Finding, ...] = ()
    moved: tuple[Finding, ...] = ()
    packages: tuple[Finding, ...] = ()
    problems: tuple[Problem, ...] = ()
    manifests: dict[str, bool] = {}
    errors: tuple[str, ...] = ()
    moved_errors: tuple[str, ...] = ()
