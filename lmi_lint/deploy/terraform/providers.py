"""``aws_lambda_capacity_provider`` → capacity providers, with what the declared network says of them."""

from __future__ import annotations

from typing import Final

from lmi_lint.deploy.model import CapacityProvider, Dialect
from lmi_lint.deploy.terraform.oddities import provider_oddities
from lmi_lint.deploy.terraform.values import Ref, Unknown, Value, as_number, as_text, refs_of
from lmi_lint.deploy.terraform.views import Declared
from lmi_lint.deploy.terraform.world import World
from lmi_lint.model.finding import Location

_GROUP: Final = "aws_security_group"
_INGRESS: Final = ("aws_vpc_security_group_ingress_rule", "aws_security_group_rule")
_WAYS_OUT: Final = ("aws_nat_gateway", "aws_nat_instance", "aws_internet_gateway", "aws_egress_only_internet_gateway")
_NETWORK: Final = ("aws_subnet", "aws_vpc")

_PATHS: Final = {
    "architectures": "instance_requirements.architectures",
    "allowed": "instance_requirements.allowed_instance_types",
    "excluded": "instance_requirements.excluded_instance_types",
    "subnets": "vpc_config.subnet_ids",
    "security_groups": "vpc_config.security_group_ids",
    "scaling_mode": "capacity_provider_scaling_config.scaling_mode",
    "max_vcpus": "capacity_provider_scaling_config.max_vcpu_count",
}


class _Settings:
    """Collects the settings of one provider with their places and what is unknown."""

    def __init__(self, declared: Declared) -> None:
        self.view = declared.view
        self.locations: list[tuple[str, Location]] = []
        self.unknown: list[str] = []

    def raw(self, setting: str) -> Value:
        """A setting as it is; None if it is absent or null. Its place is noted."""
        found = self.view.find(_PATHS[setting])
        if found is None or found[0] is None:
            return None
        self.locations.append((setting, found[1]))
        if isinstance(found[0], Unknown):
            self.unknown.append(setting)
        return found[0]

    def texts(self, setting: str) -> tuple[str, ...] | None:
        """A list of texts."""
        value = self.raw(setting)
        if value is None or isinstance(value, Unknown):
            return None
        items = value if isinstance(value, tuple) else (value,)
        texts = [as_text(item) for item in items]
        if any(text is None for text in texts):
            self.unknown.append(setting)
            return None
        return tuple(text for text in texts if text is not None)

    def count(self, setting: str) -> int | None:
        """How many elements a list has."""
        value = self.raw(setting)
        return len(value) if isinstance(value, tuple) else None


def provider(declared: Declared, world: World) -> CapacityProvider:
    """One capacity provider."""
    settings = _Settings(declared)
    view = declared.view
    mode, ceiling = settings.raw("scaling_mode"), settings.raw("max_vcpus")
    policies, target = _policies(settings, declared)
    number = as_number(ceiling)
    subnets = view.find(_PATHS["subnets"])
    return CapacityProvider(
        name=declared.ref.address,
        dialect=Dialect.TERRAFORM,
        template=declared.placed.path,
        location=declared.placed.location(),
        architectures=settings.texts("architectures"),
        allowed=settings.texts("allowed"),
        excluded=settings.texts("excluded"),
        subnets=settings.count("subnets"),
        subnets_by_parameter=subnets is not None and _by_variable(subnets[0]),
        security_groups=settings.count("security_groups"),
        scaling_mode=as_text(mode),
        policies=policies,
        target_utilisation=target,
        max_vcpus=number if isinstance(number, int) else None,
        open_inbound=_open_inbound(declared, world),
        log_egress=_log_egress(declared, world),
        region=declared.region,
        oddities=provider_oddities(view),
        locations=tuple(settings.locations),
        unknown=tuple(dict.fromkeys(settings.unknown)),
    )


def _by_variable(value: Value) -> bool:
    return isinstance(value, Unknown) and bool(value.refs) and all(ref.kind == "var" for ref in value.refs)


def _policies(settings: _Settings, declared: Declared) -> tuple[int | None, float | None]:
    """How many scaling policies, and the target of the first, in percent."""
    block = declared.view.block("capacity_provider_scaling_config")
    if block is None:
        return None, None
    policies = block.blocks("scaling_policies")
    if block.unsure or any(each.unsure for each in policies):
        settings.unknown.append("policies")
        return None, None
    if not policies:
        return 0, None
    settings.locations.append(("policies", block.place("scaling_policies") or policies[0].location))
    target = as_number(policies[0].get("target_value"))
    return len(policies), None if target is None else float(target)


def _open_inbound(declared: Declared, world: World) -> bool | None:
    """Whether one of its security groups, all of which must be declared for a no, admits traffic."""
    found = declared.view.find(_PATHS["security_groups"])
    refs = [ref for ref in refs_of(found[0]) if ref.kind == _GROUP] if found is not None else []
    groups = [each for ref in refs if (each := world.meant_by(ref)) is not None]
    if any(each.view.blocks("ingress") and not each.view.blocks("ingress")[0].unsure for each in groups):
        return True
    for rule in world.of_kind(*_INGRESS):
        inbound = rule.kind != "aws_security_group_rule" or rule.view.text("type") == "ingress"
        about = refs_of(rule.view.get("security_group_id"))
        if inbound and any(ref.means(each.ref) for ref in about for each in groups):
            return True
    value = found[0] if found is not None else None
    complete = isinstance(value, tuple) and len(value) == len(groups) > 0
    unsure = any(block.unsure for each in groups for block in each.view.blocks("ingress"))
    return False if complete and not unsure else None


def _log_egress(declared: Declared, world: World) -> bool | None:
    """Whether logs find a way out of its network: a gateway, or an endpoint of CloudWatch Logs. Only a network that is
    declared as a whole, subnets and VPC, lets that be denied."""
    if any(True for _ in world.of_kind(*_WAYS_OUT)):
        return True
    for endpoint in world.of_kind("aws_vpc_endpoint"):
        name = endpoint.view.get("service_name")
        text = name.text if isinstance(name, Unknown) else as_text(name)
        if text is None or not text or text.endswith(".logs"):
            return True if text and text.endswith(".logs") else None
    found = declared.view.find(_PATHS["subnets"])
    refs: tuple[Ref, ...] = refs_of(found[0]) if found is not None else ()
    own = [ref for ref in refs if ref.kind == "aws_subnet" and world.meant_by(ref) is not None]
    whole = bool(own) and len(own) == len(refs) and any(True for _ in world.of_kind("aws_vpc"))
    return False if whole and not any(True for _ in world.of_kind("module")) else None
