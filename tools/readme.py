"""Writes the generated parts of README.md; ``--check`` fails if they are not up to date instead."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from lmi_lint.catalog.page import Page  # noqa: E402  the checkout's package, installed or not
from lmi_lint.catalog.registry import load_pages  # noqa: E402
from lmi_lint.packs import rules_root  # noqa: E402

SAMPLE = "fixtures/projects/orders-sam"
SELECT = "LMI104"
"""One rule is enough to show what a finding looks like."""


def rule_table() -> str:
    """The table of rules, as Markdown."""
    lines = ["| rule | name | severity | what |", "| --- | --- | --- | --- |"]
    lines += [_row(page) for page in load_pages([rules_root()]).values()]
    return "\n".join(lines)


def _row(page: Page) -> str:
    link = f"[{page.id}](rules/catalog/{page.id}-{page.name}.md)"
    return f"| {link} | {page.name} | {', '.join(item.value for item in page.severity)} | {page.summary} |"


def example() -> str:
    """The command and its report on the sample project."""
    from lmi_lint.pipeline.run import run
    from lmi_lint.report.text import render
    from lmi_lint.request import Request

    folder = ROOT / SAMPLE
    report = run(Request(paths=(folder,), root=folder, select=(SELECT,)))
    shown = render(report, load_pages([rules_root()]))
    return f"```console\n$ lmi-lint --select {SELECT} {SAMPLE}\n{shown}```"


def updated(text: str) -> str:
    """The README's text with each part between ``<!-- name:begin -->`` and ``<!-- name:end -->`` made anew."""
    parts: dict[str, Callable[[], str]] = {"rules": rule_table, "example": example}
    for name, make in parts.items():
        pattern = re.compile(rf"(<!-- {name}:begin -->\n).*?(<!-- {name}:end -->)", re.DOTALL)
        made = make()
        text, count = pattern.subn(lambda match, made=made: f"{match[1]}\n{made}\n\n{match[2]}", text)  # type: ignore[misc]
        if count != 1:
            raise SystemExit(f"README.md must hold the markers of {name} once, it holds them {count} times")
    return text


def main() -> None:
    """Write or check."""
    readme = ROOT / "README.md"
    old = readme.read_text(encoding="utf-8")
    new = updated(old)
    if old == new:
        return
    if "--check" in sys.argv[1:]:
        raise SystemExit("README.md is not up to date: run tools/readme.py")
    readme.write_text(new, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
