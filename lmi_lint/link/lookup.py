"""What a language's look-up of names is given, and what it answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from lmi_lint.facts.model import ImportFacts, TypeName
    from lmi_lint.link.components import Components
    from lmi_lint.link.names import ClassInfo, FunctionInfo, ModuleInfo, Symbol

_Found = TypeVar("_Found")


class Modules(Protocol):
    """Where modules come from; pulls a file's facts when asked for it. ``components``: what containers make."""

    components: Components

    def module(self, path: str) -> ModuleInfo | None:
        """The module of a file, or None if it cannot be read."""

    def remembered(self, key: object, find: Callable[[], _Found]) -> _Found:
        """What a look-up finds, looked up once in a run."""

    def resolve_module(self, path: str, specifier: str) -> str | None:
        """The project file that an import of ``specifier`` in ``path`` means."""

    def find_type(self, qualified: str, near: str = "") -> tuple[str, ...]:
        """The files that declare a type, those that share most folders with ``near`` first."""

    def is_namespace(self, name: str) -> bool:
        """Whether the project declares something in a namespace of this name, or below it."""

    def built_together(self, path: str, other: str) -> bool:
        """Whether two files may be of one build project."""

    def belongs(self, path: str, near: str) -> bool:
        """Whether a file is of the same build project as ``near``, or as a file that was asked for."""

    def shared_imports(self, path: str) -> tuple[ImportFacts, ...]:
        """The imports that hold in a file without standing in it."""

    def unsettled(self) -> None:
        """Say that what is being looked for rests on something that is not known to its end: it may be answered
        otherwise when asked for by itself."""

    def known(self, name: str) -> bool:
        """Whether knowledge speaks of a type or call of this qualified name."""

    def spelt(self, name: str) -> bool:
        """Whether it does so by this very name, not by a pattern."""

    def deriving(self, type_name: str, near: str) -> tuple[ClassInfo, ...]:
        """The classes of the program around a file that come to be of a library type."""

    def annotated(self, annotation: str, near: str) -> tuple[ClassInfo, ...]:
        """The classes of the program around a file that bear an annotation."""

    def extensions(self, name: str) -> tuple[FunctionInfo, ...]:
        """The functions of the project that may be called as a method of this name on their first parameter."""

    def implementors(self, klass: ClassInfo) -> tuple[ClassInfo, ...]:
        """The concrete classes of the project that derive from a class or interface, if they are few."""


class Resolver(Protocol):
    """How one language family looks up names."""

    @property
    def handlers_are_methods(self) -> bool:
        """Whether a handler is a class with a method, rather than an exported function."""

    @property
    def keys_are_values(self) -> bool:
        """Whether a container may be asked by a value that is no type."""

    @property
    def explicit_receivers(self) -> bool:
        """Whether a method taken from its class is a function whose first argument is the receiver."""

    @property
    def displays_are_typed(self) -> bool:
        """Whether a literal container is an object of the type that is wanted where it stands."""

    @property
    def constructors_chain(self) -> bool:
        """Whether making an instance also runs constructors of base classes that its own does not call."""

    @property
    def call_method(self) -> str:
        """The method that calling an instance calls; empty where instances cannot be called."""

    @property
    def block_methods(self) -> tuple[str, ...]:
        """The methods that a block calls on its resource as it begins and as it ends, whatever the resource is."""

    @property
    def context_type(self) -> str:
        """The qualified name of the invocation context's type."""

    @property
    def absent_callback(self) -> str:
        """The name of the callback that plain Lambda gives handlers and managed instances do not; or nothing."""

    @property
    def task_type(self) -> str:
        """The type whose members wait for work that has begun, or nothing."""

    @property
    def task_suffix(self) -> str:
        """How the names of library methods end that return such a task, or nothing."""

    def free(self, modules: Modules, function: FunctionInfo, name: str) -> Symbol:
        """What a bare name used in ``function`` means."""

    def type(self, modules: Modules, module: ModuleInfo, klass: ClassInfo | None, name: TypeName) -> ClassInfo | str:
        """The project class or the qualified library name that a written type means."""

    def method_scope(self, modules: Modules, function: FunctionInfo, name: str) -> tuple[ClassInfo, int] | None:
        """The enclosing class (and how far outward) that provides a method called by its bare name."""

    def exported(self, modules: Modules, module: ModuleInfo, name: str) -> Symbol | None:
        """What a module offers to others under a name."""

    def named(self, modules: Modules, module: ModuleInfo, qualified: str) -> Symbol | None:
        """The class or module of the project that a dotted name used in ``module`` means."""

    def well_known(self, name: str) -> str:
        """What an undeclared name is to the language: ``module``, ``exports``, ``globals``, or nothing."""

    def display_type(self, kind: str) -> str:
        """The type of a literal container of this kind (``sequence``, ``mapping``, ``set``, ``object``)."""

    def closure_method(self, name: str) -> str:
        """What a method of a function value does: ``invoke`` it, or ``call``, ``apply``, ``bind`` it."""

    @property
    def closing_methods(self) -> tuple[str, ...]:
        """The methods that a block calls on its resource when it ends; empty where ending a block need not close it."""

    def value_types(self) -> tuple[str, ...]:
        """Library types whose methods are so well known that their names tell how they run functions."""

    def library_of(self, name: str, new: bool) -> str:
        """The library or package that a called function, method or (``new``) type belongs to."""

    def wrappers(self) -> tuple[str, ...]:
        """Library types around one value that stand for that value here: what they return as their ``receiver`` is
        the value."""

    def extensions(self, modules: Modules, module: ModuleInfo, name: str) -> tuple[FunctionInfo, ...]:
        """The functions that ``value.name(…)`` written in ``module`` may call with the value as first argument."""
