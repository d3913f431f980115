"""Capacity providers among the constructs of an app.

Source: https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_lambda.CapacityProvider.html
"""

from __future__ import annotations

from lmi_lint.deploy.cdk import props as taking
from lmi_lint.deploy.cdk.constructs import Kind
from lmi_lint.deploy.cdk.functions import id_of, kind_of
from lmi_lint.deploy.cdk.props import Props, as_props
from lmi_lint.deploy.cdk.values import Instance, Seq, Sym, Value, camel
from lmi_lint.deploy.model import CapacityProvider, Dialect


def capacity_provider(made: Sym) -> CapacityProvider | None:
    """The capacity provider that a construct is; None if it is none."""
    kind = kind_of(made)
    if kind not in (Kind.PROVIDER, Kind.CFN_PROVIDER) or made.where is None:
        return None
    props = Props.of(made)
    name = id_of(made)
    found = CapacityProvider(
        name=name if isinstance(name, str) else made.last,
        dialect=Dialect.CDK,
        template=made.where.path,
        location=made.where,
    )
    return _level_two(found, props) if kind is Kind.PROVIDER else _level_one(found, props)


def _level_two(found: CapacityProvider, props: Props) -> CapacityProvider:
    filtered = props.take("allowed", "instanceTypeFilter", _filter)
    allowed, excluded = filtered if filtered is not None else (None, None)
    scaling = props.take("scaling_mode", "scalingOptions", _scaling)
    mode, policies, target = scaling if scaling is not None else (None, None, None)
    return _with(
        found,
        props,
        architectures=props.take("architectures", "architectures", _architectures),
        allowed=allowed,
        excluded=excluded,
        subnets=props.take("subnets", "subnets", _count),
        security_groups=props.take("security_groups", "securityGroups", _count),
        scaling_mode=mode,
        policies=policies,
        target_utilisation=target,
        max_vcpus=props.take("max_vcpus", "maxVCpuCount", taking.whole),
    )


def _level_one(found: CapacityProvider, props: Props) -> CapacityProvider:
    network = props.inner("vpcConfig")
    needs = props.inner("instanceRequirements")
    scaling = props.inner("capacityProviderScalingConfig")
    policies = scaling.value("scalingPolicies")
    return _with(
        found,
        props,
        architectures=needs.take("architectures", "architectures", _architectures),
        allowed=needs.take("allowed", "allowedInstanceTypes", _texts),
        excluded=needs.take("excluded", "excludedInstanceTypes", _texts),
        subnets=network.take("subnets", "subnetIds", _count),
        security_groups=network.take("security_groups", "securityGroupIds", _count),
        scaling_mode=scaling.take("scaling_mode", "scalingMode", taking.text),
        policies=len(policies.items) if isinstance(policies, Seq) and not policies.is_open else None,
        target_utilisation=_first_target(policies),
        max_vcpus=scaling.take("max_vcpus", "maxVCpuCount", taking.whole),
    )


def _with(
    found: CapacityProvider, props: Props, *, architectures: tuple[str, ...] | None, allowed: tuple[str, ...] | None,
    excluded: tuple[str, ...] | None, subnets: int | None, security_groups: int | None, scaling_mode: str | None,
    policies: int | None, target_utilisation: float | None, max_vcpus: int | None,
) -> CapacityProvider:  # fmt: skip
    return CapacityProvider(
        name=found.name,
        dialect=found.dialect,
        template=found.template,
        location=found.location,
        architectures=architectures,
        allowed=allowed,
        excluded=excluded,
        subnets=subnets,
        security_groups=security_groups,
        scaling_mode=scaling_mode,
        policies=policies,
        target_utilisation=target_utilisation,
        max_vcpus=max_vcpus,
        locations=tuple(props.locations),
        unknown=tuple(dict.fromkeys(props.unknown)),
    )


def _count(value: Value) -> int | None:
    """How many a list holds; of ``vpc.privateSubnets`` that is known only at synthesis."""
    return len(value.items) if isinstance(value, Seq) and not value.is_open else None


def _architectures(value: Value) -> tuple[str, ...] | None:
    if not isinstance(value, Seq) or value.is_open:
        return None
    found = [taking.architecture(slot.value) for slot in value.items]
    return tuple(each for each in found if each) if all(found) else None


def _texts(value: Value) -> tuple[str, ...] | None:
    if not isinstance(value, Seq) or value.is_open:
        return None
    found = [slot.value for slot in value.items]
    return tuple(each for each in found if isinstance(each, str)) if all(isinstance(x, str) for x in found) else None


def _filter(value: Value) -> tuple[tuple[str, ...] | None, tuple[str, ...] | None] | None:
    """``InstanceTypeFilter.allow([…])`` or ``.exclude([…])``."""
    if not (isinstance(value, Sym) and value.called and value.args):
        return None
    listed = value.args[0].value
    if not isinstance(listed, Seq) or listed.is_open:
        return None
    types = [_instance_type(slot.value) for slot in listed.items]
    if not all(types):
        return None
    names = tuple(each for each in types if each)
    return (names, None) if camel(value.last) == "allow" else (None, names)


def _instance_type(value: Value) -> str | None:
    """``new InstanceType("c8g.xlarge")``, ``InstanceType.of(InstanceClass.C8G, InstanceSize.XLARGE)``."""
    if isinstance(value, Instance):
        value = value.base
    if not (isinstance(value, Sym) and value.called and value.args):
        return taking.text(value)
    if value.last == "InstanceType":
        return taking.text(value.args[0].value)
    if camel(value.last) in ("of", "of_") and len(value.args) == 2:
        family = taking.constant(value.args[0].value, "InstanceClass")
        size = taking.constant(value.args[1].value, "InstanceSize")
        return f"{family.lower()}.{_size(size)}" if family and size and family not in _WORDS else None
    return None


_WORDS = frozenset({"COMPUTE", "MEMORY", "STANDARD", "STORAGE", "BURSTABLE"})


def _size(name: str) -> str:
    """``XLARGE2`` is ``2xlarge``."""
    digits = name.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ_")
    return digits + name[: len(name) - len(digits)].lower().rstrip("_")


def _scaling(value: Value) -> tuple[str, int | None, float | None] | None:
    """``ScalingOptions.auto()``, ``ScalingOptions.manual([TargetTrackingScalingPolicy.cpuUtilization(70)])``."""
    if not (isinstance(value, Sym) and value.called):
        return None
    if camel(value.last) == "auto":
        return "Auto", None, None
    if camel(value.last) != "manual":
        return None
    listed = value.args[0].value if value.args else None
    if not isinstance(listed, Seq) or listed.is_open:
        return "Manual", None, None
    first = listed.items[0].value if listed.items else None
    target = taking.real(first.args[0].value) if isinstance(first, Sym) and first.args else None
    return "Manual", len(listed.items), target


def _first_target(policies: Value) -> float | None:
    if not isinstance(policies, Seq) or not policies.items:
        return None
    return Props(as_props(policies.items[0].value)).take("target_utilisation", "targetValue", taking.real)
