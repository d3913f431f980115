"""The Terraform of a project, each root module a piece of its own."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, TypeVar

from msgspec import structs

from lmi_lint.deploy.model import CapacityProvider, DeployedFunction
from lmi_lint.deploy.terraform.infrastructure import Infrastructure, Root
from lmi_lint.deploy.terraform.roots import Links, files_by_folder, links, root_modules
from lmi_lint.model.finding import Location, Problem

if TYPE_CHECKING:
    from lmi_lint.deploy.pieces import Pieces
    from lmi_lint.deploy.template import Candidate
    from lmi_lint.deploy.terraform.config import Parse

T = TypeVar("T", DeployedFunction, CapacityProvider)


def infrastructure_of(pieces: Pieces, parse: Parse) -> Infrastructure:
    """The functions and capacity providers of all root modules, by folder."""
    project = pieces.watched
    folders = files_by_folder(project)
    if not folders:
        return Infrastructure()

    def links_of(path: str) -> Links:
        def make() -> Links:
            data = project.read_bytes(path)
            return Links() if isinstance(data, Problem) else links(data)

        return pieces.of("terraform-links", path, Links, make)

    def read(folder: str) -> Root:
        from lmi_lint.deploy.terraform.config import Library
        from lmi_lint.deploy.terraform.read import read_root

        return read_root(folder, Library(project, parse, folders))

    roots = pieces.of("terraform-roots", "", tuple[str, ...], lambda: root_modules(folders, links_of, project))
    functions: list[Candidate] = []
    providers: list[CapacityProvider] = []
    problems: list[Problem] = []
    cut: list[Problem] = []
    left_out: list[tuple[str, Location]] = []
    taken: set[str] = set()
    for folder in roots:
        root = pieces.of("terraform", folder, Root, partial(read, folder))
        for candidate in root.found.functions:
            made = _told_apart(candidate.function, folder, taken)
            functions.append(structs.replace(candidate, function=made))
        providers += (_told_apart(each, folder, taken) for each in root.found.providers)
        left_out += root.found.left_out
        problems += root.found.problems
        cut += root.cut
    problems = [*dict.fromkeys(problems), *cut]
    return Infrastructure(tuple(functions), tuple(providers), tuple(problems), tuple(left_out), tuple(roots))


def _told_apart(found: T, folder: str, taken: set[str]) -> T:
    """With the root module's folder in its name, if another root module deploys the same block by the same name."""
    if found.key in taken:
        found = structs.replace(found, name=f"{found.name} ({folder or '.'})")
    taken.add(found.key)
    return found
