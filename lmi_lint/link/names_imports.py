"""What the languages share whose files import names from each other: JavaScript, TypeScript, Python."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lmi_lint.link.lookup import Modules
    from lmi_lint.link.names import ClassInfo, FunctionInfo, ModuleInfo, Symbol


class ImportResolver:
    """A bare name means the same in a whole file, methods have receivers, and values stand for themselves."""

    handlers_are_methods = False
    keys_are_values = True
    context_type = "aws.lambda.Context"
    task_suffix = ""

    def free(self, modules: Modules, function: FunctionInfo, name: str) -> Symbol:
        """What a bare name means."""
        module = function.module
        return modules.remembered((module, name), lambda: self._free(modules, module, name))

    def _free(self, modules: Modules, module: ModuleInfo, name: str) -> Symbol:
        raise NotImplementedError

    def method_scope(self, modules: Modules, function: FunctionInfo, name: str) -> tuple[ClassInfo, int] | None:
        """Methods are never called by a bare name here."""
        return None

    @property
    def closing_methods(self) -> tuple[str, ...]:
        """See Resolver."""
        return ()

    def library_of(self, name: str, new: bool) -> str:
        """The module that was imported."""
        return name.partition(".")[0]

    def wrappers(self) -> tuple[str, ...]:
        """Values stand for themselves."""
        return ()

    def extensions(self, modules: Modules, module: ModuleInfo, name: str) -> tuple[FunctionInfo, ...]:
        """Methods belong to their classes."""
        return ()
