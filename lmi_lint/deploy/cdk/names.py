"""What a name of a CDK app means: a local, an import, a class of the project, something of a library."""

from __future__ import annotations

import posixpath
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from lmi_lint.deploy.cdk.constructs import CONSTRUCTS
from lmi_lint.deploy.cdk.packages import package
from lmi_lint.deploy.cdk.values import ROOT, UNKNOWN, Klass, ModuleValue, Obj, Scope, Seq, Slot, Sym, Value
from lmi_lint.index.jsonc import parse_jsonc
from lmi_lint.ir.nodes import Flags, ImportKind
from lmi_lint.model.finding import Location, Problem
from lmi_lint.model.names import Language
from lmi_lint.model.source import Span

if TYPE_CHECKING:
    from lmi_lint.deploy.cdk.machine import Frame, Machine
    from lmi_lint.ir.nodes import Import

_MODULES = ("javascript", "python")
_MAX_HOPS = 16
"""Re-exports of re-exports that are followed."""


class Names:
    """Looks names up."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self._classes: dict[tuple[str, int], Klass] = {}

    @cached_property
    def configs(self) -> frozenset[str]:
        """The configuration files of the project."""
        return frozenset(self.machine.project.configs)

    def value(self, frame: Frame, name: str) -> Value:
        """The value of a bare name."""
        scope = frame.scope.find(name)
        if scope is not None:
            return scope.names[name]
        special = self._special(frame, name)
        if special is not None:
            return special
        imported = [each for each in frame.tree.imports if each.alias == name and each.kind is not ImportKind.TYPE_ONLY]
        if imported:
            return self._imported(frame, imported[-1])
        if frame.tree.language.family not in _MODULES:
            return self._typed(frame, name)
        wild = self._wildcard(frame, name)
        return wild if wild is not None else Sym(name)

    def dotted(self, frame: Frame, name: str) -> Value:
        """The value of a name with dots."""
        from lmi_lint.deploy.cdk.members import member

        first, *rest = name.split(".")
        if rest and frame.scope.find(first) is None:
            whole = canonical(name)
            if whole != name:
                return Sym(whole)
        found = self.value(frame, first)
        for part in rest:
            found = member(self.machine, frame, found, part)
        return found

    def klass(self, path: str, index: int, scope: Scope | None) -> Klass:
        """The one value of a class of the project; inside functions each definition makes another."""
        if scope is not None and scope is not self.machine.scopes.get(path):
            return Klass(path, index, scope)
        key = (path, index)
        if key not in self._classes:
            self._classes[key] = Klass(path, index, scope)
        return self._classes[key]

    def _special(self, frame: Frame, name: str) -> Value:
        family = frame.tree.language.family
        if family == "javascript" and name == "__dirname":
            return posixpath.join(ROOT, posixpath.dirname(frame.path))
        if (family == "javascript" and name == "__filename") or (family == "python" and name == "__file__"):
            return posixpath.join(ROOT, frame.path)
        if family == "python" and name == "__name__":
            return "__main__"
        return None

    # ---- imports ----

    def _imported(self, frame: Frame, each: Import) -> Value:
        common = package(each.module)
        family = frame.tree.language.family
        full = f"{each.module}.{each.name}" if each.name else each.module
        if family not in _MODULES:  # an alias of a namespace looks like that of a type
            whole = package(full)
            if whole is not None and any(known.startswith(f"{whole}.") for known in CONSTRUCTS):
                return Sym(whole)
        if common is not None:
            return Sym(_member_name(common, each.name))
        if family not in _MODULES:
            found = self._project_type(frame, full)
            return found if found is not None else Sym(full)
        if family == "python":
            return self._python(frame, each)
        return self._javascript(frame, each)

    def _python(self, frame: Frame, each: Import) -> Value:
        if each.name is not None:
            joint = "" if each.module.endswith(".") else "."
            inner = self._python_file(frame, f"{each.module}{joint}{each.name}")
            outer = self._python_file(frame, each.module)
            if outer is not None and outer != frame.path:
                scope = self.machine.module(outer)
                if scope is not None and each.name in scope.names:
                    return scope.names[each.name]
                if inner is None:
                    return self.exported(outer, each.name)
            return ModuleValue(inner) if inner is not None else Sym(f"{each.module}.{each.name}")
        if each.alias != each.module:  # import a.b as c; import a.b binds a
            bound = each.module if "." not in each.module or each.alias != each.module.split(".")[0] else each.alias
            found = self._python_file(frame, bound)
            return ModuleValue(found) if found is not None and bound == each.module else Sym(bound)
        found = self._python_file(frame, each.module)
        return ModuleValue(found) if found is not None else Sym(each.module)

    def _python_file(self, frame: Frame, module: str) -> str | None:
        """The file of a module; of a package of the project that is installed rather than found, the only one."""
        found = self.machine.index.python.resolve(frame.path, module)
        if found is not None or module.startswith(".") or "." not in module:
            return found
        tail = "/" + module.replace(".", "/")
        hits = [path for path in self._python_paths if path.endswith((f"{tail}.py", f"{tail}/__init__.py"))]
        return hits[0] if len(hits) == 1 else None

    @cached_property
    def _python_paths(self) -> tuple[str, ...]:
        return tuple(sorted(path for path in self.machine.project.all_sources if path.endswith(".py")))

    def _javascript(self, frame: Frame, each: Import) -> Value:
        if each.module.endswith(".json") and each.module.startswith("."):
            return self._json(posixpath.normpath(posixpath.join(posixpath.dirname(frame.path), each.module)), each.name)
        target = self.machine.index.resolve_js(frame.path, each.module)
        if target is None:
            bare = each.module.removeprefix("node:")
            return Sym(bare if each.name in (None, "default") else f"{bare}.{each.name}")
        if each.name is None:
            return ModuleValue(target)
        return self.exported(target, each.name)

    def require(self, frame: Frame, module: str) -> Value:
        """What ``require`` of a constant gives."""
        common = package(module)
        if common is not None:
            return Sym(common)
        if module.endswith(".json") and module.startswith("."):
            return self._json(posixpath.normpath(posixpath.join(posixpath.dirname(frame.path), module)), None)
        target = self.machine.index.resolve_js(frame.path, module)
        return ModuleValue(target) if target is not None else Sym(module.removeprefix("node:"))

    def exported(self, path: str, name: str, hops: int = 0) -> Value:
        """What a module of the project shows under a name."""
        scope = self.machine.module(path)
        tree = self.machine.tree(path)
        if scope is None or tree is None or hops > _MAX_HOPS:
            return UNKNOWN
        for each in tree.exports:
            if each.public == name:
                return self._export(path, each.local, each.source, name, hops)
        exports = scope.names.get("exports")
        holder = scope.names.get("module")
        if isinstance(holder, Obj) and "exports" in holder.slots:
            exports = holder.slots["exports"].value
        if name == "default" and (not isinstance(exports, Obj) or exports.slots) and exports is not None:
            return exports
        if isinstance(exports, Obj) and name in exports.slots:
            return exports.slots[name].value
        for each in tree.exports:
            if each.public == "*" and each.source is not None:
                target = self.machine.index.resolve_js(path, each.source)
                found = self.exported(target, name, hops + 1) if target is not None else UNKNOWN
                if found is not UNKNOWN:
                    return found
        if tree.language.family == "python" and (name in scope.names or any(i.alias == name for i in tree.imports)):
            return self._in_module(path, name)
        return UNKNOWN

    def _export(self, path: str, local: str | None, source: str | None, name: str, hops: int) -> Value:
        if source is not None:
            target = self.machine.index.resolve_js(path, source)
            if target is None:
                return UNKNOWN
            return ModuleValue(target) if local == "*" else self.exported(target, local or name, hops + 1)
        return self._in_module(path, local or name)

    def _in_module(self, path: str, name: str) -> Value:
        from lmi_lint.deploy.cdk.machine import Frame

        tree, scope = self.machine.tree(path), self.machine.module(path)
        return (
            self.value(Frame(path, tree, scope, None, None), name) if tree is not None and scope is not None else None
        )

    def _json(self, path: str, name: str | None) -> Value:
        data = self.machine.project.read_bytes(path) if not path.startswith("..") else Problem("", "")
        if isinstance(data, Problem):
            return UNKNOWN
        value = _value_of(parse_jsonc(data), Location(path, Span(0, 0)))
        if name in (None, "default") or not isinstance(value, Obj):
            return value
        slot = value.slots.get(name or "")
        return slot.value if slot is not None else None

    # ---- types ----

    def _typed(self, frame: Frame, name: str) -> Value:
        """A bare name in a language of types: a class of the file, of the project, of an imported package."""
        for index, declared in enumerate(frame.tree.classes):
            if declared.name == name:
                return self.klass(frame.path, index, self.machine.module(frame.path))
        wild = self._wildcard(frame, name)
        if wild is not None:
            return wild
        found = self._project_type(frame, name)
        return found if found is not None else Sym(name)

    def _wildcard(self, frame: Frame, name: str) -> Value:
        """A name that a package imported as a whole is known to have."""
        for each in frame.tree.imports:
            if each.kind is ImportKind.WILDCARD:
                common = package(each.module)
                if common is not None and f"{common}.{name}" in CONSTRUCTS:
                    return Sym(f"{common}.{name}")
                if frame.tree.language is Language.CSHARP:
                    below = package(f"{each.module}.{name}")
                    if below is not None and any(known.startswith(f"{below}.") for known in CONSTRUCTS):
                        return Sym(below)
        return None

    def _project_type(self, frame: Frame, name: str) -> Value:
        language = frame.tree.language
        if language.family in _MODULES:
            return None
        paths = self.machine.index.find_type(name, language)
        simple = name.rpartition(".")[2]
        near = [path for path in paths if _common(path, frame.path)] or list(paths)
        near.sort(key=lambda path: -len(posixpath.commonprefix([path, frame.path])))
        for path in near[:1]:
            tree, scope = self.machine.tree(path), self.machine.module(path)
            for index, declared in enumerate(tree.classes if tree is not None else ()):
                if declared.name == simple and Flags.INTERFACE not in declared.flags:
                    return self.klass(path, index, scope)
        return None


def _common(path: str, other: str) -> bool:
    return posixpath.dirname(path) == posixpath.dirname(other)


def _member_name(common: str, name: str | None) -> str:
    return common if name is None else f"{common}.{name.removesuffix('_alpha')}"


_MOST_PARTS: Final = 12
"""Parts that the name of a package may have; the longest known have six. Damaged code has names of thousands."""


def canonical(name: str) -> str:
    """A dotted name with the package of a construct by the common name; others stay as they are."""
    parts = name.split(".")
    if parts[0] != "cdk":
        for count in range(1, min(len(parts), _MOST_PARTS)):
            common = package(".".join(parts[:count]))
            if common is not None and f"{common}.{parts[count]}" in CONSTRUCTS:
                return ".".join([common, *parts[count:]])
    return name


def _value_of(data: Any, where: Location) -> Value:
    """Parsed JSON as a value."""
    if isinstance(data, dict):
        made = Obj()
        made.slots = {str(key): Slot(_value_of(value, where), where) for key, value in data.items()}
        return made
    if isinstance(data, list):
        return Seq([Slot(_value_of(item, where), where) for item in data])
    return data if data is None or isinstance(data, str | int | float | bool) else UNKNOWN
