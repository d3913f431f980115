"""Comments in configuration files that speak to lmi-lint."""

from __future__ import annotations

import re
from typing import Final

from lmi_lint.facts.model import CommentFacts
from lmi_lint.model.source import TextFile

_MARKS: Final = {
    (".yaml", ".yml", ".template", ".toml", ".txt", "pipfile", ".py"): rb"#",
    (".tf", ".hcl"): rb"#|//",
    (".gradle", ".kts", ".js", ".mjs", ".cjs", ".ts", ".java", ".cs", ".go", ".rs"): rb"//",
    (".xml", ".csproj", ".props"): rb"<!--",
}


def template_comments(source: TextFile) -> tuple[CommentFacts, ...]:
    """The comments of a configuration file that hold ``lmi:``; none where the syntax has no comments.

    A mark inside a text is taken for a comment as well: whoever writes ``lmi: ignore[...]`` there means it so.
    """
    mark = next((mark for suffixes, mark in _MARKS.items() if source.path.lower().endswith(suffixes)), None)
    if mark is None or b"lmi:" not in source.data:
        return ()
    found = []
    for match in re.finditer(rb"(?m)(?:^|(?<=\s))(?:" + mark + rb")[^\r\n]*?lmi:[^\r\n]*", source.data):
        line = source.data.rfind(b"\n", 0, match.start()) + 1
        own_line = not source.data[line : match.start()].strip()
        found.append(CommentFacts(match.group().decode("utf-8", "replace"), own_line, match.start(), match.end()))
    return tuple(found)
