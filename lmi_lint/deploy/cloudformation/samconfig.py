"""``samconfig.toml``: what ``sam deploy`` passes to a template by default."""

from __future__ import annotations

import posixpath
import re
import tomllib

from lmi_lint.deploy.cloudformation.resolver import Given
from lmi_lint.deploy.nodes import Mapping, Scalar
from lmi_lint.discover.project import Project
from lmi_lint.model.finding import Problem
from lmi_lint.model.source import Span

_PLAIN = re.compile(r"""([A-Za-z0-9]+)=("(?:[^"\\]|\\.)*"|'[^']*'|[^\s"']\S*)""")
_LONG = re.compile(r"""ParameterKey=([A-Za-z0-9]+),\s*ParameterValue=("(?:[^"\\]|\\.)*"|'[^']*'|\S+)""")
_DEFAULT_NAMES = ("template.yaml", "template.yml", "template.json")
_COMMANDS = ("global", "build", "package", "deploy")


class SamConfigs:
    """Looks up what the file of settings beside a template says about the environment ``default``."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._read: dict[str, dict[str, object]] = {}

    def of(self, path: str, document: Mapping) -> tuple[dict[str, Given], str | None]:
        """Values of the template's parameters, and the region; nothing if the settings are for another template."""
        folder, name = posixpath.split(path)
        settings = self._settings(folder)
        if not settings:
            return {}, None
        written = settings.get("template_file") or settings.get("template")
        if isinstance(written, str) and not written.startswith(".aws-sam"):
            if posixpath.normpath(posixpath.join(folder, written)) != path:
                return {}, None
        elif name not in _DEFAULT_NAMES:
            return {}, None
        region = settings.get("region")
        declared = document.get("Parameters")
        names = declared.pairs if isinstance(declared, Mapping) else {}
        values = _overrides(settings.get("parameter_overrides"))
        given = {key: Given(Scalar(value, Span(0, 0), plain=True)) for key, value in values.items() if key in names}
        return given, region if isinstance(region, str) and region else None

    def _settings(self, folder: str) -> dict[str, object]:
        if folder not in self._read:
            self._read[folder] = self._load(posixpath.join(folder, "samconfig.toml"))
        return self._read[folder]

    def _load(self, path: str) -> dict[str, object]:
        """The parameters of all commands in ``default``, later commands winning; empty if there are none."""
        if path not in self.project.configs:
            return {}
        data = self.project.read_bytes(path)
        try:
            parsed = {} if isinstance(data, Problem) else tomllib.loads(data.decode("utf-8", "replace"))
        except (tomllib.TOMLDecodeError, RecursionError):
            return {}
        environment = parsed.get("default")
        found: dict[str, object] = {}
        for command in _COMMANDS:
            section = environment.get(command) if isinstance(environment, dict) else None
            parameters = section.get("parameters") if isinstance(section, dict) else None
            if isinstance(parameters, dict):
                found.update(parameters)
        return found


def _overrides(written: object) -> dict[str, str]:
    """``Key=Value`` pairs, in one text or in a list, in either form that the command takes."""
    text = " ".join(item for item in written if isinstance(item, str)) if isinstance(written, list) else written
    if not isinstance(text, str):
        return {}
    pairs = _LONG.findall(text) or _PLAIN.findall(text)
    return {key: _unquoted(value) for key, value in pairs}


def _unquoted(value: str) -> str:
    quoted = len(value) > 1 and value[0] in "\"'" and value[-1] == value[0]
    return value[1:-1].replace('\\"', '"') if quoted else value
