"""Where the processor time of a cold run goes: one line for each tree, as a Markdown table.

    python -m tools.stages TREE…

Each tree is judged in a process of its own, without cache and with one job, so that the reader of files is the only
other process. *share*: what link and check take of all processor time, the reader's and that of starting up included.
The other columns are milliseconds of processor time per 1,000 lines that were read. Processor time swings too where
cores are shared: compare runs that took turns.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from lmi_lint.deploy.model import DeployedFunction
from lmi_lint.pipeline.judged import Judged
from lmi_lint.pipeline.judging import Judge
from lmi_lint.pipeline.run import run
from lmi_lint.request import Request

HEAD = "| tree | functions | lines | share | lower | extract | link | check | rest | seconds |"


def measure(tree: Path) -> str:
    """The row of one tree. Has to be all that its process does."""
    time.perf_counter = time.process_time  # what the stages are timed by
    spent: Counter[str] = Counter()
    judged = Judge._judged  # noqa: SLF001  its caller takes out what reading took, as it was waited for

    def noted(judge: Judge, functions: tuple[DeployedFunction, ...], seconds: dict[str, float]) -> Iterator[Judged]:
        yield from judged(judge, functions, seconds)
        spent.update({stage: 1000 * each for stage, each in seconds.items()})

    setattr(Judge, judged.__name__, noted)
    report = run(Request(paths=(tree,), cache=False, jobs=1))
    usage = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    total = 1000 * sum(each.ru_utime + each.ru_stime for each in usage)
    spent.update({stage: each for stage, each in report.stats.ms if stage in ("lower", "extract")})
    lines = max(report.stats.lines, 1)
    rest = total - sum(spent[stage] for stage in ("lower", "extract", "link", "check"))
    parts = [spent["lower"], spent["extract"], spent["link"], spent["check"], rest]
    share = (spent["link"] + spent["check"]) / total
    row = [tree.name, len(report.functions), report.stats.lines, f"{share:.0%}"]
    row += [f"{part * 1000 / lines:.0f}" for part in parts]
    return f"| {' | '.join(map(str, row))} | {total / 1000:.1f} |"


def main() -> None:
    """The whole table, or the row of the tree that a process of its own is for."""
    if sys.argv[1:2] == ["--row"]:
        print(measure(Path(sys.argv[2])))
        return
    missing = [tree for tree in sys.argv[1:] if not Path(tree).is_dir()]
    if missing or not sys.argv[1:]:
        sys.exit(f"error: {missing[0]}: no such folder" if missing else "usage: python -m tools.stages TREE…")
    print(HEAD)
    print("|" + " --- |" * (HEAD.count("|") - 1))
    for tree in sys.argv[1:]:
        subprocess.run([sys.executable, "-m", "tools.stages", "--row", tree], check=True)


if __name__ == "__main__":
    main()
