"""``provider.capacityProviders`` of a service."""

from __future__ import annotations

from collections.abc import Iterable

from lmi_lint.deploy.cloudformation.provider import count, log_egress, open_inbound, texts
from lmi_lint.deploy.cloudformation.stack import Stack
from lmi_lint.deploy.model import CapacityProvider, DeployedFunction, Dialect
from lmi_lint.deploy.nodes import Mapping, Node, Scalar
from lmi_lint.deploy.serverless.variables import Variables
from lmi_lint.deploy.shapes import Shape, oddities
from lmi_lint.deploy.template import EMPTY, FunctionSettings, Template, real, scalar, whole
from lmi_lint.model.finding import Location

_MODES = {"auto": "Auto", "manual": "Manual"}
_DEFAULT = "default"
"""The framework makes this provider by itself where a function names it."""

_PROVIDER = Shape(
    plain=("kmsKeyArn",),
    inner=(
        ("vpc", Shape(plain=("subnetIds", "securityGroupIds"))),
        ("permissions", Shape(plain=("operatorRole",))),
        ("instanceRequirements", Shape(
            plain=("architectures", "allowedInstanceTypes", "excludedInstanceTypes"),
            renamed=(("allowedTypes", "allowedInstanceTypes"), ("excludedTypes", "excludedInstanceTypes"),
                     ("architecture", "architectures")),
        )),
        ("scaling", Shape(
            plain=("mode", "maxVCpuCount", "policies"),
            renamed=(("targetResourceUtilization", "policies"), ("averageCPUUtilization", "policies")),
        )),
    ),
    renamed=(("operatorRole", "permissions"), ("vpcConfig", "vpc"), ("scalingConfig", "scaling")),
)  # fmt: skip
"""One capacity provider (Serverless Framework guide, managed instances)."""


class ServiceProviders:
    """Reads the capacity providers of one service."""

    def __init__(self, template: Template, provider: Mapping, variables: Variables, stack: Stack) -> None:
        self.template = template
        self.provider = provider
        self.variables = variables
        self.stack = stack

    def declared(self, functions: Iterable[DeployedFunction]) -> list[CapacityProvider]:
        """Those that the service declares, and the one that the framework makes for functions that name it."""
        settings = self.variables.reduce(self.provider.get("capacityProviders"))
        found: list[CapacityProvider] = []
        for pair in settings.pairs.values() if isinstance(settings, Mapping) else ():
            own = self.variables.reduce(pair.value)
            written = own if isinstance(own, Mapping) else EMPTY
            found.append(self._provider(pair.key.value, self.variables.location(pair.key), written))
        if not any(each.name == _DEFAULT for each in found):
            users = (each for each in functions if each.managed and each.provider == _DEFAULT)
            place = next((dict(each.locations).get("provider") for each in users), None)
            if place is not None:
                found.append(self._provider(_DEFAULT, place, EMPTY))
        return found

    def _provider(self, name: str, place: Location, own: Mapping) -> CapacityProvider:
        settings = FunctionSettings(self.template, self.stack.resolver, self.variables.location)
        network = self._group(settings, own.get("vpc") or self.provider.get("vpc"), ("subnets", "security_groups"))
        needed = self._group(settings, own.get("instanceRequirements"), ("architectures", "allowed", "excluded"))
        scaling = self._group(
            settings, own.get("scaling"), ("scaling_mode", "policies", "target_utilisation", "max_vcpus")
        )
        policies = scaling.get("policies")
        targets = [self.stack.get(item, "targetValue") for item in self.stack.items(policies)]
        mode = settings.take("scaling_mode", scaling.get("mode"), scalar)
        architectures = needed.get("architectures") or self.provider.get("architecture")
        return CapacityProvider(
            name=name,
            dialect=Dialect.SERVERLESS,
            template=place.path,
            location=place,
            architectures=texts(self.stack, settings, "architectures", architectures),
            allowed=texts(self.stack, settings, "allowed", needed.get("allowedInstanceTypes")),
            excluded=texts(self.stack, settings, "excluded", needed.get("excludedInstanceTypes")),
            subnets=count(self.stack, settings, "subnets", network.get("subnetIds")),
            security_groups=count(self.stack, settings, "security_groups", network.get("securityGroupIds")),
            scaling_mode=_MODES.get(mode.lower(), mode) if mode else None,
            policies=count(self.stack, settings, "policies", policies),
            target_utilisation=settings.take("target_utilisation", targets[0] if targets else None, real),
            max_vcpus=settings.take("max_vcpus", scaling.get("maxVCpuCount"), whole),
            open_inbound=open_inbound(self.stack, network.get("securityGroupIds")),
            log_egress=log_egress(self.stack, network.get("subnetIds")),
            region=self.stack.region,
            locations=tuple(settings.locations),
            unknown=tuple(dict.fromkeys(settings.unknown)),
            oddities=tuple(oddities(own, place, _PROVIDER, self.variables.location)),
        )

    def _group(self, settings: FunctionSettings, node: Node | None, names: tuple[str, ...]) -> Mapping:
        """A group of settings; if it is not known, nor are the settings in it."""
        found = self.variables.reduce(node)
        if node is not None and found is None:
            settings.unknown += names
        if isinstance(found, Scalar):
            return EMPTY
        return found if isinstance(found, Mapping) else EMPTY
