"""Where relative paths lead once a program has changed its working directory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lmi_lint.link import texts
from lmi_lint.link.heap import Gap, Text

if TYPE_CHECKING:
    from lmi_lint.link.program import Program


def working_directory(program: Program) -> str:
    """The one directory that a program changes to; empty if it does not, or to several. The process keeps it, so that
    it holds for all later invocations wherever the change stands."""
    changes = program.calls_of(("process.setting",))
    targets = {texts.literal(value) for call in changes for value in program.paths_of(call)}
    target = targets.pop() if len(targets) == 1 else None
    return target if target is not None and target.startswith("/") else ""


def absolute(text: Text, directory: str) -> Text:
    """A path as the working directory completes it; as it is where that is not known, or it may be absolute."""
    if not directory or not text:
        return text
    head = text[0]
    if isinstance(head, Gap):
        relative = head.kind in ("base", "unique")
    else:
        relative = not head.startswith(("/", "~", "\\")) and "://" not in head
    if not relative:
        return text
    rest = (head.removeprefix("./"), *text[1:]) if isinstance(head, str) else text
    return texts.squeeze((directory.rstrip("/") + "/", *rest))
