"""Which removal may be that of which file."""

from __future__ import annotations

import pytest

from lmi_lint.link.heap import Gap
from lmi_lint.link.leftovers import _may_be

OWN = Gap("unique", "call")
UNKNOWN = Gap("unknown")
REQUEST = Gap("request")


@pytest.mark.parametrize(
    ("removed", "made", "expected"),
    [
        (("/tmp/", OWN, ".csv"), ("/tmp/", OWN, ".csv"), True),
        (("/tmp/", OWN), ("/tmp/", OWN, "/a.csv"), True),
        (("/tmp/", OWN), ("/tmp/", OWN, "-a.csv"), True),  # cannot be told from a longer name
        (("/tmp",), ("/tmp/", OWN), True),
        (("/tmp/*",), ("/tmp/", OWN), True),
        (("/tmp/work",), ("/tmp/work/", OWN), True),
        ((UNKNOWN,), ("/tmp/", OWN), True),
        ((UNKNOWN,), (OWN,), True),
        ((OWN,), (OWN,), True),
        ((UNKNOWN, ".csv"), ("/tmp/", OWN, ".csv"), True),
        (("/tmp/", OWN, ".csv"), ("/tmp/", OWN, ".pdf"), False),
        (("/tmp/in-", OWN), ("/tmp/out-", OWN), False),
        (("/tmp/fixed.txt",), ("/tmp/", OWN), False),
        (("/tmp/work",), ("/tmp/works/", OWN), False),
        (("/tmp/", REQUEST), ("/tmp/", OWN), False),
        ((OWN,), ("/tmp/", OWN), False),
        ((UNKNOWN, ".pdf"), ("/tmp/", OWN, ".csv"), False),
    ],
)
def test_may_be(removed, made, expected):
    assert _may_be(removed, made) is expected
