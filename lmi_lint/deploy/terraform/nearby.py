"""Whether a file that was found by its name alone belongs to a function of Terraform.

Terraform often takes an archive that something else has built, and says nothing of where its code is.
"""

from __future__ import annotations

import posixpath

from msgspec import structs

from lmi_lint.deploy.model import DeployedFunction, Dialect, Entry
from lmi_lint.deploy.template import Candidate

_COMMON = frozenset({"app", "code", "function", "handler", "index", "lambda", "lambda_function", "main"})


def without_doubt(candidate: Candidate, function: DeployedFunction, owners: frozenset[str]) -> DeployedFunction:
    """The function, without an entry that may as well belong to another application. ``owners``: folders that hold
    configuration of their own.

    Such an entry lies in the folder of another configuration; or its handler says only ``index`` or the like, and
    nothing in the file looks like a handler. Classes are known by their full names.
    """
    entry = function.entry
    by_name = function.dialect is Dialect.TERRAFORM and function.code_root is None and function.inline is None
    if entry is None or not by_name or (function.language is not None and function.language.typed):
        return function
    owner = posixpath.dirname(entry.path)
    while owner and owner not in owners:
        owner = posixpath.dirname(owner)
    foreign = bool(owner) and candidate.folder != owner and not candidate.folder.startswith(owner + "/")
    if foreign or (not entry.found and (function.handler or "").partition(".")[0] in _COMMON):
        why = _why(candidate, function, entry, foreign=foreign)
        return structs.replace(function, entry=None, unresolved=why, local=False)
    return function


def _why(candidate: Candidate, function: DeployedFunction, entry: Entry, *, foreign: bool) -> str:
    archive = f"the archive '{candidate.archive}'" if candidate.archive else "the code"
    where = "belongs to another application" if foreign else "shows no handler of that name"
    return f"nothing says where {archive} is built from, and {entry.path}, which fits '{function.handler}', {where}"
