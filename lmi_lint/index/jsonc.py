"""JSON with comments and trailing commas, as tsconfig.json is written."""

from __future__ import annotations

import json
import re
from typing import Any

_TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|//[^\n]*|/\*.*?(?:\*/|\Z)|,(?=\s*[}\]])', re.DOTALL)
_COMMENT = re.compile(r'"(?:\\.|[^"\\])*"|//[^\n]*|/\*.*?(?:\*/|\Z)', re.DOTALL)


def parse_jsonc(data: bytes) -> dict[str, Any]:
    """The top-level object; empty if the text is none."""
    text = data.decode("utf-8", "replace")
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        text = _COMMENT.sub(_keep_strings, text)
        text = _TOKEN.sub(_keep_strings, text)
        try:
            parsed = json.loads(text)
        except (ValueError, RecursionError):
            return {}
    return parsed if isinstance(parsed, dict) else {}


def _keep_strings(match: re.Match[str]) -> str:
    return match.group() if match.group().startswith('"') else ""
