"""Modules, classes and functions as link sees them, and what a bare name in one of them means."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct

from lmi_lint.facts.model import StoreVar
from lmi_lint.ir.nodes import Flags
from lmi_lint.link import dependence
from lmi_lint.model.names import Language

if TYPE_CHECKING:
    from lmi_lint.facts.model import (
        AnnotationFacts,
        ClassFacts,
        FieldFacts,
        FunctionFacts,
        ModuleFacts,
        TypeName,
    )
    from lmi_lint.link.lookup import Modules, Resolver

STATIC = Flags.STATIC.value
LAMBDA = Flags.LAMBDA.value
ASYNC = Flags.ASYNC.value
CONSTRUCTOR = Flags.CONSTRUCTOR.value
INITIALIZER = Flags.INITIALIZER.value
ABSTRACT = Flags.ABSTRACT.value
INTERFACE = Flags.INTERFACE.value
ENUM = Flags.ENUM.value
SYNCHRONIZED = Flags.SYNCHRONIZED.value
VOLATILE = Flags.VOLATILE.value
FINAL = Flags.FINAL.value
GETTER = Flags.ACCESSOR_GET.value
SETTER = Flags.ACCESSOR_SET.value
METHOD = Flags.METHOD.value
EXTENSION = Flags.EXTENSION.value
GENERATOR = Flags.GENERATOR.value
PARTIAL = Flags.PARTIAL.value
THREAD_STATIC = Flags.THREAD_STATIC.value
REPLACED = Flags.REPLACED.value
MEMOISED = Flags.MEMOISED.value


class FunctionInfo:
    """A function of a module; compared by identity. ``owner``: the class that it is a member of; ``scope``: the
    innermost class that it is written in; ``label``: its name for people."""

    __slots__ = (
        "_looks_ahead", "_users", "detours", "facts", "flags", "index", "label", "module", "owner", "resources", "scope"
    )  # fmt: skip

    def __init__(self, module: ModuleInfo, index: int, facts: FunctionFacts, owner: ClassInfo | None) -> None:
        self.module = module
        self.index = index
        self.facts = facts
        self.owner = owner
        self.scope: ClassInfo | None = owner
        self.flags = facts.flags
        self._looks_ahead: bool | None = None
        self._users: dict[int, frozenset[int]] | None = None
        self.detours: dict[int, int] | None = None  # kept by link/detours.py
        self.resources = frozenset(
            source for region in facts.regions if region.how == "with" for source in region.resource.sources
        )
        name = facts.name or "(anonymous)"
        self.label = f"{owner.name}.{name}" if owner is not None and owner.name else name
        if index == 0:
            self.label = module.path

    def has(self, flag: int) -> bool:
        """Whether a flag of ``ir.nodes.Flags`` is set."""
        return bool(self.flags & flag)

    def looks_ahead(self) -> bool:
        """Whether an event uses the result of a later one: a value that a loop carries round."""
        if self._looks_ahead is None:
            self._looks_ahead = dependence.looks_ahead(self.facts)
        return self._looks_ahead

    @property
    def users(self) -> dict[int, frozenset[int]]:
        """Which events use a source: another event's result, a parameter, or ``this``."""
        if self._users is None:
            self._users = dependence.users(self.facts)
        return self._users


class ClassInfo:
    """A class of a module; compared by identity. ``methods``: by name, overloads in order; ``fields``: by name.
    ``supers``: as far as they were looked up; ``naming``: the names that it extends are being looked up;
    ``settled``: its hierarchy is complete."""

    __slots__ = (
        "_qualified",
        "accessors",
        "facts",
        "fields",
        "index",
        "methods",
        "module",
        "name",
        "naming",
        "settled",
        "supers",
    )

    def __init__(self, module: ModuleInfo, index: int, facts: ClassFacts) -> None:
        self.module = module
        self.index = index
        self.facts = facts
        self.name = facts.name
        self.fields: dict[str, FieldFacts] = {field.name: field for field in facts.fields}
        self.methods: dict[str, list[FunctionInfo]] = {}
        self.accessors: dict[tuple[str, int], FunctionInfo] = {}
        self.supers: tuple[ClassInfo | str, ...] | None = None
        self.naming = False
        self.settled = False
        self._qualified: str | None = None

    def has(self, flag: int) -> bool:
        """Whether a flag of ``ir.nodes.Flags`` is set."""
        return bool(self.facts.flags & flag)

    @property
    def qualified(self) -> str:
        """Package, enclosing classes and name."""
        if self._qualified is None:
            self._qualified = self._full_name()
        return self._qualified

    def _full_name(self) -> str:
        outer = self.facts.outer_class
        if outer is not None:
            return f"{self.module.classes[outer].qualified}.{self.name}"
        for note in self.facts.annotations:
            if note.name == "namespace" and note.args and note.args[0]:
                return f"{note.args[0]}.{self.name}"
        return f"{self.module.facts.package}.{self.name}" if self.module.facts.package else self.name


class ModuleInfo:
    """One file's facts with its functions and classes as objects; ``rules``: how names are looked up in it."""

    __slots__ = ("_defined", "classes", "facts", "functions", "path", "rules")

    def __init__(self, facts: ModuleFacts) -> None:
        self.facts = facts
        self.path = facts.path
        self.rules = resolver(facts.language)
        self._defined: frozenset[str] | None = None
        self.classes = [ClassInfo(self, index, klass) for index, klass in enumerate(facts.classes)]
        self.functions: list[FunctionInfo] = []
        for index, function in enumerate(facts.functions):
            owner = self.classes[function.owner] if function.owner is not None else None
            info = FunctionInfo(self, index, function, owner)
            self.functions.append(info)
        for info in self.functions:
            outer = info.facts.outer
            while info.scope is None and outer:
                info.scope = self.functions[outer].owner
                outer = self.functions[outer].facts.outer
        for klass in self.classes:
            for method in klass.facts.methods:
                info = self.functions[method]
                if info.has(GETTER | SETTER):
                    klass.accessors[info.facts.name, info.flags & (GETTER | SETTER)] = info
                else:
                    klass.methods.setdefault(info.facts.name, []).append(info)

    @property
    def language(self) -> Language:
        """The language of the file."""
        return self.facts.language

    @property
    def defined(self) -> frozenset[str]:
        """The names that the module body gives a value."""
        if self._defined is None:
            body = self.facts.functions[0].events
            stored = {event.name for event in body if isinstance(event, StoreVar) and event.function == 0}
            self._defined = frozenset(stored | {variable.name for variable in self.facts.variables})
        return self._defined


# --------------------------------------------------------------------------- symbols


class Variable(Struct, frozen=True):
    """A module-level variable."""

    module: ModuleInfo
    name: str


class ClassSymbol(Struct, frozen=True):
    """A class of the project."""

    klass: ClassInfo


class FieldSymbol(Struct, frozen=True):
    """A field (or property) of the enclosing classes; ``hops``: how many classes outward its owner is."""

    klass: ClassInfo
    name: str
    static: bool
    hops: int


class Namespace(Struct, frozen=True):
    """All exports of a module as one object."""

    module: ModuleInfo


class CommonJs(Struct, frozen=True):
    """``module.exports`` of a module that exports by assignment; ``name``: one property of it."""

    module: ModuleInfo
    name: str | None = None


class External(Struct, frozen=True):
    """Something outside the project, by its qualified name."""

    name: str


class Undeclared(Struct, frozen=True):
    """A global, or a name that nothing here explains."""

    name: str


Symbol: TypeAlias = Variable | ClassSymbol | FieldSymbol | Namespace | CommonJs | External | Undeclared


@cache
def resolver(language: Language) -> Resolver:
    """The resolver of a language's family."""
    return _RESOLVERS[language.family]()


def _javascript() -> Resolver:
    from lmi_lint.link.names_module import ModuleResolver

    return ModuleResolver()


def _java() -> Resolver:
    from lmi_lint.link.names_package import PackageResolver

    return PackageResolver()


def _python() -> Resolver:
    from lmi_lint.link.names_python import PythonResolver

    return PythonResolver()


def _csharp() -> Resolver:
    from lmi_lint.link.names_namespace import NamespaceResolver

    return NamespaceResolver()


_RESOLVERS: dict[str, Callable[[], Resolver]] = {
    "javascript": _javascript,
    "java": _java,
    "python": _python,
    "csharp": _csharp,
}


def type_named(modules: Modules, module: ModuleInfo, klass: ClassInfo | None, name: TypeName) -> ClassInfo | str:
    """What a type written in a class means, see ``Resolver.type``; looked up once in a run."""
    rules = module.rules
    return modules.remembered((module, klass, name), lambda: rules.type(modules, module, klass, name))


def superclasses(modules: Modules, klass: ClassInfo) -> tuple[ClassInfo | str, ...]:
    """Direct superclass and interfaces, and the other parts of a partial class; library types by
    qualified name. What leads back to the class is none of its superclasses."""
    if not klass.settled:
        klass.settled = not any(each.naming for each in _all_named(modules, klass))
        if not klass.settled:
            return _superclasses(modules, klass)
    return modules.remembered(("supers", klass), partial(_superclasses, modules, klass))


def _superclasses(modules: Modules, klass: ClassInfo) -> tuple[ClassInfo | str, ...]:
    named = _named(modules, klass)
    above = [each for each in named if isinstance(each, str) or klass not in _all_named(modules, each)]
    klass.supers = (*parts_of(modules, klass), *above)
    return klass.supers


def _all_named(modules: Modules, klass: ClassInfo) -> dict[ClassInfo, None]:
    """The class and all that it, its parts and those above name; deep hierarchies and cycles are no matter."""
    order = [klass]
    seen = {klass: None}
    for current in order:
        for each in (*parts_of(modules, current), *_named(modules, current)):
            if isinstance(each, ClassInfo) and each not in seen:
                seen[each] = None
                order.append(each)
    return seen


def _named(modules: Modules, klass: ClassInfo) -> tuple[ClassInfo | str, ...]:
    """What a class says that it extends and implements; nothing as long as these names are being looked up, for a
    member type may be looked for in the class itself: ``class A : A.Part``."""
    if klass.naming:
        modules.unsettled()
        return ()
    return modules.remembered(("named", klass), partial(_look_up, modules, klass))


def _look_up(modules: Modules, klass: ClassInfo) -> tuple[ClassInfo | str, ...]:
    outer = klass.facts.outer_class
    scope = klass.module.classes[outer] if outer is not None else None
    rules = klass.module.rules
    klass.naming = True
    try:
        return tuple(
            [rules.type(modules, klass.module, scope, name) for name in (*klass.facts.bases, *klass.facts.interfaces)]
        )
    finally:
        klass.naming = False


def direct_bases(modules: Modules, klass: ClassInfo) -> list[ClassInfo]:
    """The classes of the project that a class extends, whichever of its parts says so; no interfaces."""
    parts = [klass, *parts_of(modules, klass)]
    above = [item for part in parts for item in superclasses(modules, part) if isinstance(item, ClassInfo)]
    return list(dict.fromkeys(item for item in above if not item.has(INTERFACE) and item not in parts))


def parts_of(modules: Modules, klass: ClassInfo) -> list[ClassInfo]:
    """The other parts of a partial class."""
    if not klass.has(PARTIAL):
        return []
    return modules.remembered(("parts", klass), lambda: _other_parts(modules, klass))


def _other_parts(modules: Modules, klass: ClassInfo) -> list[ClassInfo]:
    """All parts of a type are in one assembly (C# language specification, "Partial types")."""
    found = []
    home = klass.module.path
    for path in modules.find_type(klass.qualified, home):
        module = modules.module(path) if modules.built_together(path, home) else None
        for each in module.classes if module is not None else ():
            same = each.qualified == klass.qualified and len(each.facts.type_params) == len(klass.facts.type_params)
            if each is not klass and each.has(PARTIAL) and same:
                found.append(each)
    return found


def has_annotation(notes: tuple[AnnotationFacts, ...], name: str) -> bool:
    """Whether one of them is that annotation, by its simple name."""
    simple = name.rpartition(".")[2]
    return any(note.name.rpartition(".")[2] in (simple, f"{simple}Attribute") for note in notes)


def lineage(modules: Modules, klass: ClassInfo) -> tuple[ClassInfo, ...]:
    """The class and its project superclasses and interfaces, in the order in which members are looked for: each before
    what it derives from, and what it names first, with all that is above it alone, before what it names later."""
    if not klass.settled:
        superclasses(modules, klass)
        if not klass.settled:
            return _lineage(modules, klass)
    return modules.remembered(("lineage", klass), partial(_lineage, modules, klass))


def _lineage(modules: Modules, klass: ClassInfo) -> tuple[ClassInfo, ...]:
    order: list[ClassInfo] = []
    entered: set[ClassInfo] = set()
    steps = [(klass, False)]
    while steps:
        current, done = steps.pop()
        if done:
            order.append(current)
        elif current not in entered:
            entered.add(current)
            steps.append((current, True))
            # the last one first, as the whole is turned round: what several share comes after all of them
            steps += [(above, False) for above in superclasses(modules, current) if isinstance(above, ClassInfo)]
    return tuple(reversed(order))


def library_supers(modules: Modules, klass: ClassInfo) -> list[str]:
    """Qualified names of the library types that a class derives from."""
    return modules.remembered(("library supers", klass), partial(_library_supers, modules, klass))


def _library_supers(modules: Modules, klass: ClassInfo) -> list[str]:
    return [
        above for each in lineage(modules, klass) for above in superclasses(modules, each) if isinstance(above, str)
    ]
