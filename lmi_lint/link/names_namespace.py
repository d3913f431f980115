"""Names in languages of namespaces and usings: C#."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lmi_lint.link.names import ClassInfo, ClassSymbol, FunctionInfo, ModuleInfo, Symbol
from lmi_lint.link.names_package import PackageResolver, class_by_name

if TYPE_CHECKING:
    from lmi_lint.facts.model import ImportFacts, TypeName
    from lmi_lint.link.lookup import Modules

# The namespaces that the SDKs import into every file of a project (ImplicitUsings, learn.microsoft.com
# /dotnet/core/project-sdk/overview#implicit-using-directives), those of the web SDK too.
_IMPLICIT = (
    "System",
    "System.Collections.Generic",
    "System.IO",
    "System.Linq",
    "System.Net.Http",
    "System.Threading",
    "System.Threading.Tasks",
    "Microsoft.AspNetCore.Builder",
    "Microsoft.AspNetCore.Hosting",
    "Microsoft.AspNetCore.Http",
    "Microsoft.AspNetCore.Routing",
    "Microsoft.Extensions.DependencyInjection",
    "Microsoft.Extensions.Hosting",
    "Microsoft.Extensions.Logging",
)
# C# language specification, "Built-in types".
_KEYWORDS = {
    "string": "System.String",
    "object": "System.Object",
    "bool": "System.Boolean",
    "byte": "System.Byte",
    "char": "System.Char",
    "decimal": "System.Decimal",
    "double": "System.Double",
    "float": "System.Single",
    "int": "System.Int32",
    "long": "System.Int64",
    "short": "System.Int16",
    "uint": "System.UInt32",
    "ulong": "System.UInt64",
}


class NamespaceResolver(PackageResolver):
    """As packages, with enclosing namespaces, implicit usings and keywords for types."""

    context_type = "Amazon.Lambda.Core.ILambdaContext"
    absent_callback = ""
    implicit_packages = _IMPLICIT
    method_groups = True
    displays_are_typed = True
    task_type = "System.Threading.Tasks.Task"
    task_suffix = "Async"  # .NET: "Task-based asynchronous pattern", naming

    def imports(self, modules: Modules, module: ModuleInfo) -> tuple[ImportFacts, ...]:
        """Those of the file, then those of its project."""
        return (*module.facts.imports, *modules.shared_imports(module.path))

    def own_packages(self, module: ModuleInfo) -> tuple[str, ...]:
        """The file's namespace and those around it."""
        parts = (module.facts.package or "").split(".")
        return tuple(".".join(parts[:length]) for length in range(len(parts), 0, -1))

    def arity(self, name: TypeName) -> int | None:
        """``Handler`` and ``Handler<T>`` are two classes (C# language specification, "Type parameters")."""
        return len(name.args)

    def predeclared(self, name: str) -> str | None:
        """A keyword's type."""
        return _KEYWORDS.get(name)

    def around(self, module: ModuleInfo) -> tuple[str, ...]:
        """The file's namespace and those around it."""
        return self.own_packages(module)

    def is_namespace(self, modules: Modules, module: ModuleInfo, name: str) -> bool:
        """Names are looked up in the namespaces around a file, their namespaces included, before usings (C# language
        specification, "Namespace and type names")."""
        around = (*self.around(module), "")
        return any(modules.is_namespace(f"{each}.{name}" if each else name) for each in around)

    def named(self, modules: Modules, module: ModuleInfo, qualified: str) -> Symbol | None:
        """A class by its qualified name, as seen from the file's namespaces."""
        for package in (*self.own_packages(module), ""):
            found = class_by_name(modules, f"{package}.{qualified}" if package else qualified, module.path)
            if found is not None:
                return ClassSymbol(found)
        return None

    @property
    def closing_methods(self) -> tuple[str, ...]:
        """See Resolver."""
        return ("Dispose", "DisposeAsync")

    def value_types(self) -> tuple[str, ...]:
        """Types whose methods every value or sequence has."""
        return ("System.String", "System.Object", "System.Guid", "System.Linq.Enumerable")

    def wrappers(self) -> tuple[str, ...]:
        """What an asynchronous method returns stands for its task; so does a value for its nullable, and what a
        dictionary holds for the pair of key and value."""
        return ("System.Threading.Tasks.Task", "System.Nullable")

    def extensions(self, modules: Modules, module: ModuleInfo, name: str) -> tuple[FunctionInfo, ...]:
        """The extension methods in the namespaces that the file sees; the only one of all, since a project may name
        further namespaces for all its files."""
        return modules.remembered(("extensions", module, name), lambda: self._extensions(modules, module, name))

    def _extensions(self, modules: Modules, module: ModuleInfo, name: str) -> tuple[FunctionInfo, ...]:
        found = modules.extensions(name)
        seen = {"", *self.own_packages(module)} | {item.module for item in self.imports(modules, module)}
        near = tuple(each for each in found if each.owner is not None and _namespace(each.owner) in seen)
        return near or (found if len(found) == 1 else ())


def _namespace(klass: ClassInfo) -> str:
    return klass.qualified.rpartition(".")[0]
