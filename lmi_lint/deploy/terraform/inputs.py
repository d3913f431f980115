"""What the settings of a function are called: in ``aws_lambda_function``, and in modules of the registry."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import Final

from msgspec import Struct, convert

_MANAGED: Final = "capacity_provider_config.lambda_managed_instances_capacity_provider_config"

RESOURCE: Final[dict[str, str]] = {
    "function_name": "function_name",
    "runtime": "runtime",
    "handler": "handler",
    "memory_mb": "memory_size",
    "timeout_s": "timeout",
    "ephemeral_mb": "ephemeral_storage.size",
    "architecture": "architectures",
    "provider": f"{_MANAGED}.capacity_provider_arn",
    "max_concurrency": f"{_MANAGED}.per_execution_environment_max_concurrency",
    "memory_per_vcpu": f"{_MANAGED}.execution_environment_memory_gib_per_vcpu",
    "environment": "environment.variables",
    "vpc": "vpc_config.subnet_ids",
    "snapstart": "snap_start.apply_on",
    "reserved": "reserved_concurrent_executions",
    "log_format": "logging_config.log_format",
    "publish": "publish",
    "publish_to": "publish_to",
    "role": "role",
    "layers": "layers",
    "package_type": "package_type",
    "image_uri": "image_uri",
    "image_command": "image_config.command",
    "filename": "filename",
    "s3_key": "s3_key",
    "digest": "source_code_hash",
}
"""Setting → argument of ``aws_lambda_function``, through nested blocks. Source:
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/lambda_function"""


class KnownModule(Struct, frozen=True, forbid_unknown_fields=True):
    """A module of the registry that deploys one function. ``sources``: parts of its source; ``inputs``: setting →
    input; ``created``: inputs that are false where it deploys none; ``layer``: input that makes it deploy a layer;
    ``edge``: input that puts it on CloudFront; ``code``: input that lists what is packed."""

    sources: tuple[str, ...]
    inputs: dict[str, str]
    created: tuple[str, ...] = ()
    layer: str = ""
    edge: str = ""
    code: str = ""


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    module: tuple[KnownModule, ...]


def known_modules() -> tuple[KnownModule, ...]:
    """The modules of ``modules.toml`` beside this file."""
    text = files("lmi_lint.deploy.terraform").joinpath("modules.toml").read_text(encoding="utf-8")
    return convert(tomllib.loads(text), _File).module


def known_module(source: str, modules: tuple[KnownModule, ...]) -> KnownModule | None:
    """The module that a ``source`` names; none if it names a part of one (``…//modules/alias``)."""
    inner = source.split("://", 1)[-1]
    if "//" in inner.replace(".git//", "//") and not inner.endswith("//"):
        return None
    return next((each for each in modules if any(part in source for part in each.sources)), None)
