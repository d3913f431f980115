"""Components: classes, and methods that make objects, of which annotations say that a container keeps them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec import Struct

from lmi_lint.facts.model import TypeName
from lmi_lint.knowledge.expressions import search
from lmi_lint.link.limits import LIMITS
from lmi_lint.link.names import ABSTRACT, CONSTRUCTOR, INTERFACE, ClassInfo, FunctionInfo, lineage

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lmi_lint.facts.model import AnnotationFacts
    from lmi_lint.knowledge.query import KnowledgeBase
    from lmi_lint.knowledge.wiring import AssembleEntry, InjectEntry, Lifetime, ProvideEntry, ScopeEntry
    from lmi_lint.link.lookup import Modules
    from lmi_lint.link.names import ModuleInfo
    from lmi_lint.link.outside import Outside

_STEPS = 3
"""How many annotations that are declared with annotations are looked through."""


class Component(Struct, frozen=True, eq=False):
    """What a container makes: an object of ``klass``, or what ``maker`` returns. ``first``: it is taken where there are
    several; ``names``: what it may be asked for by; ``hands_on``: it stands for the component that its parameter is;
    ``spreads``: whoever holds it lives no longer."""

    lifetime: Lifetime
    klass: ClassInfo | None = None
    maker: FunctionInfo | None = None
    first: bool = False
    names: tuple[str, ...] = ()
    hands_on: bool = False
    spreads: bool = False


class Components:
    """The components of a project in one language. Answers are remembered; only files that may hold one are read."""

    def __init__(self, modules: Modules, outside: Outside, knowledge: KnowledgeBase) -> None:
        self.modules = modules
        self.outside = outside
        self.knowledge = knowledge
        self._open: set[tuple[str, str]] = set()

    # ------------------------------------------------------------------ what annotations mean

    def qualified(self, module: ModuleInfo, note: AnnotationFacts, steps: int = _STEPS) -> tuple[str, ...]:
        """The library annotations that one means: itself, or those that the project declares it with."""
        key = (module.path, note.name)
        if key in self._open:
            self.modules.unsettled()
            return ()
        self._open.add(key)
        try:
            return self.modules.remembered(("note", *key), lambda: self._qualified(module, note, steps))
        finally:
            self._open.discard(key)

    def _qualified(self, module: ModuleInfo, note: AnnotationFacts, steps: int) -> tuple[str, ...]:
        found = module.rules.type(self.modules, module, None, TypeName(note.name))
        if isinstance(found, str):
            return (found,)
        inner = found.facts.annotations if steps else ()
        return tuple(name for each in inner for name in self.qualified(found.module, each, steps - 1))

    def meant(self, module: ModuleInfo, notes: Iterable[AnnotationFacts]) -> Iterator[tuple[InjectEntry, str]]:
        """What annotations tell a container of a field, a parameter or a method, each with its first argument."""
        for note in notes:
            for name in self.qualified(module, note):
                entry = self.knowledge.knowledge.injects.get(name)
                if entry is not None:
                    yield entry, next((arg for arg in note.args if arg), "")

    def fills(self, function: FunctionInfo) -> bool:
        """Whether an annotation says that a container calls a constructor or method."""
        return any(entry.means == "fill" for entry, _ in self.meant(function.module, function.facts.annotations))

    def scope(self, module: ModuleInfo, notes: Iterable[AnnotationFacts], on: str = "class") -> ScopeEntry | None:
        """How long annotations say that a component lives: the one that says most about it."""
        found: list[ScopeEntry] = []
        for note in notes:
            for name in self.qualified(module, note):
                for entry in self.knowledge.knowledge.scopes.get(name, ()):
                    if entry.on == on and _holds(entry, note):
                        found.append(entry)
        return max(found, key=lambda entry: (bool(entry.when), not entry.alone), default=None)

    def provides(self, function: FunctionInfo) -> ProvideEntry | None:
        """The annotation by which a method makes a component."""
        for note in function.facts.annotations:
            for name in self.qualified(function.module, note):
                entry = self.knowledge.knowledge.provides.get(name)
                if entry is not None:
                    return entry
        return None

    def assembles(self, klass: ClassInfo) -> AssembleEntry | None:
        """The annotation by which generated code implements an interface."""
        for note in klass.facts.annotations:
            for name in self.qualified(klass.module, note):
                entry = self.knowledge.knowledge.assembles.get(name)
                if entry is not None:
                    return entry
        return None

    # ------------------------------------------------------------------ components

    def of_class(self, klass: ClassInfo) -> Component | None:
        """The component that a class is by its own annotations."""
        if klass.has(INTERFACE | ABSTRACT):
            return None
        return self.modules.remembered(("component", klass), lambda: self._of_class(klass))

    def _of_class(self, klass: ClassInfo) -> Component | None:
        notes = klass.facts.annotations
        own = self.scope(klass.module, notes)
        alone = any(
            entry.alone and entry.on == "class"
            for note in notes
            for name in self.qualified(klass.module, note)
            for entry in self.knowledge.knowledge.scopes.get(name, ())
        )
        if own is None or not alone:
            functions = [klass.module.functions[index] for index in klass.facts.methods]
            built = [function for function in functions if function.has(CONSTRUCTOR)]
            by_constructor = [self.scope(klass.module, function.facts.annotations, "constructor") for function in built]
            entry = next((each for each in by_constructor if each is not None), None)
            if entry is None:
                return None
            own = own or entry
        first, names = self._told(klass.module, notes)
        default = klass.name[:1].lower() + klass.name[1:]
        named = next((note.args[0] for note in notes if note.args and self._is_scope(klass.module, note)), None)
        return Component(own.lifetime, klass, None, first, (*names, named or default), spreads=own.spreads)

    def _is_scope(self, module: ModuleInfo, note: AnnotationFacts) -> bool:
        known = self.knowledge.knowledge.scopes
        return any(entry.alone for name in self.qualified(module, note) for entry in known.get(name, ()))

    def _told(self, module: ModuleInfo, notes: Iterable[AnnotationFacts]) -> tuple[bool, tuple[str, ...]]:
        told = list(self.meant(module, notes))
        first = any(entry.means == "first" for entry, _ in told)
        return first, tuple(arg for entry, arg in told if entry.means == "name")

    def of_method(self, function: FunctionInfo) -> Component | None:
        """The component that a method makes."""
        notes = function.facts.annotations
        entry = self.provides(function) if notes else None
        scope = self.scope(function.module, notes) if notes else None
        if entry is None and (scope is None or function.owner is None or not self._has_makers(function.owner)):
            return None
        lifetime = scope.lifetime if scope is not None else entry.lifetime if entry is not None else "use"
        first, names = self._told(function.module, notes)
        given = tuple(arg for note in notes for arg in note.args if arg)
        hands_on = entry is not None and entry.hands_on and function.has(ABSTRACT)
        return Component(lifetime, None, function, first, (*names, *given, function.facts.name), hands_on)

    def _has_makers(self, klass: ClassInfo) -> bool:
        known = self.knowledge.knowledge.scopes
        names = (name for note in klass.facts.annotations for name in self.qualified(klass.module, note))
        return any(entry.makers for name in names for entry in known.get(name, ()))

    # ------------------------------------------------------------------ looking for them

    def find(
        self, wanted: ClassInfo | str, near: ModuleInfo, name: str = "", args: tuple[str, ...] = (), hint: str = ""
    ) -> list[Component]:
        """The components that may be handed out for a type: one, or a few where nothing tells which. ``args``: its type
        arguments as written; ``name``: it is asked for by that name; ``hint``: that of the parameter or field."""
        if not self.knowledge.knowledge.scopes:
            return []
        if isinstance(wanted, ClassInfo):
            own = self.of_class(wanted)
            found = [own] if own is not None else self._deriving(wanted, near)
            simple = wanted.name
        else:
            found, simple = [], wanted.rpartition(".")[2]
            if wanted.startswith("java.lang."):
                return []
        made = [each for each in self._makers_of(simple, near) if self._returns(each, wanted, args)]
        return _chosen([*found, *made], name, hint)

    def named(self, name: str, near: ModuleInfo) -> list[Component]:
        """The components of a name."""
        simple = name[:1].upper() + name[1:]
        paths = (*self.modules.find_type(simple, near.path), *self._maker_files(name, near))
        found = [each for path in dict.fromkeys(paths) for each in self._in_file(path) if name in each.names]
        return found[:1]

    def _deriving(self, wanted: ClassInfo, near: ModuleInfo) -> list[Component]:
        found: list[Component] = []
        seen: set[str] = set()
        words = [wanted.name]
        for word in words:
            for path in self.outside.deriving(near.language, word):
                if path in seen or not self.modules.belongs(path, near.path):
                    continue
                seen.add(path)
                module = self.modules.module(path)
                for klass in module.classes if module is not None else ():
                    if klass is wanted or wanted not in lineage(self.modules, klass):
                        continue
                    component = self.of_class(klass)
                    if component is not None:
                        found.append(component)
                    elif klass.has(INTERFACE | ABSTRACT):
                        words.append(klass.name)
        return found

    def _makers_of(self, simple: str, near: ModuleInfo) -> list[Component]:
        """What methods make in the files that speak of a type."""
        paths = [path for path in self._maker_files(simple, near) if self.modules.belongs(path, near.path)]
        return [each for path in paths for each in self._in_file(path) if each.maker is not None]

    def _maker_files(self, word: str, near: ModuleInfo) -> tuple[str, ...]:
        known = self.knowledge.knowledge
        names = [*known.provides, *(name for name, entries in known.scopes.items() if any(e.makers for e in entries))]
        simple = dict.fromkeys(name.rpartition(".")[2] for name in names)
        paths = dict.fromkeys(path for each in simple for path in self.outside.annotated(near.language, each))
        return tuple(path for path in paths if self.outside.mentions(path, word))

    def _in_file(self, path: str) -> list[Component]:
        return self.modules.remembered(("components", path), lambda: self._read(path))

    def _read(self, path: str) -> list[Component]:
        module = self.modules.module(path)
        classes = [self.of_class(klass) for klass in module.classes] if module is not None else []
        methods = [self.of_method(function) for function in module.functions] if module is not None else []
        return [each for each in (*classes, *methods) if each is not None]

    def _returns(self, component: Component, wanted: ClassInfo | str, args: tuple[str, ...]) -> bool:
        maker = component.maker
        if maker is None or maker.facts.return_type is None:
            return False
        given = tuple(written(arg) for arg in maker.facts.return_type.args)
        if len(given) == len(args) and given != args:
            return False
        made = maker.module.rules.type(self.modules, maker.module, maker.scope, maker.facts.return_type)
        if isinstance(made, ClassInfo) and isinstance(wanted, ClassInfo):
            return wanted in lineage(self.modules, made)
        if isinstance(made, str) and isinstance(wanted, str):
            return self.knowledge.is_subtype(made, wanted)
        return False


def _holds(entry: ScopeEntry, note: AnnotationFacts) -> bool:
    return not entry.when or any(arg is not None and search(entry.when, arg) for arg in note.args)


def written(name: TypeName) -> str:
    """A type as written, without packages."""
    inner = ",".join(written(arg) for arg in name.args)
    return name.name.rpartition(".")[2] + (f"<{inner}>" if inner else "") + ("[]" if name.array else "")


def _chosen(found: list[Component], name: str, hint: str) -> list[Component]:
    """By name, by what is marked as the first, by what it is put into; all, if they are few."""
    if name:
        found = [each for each in found if name in each.names] or found
    if len(found) > 1:
        found = [each for each in found if each.first] or found
    if len(found) > 1 and hint:
        found = [each for each in found if hint in each.names] or found
    return found if len(found) <= LIMITS.implementors else []
