"""Settings for managed instances that are written, but not as the provider's schema has them.

Schemas: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/lambda_capacity_provider and
…/resources/lambda_function. A name that is like none of these may be newer than they are, and is not reported.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Final

from msgspec import Struct

from lmi_lint.deploy.model import Oddity
from lmi_lint.deploy.terraform.values import Unknown
from lmi_lint.deploy.terraform.views import View

_LIKE: Final = 0.8


class _Block(Struct, frozen=True):
    """A block's names: plain arguments, lists, blocks; and those it must have."""

    plain: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    blocks: tuple[tuple[str, _Block], ...] = ()
    required: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return (*self.plain, *self.lists, *(name for name, _ in self.blocks))


_ATTACHED: Final = _Block(
    plain=(
        "capacity_provider_arn",
        "execution_environment_memory_gib_per_vcpu",
        "per_execution_environment_max_concurrency",
    ),
    required=("capacity_provider_arn",),
)
_CONFIG: Final = _Block(
    blocks=(("lambda_managed_instances_capacity_provider_config", _ATTACHED),),
    required=("lambda_managed_instances_capacity_provider_config",),
)
_PROVIDER: Final = _Block(
    plain=("name", "kms_key_arn", "region", "tags"),
    blocks=(
        (
            "vpc_config",
            _Block(lists=("subnet_ids", "security_group_ids"), required=("subnet_ids",)),  # the other has a rule
        ),
        (
            "permissions_config",
            _Block(plain=("capacity_provider_operator_role_arn",), required=("capacity_provider_operator_role_arn",)),
        ),
        (
            "instance_requirements",
            _Block(
                lists=("architectures", "allowed_instance_types", "excluded_instance_types"),
                required=("architectures",),
            ),
        ),
        (
            "capacity_provider_scaling_config",
            _Block(
                plain=("max_vcpu_count", "scaling_mode"),
                lists=("scaling_policies",),
            ),
        ),
    ),
    required=("name", "vpc_config", "permissions_config"),
)
_SCALING: Final = _Block(plain=("min_execution_environments", "max_execution_environments"))


def function_oddities(view: View) -> tuple[Oddity, ...]:
    """Of a function's attachment to a capacity provider."""
    return tuple(oddity for block in view.blocks("capacity_provider_config") for oddity in _of(block, _CONFIG, ""))


def scaling_oddities(view: View) -> tuple[Oddity, ...]:
    """Of the scaling of a function."""
    return tuple(oddity for block in view.blocks("function_scaling_config") for oddity in _of(block, _SCALING, ""))


def provider_oddities(view: View) -> tuple[Oddity, ...]:
    """Of a capacity provider."""
    return tuple(_of(view, _PROVIDER, ""))


def _of(view: View, block: _Block, above: str) -> Iterator[Oddity]:
    if view.unsure:
        return
    present = dict(view.names())
    meant: set[str] = set()
    for name, location in present.items():
        if name not in block.names and (like := _like(name, block.names)) is not None:
            meant.add(like)
            yield Oddity("unknown-property", name, location, like)
        elif name in block.lists and isinstance(view.get(name), str | int | float | bool):
            yield Oddity("wrong-shape", name, location, "a list")
    for name in block.required:
        if name not in present and name not in meant:
            yield Oddity("missing", name, view.location)
    for name, inner in block.blocks:
        if isinstance(view.get(name), str | int | float | bool | Unknown):
            continue
        for nested in view.blocks(name):
            yield from _of(nested, inner, name)


def _like(name: str, names: tuple[str, ...]) -> str | None:
    """The name that is meant by another spelling of it."""
    plain = {each.replace("_", ""): each for each in names}
    found = get_close_matches(name.replace("_", "").lower(), plain, 1, _LIKE)
    return plain[found[0]] if found else None
