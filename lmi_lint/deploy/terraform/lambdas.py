"""``aws_lambda_function`` and modules that stand for it → functions whose handler is not looked up yet."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator
from typing import Final, TypeVar

from lmi_lint.deploy.model import DeployedFunction, Dialect, Oddity, Provenance
from lmi_lint.deploy.nodes import Mapping, Pair, Scalar
from lmi_lint.deploy.template import Candidate, names_rds_proxy, runtime_language
from lmi_lint.deploy.terraform.code import Code, CodeFinder
from lmi_lint.deploy.terraform.inline import inline_code
from lmi_lint.deploy.terraform.inputs import RESOURCE, KnownModule
from lmi_lint.deploy.terraform.oddities import function_oddities
from lmi_lint.deploy.terraform.values import (
    Ref,
    Unknown,
    Value,
    as_bool,
    as_number,
    as_text,
    qualified,
    refs_of,
)
from lmi_lint.deploy.terraform.views import Declared, shown, suffix
from lmi_lint.model.finding import Location
from lmi_lint.model.source import Span

T = TypeVar("T")

PROVIDER: Final = "aws_lambda_capacity_provider"
_NO_SPAN: Final = Span(0, 0)


class Settings:
    """Collects the settings of one function with their places and what is unknown."""

    def __init__(self, declared: Declared, table: dict[str, str]) -> None:
        self.view = declared.view
        self.table = table
        self.locations: list[tuple[str, Location]] = []
        self.unknown: list[str] = []

    def raw(self, setting: str) -> Value:
        """A setting as it is; None if it is absent or null."""
        found = self._find(setting)
        return found[0] if found is not None else None

    def take(self, setting: str, convert: Callable[[Value], T | None]) -> T | None:
        """A setting's value; None if absent, null, or unknown (which is recorded)."""
        found = self._find(setting)
        if found is None or found[0] is None:
            return None
        self.locations.append((setting, found[1]))
        value = None if isinstance(found[0], Unknown) else convert(found[0])
        if value is None:
            self.unknown.append(setting)
        return value

    def _find(self, setting: str) -> tuple[Value, Location] | None:
        path = self.table.get(setting)
        return self.view.find(path) if path is not None else None


def function(declared: Declared, finder: CodeFinder, module: KnownModule | None) -> Candidate:
    """One function."""
    settings = Settings(declared, module.inputs if module is not None else RESOURCE)
    folder = declared.module.root.config.folder
    image = settings.raw("image_uri") is not None or as_text(settings.raw("package_type")) == "Image"
    runtime = settings.take("runtime", _text)
    handler = settings.take("image_command", _first) if image else settings.take("handler", _text)
    code = _code(settings, declared, finder, module, folder) if not image else Code(local=False)
    language = runtime_language(runtime)
    packed = (settings.raw("filename"), settings.raw("s3_key"), settings.raw("digest"))
    inline = inline_code(finder.world, packed, handler, language) if code.root is None and not image else None
    environment = _environment(settings)
    managed, provider = _managed(settings, declared, module)
    made = DeployedFunction(
        name=function_name(declared),
        provenance=Provenance.DEPLOYED,
        language=language,
        runtime=runtime,
        handler=handler,
        inline=inline,
        local=code.local,
        template=declared.placed.path,
        location=declared.placed.location(),
        code_root=code.root,
        memory_mb=settings.take("memory_mb", _whole),
        timeout_s=settings.take("timeout_s", _whole),
        ephemeral_mb=settings.take("ephemeral_mb", _whole),
        architecture=settings.take("architecture", _only),
        managed=managed,
        provider=provider,
        max_concurrency=settings.take("max_concurrency", _whole),
        memory_per_vcpu=settings.take("memory_per_vcpu", _real),
        environment=environment,
        proxied=names_rds_proxy(_as_mapping(settings.raw("environment"))),
        dialect=Dialect.TERRAFORM,
        image=image,
        edge=module is not None and as_bool(declared.view.get(module.edge)) is True,
        region=declared.region,
        vpc=_vpc(settings, declared, module),
        snapstart=_snapstart(settings),
        provisioned=_positive(settings, "provisioned"),
        reserved=_reserved(settings),
        log_format=settings.take("log_format", _text),
        published=_published(settings),
        role=_role(settings, declared),
        layers=_layers(settings, finder),
        layer_roots=tuple(_layer_roots(settings, finder, folder)),
        oddities=_oddities(declared, module),
        locations=tuple(settings.locations),
        unknown=tuple(dict.fromkeys(settings.unknown)),
    )
    return Candidate(made, folder, code.archive, _entry_points(handler, code), image=image)


def _entry_points(handler: str | None, code: Code) -> tuple[str, ...]:
    """The file that the handler's module has been made of under another name."""
    module = (handler or "").rpartition(".")[0]
    return tuple(path for name, path in code.renamed if posixpath.splitext(name)[0] == module)


def function_name(declared: Declared) -> str:
    """The address without the type: ``orders``, ``module.api.orders["eu"]``."""
    name = f"module.{declared.name}" if declared.kind == "module" else declared.name
    return qualified(declared.module.address, name) + suffix(declared.key)


def _code(settings: Settings, declared: Declared, finder: CodeFinder, module: KnownModule | None, folder: str) -> Code:
    place = declared.view.place(module.code) if module is not None and module.code else None
    place = place or next((at for name in ("filename", "s3_key") if (at := _place(settings, name)) is not None), None)
    if place is not None:
        settings.locations.append(("code_root", place))
    listed = declared.view.get(module.code) if module is not None and module.code else None
    if listed is not None:
        found = finder.listed(listed, folder)
        if found.root is None and isinstance(listed, Unknown):
            settings.unknown.append("code_root")
        return found
    filename, key = settings.raw("filename"), settings.raw("s3_key")
    if isinstance(filename, Unknown) or isinstance(key, Unknown):
        found = finder.packaged(filename, key, settings.raw("digest"), folder)
        if found.root is None:
            settings.unknown.append("code_root")
        return found
    return finder.packaged(filename, key, settings.raw("digest"), folder)


def _place(settings: Settings, name: str) -> Location | None:
    path = settings.table.get(name)
    found = settings.view.find(path) if path is not None else None
    return found[1] if found is not None and found[0] is not None else None


def _managed(settings: Settings, declared: Declared, module: KnownModule | None) -> tuple[bool, str | None]:
    """Whether it is attached to a capacity provider, and to which."""
    if module is None:
        blocks = declared.view.blocks("capacity_provider_config")
        if not blocks:
            return False, None
        settings.locations.append(("managed", blocks[0].location))
        if blocks[0].unsure:
            settings.unknown.append("managed")
            return False, None
        return True, _provider(settings)
    value = settings.raw("provider")
    if value is None:
        return False, None
    place = _place(settings, "provider")
    if place is not None:
        settings.locations.append(("managed", place))
    if isinstance(value, Unknown) and not any(not ref.kind.startswith("var") for ref in value.refs):
        settings.unknown.append("managed")
        return False, None
    return True, _provider(settings)


def _provider(settings: Settings) -> str | None:
    value = settings.raw("provider")
    place = _place(settings, "provider")
    if value is None or place is None:
        return None
    settings.locations.append(("provider", place))
    name = provider_name(value)
    if name is None:
        settings.unknown.append("provider")
    return name


def provider_name(value: Value) -> str | None:
    """The address of the provider that an ARN refers to, else the last part of the ARN."""
    refs = refs_of(value)
    found = next((ref for ref in refs if ref.kind in (PROVIDER, "module", f"data.{PROVIDER}")), None)
    if found is not None:
        return found.address
    text = as_text(value)
    return (text.replace("/", ":").rpartition(":")[2] or None) if text is not None else None


def _environment(settings: Settings) -> tuple[tuple[str, str | None], ...]:
    value = settings.raw("environment")
    if isinstance(value, Unknown):
        settings.unknown.append("environment")
    if not isinstance(value, dict):
        return ()
    texts = ((name, as_text(each)) for name, each in value.items())
    return tuple((name, shown(text) if text is not None else None) for name, text in texts)


def _as_mapping(value: Value) -> Mapping:
    """Environment variables as nodes: known texts, and what unknown ones refer to."""
    pairs: dict[str, Pair] = {}
    for name, each in value.items() if isinstance(value, dict) else ():
        addresses = " ".join(ref.address for ref in refs_of(each))
        text = each.text if isinstance(each, Unknown) else as_text(each)
        pairs[name] = Pair(Scalar(name, _NO_SPAN), Scalar(f"{text or ''} {addresses}", _NO_SPAN))
    return Mapping(pairs, _NO_SPAN)


def _vpc(settings: Settings, declared: Declared, module: KnownModule | None) -> bool:
    """Whether it has a network: subnets that are written count, though which they are may be unknown."""
    value, place = settings.raw("vpc"), _place(settings, "vpc")
    if value is None or place is None or value in ((), ""):
        return False
    settings.locations.append(("vpc", place))
    blocks = declared.view.blocks("vpc_config")
    written = bool(blocks) and not blocks[0].unsure
    if isinstance(value, Unknown) and not (written if module is None else any(ref.kind != "var" for ref in value.refs)):
        settings.unknown.append("vpc")
        return False
    return True


def _snapstart(settings: Settings) -> bool:
    return settings.take("snapstart", lambda value: value) in ("PublishedVersions", True)


def _positive(settings: Settings, name: str) -> int | None:
    """A number of executions; one below zero says that there is none."""
    value = settings.raw(name)
    number = as_number(value)
    return None if number is not None and number < 0 else settings.take(name, _whole)


def _reserved(settings: Settings) -> int | None:
    return _positive(settings, "reserved")


def _published(settings: Settings) -> str | None:
    to, publish = settings.raw("publish_to"), settings.raw("publish")
    if isinstance(to, Unknown) or isinstance(publish, Unknown):
        settings.unknown.append("published")
        return None
    published = as_bool(publish) is True
    place = _place(settings, "publish_to") or _place(settings, "publish")
    if published and place is not None:
        settings.locations.append(("published", place))
    return None if not published else "latest" if as_text(to) == "LATEST_PUBLISHED" else "version"


def _role(settings: Settings, declared: Declared) -> str | None:
    value = settings.raw("role")
    place = _place(settings, "role")
    if value is None or place is None:
        return None
    settings.locations.append(("role", place))
    ref = next((ref for ref in refs_of(value) if ref.kind != "var"), None)
    text = as_text(value)
    if ref is not None:
        return ref.address
    if text is None:
        settings.unknown.append("role")
        return declared.view.source(settings.table["role"]) or None
    return text


def _layers(settings: Settings, finder: CodeFinder) -> tuple[str, ...]:
    value = settings.raw("layers")
    if value is None:
        return ()
    place = _place(settings, "layers")
    if place is not None:
        settings.locations.append(("layers", place))
    items = value if isinstance(value, tuple) else (value,)
    found: list[str] = []
    for item in items:
        text = as_text(item) or next((_layer(ref, finder) for ref in refs_of(item) if ref.kind != "var"), None)
        if text is not None:
            found.append(text)
        else:
            settings.unknown.append("layers")
    return tuple(found)


def _layer_roots(settings: Settings, finder: CodeFinder, folder: str) -> Iterator[str]:
    """The folders of the layers that are declared here."""
    for ref in refs_of(settings.raw("layers")):
        view = finder.world.view(ref) if ref.kind == "aws_lambda_layer_version" else None
        if view is not None:
            key, digest = view.get("s3_key"), view.get("source_code_hash")
            root = finder.packaged(view.get("filename"), key, digest, folder).root
            if root is not None:
                yield root


def _layer(ref: Ref, finder: CodeFinder) -> str:
    """The name of a layer that is declared here, else the address of what is referred to."""
    view = finder.world.view(ref) if ref.kind == "aws_lambda_layer_version" else None
    return (view.text("layer_name") if view is not None else None) or ref.address


def _oddities(declared: Declared, module: KnownModule | None) -> tuple[Oddity, ...]:
    return function_oddities(declared.view) if module is None else ()


# ---- conversions ----


def _text(value: Value) -> str | None:
    text = as_text(value)
    return shown(text) if text is not None else None


def _whole(value: Value) -> int | None:
    number = as_number(value)
    return number if isinstance(number, int) and abs(number) < 2**31 else None


def _real(value: Value) -> float | None:
    number = as_number(value)
    return float(number) if number is not None and abs(number) < 2**31 else None


def _only(value: Value) -> str | None:
    if isinstance(value, tuple):
        return as_text(value[0]) if len(value) == 1 else None
    return as_text(value)


def _first(value: Value) -> str | None:
    return as_text(value[0]) if isinstance(value, tuple) and value else None
