"""Calls of libraries by what rules ask for: what looking at each of them would find, in the same order."""

from __future__ import annotations

import gc
import weakref
from typing import TYPE_CHECKING

import lmi_lint
from lmi_lint.deploy.consulted import Consulted
from lmi_lint.pipeline.judging import Judge
from tests.link.linking import link_one, write

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from lmi_lint.link.link import Linked
    from lmi_lint.pipeline.judged import Judged

CODE = """
    const fs = require('fs');
    const { Pool } = require('pg');
    const pools = [new Pool({ max: 3 }), new Pool({ max: 4 })];
    exports.handler = async (event) => {
      const pool = pools[event.which];
      fs.writeFileSync('/tmp/a', event.body);
      await pool.query('select 1');
      fs.unlinkSync('/tmp/a');
      await pools[0].query('select 2');
      fs.writeFileSync('/tmp/b', event.body);
    };
"""


def test_calls_are_found_by_role_name_receiver_and_place(tmp_path: Path) -> None:
    program = link_one(tmp_path, {"index.js": CODE})
    calls, index = program.calls, program.index
    roles = ("file.write", "file.delete")
    assert [call.role for call in index.with_role(roles)] == ["file.write", "file.delete", "file.write"]
    assert index.with_role(roles) == [call for call in calls if call.role in roles]
    assert index.with_role(("", "pool.open")) == [call for call in calls if call.role in ("", "pool.open")]
    names = ("fs.writeFileSync", "pg.Pool.query", "not.called")
    assert index.named(names) == [call for call in calls if call.name in names]
    receivers = {obj for call in calls for obj in call.receiver.objects()}
    assert set(index.receivers) == receivers
    for obj in receivers:
        assert index.on((obj,)) == [call for call in calls if obj in call.receiver.objects()]
    assert index.on(receivers) == [call for call in calls if call.receiver.refs]
    assert all(call in index.at[call.context, call.event] for call in calls)
    assert index.known == [call for call in calls if call.entry is not None]


def test_a_program_goes_before_the_next_one_comes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, {f"f{number}.js": CODE for number in range(4)})
    there: list[weakref.ref[object]] = []
    alive: list[int] = []
    real = Judge._checked

    def checked(judge: Judge, linked: Linked, function: Consulted) -> Judged:
        assert not gc.isenabled(), "nothing else may do it"
        assert linked.program is not None
        there.append(weakref.ref(linked.program.machine))
        alive.append(sum(each() is not None for each in there))
        return real(judge, linked, function)

    monkeypatch.setattr(Judge, "_checked", checked)
    lmi_lint.run(lmi_lint.Request(paths=(tmp_path,), cache=False, jobs=1))
    assert alive == [1, 1, 1, 1]
    assert gc.isenabled()
