"""Names in languages whose files are modules with imports and exports: JavaScript and TypeScript."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lmi_lint.link.names import (
    ClassInfo,
    ClassSymbol,
    CommonJs,
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

_WELL_KNOWN = {
    "module": "module",
    "exports": "exports",
    "globalThis": "globals",
    "global": "globals",
}


def library_name(specifier: str) -> str:
    """A module specifier as knowledge names it."""
    return specifier.removeprefix("node:")


class ModuleResolver(ImportResolver):
    """Import aliases, live bindings, re-exports; everything else bare is a global."""

    constructors_chain = True
    displays_are_typed = False
    explicit_receivers = False
    call_method = ""
    block_methods = ()
    absent_callback = "aws.lambda.Callback"
    task_type = "Promise"

    def _free(self, modules: Modules, module: ModuleInfo, name: str) -> Symbol:
        for item in module.facts.imports:
            if item.alias == name and not item.dynamic:
                return self.imported(modules, module, item)
        return Undeclared(name)

    def imported(self, modules: Modules, module: ModuleInfo, item: ImportFacts) -> Symbol:
        """What an import names: an export of a project file, or something outside."""
        path = modules.resolve_module(module.path, item.module)
        target = modules.module(path) if path is not None else None
        if target is None:
            library = library_name(item.module)
            if item.name is None or item.name == "default":
                return External(library)
            return External(f"{library}.{item.name}")
        if item.name is None:
            return Namespace(target) if target.facts.exports else CommonJs(target)
        return exported(modules, target, item.name) or Undeclared(item.alias)

    def type(self, modules: Modules, module: ModuleInfo, klass: ClassInfo | None, name: TypeName) -> ClassInfo | str:
        """A class declared or imported under the written name, else the qualified library name."""
        head, _, rest = name.name.partition(".")
        if not rest:
            for each in module.classes:
                if each.name == head:
                    return each
        symbol = self._free(modules, module, head)
        found = self.class_of(modules, symbol)
        if found is not None:
            return found
        if isinstance(symbol, External):
            return f"{symbol.name}.{rest}" if rest else symbol.name
        return name.name

    def class_of(self, modules: Modules, symbol: Symbol) -> ClassInfo | None:
        """The class that a symbol names, if its module declares one under that name."""
        if isinstance(symbol, ClassSymbol):
            return symbol.klass
        if isinstance(symbol, Variable):
            for each in symbol.module.classes:
                if each.name == symbol.name:
                    return each
        return None

    def exported(self, modules: Modules, module: ModuleInfo, name: str) -> Symbol | None:
        """An export, through re-exports."""
        return exported(modules, module, name)

    def named(self, modules: Modules, module: ModuleInfo, qualified: str) -> Symbol | None:
        """Modules are imported by path, never named."""
        return None

    def well_known(self, name: str) -> str:
        """The CommonJS names, and the global object by any of its names."""
        return _WELL_KNOWN.get(name, "")

    def display_type(self, kind: str) -> str:
        """Array, Set, Object."""
        return {"sequence": "Array", "set": "Set"}.get(kind, "Object")

    def closure_method(self, name: str) -> str:
        """``f.call``, ``f.apply``, ``f.bind``."""
        return name if name in ("call", "apply", "bind") else "invoke"

    def value_types(self) -> tuple[str, ...]:
        """Values of the language itself."""
        return ("Array", "Promise", "String", "Map")


def exported(modules: Modules, module: ModuleInfo, name: str, seen: frozenset[str] = frozenset()) -> Symbol | None:
    """What a module exports under a name: through re-exports to the variable that holds it. One of several that are
    re-exported as a whole, which exports nothing, may be CommonJS: it has what none of the others has."""
    if module.path in seen:
        return None
    seen = seen | {module.path}
    stars = []
    guessed = None
    for export in module.facts.exports:
        if export.public == name:
            return _export_target(modules, module, export.local, export.source, seen)
        if export.public == "*" and export.source is not None:
            stars.append(export.source)
    for source in stars:
        path = modules.resolve_module(module.path, source)
        target = modules.module(path) if path is not None else None
        if target is not None:
            found = exported(modules, target, name, seen)
            if found is not None and not isinstance(found, CommonJs):
                return found
            guessed = guessed or found
    if guessed is not None:
        return guessed
    return None if module.facts.exports else CommonJs(module, None if name == "default" else name)


def _export_target(
    modules: Modules, module: ModuleInfo, local: str | None, source: str | None, seen: frozenset[str]
) -> Symbol | None:
    if source is None:
        if local is None:
            return None
        for item in module.facts.imports:
            if item.alias == local and not item.dynamic:
                return ModuleResolver().imported(modules, module, item)
        return Variable(module, local)
    path = modules.resolve_module(module.path, source)
    target = modules.module(path) if path is not None else None
    if target is None:
        return External(library_name(source) if local is None else f"{library_name(source)}.{local}")
    if local is None:
        return Namespace(target)
    return exported(modules, target, local, seen)
