"""Settings from ``lmi-lint.toml`` or ``[tool.lmi-lint]`` in ``pyproject.toml``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from lmi_lint.errors import ConfigError
from lmi_lint.model.finding import Severity

_OWN_FILE = "lmi-lint.toml"
_RULE_PREFIX = re.compile(r"[A-Z]{2,10}\d{0,3}")
_PATH_KEY = "traffic"
_PATHS_KEY = "packs"
_RULE_KEYS = ("select", "ignore")
MAX_SETTINGS_BYTES: Final = 1 << 20
"""A larger settings file is an error; a ``pyproject.toml`` may hold much else."""


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    """What a project asks for; every field has a default, so that ``Settings()`` means "no settings file".

    ``select`` and ``ignore`` hold prefixes of rule ids (``LMI1`` means all 1xx rules). ``functions`` are glob patterns
    on names of functions: only findings of those are reported; empty means all. ``exclude`` are gitignore-style
    patterns relative to the project root. Findings below ``min_severity`` are hidden; the run fails if one of at least
    ``fail_on`` remains. ``traffic``: file that says what is known of the functions' traffic; ``packs``: folders with
    rule pages and knowledge of the project's own; both are written relative to the settings file.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    min_severity: Severity = Severity.WARNING
    fail_on: Severity = Severity.WARNING
    functions: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    traffic: Path | None = None
    packs: tuple[Path, ...] = ()


def load(root: Path) -> Settings:
    """The settings for a project: the nearest file from ``root`` upward to the git root, or in ``root`` without one.

    Raises ConfigError, naming file and key, for anything that is not understood, and for a file that lies elsewhere:
    who wrote the project may not be who may read the files of this machine.
    """
    tree = tree_of(root)
    for folder in _upward(root):
        own = folder / _OWN_FILE
        if own.is_file():
            if not _is_within(own, tree):
                raise ConfigError(f"{own}: leads out of {tree}", "settings of a project stand in the project")
            return _held(parse(_toml(own), str(own), folder), own, tree)
        shared = folder / "pyproject.toml"
        if shared.is_file() and _is_within(shared, tree):
            tool = _toml(shared).get("tool")
            table = tool.get("lmi-lint") if isinstance(tool, dict) else None
            if table is not None:
                return _held(parse(table, f"{shared} [tool.lmi-lint]", folder), shared, tree)
    return Settings()


def _held(settings: Settings, origin: Path, tree: Path) -> Settings:
    """ConfigError if the traffic file lies out of the tree, as written or by a link; ``packs`` holds packs."""
    traffic = settings.traffic
    if traffic is not None and not _is_within(traffic, tree):
        raise ConfigError(f"{origin}: key 'traffic': {traffic} leads out of {tree}", "name it with --traffic")
    if traffic is not None and traffic.exists() and not traffic.is_file():
        raise ConfigError(f"{origin}: key 'traffic': {traffic} is no file")
    return settings


def _is_within(path: Path, tree: Path) -> bool:
    try:
        return path.resolve().is_relative_to(tree.resolve())
    except (OSError, RuntimeError, ValueError):  # a circle of links
        return False


def parse(table: object, origin: str, folder: Path = Path()) -> Settings:
    """Check a table of settings. ``origin`` names it in errors, paths in it are relative to ``folder``. Raises
    ConfigError."""
    if not isinstance(table, dict):
        raise ConfigError(f"{origin}: expected a table of settings, got {type(table).__name__}")
    known = {name.replace("_", "-"): name for name in Settings.__struct_fields__}
    values: dict[str, Any] = {}
    for key, value in table.items():
        name = known.get(key.replace("_", "-"))
        if name is None:
            import difflib

            close = difflib.get_close_matches(key.replace("_", "-"), known, n=1, cutoff=0.5)
            hint = f"did you mean '{close[0]}'?" if close else f"known keys: {', '.join(known)}"
            raise ConfigError(f"{origin}: unknown key '{key}'", hint)
        if name in values:
            raise ConfigError(f"{origin}: key '{key}' is given twice, with a dash and with an underscore")
        values[name] = _converted(name, value, f"{origin}: key '{key}'", folder)
    return Settings(**values)


def _converted(name: str, value: object, where: str, folder: Path) -> Any:
    """One setting's value in its type."""
    field = next(field for field in msgspec.structs.fields(Settings) if field.name == name)
    if field.type is Severity:
        try:
            return Severity(value)
        except ValueError:
            words = ", ".join(f"'{severity.value}'" for severity in Severity)
            raise ConfigError(f"{where} must be one of {words}, not {value!r}") from None
    if name == _PATH_KEY:
        if not isinstance(value, str) or not value or "\0" in value:
            raise ConfigError(
                f"{where} must be the name of a file, not {value!r}", f'for example {name} = "{name}.toml"'
            )
        return folder / value
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ConfigError(f"{where} must be a list of strings, not {value!r}", f'for example {name} = ["..."]')
    if name in _RULE_KEYS:
        wrong = next((item for item in value if not _RULE_PREFIX.fullmatch(item)), None)
        if wrong is not None:
            raise ConfigError(f"{where}: {wrong!r} is no rule id or start of one", "ids look like LMI101, LMI1 or LMI")
    if name == _PATHS_KEY:
        wrong = next((item for item in value if not item or "\0" in item), None)
        if wrong is not None:
            raise ConfigError(f"{where}: {wrong!r} is no folder", 'for example packs = ["ci/lmi"]')
        return tuple(folder / item for item in value)
    return tuple(value)


def tree_of(root: Path) -> Path:
    """What belongs to a project: from the git root down, or from ``root`` without one."""
    return list(_upward(root))[-1]


def _upward(root: Path) -> Iterator[Path]:
    """``root`` and its ancestors down to the one that holds ``.git``; ``root`` alone if none does."""
    folders = [root, *root.parents]
    for index, folder in enumerate(folders):
        if (folder / ".git").exists():
            yield from folders[: index + 1]
            return
    yield root


def _toml(path: Path) -> dict[str, Any]:
    """Parse a TOML file. Raises ConfigError."""
    import tomllib

    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_SETTINGS_BYTES + 1)
        if len(data) > MAX_SETTINGS_BYTES:
            raise ConfigError(f"{path}: larger than {MAX_SETTINGS_BYTES:,} bytes")
        return tomllib.loads(data.decode("utf-8-sig"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror or error}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from error
    except RecursionError:
        raise ConfigError(f"{path}: nested too deeply") from None
