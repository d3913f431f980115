"""The properties of one construct, and the plain settings that its values stand for."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from lmi_lint.deploy.cdk.constructs import RUNTIMES
from lmi_lint.deploy.cdk.values import MAX_NUMBER, ROOT, Instance, Obj, Seq, Slot, Sym, Value, camel

if TYPE_CHECKING:
    from lmi_lint.deploy.cdk.machine import Machine
    from lmi_lint.model.finding import Location

T = TypeVar("T")

_UNITS = {"millis": 0.001, "seconds": 1, "minutes": 60, "hours": 3600, "days": 86400}
_SIZES = {"kibibytes": 1 / 1024, "mebibytes": 1, "gibibytes": 1024, "tebibytes": 1024 * 1024}
_RUNTIME = re.compile(r"^(NODEJS|PYTHON|JAVA|DOTNET|RUBY|GO|PROVIDED)_?(.*)$")


def as_props(value: Value) -> Obj | None:
    """The properties that a value holds: an object, or what a class of properties was called with."""
    if isinstance(value, Obj):
        return value
    if isinstance(value, Instance):
        return value.fields
    if isinstance(value, Sym) and value.called:
        made = Obj()
        made.spread(value.named)
        made.spread(value.fields)
        return made
    return None


class Props:
    """Reads properties by their names in TypeScript. ``locations`` and ``unknown`` collect as settings are taken."""

    def __init__(self, given: Obj | None) -> None:
        self.slots = {camel(key): slot for key, slot in given.slots.items()} if given is not None else {}
        self.is_open = given is None or given.is_open
        self.locations: list[tuple[str, Location]] = []
        self.unknown: list[str] = []

    @staticmethod
    def of(made: Sym) -> Props:
        """The properties of a construct: its third argument, or its arguments by name."""
        if len(made.args) > 2:
            found = Props(as_props(made.args[2].value))
        else:
            found = Props(made.named)
            if made.args and len(made.args) < 2 and not made.named.slots:
                inner = as_props(made.args[0].value)
                found = Props(inner) if inner is not None else found
        for key, slot in made.named.slots.items():
            found.slots[camel(key)] = slot
        for key, slot in made.fields.slots.items():
            found.slots[camel(key)] = slot
        return found

    def slot(self, name: str) -> Slot | None:
        """A property that is given, sure or not."""
        return self.slots.get(name)

    def value(self, name: str) -> Value:
        """A property's value as it stands; None where it is not given."""
        slot = self.slots.get(name)
        return slot.value if slot is not None else None

    def take(self, setting: str, name: str, convert: Callable[[Value], T | None]) -> T | None:
        """A setting; None if it is not given or not known, which is then noted."""
        slot = self.slots.get(name)
        if slot is None:
            if self.is_open:
                self.unknown.append(setting)
            return None
        if slot.value is None and slot.sure:
            return None
        self.locations.append((setting, slot.where))
        value = convert(slot.value) if slot.sure else None
        if value is None:
            self.unknown.append(setting)
        return value

    def inner(self, name: str) -> Props:
        """The properties of a property."""
        slot = self.slots.get(name)
        found = Props(as_props(slot.value) if slot is not None else Obj())
        if slot is None:
            found.is_open = False
        found.locations, found.unknown = self.locations, self.unknown
        return found


# ---- from values to settings ----


def text(value: Value) -> str | None:
    """A text."""
    return value if isinstance(value, str) else None


def whole(value: Value) -> int | None:
    """A whole number, also where it is written as text or as 512.0."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 12:
        return int(value)
    if isinstance(value, int | float) and abs(value) < MAX_NUMBER and value == int(value):
        return int(value)
    return None


def real(value: Value) -> float | None:
    """A number."""
    known = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < MAX_NUMBER
    return float(value) if known and isinstance(value, int | float) else None


def seconds(value: Value) -> int | None:
    """The seconds of a ``Duration``; of a plain number as CloudFormation has it."""
    return _measured(value, "Duration", _UNITS)


def mebibytes(value: Value) -> int | None:
    """The MB of a ``Size``."""
    return _measured(value, "Size", _SIZES)


def _measured(value: Value, of: str, units: dict[str, float]) -> int | None:
    if isinstance(value, Sym) and value.called and value.base is None and value.args:
        owner, _, unit = value.name.rpartition(".")
        factor = units.get(camel(unit))
        amount = real(value.args[0].value)
        if owner.rpartition(".")[2] == of and factor is not None and amount is not None:
            return whole(amount * factor)
    return whole(value)


def constant(value: Value, of: str) -> str | None:
    """The constant of an enum-like class: ``Architecture.ARM_64`` → ``ARM_64``."""
    if isinstance(value, Sym) and not value.called and value.base is None:
        owner, _, name = value.name.rpartition(".")
        return name if owner.rpartition(".")[2] == of else None
    return None


def architecture(value: Value) -> str | None:
    """``arm64`` or ``x86_64``."""
    if isinstance(value, Seq):
        return architecture(value.items[0].value) if len(value.items) == 1 and not value.is_open else None
    name = constant(value, "Architecture")
    if name is not None:
        return {"ARM_64": "arm64", "X86_64": "x86_64"}.get(name)
    return value if value in ("arm64", "x86_64") and isinstance(value, str) else None


def runtime(value: Value) -> str | None:
    """The identifier of a ``Runtime``: ``NODEJS_22_X`` → ``nodejs22.x``. None for the newest one, whichever it is."""
    if isinstance(value, Sym) and value.called and value.last == "Runtime" and value.args:
        return text(value.args[0].value)
    name = constant(value, "Runtime")
    if name is None:
        return text(value)
    if name in RUNTIMES:
        return RUNTIMES[name]
    match = _RUNTIME.match(name)
    if match is None or "LATEST" in name:
        return None
    family, version = match.group(1).lower(), match.group(2)
    if family == "nodejs":
        return f"nodejs{version.replace('_', '.').lower()}"
    return f"{family}{version.replace('_', '.')}"


def runtime_family(value: Value) -> str:
    """What the runtime is of, where its version is not known: ``nodejs``, ``python``; empty if not even that."""
    name = constant(value, "Runtime") or ""
    match = _RUNTIME.match(name)
    return match.group(1).lower() if match is not None else ""


def log_format(value: Value) -> str | None:
    """``Text`` or ``JSON``."""
    name = constant(value, "LoggingFormat") or constant(value, "LogFormat") or text(value)
    return {"TEXT": "Text", "JSON": "JSON"}.get((name or "").upper())


def project_path(machine: Machine, path: str, written_in: str) -> str | None:
    """A path of a CDK app relative to the project root; None if it lies outside or cannot be told."""
    path = path.replace("\\", "/").strip()
    if path.startswith(ROOT):
        found = posixpath.normpath(path[len(ROOT) :].lstrip("/") or ".")
    elif path.startswith(("/", "~")):
        return None
    else:
        found = posixpath.normpath(posixpath.join(machine.working_folder(written_in), path or "."))
    return None if found == ".." or found.startswith("../") else found
