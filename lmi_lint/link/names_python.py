"""Names in Python: modules found by their dotted names, every module-level name importable."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lmi_lint.link.names import (
    ClassInfo,
    External,
    ModuleInfo,
    Namespace,
    Symbol,
    Undeclared,
    Variable,
)
from lmi_lint.link.names_imports import ImportResolver

if TYPE_CHECKING:
    from lmi_lint.facts.model import ImportFacts, TypeName
    from lmi_lint.link.lookup import Modules


class PythonResolver(ImportResolver):
    """Imports, then the names of modules imported whole; everything else bare is a builtin."""

    constructors_chain = False
    displays_are_typed = False
    explicit_receivers = True
    call_method = "__call__"
    block_methods = ("__enter__", "__aenter__", "__exit__", "__aexit__")
    absent_callback = ""
    task_type = ""

    def _free(self, modules: Modules, module: ModuleInfo, name: str) -> Symbol:
        for item in reversed(module.facts.imports):
            if item.alias == name:
                return self._imported(modules, module, item)
        for item in module.facts.imports:
            if item.kind == "wildcard":
                target = self._module(modules, module, item.module)
                found = self.exported(modules, target, name) if target is not None else None
                if found is not None:
                    return found
        return Undeclared(name)

    def _imported(self, modules: Modules, module: ModuleInfo, item: ImportFacts) -> Symbol:
        if item.name is None:
            whole = item.module if item.alias != item.module.partition(".")[0] else item.alias
            target = self._module(modules, module, whole)
            return Namespace(target) if target is not None else External(whole)
        target = self._module(modules, module, item.module)
        if target is not None:
            found = self.exported(modules, target, item.name)
            if found is not None:
                return found
        inside = f"{item.module}{'' if item.module.endswith('.') else '.'}{item.name}"
        part = self._module(modules, module, inside)
        if part is not None:
            return Namespace(part)
        return External(inside) if target is None else Undeclared(item.name)

    def exported(self, modules: Modules, module: ModuleInfo, name: str) -> Symbol | None:
        """A name that a module defines, or imports itself."""
        return self._exported(modules, module, name, frozenset())

    def _exported(self, modules: Modules, module: ModuleInfo, name: str, seen: frozenset[str]) -> Symbol | None:
        if name in module.defined:
            return Variable(module, name)
        for item in reversed(module.facts.imports):
            if item.alias == name and (item.module, item.name) != ("", name):
                return self._imported(modules, module, item)
        seen = seen | {module.path}
        for item in module.facts.imports:
            if item.kind == "wildcard" and not name.startswith("_"):
                target = self._module(modules, module, item.module)
                known = target is None or target.path in seen
                found = None if target is None or known else self._exported(modules, target, name, seen)
                if found is not None:
                    return found
        return None

    def named(self, modules: Modules, module: ModuleInfo, qualified: str) -> Symbol | None:
        """A module of the project by its dotted name."""
        target = self._module(modules, module, qualified)
        return Namespace(target) if target is not None else None

    def _module(self, modules: Modules, module: ModuleInfo, dotted: str) -> ModuleInfo | None:
        path = modules.resolve_module(module.path, dotted)
        return modules.module(path) if path is not None and path != module.path else None

    def type(self, modules: Modules, module: ModuleInfo, klass: ClassInfo | None, name: TypeName) -> ClassInfo | str:
        """A class declared or imported under the written name, else the qualified library name."""
        head, _, rest = name.name.partition(".")
        for each in module.classes:
            if each.name == head and not rest:
                return each
        symbol = self._free(modules, module, head)
        if isinstance(symbol, Variable) and not rest:
            for each in symbol.module.classes:
                if each.name == symbol.name:
                    return each
        if isinstance(symbol, Namespace) and rest:
            for each in symbol.module.classes:
                if each.name == rest:
                    return each
        if isinstance(symbol, External):
            return f"{symbol.name}.{rest}" if rest else symbol.name
        return name.name

    def well_known(self, name: str) -> str:
        """Nothing but the builtins, which are library names."""
        return ""

    def display_type(self, kind: str) -> str:
        """list, set, dict."""
        return {"sequence": "list", "set": "set"}.get(kind, "dict")

    def closure_method(self, name: str) -> str:
        """Attributes of functions that are called are functions of their own."""
        return "invoke" if name == "__call__" else ""

    def value_types(self) -> tuple[str, ...]:
        """Values of the language itself."""
        return ("str", "list", "dict", "set")
