"""Fetches a public file; the only place of this tool that opens a connection of its own."""

from __future__ import annotations

import io
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
from typing import IO, Final

from lmi_lint import __version__
from lmi_lint.errors import UsageError

_SECONDS: Final = 60
"""How long a server may say nothing."""


@contextmanager
def text_of(url: str) -> Iterator[IO[str]]:
    """The text of an http(s) address, read as it comes. UsageError says what went wrong, while reading too."""
    if not url.startswith(("https://", "http://")):
        raise UsageError(f"{url}: no http address", "https://…")
    request = urllib.request.Request(url, headers={"User-Agent": f"lmi-lint/{__version__}"})  # noqa: S310  http(s) only
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310  http(s) only
            yield io.TextIOWrapper(answer, encoding="utf-8", errors="replace", newline="")
            # Reading a line at a time does not notice an end that comes too early.
            if answer.length:
                raise UsageError(f"{url}: the connection ended {answer.length} bytes too early", "try again")
    except urllib.error.HTTPError as error:
        hint = "is the region spelt right?" if error.code in {403, 404} else "try again later"
        raise UsageError(f"{url}: the server answers {error.code} {error.reason}", hint) from error
    except (OSError, HTTPException) as error:
        reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or error
        raise UsageError(f"{url}: cannot be fetched: {reason}", "check the network, proxy and address") from error
