"""From a root module of Terraform to its functions and capacity providers."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import structs

from lmi_lint.deploy.model import DeployedFunction
from lmi_lint.deploy.template import Candidate
from lmi_lint.deploy.terraform.code import CodeFinder
from lmi_lint.deploy.terraform.config import Library
from lmi_lint.deploy.terraform.events import FUNCTION, Invocations, module_events
from lmi_lint.deploy.terraform.infrastructure import Infrastructure, Root
from lmi_lint.deploy.terraform.inputs import KnownModule, known_module, known_modules
from lmi_lint.deploy.terraform.lambdas import PROVIDER, function, function_name
from lmi_lint.deploy.terraform.modules import source_of
from lmi_lint.deploy.terraform.oddities import scaling_oddities
from lmi_lint.deploy.terraform.providers import provider
from lmi_lint.deploy.terraform.values import Ref, as_bool, as_number
from lmi_lint.deploy.terraform.views import Declared
from lmi_lint.deploy.terraform.world import World
from lmi_lint.model.finding import Location, Problem
from lmi_lint.model.source import Span


def read_root(folder: str, library: Library) -> Root:
    """The functions and capacity providers of one root module."""
    config = library.config(folder)
    if config is None:
        return Root(Infrastructure())
    world = World(library, config)
    found = _Reader(world).read()
    where = Location(library.folders[folder][0], Span(0, 0))
    cut = [
        Problem(
            "template-error", f"Terraform is not read to the end ({bound}): functions or settings may be missing", where
        )
        for bound in world.budget.spent
    ]
    return Root(structs.replace(found, problems=tuple(dict.fromkeys(library.problems))), tuple(cut))


class _Reader:
    """Reads one root module, and joins what is said of a function in several places."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.finder = CodeFinder(world)
        self.events = Invocations(world)
        self.modules = known_modules() if any(True for _ in world.of_kind("module")) else ()

    def read(self) -> Infrastructure:
        """Everything."""
        providers = [(each, provider(each, self.world)) for each in self.world.of_kind(PROVIDER)]
        named = {text: made.name for each, made in providers if (text := each.view.text("name")) is not None}
        edge = list(self._edge())
        found: list[tuple[Ref, Candidate]] = []
        for each, module in self._functions():
            candidate = function(each, self.finder, module)
            made = self._joined(each, candidate.function, module)
            if any(ref.means(each.ref) for ref in edge):
                made = structs.replace(made, edge=True)
            if made.provider in named:
                made = structs.replace(made, provider=named[made.provider])
            found.append((each.ref, structs.replace(candidate, function=made)))
        return Infrastructure(
            tuple(candidate for _, candidate in found), tuple(made for _, made in providers), (),
            tuple(self._left_out()),
        )  # fmt: skip

    def _functions(self) -> Iterator[tuple[Declared, KnownModule | None]]:
        for each in self.world.declared:
            if each.kind == FUNCTION:
                yield each, None
            elif each.kind == "module":
                module = known_module(source_of(each.placed), self.modules)
                if module is not None and not self._makes_none(each, module):
                    yield each, module

    def _makes_none(self, each: Declared, module: KnownModule) -> bool:
        """Whether a module's inputs make it deploy no function."""
        off = any(as_bool(each.view.get(name)) is False for name in module.created)
        return off or (bool(module.layer) and as_bool(each.view.get(module.layer)) is True)

    def _left_out(self) -> Iterator[tuple[str, Location]]:
        """Functions without instances, whatever the variables."""
        present = {(each.module.address, each.kind, each.name) for each in self.world.declared}
        modules = {each.module.address: each.module for each in self.world.declared}
        for module in modules.values():
            for (kind, name), placed in module.config.resources.items():
                if kind == FUNCTION and (module.address, kind, name) not in present:
                    yield function_name(Declared(module, kind, placed, None, module.scope)), placed.location()

    def _joined(self, each: Declared, made: DeployedFunction, module: KnownModule | None) -> DeployedFunction:
        """A function with what other resources say of it."""
        events = self.events.of(each.ref)
        streaming = self.events.streams(each.ref)
        if module is not None:
            names = module.inputs
            events = (*module_events(each.view, names.get("mappings", ""), names.get("triggers", "")), *events)
            streaming = streaming or each.view.text(names.get("invoke_mode", "")) == "RESPONSE_STREAM"
        made = structs.replace(made, events=events, streaming=streaming)
        made = self._scaled(each, made)
        return self._provisioned(each, made)

    def _about(self, kind: str, function: Ref) -> Declared | None:
        """The resource of a type that names a function."""
        for each in self.world.of_kind(kind):
            if any(ref.means(function) for ref in self.events.functions(each.view.get("function_name"))):
                return each
        return None

    def _scaled(self, each: Declared, made: DeployedFunction) -> DeployedFunction:
        about = self._about("aws_lambda_function_scaling_config", each.ref)
        if about is None:
            return made
        block = "function_scaling_config"
        made, minimum = _noted(made, about, "min_environments", f"{block}.min_execution_environments")
        made, maximum = _noted(made, about, "max_environments", f"{block}.max_execution_environments")
        oddities = (*made.oddities, *scaling_oddities(about.view))
        return structs.replace(made, min_environments=minimum, max_environments=maximum, oddities=oddities)

    def _provisioned(self, each: Declared, made: DeployedFunction) -> DeployedFunction:
        about = self._about("aws_lambda_provisioned_concurrency_config", each.ref)
        if about is None:
            return made
        made, number = _noted(made, about, "provisioned", "provisioned_concurrent_executions")
        return structs.replace(made, provisioned=number)

    def _edge(self) -> Iterator[Ref]:
        """The functions that a CloudFront distribution runs."""
        for each in self.world.of_kind("aws_cloudfront_distribution"):
            for name in ("default_cache_behavior", "ordered_cache_behavior"):
                for behaviour in each.view.blocks(name):
                    for association in behaviour.blocks("lambda_function_association"):
                        yield from self.events.functions(association.get("lambda_arn"))


def _noted(made: DeployedFunction, about: Declared, setting: str, path: str) -> tuple[DeployedFunction, int | None]:
    """A whole number that another resource sets, its place and whether it is unknown."""
    found = about.view.find(path)
    if found is None or found[0] is None:
        return made, None
    number = as_number(found[0])
    made = structs.replace(made, locations=(*made.locations, (setting, found[1])))
    if not isinstance(number, int):
        return structs.replace(made, unknown=(*made.unknown, setting)), None
    return made, number
