"""The same sources give the same report, whatever the hash seed and the order of memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from textwrap import dedent

import pytest

from lmi_lint.link.show import show_heap, show_summary
from tests.harness import ROOT
from tests.link.linking import link_one, write

SOURCES = {
    "package.json": '{"type": "module"}',
    "index.js": """
        import { Mutex } from 'async-mutex';
        import { cache, load, Store } from './store.js';
        const mutex = new Mutex();
        const stores = [new Store('a'), new Store('b'), new Store('c')];
        let user; let count = 0; let token;
        export const handler = async (event) => {
          user = event.user;
          token ??= await load();
          for (const store of stores) { await store.put(event.id, user); }
          await mutex.runExclusive(async () => { const seen = count; await load(); count = seen + 1; });
          cache.set(event.id, { user, at: Date.now() });
          return { user, count, token, size: cache.size };
        };
        """,
    "store.js": """
        export const cache = new Map();
        export const load = async () => (await fetch(process.env.URL)).json();
        export class Store {
          constructor(name) { this.name = name; this.puts = 0; this.last = null; }
          async put(id, user) {
            const n = this.puts; this.last = user; await load(); this.puts = n + 1; return this.last;
          }
        }
        """,
}
# Shuffles where objects lie, hence the order of sets of objects that hash by address.
SCATTER = """
    import random, sys
    sys.path.insert(0, sys.argv[2])
    held = [bytearray(random.Random(int(sys.argv[1])).randrange(16, 4096)) for _ in range(int(sys.argv[1]) * 997)]
    del held[::2]
    from pathlib import Path
    import lmi_lint
    from lmi_lint.report import json_v1
    from lmi_lint.pipeline.anew import registry
    request = lmi_lint.Request(paths=(Path(sys.argv[3]),), root=Path(sys.argv[3]), pedantic=True)
    print(json_v1.render(lmi_lint.run(request), registry().pages))
    from lmi_lint.debug import show_stage
    print(show_stage("heap", Path(sys.argv[3]) / "index.js"))
    print(show_stage("summary", Path(sys.argv[3]) / "index.js"))
    """


def test_twice_in_one_process(tmp_path) -> None:
    first, second = (link_one(tmp_path, SOURCES) for _ in range(2))
    assert show_heap(first) == show_heap(second)
    assert show_summary(first) == show_summary(second)
    assert first.races


@pytest.fixture
def output(tmp_path):
    """A hash seed → what a process of its own says about the project: report and debug views."""
    write(tmp_path, SOURCES)

    def run(seed: int) -> str:
        arguments = [sys.executable, "-c", dedent(SCATTER), str(seed), str(ROOT), str(tmp_path)]
        environment = {**os.environ, "PYTHONHASHSEED": str(seed), "PYTHONUTF8": "1"}
        done = subprocess.run(arguments, env=environment, capture_output=True, encoding="utf-8", check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


def without_times(said: str) -> tuple[dict[str, object], str]:
    """The report without its durations, and the views after it."""
    document, end = json.JSONDecoder().raw_decode(said)
    document.pop("stats", None)
    return document, said[end:]


def test_hash_seeds(output) -> None:
    first, *others = (without_times(output(seed)) for seed in (1, 2, 3))
    assert all(other == first for other in others)
    assert first[0]["findings"]
