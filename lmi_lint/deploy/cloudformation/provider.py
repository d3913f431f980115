"""AWS::Lambda::CapacityProvider and AWS::Serverless::CapacityProvider."""

from __future__ import annotations

from lmi_lint.deploy.cloudformation.shapes import CFN_PROVIDER, SAM_PROVIDER
from lmi_lint.deploy.cloudformation.stack import Resource, Stack
from lmi_lint.deploy.intrinsics import NO_VALUE, intrinsic
from lmi_lint.deploy.model import CapacityProvider
from lmi_lint.deploy.nodes import Mapping, Node, Scalar, Sequence
from lmi_lint.deploy.shapes import oddities
from lmi_lint.deploy.template import FunctionSettings, real, scalar, whole

SAM_PROVIDER_TYPE = "AWS::Serverless::CapacityProvider"
CFN_PROVIDER_TYPE = "AWS::Lambda::CapacityProvider"

_MANUAL, _AUTO = "Manual", "Auto"
_WAYS_OUT = ("AWS::EC2::NatGateway", "AWS::EC2::InternetGateway", "AWS::EC2::EgressOnlyInternetGateway",
             "AWS::EC2::TransitGatewayAttachment", "AWS::EC2::VPNGateway")  # fmt: skip


def providers(stack: Stack) -> tuple[CapacityProvider, ...]:
    """The capacity providers that a stack declares, in file order."""
    found = [_provider(stack, each) for each in stack.of_kind(CFN_PROVIDER_TYPE, SAM_PROVIDER_TYPE)]
    return tuple(sorted(found, key=lambda each: each.location.span.start))


def provider_names(stack: Stack) -> dict[str, str]:
    """The name that a provider is given → its logical id: an ARN from elsewhere in the project says the name."""
    declared = stack.of_kind(CFN_PROVIDER_TYPE, SAM_PROVIDER_TYPE)
    named = [(stack.resolver.text(each.props.get("CapacityProviderName")), each.id) for each in declared]
    return {name: logical for name, logical in named if name}


def _provider(stack: Stack, resource: Resource) -> CapacityProvider:
    sam = resource.kind == SAM_PROVIDER_TYPE
    settings = stack.settings()
    props = resource.props
    network = settings.mapping(props.get("VpcConfig"))
    needed = settings.mapping(props.get("InstanceRequirements"))
    scaling = settings.mapping(props.get("ScalingConfig" if sam else "CapacityProviderScalingConfig"))
    for group, names in (
        ("VpcConfig", ("subnets", "security_groups")),
        ("InstanceRequirements", ("architectures", "allowed", "excluded")),
        ("ScalingConfig", ("scaling_mode", "policies", "target_utilisation", "max_vcpus")),
        ("CapacityProviderScalingConfig", ("scaling_mode", "policies", "target_utilisation", "max_vcpus")),
    ):
        if props.get(group) is not None and stack.resolver.reduce(props.get(group)) is None:
            settings.unknown += names
    mode, policies, target = _sam_scaling(settings, scaling) if sam else _cfn_scaling(stack, settings, scaling)
    subnets = network.get("SubnetIds")
    place = stack.location(resource.key)
    written = resource.node.get("Properties")
    unread = written is not None and not isinstance(stack.resolver.reduce(written), Mapping)
    return CapacityProvider(
        name=resource.id,
        dialect=stack.dialect(resource),
        template=place.path,
        location=place,
        architectures=texts(stack, settings, "architectures", needed.get("Architectures")),
        allowed=texts(stack, settings, "allowed", needed.get("AllowedTypes") or needed.get("AllowedInstanceTypes")),
        excluded=texts(
            stack, settings, "excluded", needed.get("ExcludedTypes") or needed.get("ExcludedInstanceTypes")
        ),
        subnets=count(stack, settings, "subnets", subnets),
        subnets_by_parameter=_is_parameter(stack, subnets),
        security_groups=count(stack, settings, "security_groups", network.get("SecurityGroupIds")),
        scaling_mode=mode,
        policies=policies,
        target_utilisation=target,
        max_vcpus=settings.take("max_vcpus", scaling.get("MaxVCpuCount"), whole),
        open_inbound=open_inbound(stack, network.get("SecurityGroupIds")),
        log_egress=log_egress(stack, subnets),
        region=stack.region,
        locations=tuple(settings.locations),
        unknown=tuple(dict.fromkeys(settings.unknown)),
        oddities=tuple(oddities(
            None if unread else props, place, SAM_PROVIDER if sam else CFN_PROVIDER, stack.location
        )),
    )  # fmt: skip


def _sam_scaling(settings: FunctionSettings, scaling: Mapping) -> tuple[str | None, int | None, float | None]:
    """Mode, number of policies, target. SAM makes one policy of ``AverageCPUUtilization``, and the mode with it."""
    target = settings.take("target_utilisation", scaling.get("AverageCPUUtilization"), real)
    node = scaling.get("AverageCPUUtilization")
    if node is None or (target is None and "target_utilisation" not in settings.unknown):
        return None, None, None
    return _MANUAL, 1, target


def _cfn_scaling(
    stack: Stack, settings: FunctionSettings, scaling: Mapping
) -> tuple[str | None, int | None, float | None]:
    mode = settings.take("scaling_mode", scaling.get("ScalingMode"), scalar)
    node = scaling.get("ScalingPolicies")
    policies = count(stack, settings, "policies", node)
    targets = [stack.get(item, "TargetValue") for item in stack.items(node)]
    targets = [each for each in targets if each is not None]
    target = settings.take("target_utilisation", targets[0], real) if targets else None
    return mode, policies, target


def texts(stack: Stack, settings: FunctionSettings, setting: str, node: Node | None) -> tuple[str, ...] | None:
    """The texts of a list; one that is not known makes the setting unknown."""

    def convert(literal: Node) -> tuple[str, ...] | None:
        items = literal.items if isinstance(literal, Sequence) else (literal,)
        texts = [stack.resolver.text(item) for item in items if stack.resolver.reduce(item) is not NO_VALUE]
        known = [text for text in texts if text is not None]
        return tuple(known) if len(known) == len(texts) else None

    return settings.take(setting, node, convert)


def count(stack: Stack, settings: FunctionSettings, setting: str, node: Node | None) -> int | None:
    """How many items a list has; a reference to one resource is one item."""

    def convert(literal: Node) -> int | None:
        if not isinstance(literal, Sequence):
            return None
        count = 0
        for item in literal.items:
            call = intrinsic(item)
            found = stack.resolver.reduce(item)
            if found is NO_VALUE:
                continue
            # What one item comes to may be a list of its own, or nothing.
            if isinstance(found, Sequence) or (found is None and call is not None and call[0] in _MAY_BE_LISTS):
                return None
            count += 1
        return count

    return settings.take(setting, node, convert)


_MAY_BE_LISTS = ("Fn::If", "Fn::Split", "Fn::Transform")


def _is_parameter(stack: Stack, node: Node | None) -> bool:
    """Whether a list is one parameter."""
    call = intrinsic(node)
    return (
        call is not None and call[0] == "Ref" and isinstance(call[1], Scalar)
        and call[1].value in stack.resolver.parameters.pairs
    )  # fmt: skip


def open_inbound(stack: Stack, groups: Node | None) -> bool | None:
    """Whether a security group that the stack declares admits traffic; None if none of them is declared there."""
    named = {stack.resolver.reference(item) for item in stack.items(groups)}
    declared = [each for each in stack.of_kind("AWS::EC2::SecurityGroup") if each.id in named]
    if not declared:
        return None
    ids = {each.id for each in declared}
    if any(stack.resolver.reference(each.props.get("GroupId")) in ids
           for each in stack.of_kind("AWS::EC2::SecurityGroupIngress")):  # fmt: skip
        return True
    rules = [each.props.get("SecurityGroupIngress") for each in declared]
    found = [stack.resolver.reduce(rule) for rule in rules if rule is not None]
    if any(isinstance(each, Sequence) and each.items for each in found):
        return True
    return None if None in found else False


def log_egress(stack: Stack, subnets: Node | None) -> bool | None:
    """Whether the network that the stack declares lets logs out: by a gateway or an endpoint for logs. None if its
    subnets, or what else they are connected to, are not declared there."""
    named = [stack.resolver.reference(item) for item in stack.items(subnets)]
    if not named or any(stack.kind_of(name) != "AWS::EC2::Subnet" for name in named):
        return None
    if any(True for _ in stack.of_kind(*_WAYS_OUT)):
        return True
    services = [stack.resolver.text(each.props.get("ServiceName")) for each in stack.of_kind("AWS::EC2::VPCEndpoint")]
    written = [_written(each.props.get("ServiceName")) for each in stack.of_kind("AWS::EC2::VPCEndpoint")]
    if any(text.endswith(".logs") for text in (*written, *(service or "" for service in services))):
        return True
    routed = any(True for _ in stack.of_kind("AWS::EC2::Route", "AWS::EC2::SubnetRouteTableAssociation"))
    outside = any(stack.resolver.reference(each.props.get("VpcId")) not in stack.resources
                  for each in stack.of_kind("AWS::EC2::Subnet"))  # fmt: skip
    nested = any(True for _ in stack.of_kind("AWS::CloudFormation::Stack", "AWS::Serverless::Application"))
    return None if routed or outside or nested else False


def _written(node: Node | None) -> str:
    """The end of a service's name, of which the region may not be known."""
    call = intrinsic(node)
    argument = call[1] if call is not None else node
    if isinstance(argument, Sequence) and argument.items:
        argument = argument.items[-1]
    if isinstance(argument, Sequence) and argument.items:
        argument = argument.items[-1]
    return argument.value if isinstance(argument, Scalar) else ""
