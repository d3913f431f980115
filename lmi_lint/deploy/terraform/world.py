"""All that one root module declares, through every module that it calls."""

from __future__ import annotations

from collections.abc import Iterator

from lmi_lint.deploy.terraform.config import Config, Library
from lmi_lint.deploy.terraform.expressions import Budget
from lmi_lint.deploy.terraform.modules import Module
from lmi_lint.deploy.terraform.values import Ref
from lmi_lint.deploy.terraform.views import BlockView, Declared, declared


class World:
    """The instances of one root module, in the order of declaration."""

    def __init__(self, library: Library, config: Config) -> None:
        self.library = library
        self.budget = Budget()
        self.root = Module(library, config, self.budget)
        self.declared = list(declared(self.root))
        self._modules = {each.module.address: each.module for each in self.declared}

    def of_kind(self, *kinds: str) -> Iterator[Declared]:
        """The instances of some types."""
        return (each for each in self.declared if each.kind in kinds)

    def meant_by(self, ref: Ref) -> Declared | None:
        """The instance that a reference means, if there is just one."""
        found = [each for each in self.declared if each.ref.means(ref)]
        return found[0] if len(found) == 1 else None

    def view(self, ref: Ref) -> BlockView | None:
        """What is declared under a reference; of several instances, what the reference's key makes of it."""
        found = self.meant_by(ref)
        if found is not None:
            return found.view
        module = self._modules.get(ref.module)
        placed = module.config.resources.get((ref.kind, ref.name)) if module is not None else None
        if module is None or placed is None:
            return None
        scope = module.scope_of(placed, ref.key)
        return BlockView(module, placed.path, placed.block.body, scope, placed.location())
