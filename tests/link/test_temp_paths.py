"""What a folded path says about who else uses the file."""

from __future__ import annotations

import pytest

from lmi_lint.link.heap import Gap
from lmi_lint.link.temp_paths import PathKind, classify

REQUEST = Gap("request")
UNKNOWN = Gap("unknown")
BASE = Gap("base")


def unique(reach):
    return Gap("unique", reach)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (("/tmp/a.json",), PathKind.FIXED),
        (("/var/tmp/a.json",), PathKind.FIXED),
        (("file:/tmp/a",), PathKind.FIXED),
        (("file:///tmp/a",), PathKind.FIXED),
        (("/tmp",), PathKind.ELSEWHERE),
        (("/tmp/",), PathKind.ELSEWHERE),
        (("file:///tmp/",), PathKind.ELSEWHERE),
        (("/tmpfiles/a",), PathKind.ELSEWHERE),
        (("/opt/tmp/a",), PathKind.ELSEWHERE),
        (("tmp/a",), PathKind.ELSEWHERE),
        (("./tmp/a",), PathKind.ELSEWHERE),
        (("",), PathKind.ELSEWHERE),
        ((), PathKind.ELSEWHERE),
        ((REQUEST,), PathKind.ELSEWHERE),
        ((UNKNOWN, "/tmp/a"), PathKind.ELSEWHERE),
        (("/tmp/", unique("call"), ".json"), PathKind.UNIQUE),
        (("/tmp/", unique("request")), PathKind.UNIQUE),
        (("/tmp/", unique("thread")), PathKind.UNIQUE),
        (("/tmp/", unique("process")), PathKind.WEAK),
        (("/tmp/", unique("second"), ".json"), PathKind.WEAK),
        (("/tmp/", REQUEST, ".json"), PathKind.REQUEST),
        (("/tmp/", BASE), PathKind.REQUEST),
        (("/tmp/", UNKNOWN), PathKind.UNKNOWN),
        (("/tmp/", UNKNOWN, unique("process")), PathKind.UNKNOWN),
        (("/tmp/", UNKNOWN, unique("call")), PathKind.UNIQUE),
        (("/tmp/", REQUEST, unique("call")), PathKind.UNIQUE),
        (("/tmp/", REQUEST, unique("second")), PathKind.WEAK),
    ],
)
def test_classification(text, kind) -> None:
    assert classify(text) is kind
