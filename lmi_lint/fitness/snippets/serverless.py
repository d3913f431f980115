"""Snippets of the Serverless Framework.

Source: https://www.serverless.com/framework/docs/providers/aws/guide/managed-instances (names of generated resources
included: ``DefaultLambdaCapacityProvider`` for the provider ``default``, likewise functions).
"""

from __future__ import annotations

import re
from typing import Any, Final

from lmi_lint.deploy.model import Dialect
from lmi_lint.fitness.snippets import words
from lmi_lint.fitness.snippets.cloudformation import alarms
from lmi_lint.fitness.snippets.documents import Intrinsic, Part, as_yaml
from lmi_lint.fitness.snippets.model import Plan, Snippet
from lmi_lint.fitness.snippets.quoting import camel

_LEAST_VCPUS: Final = 12
"""The framework takes no lower ceiling."""


def serverless(plan: Plan) -> Snippet:
    """A snippet of ``serverless.yml``."""
    second, provider = camel(plan.second), plan.provider.name if plan.provider is not None else camel(plan.capacity)
    reference = Intrinsic("Ref", f"{_generated(provider)}LambdaCapacityProvider")
    sections: dict[str, list[Part]] = {}
    if plan.provider is None:
        sections["params"] = [_parameters(second)]
        sections["provider"] = [Part("capacityProviders", {provider: _provider(plan, second)}, (words.PROVIDER,))]
    sections["functions"] = [_function(plan, second, provider)]
    listed = alarms(plan, Intrinsic("Ref", f"{_generated(second)}LambdaFunction"), reference)
    said = tuple(line for part in listed for line in part.said)
    sections["resources"] = [Part("Resources", {part.key: part.value for part in listed}, said)]
    notes = (*words.notes(plan), "Merge each section into the one of the same name in your file.")
    if plan.provider is None and plan.max_vcpus < _LEAST_VCPUS:
        notes += (f"The framework takes no ceiling below {_LEAST_VCPUS} vCPUs; {plan.max_vcpus} would do.",)
    return Snippet(Dialect.SERVERLESS, "yaml", as_yaml(sections, words.head(plan), words.tail(plan, "#")), notes)


def _generated(name: str) -> str:
    """How the framework begins the logical ids of what it generates."""
    spelled = name.replace("-", "Dash").replace("_", "Underscore")
    return spelled[:1].upper() + spelled[1:]


def _parameters(second: str) -> Part:
    names = [f"{second}Subnet{zone}" for zone in "ABC"]
    filled = dict.fromkeys(names, "subnet-FILL-IN")
    filled |= {f"{second}SecurityGroup": "sg-FILL-IN", f"{second}OperatorRole": "arn:FILL-IN"}
    return Part("default", filled, ("To fill in.",))


def _provider(plan: Plan, second: str) -> dict[str, Any]:
    def given(name: str) -> str:
        return f"${{param:{second}{name}}}"

    network = {
        "subnetIds": [given(f"Subnet{zone}") for zone in "ABC"],
        "securityGroupIds": [given("SecurityGroup")],
    }
    return {
        "vpc": network,
        "permissions": {"operatorRole": given("OperatorRole")},
        "instanceRequirements": {"architectures": [plan.architecture]},
        "scaling": {"mode": "auto", "maxVCpuCount": max(plan.max_vcpus, _LEAST_VCPUS)},
    }


def _function(plan: Plan, second: str, provider: str) -> Part:
    first = plan.first
    missing = list(plan.unknown_environment)
    known: dict[str, Any] = {"image": "FILL-IN"}
    if not first.image:
        handler = first.handler or "FILL-IN"
        known = {"handler": handler if not _variable(handler) else "FILL-IN"}
    if plan.runtime is not None and not first.image and not _variable(plan.runtime):
        known["runtime"] = plan.runtime
    known |= {"architecture": plan.architecture, "memorySize": plan.memory_mb}
    if first.timeout_s is not None:
        known["timeout"] = first.timeout_s
    if first.ephemeral_mb is not None:
        known["ephemeralStorageSize"] = first.ephemeral_mb
    if first.role is not None and not _variable(first.role):
        known["role"] = first.role
    variables = {name: value for name, value in plan.known_environment if not _variable(value)}
    missing += [name for name, value in plan.known_environment if _variable(value)]
    if variables:
        known["environment"] = variables
    if first.layers:
        known["layers"] = [
            Intrinsic("Ref", each) if re.fullmatch(r"[A-Za-z0-9]+", each) else each for each in first.layers
        ]
    if first.log_format == "Text":
        known["logs"] = {"logFormat": "JSON"}
    known["versionFunction"] = False
    known["capacityProvider"] = {
        "name": provider,
        "maxConcurrency": plan.concurrency,
        "memoryPerVCpu": plan.gib_per_vcpu,
        "scaling": {"min": plan.minimum, "max": plan.maximum},
    }
    said = [
        (
            f"As {first.name}, but for what managed instances need; what is set there for that function alone (package,"
            " tags, destinations) has to be copied. No numbered versions: each would have environments of its own."
        ),
        *(f"Set as {first.name} has it: environment.{name}" for name in missing),
    ]
    return Part(second, known, tuple(said))


def _variable(text: str) -> bool:
    """Whether the framework would resolve it as a variable."""
    return "${" in text
