"""The tables of a knowledge file that tell who calls code that the project does not call itself: the runtime, web
servers, and containers of services, with how long these let live what they make."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Lifetime = Literal["environment", "scope", "use"]
"""How long what a container makes lives: as long as the container, as long as the scope that asked for it (usually one
request), or as long as its one user."""


class EntryEntry(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """An interface or base class whose ``method`` is a Lambda entry point. ``params``: roles of its parameters:
    ``event``, ``context``, ``service``, ``response``, ``callback``. ``setup``: methods that its constructor calls; with
    them the method is the library's, and hands each request to what was set up."""

    type: str
    method: str
    source: str = ""
    params: tuple[str, ...] = ("event", "context")
    setup: tuple[str, ...] = ()


class RegisterEntry(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A ``call`` that tells a container of services how to make one: of its first type argument by its last one, by the
    object or by the function that it is given. ``if_absent``: only if none is registered yet; ``configured``: functions
    that it is given only configure what is made; ``keyed``: it is asked for by the key that its first argument is."""

    call: str
    lifetime: Lifetime
    source: str = ""
    if_absent: bool = False
    configured: bool = False
    keyed: bool = False


class ResolveEntry(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A ``call`` on a container that returns the service of its type argument; ``keyed``: that of the key which its
    first argument is."""

    call: str
    source: str = ""
    keyed: bool = False


class ScopeEntry(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """An ``annotation`` of classes, and of methods that make components, that says how long a container lets them
    live. ``on``: of the ``class`` itself, or of its ``constructor``. ``when``: only if the text of one of its arguments
    matches this regular expression. ``alone``: a class that bears it is a component; else another annotation says so.
    ``makers``: methods of such a class that bear one of these annotations make components. ``spreads``: whoever holds
    such a component lives no longer than it."""

    annotation: str
    lifetime: Lifetime
    source: str = ""
    on: Literal["class", "constructor"] = "class"
    when: str = ""
    alone: bool = True
    makers: bool = False
    spreads: bool = False


class ProvideEntry(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Methods with this ``annotation`` make what they return for a container, which lets it live as ``lifetime`` says
    unless an annotation of ``[[scope]]`` on the method says otherwise. ``hands_on``: without a body it hands on the
    component that its parameter is."""

    annotation: str
    lifetime: Lifetime
    source: str = ""
    hands_on: bool = False


class InjectEntry(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """An ``annotation`` by which code speaks to a container. ``means``: ``fill`` (it fills the field, calls the method
    with components, or chooses the constructor), ``setting`` (a value of the configuration, the same for all
    invocations), ``name`` (which of several components: its argument is the name), ``key`` (the service registered with
    that key), ``first`` (of several components this one), ``token`` (a component by a key that is no type), ``setup``
    (the method runs once the object is made)."""

    annotation: str
    means: Literal["fill", "setting", "name", "key", "first", "token", "setup"]
    source: str = ""


class SetupEntry(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A ``method`` that a container calls on what it has made, if the class derives from ``type`` (or ``type`` is
    empty)."""

    method: str
    type: str = ""
    source: str = ""


class BindEntry(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A ``call`` that tells a container how to make components, perhaps one of a chain. ``says``: ``service`` (what is
    bound: its argument), ``type`` (the class that is made for it), ``value`` (the object that it is), ``maker`` (a
    function that makes it), ``lifetime`` (that of the entry, or of the annotation it is given), ``install`` (objects
    given to it are set up by their ``methods``), ``module`` (an object that lists providers and controllers)."""

    call: str
    says: Literal["service", "type", "value", "maker", "lifetime", "install", "module"]
    source: str = ""
    lifetime: Lifetime | None = None
    methods: tuple[str, ...] = ()


class AssembleEntry(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """An interface with this ``annotation`` is implemented by generated code, whose class has its name after
    ``prefix``: each of its methods hands out the component of the type that it returns. ``ends``: the calls on the
    generated class, or on the builder that it gives, that make one."""

    annotation: str
    prefix: str
    ends: tuple[str, ...]
    source: str = ""


class AnnotatedEntry(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Methods with this ``annotation`` are Lambda entry points called by generated code, which takes their object from
    a container, where it lives as long as ``lifetime`` says unless it is registered otherwise. ``startup``: the
    annotation of the class whose ``configure`` methods fill the container."""

    annotation: str
    lifetime: Lifetime
    source: str = ""
    startup: str = ""
    configure: tuple[str, ...] = ()


class EndpointEntry(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Classes below ``type`` of which a web server makes one for each request, to call one of its public methods.
    ``excluded``: annotations of methods that serve nothing. ``routes``: instead, for components of a container that are
    its controllers: annotations of methods that serve. ``scanned``: ``type`` is an annotation by which they are
    found."""

    type: str
    source: str = ""
    excluded: tuple[str, ...] = ()
    routes: tuple[str, ...] = ()
    scanned: bool = False
