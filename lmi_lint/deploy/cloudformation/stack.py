"""One stack: a template with the values of its parameters, the resources that it declares and what refers to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from collections.abc import Mapping as AbstractMapping

from msgspec import Struct

from lmi_lint.deploy.cloudformation.expand import Includer, Loops, Origins, TooLargeError
from lmi_lint.deploy.cloudformation.resolver import Given, Resolver
from lmi_lint.deploy.intrinsics import intrinsic
from lmi_lint.deploy.model import Dialect
from lmi_lint.deploy.nodes import Mapping, Node, Pair, Scalar, Sequence
from lmi_lint.deploy.template import EMPTY, FunctionSettings, Template
from lmi_lint.model.finding import Location, Problem

SAM_FUNCTION = "AWS::Serverless::Function"
CFN_FUNCTION = "AWS::Lambda::Function"
FUNCTIONS = (SAM_FUNCTION, CFN_FUNCTION)
_SEARCHED_FOR_CDK = 200


class Resource(Struct, frozen=True, eq=False):
    """A declared resource; ``props`` are its properties, for SAM with those of Globals."""

    key: Scalar
    kind: str
    node: Mapping
    props: Mapping

    @property
    def id(self) -> str:
        """Its logical id."""
        return self.key.value


class Stack:
    """A document of a template as it is deployed. Resources whose condition is false are left out.

    ``values``: what is passed to its parameters; ``load`` reads a file that it includes; ``outer`` replaces nodes
    before they are looked at.
    """

    def __init__(
        self,
        template: Template,
        document: Mapping,
        values: AbstractMapping[str, Given] | None = None,
        region: str | None = None,
        load: Callable[[str], Template | None] | None = None,
        outer: Callable[[Node | None], Node | None] | None = None,
        locate: Callable[[Node], Location] | None = None,
    ) -> None:  # fmt: skip
        self.template = template
        self.region = region
        self.problems: list[Problem] = []
        self.left_out: list[tuple[str, Location]] = []
        self.origins = Origins(template)
        self.location = locate or self.origins.location
        if load is not None and b"AWS::Include" in template.data:
            document = self._included(document, load)
        self.document = document
        self.resolver = Resolver(document, values, region, outer)
        resources = _mapping(document.get("Resources"))
        if b"Fn::ForEach" in template.data:
            resources = self._unrolled(document, resources, values)
        self.resources = dict(self._declared(resources))
        self._by_kind: dict[str, list[Resource]] = {}
        for each in self.resources.values():
            self._by_kind.setdefault(each.kind, []).append(each)
        self.is_cdk = self._comes_from_cdk()

    def of_kind(self, *kinds: str) -> Iterator[Resource]:
        """The resources of some types, by type and in file order."""
        for kind in kinds:
            yield from self._by_kind.get(kind, ())

    def kind_of(self, name: str | None) -> str:
        """The type of a resource by its logical id; empty if the template declares none so called."""
        found = self.resources.get(name or "")
        return found.kind if found is not None else ""

    def settings(self) -> FunctionSettings:
        """An empty collection of settings that are read with the stack's values."""
        return FunctionSettings(self.template, self.resolver, self.location)

    def dialect(self, resource: Resource) -> Dialect:
        """How a resource is written."""
        if self.is_cdk:
            return Dialect.CDK_OUTPUT
        return Dialect.SAM if resource.kind.startswith("AWS::Serverless::") else Dialect.CLOUDFORMATION

    def get(self, node: Node | None, *keys: str) -> Node | None:
        """The node at the end of a path of keys, function calls on the way resolved; None if there is none."""
        for key in keys:
            node = self.resolver.reduce(node)
            node = node.get(key) if isinstance(node, Mapping) else None
        return node

    def items(self, node: Node | None) -> tuple[Node, ...]:
        """The items of what reduces to a list; none for anything else."""
        found = self.resolver.reduce(node)
        return found.items if isinstance(found, Sequence) else ()

    # ---- making it ----

    def _included(self, document: Mapping, load: Callable[[str], Template | None]) -> Mapping:
        try:
            return _mapping(Includer(self.origins, load).included(document))
        except TooLargeError:
            self._too_large("what it includes")
            return document

    def _unrolled(self, document: Mapping, resources: Mapping, values: AbstractMapping[str, Given] | None) -> Mapping:
        loops = Loops(self.resolver, self.origins)
        try:
            conditions = loops.expanded(_mapping(document.get("Conditions")))
            if conditions.pairs:
                pairs = {**document.pairs, "Conditions": Pair(Scalar("Conditions", conditions.span), conditions)}
                self.resolver = loops.resolver = Resolver(Mapping(pairs, document.span), values, self.region)
            resources = loops.expanded(resources)
        except TooLargeError:
            self._too_large("what its loops make")
            resources = EMPTY
        self.problems += loops.problems
        return resources

    def _too_large(self, what: str) -> None:
        message = f"{what} is larger than is read; its functions are not seen"
        self.problems.append(Problem("limit", message, self.location(self.document)))

    def _declared(self, resources: Mapping) -> Iterator[tuple[str, Resource]]:
        for pair in resources.pairs.values():
            if not isinstance(pair.value, Mapping):
                continue
            kind = pair.value.get("Type")
            kind_name = kind.value if isinstance(kind, Scalar) else ""
            condition = pair.value.get("Condition")
            if isinstance(condition, Scalar) and self.resolver.holds(condition.value) is False:
                if kind_name in FUNCTIONS:
                    self.left_out.append((pair.key.value, self.location(pair.key)))
                continue
            props = self.resolver.reduce(pair.value.get("Properties"))
            own = props if isinstance(props, Mapping) else EMPTY
            if kind_name.startswith("AWS::Serverless::"):
                own = with_globals(self.document, kind_name, pair.value, own)
            yield pair.key.value, Resource(pair.key, kind_name, pair.value, own)

    def _comes_from_cdk(self) -> bool:
        """Whether the template is a synthesised one: in ``cdk.out``, or its resources carry CDK's metadata."""
        if "cdk.out" in self.template.path.split("/"):
            return True
        searched = list(self.resources.values())[:_SEARCHED_FOR_CDK]
        metadata = [each.node.get("Metadata") for each in searched]
        return any(isinstance(each, Mapping) and "aws:cdk:path" in each.pairs for each in metadata)


def with_globals(document: Mapping, kind: str, resource: Mapping, own: Mapping) -> Mapping:
    """A SAM resource's properties with those of ``Globals`` that it does not ignore (``IgnoreGlobals``)."""
    section = _mapping(document.get("Globals")).get(kind.rpartition("::")[2])
    ignored = resource.get("IgnoreGlobals")
    if not isinstance(section, Mapping) or (isinstance(ignored, Scalar) and ignored.value == "*"):
        return own
    if isinstance(ignored, Sequence):
        names = {item.value for item in ignored.items if isinstance(item, Scalar)}
        section = Mapping({key: pair for key, pair in section.pairs.items() if key not in names}, section.span)
    return merged(section, own)


def merged(base: Mapping, own: Mapping, known: dict[tuple[int, int], Mapping] | None = None) -> Mapping:
    """SAM's Globals merge: maps merge, lists join with the global items first, anything else is overridden.

    ``known``: what was merged already; aliases can repeat a pair of maps far beyond the file's own size.
    """
    known = {} if known is None else known
    found = known.get((id(base), id(own)))
    if found is not None:
        return found
    pairs = dict(base.pairs)
    for name, pair in own.pairs.items():
        other = pairs.get(name)
        left, right = other.value if other else None, pair.value
        if isinstance(left, Mapping) and isinstance(right, Mapping) and not (intrinsic(left) or intrinsic(right)):
            pairs[name] = Pair(pair.key, merged(left, right, known))
        elif isinstance(left, Sequence) and isinstance(right, Sequence) and not (intrinsic(left) or intrinsic(right)):
            joined = right.items if name == "Architectures" else left.items + right.items
            pairs[name] = Pair(pair.key, Sequence(joined, right.span))
        else:
            pairs[name] = pair
    found = known[id(base), id(own)] = Mapping(pairs, own.span)
    return found


def _mapping(node: Node | None) -> Mapping:
    return node if isinstance(node, Mapping) else EMPTY
