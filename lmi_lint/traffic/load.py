"""Reads ``traffic.toml``: what is known of the traffic of functions, by name or pattern."""

from __future__ import annotations

import fnmatch
import tomllib
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from lmi_lint.errors import ConfigError
from lmi_lint.traffic import units
from lmi_lint.traffic.model import Traffic

DEFAULT: Final = "default"
"""The table that holds for every function."""
_QUOTES: Final = 'names with dots need quotes: ["orders.create"]'


class Key(Struct, frozen=True):
    """A key of the file: the field of ``Traffic`` that it sets, how its text is read, whether a bare number will do,
    and an example with a comment, for templates."""

    field: str
    read: Callable[[str], Decimal]
    bare: bool
    example: str
    comment: str


KEYS: Final[Mapping[str, Key]] = {
    "requests": Key("requests", units.requests, True, '"50M"', 'a month; a rate will do: "20/s", "3k/day"'),
    "duration": Key("duration_ms", units.milliseconds, False, '"120ms"', "mean billed duration of an invocation"),
    "duration_p99": Key("duration_p99_ms", units.milliseconds, False, '"400ms"', "its 99th percentile"),
    "peak_concurrency": Key("peak_concurrency", units.count, True, "40", "invocations at once in the busiest minute"),
    "active_hours": Key("active_hours", units.hours, True, '"8h/day"', "hours with any traffic; 730 a month if always"),
    "memory_used": Key("memory_used_mb", units.megabytes, True, '"180MB"', "the most that an invocation uses"),
    "cpu_share": Key("cpu_share", units.share, True, '"25%"', "of an invocation’s time in which it computes"),
    "burst": Key("burst", units.factor, True, '"2x"', "largest growth of traffic within five minutes"),
}
"""Keys of a table of the file, in the order of templates. ``source`` is allowed beside them."""


class TrafficFile(Struct, frozen=True):
    """What a traffic file says. ``tables``: pattern → what it says, as written; ``origin``: the file."""

    tables: tuple[tuple[str, Traffic], ...] = ()
    origin: str = ""

    def of(self, name: str) -> Traffic:
        """What is known of a function: ``[default]``, then patterns in the order of the file, then its own table; the
        later wins, key by key."""
        return self._joined(pattern for pattern, _ in self.tables if _matches(pattern, name))

    def _joined(self, patterns: Iterable[str]) -> Traffic:
        chosen = set(patterns)
        tables = [(pattern, table) for pattern, table in self.tables if pattern in chosen]
        values: dict[str, Any] = {}
        for _, table in sorted(tables, key=lambda item: _rank(item[0])):
            values |= {
                name: value
                for name in table.__struct_fields__
                if (value := getattr(table, name)) is not None and (name != "source" or value != Traffic().source)
            }
        return Traffic(**values)

    def unmatched(self, names: Iterable[str]) -> list[str]:
        """A warning for each table that no function of these names matches."""
        known = sorted(set(names))
        found = []
        for pattern, _ in self.tables:
            if pattern == DEFAULT or any(_matches(pattern, name) for name in known):
                continue
            import difflib

            close = difflib.get_close_matches(pattern, known, n=1, cutoff=0.5)
            hint = f"; did you mean {close[0]}?" if close else ""
            found.append(f"{self.origin}: [{pattern}] matches no function{hint}")
        return found


def _matches(pattern: str, name: str) -> bool:
    return pattern in {DEFAULT, name} or (_is_glob(pattern) and fnmatch.fnmatchcase(name, pattern))


def _is_glob(pattern: str) -> bool:
    return any(char in pattern for char in "*?[")


def _rank(pattern: str) -> int:
    return 0 if pattern == DEFAULT else 1 if _is_glob(pattern) else 2


def read_traffic(path: Path) -> TrafficFile:
    """A traffic file. ConfigError names the file, the table and the key."""
    try:
        data = tomllib.loads(path.read_bytes().decode("utf-8-sig"), parse_float=Decimal)
    except OSError as error:
        hint = "lmi-lint traffic template PATH writes one"
        raise ConfigError(f"{path}: cannot be read: {error.strerror or error}", hint) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not valid TOML: {error}", _QUOTES) from error
    except RecursionError:
        raise ConfigError(f"{path}: nested too deeply") from None
    tables = tuple((name, _table(table, f"{path}: [{name}]", name)) for name, table in data.items())
    return TrafficFile(tables, str(path))


def _table(table: object, where: str, name: str) -> Traffic:
    if not isinstance(table, dict):
        if name in KEYS:
            raise ConfigError(f"{where[:-1].replace(': [', ': ')} stands outside a table", "put it below [default]")
        raise ConfigError(f"{where} is no table", f'write ["{name}"] and its keys below it')
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key == "source" and isinstance(value, str):
            values["source"] = value
            continue
        known = KEYS.get(key)
        if known is None:
            raise ConfigError(f"{where} {key}: unknown key", _close(key, value))
        values[known.field] = _value(known, value, f"{where} {key}")
    return Traffic(**values)


def _close(key: str, value: object) -> str:
    import difflib

    close = difflib.get_close_matches(key.removesuffix("_ms").removesuffix("_mb"), KEYS, n=1, cutoff=0.5)
    if isinstance(value, dict):
        return _QUOTES
    return f"did you mean {close[0]}?" if close else f"known: {', '.join(KEYS)}"


def _value(key: Key, value: object, where: str) -> Decimal:
    example = f"for example {key.example}"
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise ConfigError(f"{where}: {value!r} is neither number nor text", example)
    if not isinstance(value, str) and not key.bare:
        raise ConfigError(f"{where}: {value} has no unit", example)
    text = value if isinstance(value, str) else f"{Decimal(value):f}"
    try:
        number = key.read(text)
    except ValueError as error:
        raise ConfigError(f"{where}: {error}", example) from None
    if key.field in {"duration_ms", "duration_p99_ms", "active_hours", "memory_used_mb", "cpu_share"} and number == 0:
        raise ConfigError(f"{where}: must be above 0", example)
    return number


def written(tables: Iterable[tuple[str, Traffic, str]], head: Iterable[str] = ()) -> str:
    """A traffic file with these tables (name, traffic, comment); what is not known is left out. ``head``: comments."""
    lines = [comment(line) for line in head]
    for name, traffic, about in tables:
        lines += ["", comment(about), f"[{quoted(name)}]", *_lines(traffic)]
    return "\n".join(lines) + "\n"


def _lines(traffic: Traffic) -> Iterable[str]:
    suffixes = {"duration_ms": "ms", "duration_p99_ms": "ms", "memory_used_mb": "MB"}
    for key, known in KEYS.items():
        value: Decimal | None = getattr(traffic, known.field)
        if value is not None:
            plain = f"{value.normalize():f}"
            suffix = suffixes.get(known.field, "")
            yield f'{key} = "{plain}{suffix}"' if suffix else f"{key} = {plain}"
    if traffic.source != Traffic().source:
        yield f"source = {quoted(traffic.source)}"


def comment(text: str) -> str:
    """A text as a comment of one line."""
    return f"# {''.join(char if char.isprintable() else '?' for char in text)}".rstrip()


def quoted(text: str) -> str:
    """A text as a basic string of TOML."""
    return msgspec.json.encode(text).decode().replace("\x7f", "\\u007f")
