"""Lambda extensions that a project writes itself: what they ask of the platform.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html,
https://docs.aws.amazon.com/lambda/latest/dg/runtimes-logs-api.html
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import Final

from lmi_lint.dependencies.model import Asks, Extension
from lmi_lint.deploy.handlers import source_root
from lmi_lint.deploy.model import DeployedFunction
from lmi_lint.discover.decode import MAX_SOURCE_BYTES
from lmi_lint.discover.project import Project
from lmi_lint.model.finding import Location, Problem
from lmi_lint.model.source import Span

_REGISTERS: Final = re.compile(rb"2020-01-01/extension|/extension/register")
# The list of events that a registration sends, in an object of the language or as JSON in a text.
_EVENTS: Final = re.compile(
    rb"\bevents\\?[\"']?\s*(?:=>|[:=])\s*(?:new\s*(?:\w+\s*)?\[\]\s*|[A-Z]\w*\.of\s*)?[\[({][^\])}:]{0,200}?"
    rb"(\\?[\"'](?-i:INVOKE)\\?[\"'])",
    re.IGNORECASE,
)
_LOGS: Final = re.compile(rb"2020-08-15/logs")
_AWARE: Final = re.compile(rb"AWS_LAMBDA_INITIALIZATION_TYPE|lambda-managed-instances")
_TELLING: Final = re.compile(
    rb"INVOKE|2020-08-15|/extension|INITIALIZATION_TYPE|lambda-managed-instances", re.IGNORECASE
)
_COMMENT: Final = re.compile(rb"^\s*(?:#|//|/?\*)")


class Extensions:
    """The extensions of a project, each file looked at once."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._paths = sorted({*project.files, *(path for path, _ in project.other_sources)})
        self._found: dict[str, tuple[Extension, ...]] = {}

    def of(self, function: DeployedFunction) -> tuple[Extension, ...]:
        """Those that come with a function: in a layer that the project makes, or in its image."""
        roots = [source_root(root) for root in function.layer_roots]
        # An image that is built from the whole project says nothing of what is put into it.
        if function.image and function.code_root and function.code_root != ".":
            roots.append(function.code_root)
        return tuple(each for root in dict.fromkeys(roots) for each in self._below(root))

    def _below(self, root: str) -> tuple[Extension, ...]:
        if root not in self._found:
            prefix = "" if root == "." else posixpath.join(root, "")
            read = ((path, self._text(path)) for path in self._paths if path.startswith(prefix))
            texts = {path: data for path, data in read if _TELLING.search(data)}
            registers = any(_REGISTERS.search(data) for data in texts.values())
            # Whoever asks where it runs knows of managed instances.
            aware = any(_AWARE.search(data) for data in texts.values())
            asked = (each for path, data in texts.items() for each in self._asked(path, data, registers))
            self._found[root] = () if aware else tuple(asked)
        return self._found[root]

    def _text(self, path: str) -> bytes:
        data = self.project.read_bytes(path, MAX_SOURCE_BYTES)
        return b"" if isinstance(data, Problem) else data

    def _asked(self, path: str, data: bytes, registers: bool) -> Iterator[Extension]:
        for asks, pattern in ((Asks.INVOKE, _EVENTS if registers else None), (Asks.LOGS, _LOGS)):
            matches = pattern.finditer(data) if pattern is not None else iter(())
            match = next((each for each in matches if _is_code(data, each.start())), None)
            if match is not None:
                yield Extension(asks, Location(path, Span(*match.span(match.lastindex or 0))))


def _is_code(data: bytes, at: int) -> bool:
    """Whether what stands at an offset is no line of comments."""
    return _COMMENT.match(data[data.rfind(b"\n", 0, at) + 1 : at + 1]) is None
