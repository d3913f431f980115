"""What a folded path says about who else uses the file."""

from __future__ import annotations

import pytest

from lmi_lint.link.heap import Gap
from lmi_lint.link.temp_paths import PathKind, classify, has_default

REQUEST = Gap("request")
UNKNOWN = Gap("unknown")
BASE = Gap("base")


def unique(reach):
    return Gap("unique", reach)


SETTING = Gap("setting")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (("/tmp/a.json",), PathKind.FIXED),
        (("/var/tmp/a.json",), PathKind.FIXED),
        (("file:/tmp/a",), PathKind.FIXED),
        (("file:///tmp/a",), PathKind.FIXED),
        (("/tmp/", SETTING, ".json"), PathKind.FIXED),
        ((Gap("setting", "/tmp/a"), "/b"), PathKind.FIXED),
        (("/tmp",), PathKind.WHOLE),
        (("/tmp/",), PathKind.WHOLE),
        (("/tmp/*",), PathKind.WHOLE),
        (("file:///tmp/",), PathKind.WHOLE),
        ((Gap("setting", "/tmp"),), PathKind.WHOLE),
        (("/tmpfiles/a",), PathKind.ELSEWHERE),
        (("/opt/tmp/a",), PathKind.ELSEWHERE),
        (("tmp/a",), PathKind.ELSEWHERE),
        (("./tmp/a",), PathKind.ELSEWHERE),
        (("",), PathKind.ELSEWHERE),
        ((), PathKind.ELSEWHERE),
        ((REQUEST,), PathKind.ELSEWHERE),
        ((SETTING, "/a"), PathKind.ELSEWHERE),
        ((UNKNOWN, "/tmp/a"), PathKind.ELSEWHERE),
        (("/tmp/", unique("call"), ".json"), PathKind.UNIQUE),
        (("/tmp/", unique("request")), PathKind.UNIQUE),
        (("/tmp/", unique("thread")), PathKind.UNIQUE),
        (("/tmp/", unique("second"), ".json"), PathKind.WEAK),
        (("/tmp/", REQUEST, ".json"), PathKind.REQUEST),
        (("/tmp/", REQUEST, SETTING), PathKind.REQUEST),
        (("/tmp/", BASE), PathKind.BASE),
        (("/tmp/", BASE, REQUEST), PathKind.REQUEST),
        (("/tmp/", BASE, unique("second")), PathKind.REQUEST),
        (("/tmp/", UNKNOWN), PathKind.UNKNOWN),
        (("/tmp/", UNKNOWN, unique("call")), PathKind.UNIQUE),
        (("/tmp/", REQUEST, unique("call")), PathKind.UNIQUE),
        (("/tmp/", REQUEST, unique("second")), PathKind.REQUEST),
    ],
)
@pytest.mark.parametrize("alone", [False, True])
def test_classification(text, kind, alone) -> None:
    assert classify(text, alone=alone) is kind


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (("/tmp/", unique("process")), PathKind.WEAK),
        (("/tmp/", unique("environment")), PathKind.UNIT),
        (("/tmp/", unique("environment"), BASE), PathKind.BASE),
        (("/tmp/", unique("process"), REQUEST), PathKind.REQUEST),
        (("/tmp/", unique("process"), UNKNOWN), PathKind.UNKNOWN),
    ],
)
def test_what_is_unique_to_a_process(text, kind) -> None:
    assert classify(text, alone=False) is kind
    assert classify(text, alone=True) is PathKind.UNIQUE


@pytest.mark.parametrize(
    ("text", "may_move"),
    [((), False), (("/tmp/a",), False), ((SETTING, "/a"), True), ((Gap("setting", "/tmp"),), True)],
)
def test_settings_may_move_a_path(text, may_move) -> None:
    assert has_default(text) is may_move
