"""Where the file of an embedded database lies, by all the ways to name it."""

from __future__ import annotations

import pytest

from lmi_lint.link.file_databases import file_of, is_read_only
from lmi_lint.link.heap import Gap

OWN = Gap("unique", "call")


@pytest.mark.parametrize(
    ("text", "file"),
    [
        (("/tmp/x.db",), ("/tmp/x.db",)),
        (("file:/tmp/x.db",), ("/tmp/x.db",)),
        (("file:///tmp/x.db?mode=rwc",), ("/tmp/x.db",)),
        (("sqlite:////tmp/x.db",), ("/tmp/x.db",)),
        (("sqlite+aiosqlite:////tmp/x.db",), ("/tmp/x.db",)),
        (("jdbc:sqlite:/tmp/x.db",), ("/tmp/x.db",)),
        (("jdbc:h2:file:/tmp/x;MODE=MySQL",), ("/tmp/x",)),
        (("jdbc:derby:/tmp/x;create=true",), ("/tmp/x",)),
        (("Data Source=/tmp/x.db;Cache=Shared",), ("/tmp/x.db",)),
        (("Cache=Shared; DataSource = /tmp/x.db",), ("/tmp/x.db",)),
        (("Filename=/tmp/x.db",), ("/tmp/x.db",)),
        (("jdbc:sqlite:/tmp/", OWN, ".db?cache=shared", OWN), ("/tmp/", OWN, ".db")),
        ((OWN, "/x.db"), (OWN, "/x.db")),
        ((":memory:",), (":memory:",)),
        (("jdbc:postgresql://db/orders",), ("jdbc:postgresql://db/orders",)),
        (("sqlite:///x.db",), ("sqlite:///x.db",)),
        ((), ()),
    ],
)
def test_file_of(text, file):
    assert file_of(text) == file


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (("file:/tmp/x.db?mode=ro",), True),
        (("file:/tmp/x.db?immutable=1",), True),
        (("Data Source=/tmp/x.db;Mode=ReadOnly",), True),
        (("Data Source=x;Mode=Memory",), True),
        (("/tmp/", OWN, "?mode=ro"), True),
        (("file:/tmp/x.db?mode=rwc",), False),
        (("/tmp/mode=rows",), False),
        (("/tmp/x.db",), False),
    ],
)
def test_read_only(text, expected):
    assert is_read_only(text) is expected
