"""Names in languages of packages and classes: Java."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lmi_lint.link.names import (
    GETTER,
    SETTER,
    STATIC,
    ClassInfo,
    ClassSymbol,
    External,
    FieldSymbol,
    FunctionInfo,
    ModuleInfo,
    Symbol,
    Undeclared,
    lineage,
)

if TYPE_CHECKING:
    from lmi_lint.facts.model import ImportFacts, TypeName
    from lmi_lint.link.lookup import Modules

# What java.lang declares is visible everywhere without an import (JLS 7.3); the names that code uses.
JAVA_LANG = frozenset(
    "Object String StringBuilder StringBuffer Integer Long Double Float Short Byte Character Boolean Number Math"
    " StrictMath System Runtime Thread ThreadLocal InheritableThreadLocal Runnable Iterable Comparable CharSequence"
    " Class ClassLoader Process ProcessBuilder ProcessHandle Exception RuntimeException Error Throwable"
    " IllegalArgumentException IllegalStateException"
    " NullPointerException UnsupportedOperationException IndexOutOfBoundsException InterruptedException Override Record"
    " Enum AutoCloseable Cloneable Void ThreadGroup StackWalker ScopedValue ClassCastException NumberFormatException"
    " ArithmeticException SecurityException OutOfMemoryError StackOverflowError Deprecated SuppressWarnings".split()
)
PRIMITIVES = frozenset("int long double float short byte char boolean void var".split())


class PackageResolver:
    """Classes outward with their supertypes, then imports, the package, wildcard imports, java.lang."""

    handlers_are_methods = True
    keys_are_values = False
    constructors_chain = True
    displays_are_typed = False
    explicit_receivers = False
    call_method = ""
    block_methods = ()
    absent_callback = ""
    context_type = "com.amazonaws.services.lambda.runtime.Context"
    task_type = ""
    task_suffix = ""
    implicit_packages: tuple[str, ...] = ()
    method_groups = False  # whether the bare name of a method is a value

    def free(self, modules: Modules, function: FunctionInfo, name: str) -> Symbol:
        """What a bare name means: a field, a class, a static import, or the first part of a package."""
        module = function.module
        klass = function.scope
        return modules.remembered((module, klass, name), lambda: self._free(modules, module, klass, name))

    def _free(self, modules: Modules, module: ModuleInfo, klass: ClassInfo | None, name: str) -> Symbol:
        hops = 0
        scope = klass
        while scope is not None:
            for each in lineage(modules, scope):
                field = each.fields.get(name)
                accessor = each.accessors.get((name, GETTER)) or each.accessors.get((name, SETTER))
                flags = field.flags if field is not None else accessor.flags if accessor is not None else None
                if flags is None and self.method_groups and name in each.methods:
                    flags = each.methods[name][0].flags
                if flags is not None:
                    return FieldSymbol(each, name, bool(flags & STATIC), hops)
            hops += 1
            outer = scope.facts.outer_class
            scope = module.classes[outer] if outer is not None else None
        for item in self.imports(modules, module):
            if item.kind == "static" and item.name == name:
                owner = self._qualified(modules, item.module, module)
                if isinstance(owner, ClassInfo):
                    return FieldSymbol(owner, name, True, -1)
                return External(f"{item.module}.{name}")
        found = self._simple(modules, module, klass, name)
        if isinstance(found, ClassInfo):
            return ClassSymbol(found)
        if found is not None:
            return External(found)
        for item in self.imports(modules, module):
            if item.kind == "static" and not item.alias:
                owner = self._qualified(modules, item.module, module)
                if isinstance(owner, ClassInfo) and (
                    name in owner.fields or (self.method_groups and name in owner.methods)
                ):
                    return FieldSymbol(owner, name, True, -1)
        return External(name) if name[:1].islower() else Undeclared(name)

    def type(self, modules: Modules, module: ModuleInfo, klass: ClassInfo | None, name: TypeName) -> ClassInfo | str:
        """A project class, or the qualified name of a library type."""
        if name.array:
            return f"{name.name}[]"
        head, _, rest = name.name.partition(".")
        arity = self.arity(name)
        found = self._simple(modules, module, klass, head, None if rest else arity)
        if found is None:
            if not rest:
                return name.name
            for package in (*self.around(module), ""):
                inside = class_by_name(modules, f"{package}.{name.name}" if package else name.name, module.path, arity)
                if inside is not None:
                    return inside
            return name.name
        for part in rest.split(".") if rest else ():
            if isinstance(found, ClassInfo):
                found = self._nested(modules, found, part) or f"{found.qualified}.{part}"
            else:
                found = f"{found}.{part}"
        return found

    def arity(self, name: TypeName) -> int | None:
        """How many type parameters a class of this name must have; None where classes are not told apart by them."""
        return None

    def _simple(
        self, modules: Modules, module: ModuleInfo, klass: ClassInfo | None, name: str, arity: int | None = None
    ) -> ClassInfo | str | None:
        if name in PRIMITIVES:
            return None
        scope = klass
        while scope is not None:
            if scope.name == name and takes(scope, arity):
                return scope
            nested = self._nested(modules, scope, name, arity)
            if nested is not None:
                return nested
            outer = scope.facts.outer_class
            scope = module.classes[outer] if outer is not None else None
        for each in module.classes:
            if each.name == name and each.facts.outer_class is None and takes(each, arity):
                return each
        for item in self.imports(modules, module):
            if item.alias == name and item.kind == "value":
                return self._qualified(modules, f"{item.module}.{item.name}", module)
        wildcards = [item.module for item in self.imports(modules, module) if item.kind == "wildcard"]
        for each_package in (*self.own_packages(module), *wildcards):
            local = self._qualified(modules, f"{each_package}.{name}" if each_package else name, module, arity)
            if isinstance(local, ClassInfo):
                return local
        predeclared = self.predeclared(name)
        if predeclared is not None:
            return predeclared
        known = [full for p in (*wildcards, *self.implicit_packages) if modules.known(full := f"{p}.{name}")]
        if known:  # a pattern may fit in several packages
            return next((full for full in known if modules.spelt(full)), known[0])
        if name[:1].isupper() and len(wildcards) == 1 and not self.is_namespace(modules, module, name):
            return f"{wildcards[0]}.{name}"
        for klass_local in module.classes:
            if klass_local.name == name and takes(klass_local, arity):
                return klass_local
        return None

    def around(self, module: ModuleInfo) -> tuple[str, ...]:
        """The packages from which a name of several parts may go on."""
        return ()

    def is_namespace(self, modules: Modules, module: ModuleInfo, name: str) -> bool:
        """Whether a name means a namespace of the project, from which a longer one goes on."""
        return False

    def imports(self, modules: Modules, module: ModuleInfo) -> tuple[ImportFacts, ...]:
        """The imports that hold in a file."""
        return module.facts.imports

    def own_packages(self, module: ModuleInfo) -> tuple[str, ...]:
        """The packages whose classes are visible without an import."""
        return (module.facts.package or "",)

    def predeclared(self, name: str) -> str | None:
        """The library type that a name means everywhere."""
        return f"java.lang.{name}" if name in JAVA_LANG else None

    def _nested(self, modules: Modules, klass: ClassInfo, name: str, arity: int | None = None) -> ClassInfo | None:
        for each in lineage(modules, klass):
            for candidate in each.module.classes:
                if candidate.name == name and candidate.facts.outer_class == each.index and takes(candidate, arity):
                    return candidate
        return None

    def _qualified(
        self, modules: Modules, qualified: str, near: ModuleInfo, arity: int | None = None
    ) -> ClassInfo | str:
        """A project class by its qualified name, else the name itself."""
        return class_by_name(modules, qualified, near.path, arity) or qualified

    def method_scope(self, modules: Modules, function: FunctionInfo, name: str) -> tuple[ClassInfo, int] | None:
        """The innermost enclosing class that has the method, or a class whose statics are imported."""
        module, scope = function.module, function.scope
        key = ("method scope", module, scope, name)
        return modules.remembered(key, lambda: self._method_scope(modules, module, scope, name))

    def _method_scope(
        self, modules: Modules, module: ModuleInfo, scope: ClassInfo | None, name: str
    ) -> tuple[ClassInfo, int] | None:
        hops = 0
        while scope is not None:
            if any(name in each.methods for each in lineage(modules, scope)):
                return scope, hops
            hops += 1
            outer = scope.facts.outer_class
            scope = module.classes[outer] if outer is not None else None
        for item in self.imports(modules, module):
            if item.kind == "static" and item.name in (name, None, "*"):
                owner = self._qualified(modules, item.module, module)
                if isinstance(owner, ClassInfo) and any(name in each.methods for each in lineage(modules, owner)):
                    return owner, -1
        return None

    def exported(self, modules: Modules, module: ModuleInfo, name: str) -> Symbol | None:
        """Files export nothing; classes are found by their names."""
        return None

    def named(self, modules: Modules, module: ModuleInfo, qualified: str) -> Symbol | None:
        """A class by its qualified name; packages begin in lower case."""
        found = class_by_name(modules, qualified, module.path) if qualified[:1].islower() else None
        return ClassSymbol(found) if found is not None else None

    def well_known(self, name: str) -> str:
        """Nothing is predeclared."""
        return ""

    def display_type(self, kind: str) -> str:
        """Array initialisers whose type is not written."""
        return "Object[]"

    def closure_method(self, name: str) -> str:
        """Any method of a functional interface calls the function."""
        return "invoke"

    @property
    def closing_methods(self) -> tuple[str, ...]:
        """See Resolver."""
        return ("close",)

    def value_types(self) -> tuple[str, ...]:
        """Types are written; where one is not known, only that of texts is told by the names of methods."""
        return ("java.lang.String",)

    def library_of(self, name: str, new: bool) -> str:
        """The package of its type: ``java.sql`` of ``java.sql.DriverManager.getConnection``."""
        type_name = name.partition("(")[0] if new else name.partition("(")[0].rpartition(".")[0]
        return type_name.rpartition(".")[0] or type_name

    def wrappers(self) -> tuple[str, ...]:
        """An element that was looked for stands for the Optional around it."""
        return ("java.util.Optional",)

    def extensions(self, modules: Modules, module: ModuleInfo, name: str) -> tuple[FunctionInfo, ...]:
        """Methods belong to their classes."""
        return ()


def takes(klass: ClassInfo, arity: int | None) -> bool:
    """Whether a class has that many type parameters."""
    return arity is None or len(klass.facts.type_params) == arity


def class_by_name(modules: Modules, qualified: str, near: str = "", arity: int | None = None) -> ClassInfo | None:
    """The project class of a qualified name (with that many type parameters, where it is given), nested ones included;
    the nearest where there are several."""
    for path in modules.find_type(qualified, near):
        module = modules.module(path)
        if module is None:
            continue
        for klass in module.classes:
            if klass.qualified == qualified and takes(klass, arity):
                return klass
    return None
