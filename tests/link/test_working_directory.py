"""Relative paths below a directory that the program changed to."""

from __future__ import annotations

import pytest

from lmi_lint.link.heap import Gap
from lmi_lint.link.working_directory import absolute

BASE = Gap("base")
REQUEST = Gap("request")
UNKNOWN = Gap("unknown")


@pytest.mark.parametrize(
    ("path", "completed"),
    [
        (("a.txt",), ("/tmp/a.txt",)),
        (("./a.txt",), ("/tmp/a.txt",)),
        (("a-", REQUEST), ("/tmp/a-", REQUEST)),
        ((BASE, ".txt"), ("/tmp/", BASE, ".txt")),
        (("/opt/a",), ("/opt/a",)),
        (("~/a",), ("~/a",)),
        (("s3://bucket/a",), ("s3://bucket/a",)),
        ((REQUEST,), (REQUEST,)),
        ((UNKNOWN, ".txt"), (UNKNOWN, ".txt")),
        ((), ()),
    ],
)
def test_absolute(path, completed) -> None:
    assert absolute(path, "/tmp") == completed
    assert absolute(path, "/tmp/") == completed
    assert [absolute(("a",), folder) for folder in ("/tmp/X", "/tmp/X/")] == [("/tmp/X/a",)] * 2
    assert absolute(path, "") == path
