"""Objects that list what a container makes: providers by class or key, and the controllers that serve requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lmi_lint.link.container import Registration, Service, token_of
from lmi_lint.link.heap import NONE, Kind, Obj, Val, of

if TYPE_CHECKING:
    from lmi_lint.knowledge.wiring import Lifetime
    from lmi_lint.link.call_site import CallSite


def install(site: CallSite) -> None:
    """Register what the objects list that a call is given."""
    for arg in site.args:
        for obj in arg.objects():
            for number, provider in enumerate(_parts(site, obj, "providers")):
                _provide(site, provider, number)
            for controller in _parts(site, obj, "controllers"):
                if controller.kind is Kind.CLASS and controller.klass is not None:
                    site.machine.container.controllers[controller.klass] = None


def _parts(site: CallSite, obj: Obj, key: str) -> list[Obj]:
    """The elements of a list that an object has under a key."""
    listed = site.machine.heap.load(obj, key, site.context) or NONE
    held = [site.machine.heap.load_any(each, site.context) for each in listed.objects()]
    return [part for value in held if value is not None for part in value.objects()]


def _provide(site: CallSite, provider: Obj, number: int) -> None:
    if provider.kind is Kind.CLASS:
        return  # its annotations say the rest
    machine, context = site.machine, site.context
    load = machine.heap.load
    key = token_of(load(provider, "provide", context) or NONE)
    if key is None:
        return
    given = next((v for name in ("useValue", "useFactory") if (v := load(provider, name, context)) is not None), NONE)
    classes = [load(provider, name, context) or NONE for name in ("useClass", "useExisting")]
    made = [obj.klass for value in classes for obj in value.objects() if obj.kind is Kind.CLASS and obj.klass]
    if not made and not given.refs:
        return
    needs = tuple(token_of(of(each)) or Service("") for each in _parts(site, provider, "inject"))
    lifetime = _lifetime(site, load(provider, "scope", context) or NONE)
    if not made:
        lifetime = lifetime or "environment"
    registration = Registration(key, lifetime, False, made[0] if made else None, given, context.phase, needs)
    machine.container.add(machine, (context, site.index, number), registration)


def _lifetime(site: CallSite, scope: Val) -> Lifetime | None:
    known = site.machine.knowledge.knowledge.scopes
    return next((entry.lifetime for obj in scope.objects() for entry in known.get(obj.type_name, ())), None)
