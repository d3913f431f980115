"""Which runtimes managed instances run.

Source: https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-runtimes.html ("and later" there)
"""

from __future__ import annotations

import re
from typing import Final

_VERSION: Final = re.compile(r"(?P<name>[a-z]+)(?P<version>\d+(?:\.\d+)*)(?:\.x|\.al2)?")
_OLDEST: Final = {
    "python": ((3, 13), "python3.13"),
    "nodejs": ((22,), "nodejs22.x"),
    "java": ((21,), "java21"),
    "dotnet": ((8,), "dotnet8"),
}
_CUSTOM: Final = "provided.al2023"


def supported(runtime: str) -> str | None:
    """The runtime itself if managed instances run it, else the oldest version of it that they run; None if none."""
    if runtime == _CUSTOM:
        return runtime
    match = _VERSION.fullmatch(runtime)
    oldest = _OLDEST.get(match["name"]) if match else None
    if match is None or oldest is None:
        return None
    return runtime if tuple(int(part) for part in match["version"].split(".")) >= oldest[0] else oldest[1]
