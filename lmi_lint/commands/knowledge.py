"""``lmi-lint knowledge NAME`` and ``lmi-lint schema``: what is believed of a type or call, and the shape of beliefs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import click

from lmi_lint.commands.output import OK, complain, emit
from lmi_lint.commands.packs import PACK, roots_in_force

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from lmi_lint.catalog.page import Page
    from lmi_lint.knowledge.told import Library
    from lmi_lint.model.names import RuleId

_UNKNOWN: Final = 1


@click.command("knowledge")
@click.argument("name")
@click.option("--format", "output_format", type=click.Choice(["text", "json"]), default="text", show_default=True)
@PACK
def knowledge_command(name: str, output_format: str, packs: tuple[Path, ...]) -> int:
    """Show what is believed of a type or call of a library, where that is written, and which page says so.

    NAME as imports lead to it (java.util.HashMap, pg.Client.query), its end (HashMap), its beginning (pg) or a glob.
    Exit code 1 if nothing is known of it.
    """
    from lmi_lint.report import knowledge_json, knowledge_text

    library, pages = _library(packs)
    found = library.names(name)
    told = [library.tell(family, each) for family, each in found]
    if output_format == "json":
        emit(knowledge_json.render(name, told, [] if told else library.close(name), pages), None)
    elif told:
        emit(knowledge_text.render(told, pages), None)
    if told:
        return OK
    close = library.close(name)
    complain(f"nothing is known of {name}", f"did you mean {', '.join(close)}?" if close else "names are as imports")
    return _UNKNOWN


@click.command("schema")
@click.argument("what", type=click.Choice(["page", "knowledge"]))
def schema_command(what: Literal["page", "knowledge"]) -> int:
    """Print the JSON schema of a rule page's front matter or of a knowledge file, for editors and validators."""
    from lmi_lint.commands.schemas import schema

    return emit(schema(what), None)


def _library(packs: tuple[Path, ...]) -> tuple[Library, Mapping[RuleId, Page]]:
    """The knowledge and the pages of all packs in force here. LmiLintError."""
    from lmi_lint.catalog.registry import asked_roles, load_pages
    from lmi_lint.knowledge.load import join
    from lmi_lint.knowledge.told import Library
    from lmi_lint.packs import FAMILIES

    roots = roots_in_force(packs)
    pages = load_pages(roots)
    roles = asked_roles(pages.values())
    return Library({family: join(family, roots, roles) for family in FAMILIES}), pages
