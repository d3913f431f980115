r"""Compare PMD, SpotBugs and ESLint with lmi-lint on labelled sites: the figures of ``docs/design/peers.md``.

    python tools/peers.py --labels labels.jsonl --trees TREES --reports OUT --language java \
        --pmd PMD_JARS --spotbugs SPOTBUGS_HOME --built BUILT
    python tools/peers.py --labels labels.jsonl --trees TREES --reports OUT --language javascript --eslint NODE_PROJECT

TREES holds one checked-out repository per folder, named ``owner+name``. A label is one line of JSON with repo, path,
line, end_line, language, category and verdict (hazard, advisory, safe). A peer runs only where its option is given,
and a report that OUT already holds is used again. BUILT mirrors TREES with compiled copies: the folders
``target/classes`` and ``build/classes/java/main`` in it are what SpotBugs reads, the jars of ``BUILT/owner+name.lib``
are on its class path; a repository without them was not built and is named. PMD_JARS is a folder with pmd-cli,
pmd-java and what they depend on; NODE_PROJECT one with eslint, @typescript-eslint/parser and typescript installed.

A finding meets a label when the file is the same and the place within three lines, and a hazard or advice also when it
is at the declaration of the variable that lmi-lint's finding there names: PMD reports declarations. What counts as a
finding of a peer is listed below, in two widths: its own concurrency category, and with it the single rules of its
other categories that see one of the hazards. lmi-lint's must be of a category that the label's allows; its notes
count only for advice.
"""

from __future__ import annotations

import argparse
import collections
import json
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import msgspec

SLACK = 3
"""Lines that a finding may lie above or below the label."""

PMD_NEIGHBOURS = ("errorprone.xml/AssignmentToNonFinalStatic", "errorprone.xml/DoNotTerminateVM",
                  "design.xml/MutableStaticState")  # fmt: skip
"""PMD's rules outside its category Multithreading that see shared state or an exit of the process."""

SPOTBUGS_NEIGHBOURS = ("MS_", "ST_WRITE_TO_STATIC_FROM_INSTANCE_METHOD", "SING_SINGLETON_GETTER_NOT_SYNCHRONIZED",
                       "EI_EXPOSE_STATIC_", "DM_EXIT", "DMI_HARDCODED_ABSOLUTE_FILENAME", "AWS_LAMBDA_")  # fmt: skip
"""Beginnings of SpotBugs patterns outside MT_CORRECTNESS: mutable and written statics, exits, fixed file names,
and what the SnapStart plugin of AWS reports where it is given."""

ENDINGS = {
    "java": (".java",),
    "javascript": (".js", ".mjs", ".cjs", ".jsx"),
    "typescript": (".ts", ".tsx", ".mts", ".cts"),
}
"""Endings of the source files of a labelled language; findings elsewhere, such as in templates, are not compared."""

OWN_CATEGORIES = {
    "SHARED_STATE": ("shared-state", "db-connection", "process-state"),
    "TMP_PATH": ("temp-path",),
    "DB_CONN": ("db-connection", "shared-state"),
    "CALLBACK": ("callback-handler",),
    "ENV_MUTATION": ("env-mutation", "process-state"),
    "PROCESS_STATE": ("process-state", "shared-state", "env-mutation"),
    "CLIENT_PER_INVOCATION": ("client-reuse", "db-connection"),
    "MEMORY": ("memory",),
}
"""Categories of lmi-lint's findings that meet a label of each category."""

ESLINT = """
import parser from "@typescript-eslint/parser";
const shared = { rules: { "require-atomic-updates": "error" } };
export default [
  { ignores: ["**/node_modules/**", "**/*.min.js"] },
  { files: ["**/*.{js,mjs,cjs,jsx}"], languageOptions: { parserOptions: { ecmaFeatures: { jsx: true } } }, ...shared },
  { files: ["**/*.{ts,tsx,mts,cts}"], languageOptions: { parser }, ...shared },
];
"""


class Label(msgspec.Struct, frozen=True):
    """A labelled site; lines are 1-based, end_line is 0 where the label names a single line."""

    repo: str
    path: str
    line: int
    language: str
    category: str
    verdict: str
    end_line: int = 0


class Found(msgspec.Struct, frozen=True):
    """A finding: path in POSIX form within its tree, 1-based lines. ``core`` is false for a neighbouring rule, ``also``
    holds the other places it names; ``category``, ``note`` and ``declared``, where its variable is, are lmi-lint's."""

    rule: str
    path: str
    first: int
    last: int
    message: str
    core: bool = True
    also: tuple[tuple[str, int, int], ...] = ()
    category: str = ""
    note: bool = False
    declared: tuple[tuple[str, int, int], ...] = ()


Reader = Callable[[Path], list[Found] | None]
"""Gives the findings of a tool in a tree; None where the tool could not be run on it."""


def run(words: Iterable[str | Path], cwd: Path | None = None) -> str:
    """Standard output of a tool. Linters exit with 1 when they find something, so the status says nothing here."""
    done = subprocess.run([str(word) for word in words], cwd=cwd, capture_output=True, text=True, check=False)
    if not done.stdout and done.stderr:
        print(f"{done.args[0]}: {done.stderr.strip()[-300:]}", file=sys.stderr)
    return done.stdout


def inside(path: str, tree: Path) -> str:
    """The path within the tree, in POSIX form."""
    return Path(path).relative_to(tree).as_posix() if Path(path).is_absolute() else Path(path).as_posix()


def lmi_lint(reports: Path) -> Reader:
    """lmi-lint of the interpreter that runs this script, with notes."""

    def read(tree: Path) -> list[Found]:
        kept = reports / f"lmi-lint-{tree.name}.json"
        if not kept.exists():
            options = ("--no-cache", "--format", "json", "--exit-zero", "--min-severity", "note")
            kept.write_text(run([sys.executable, "-m", "lmi_lint", *options, tree]))
        return [_own(finding, tree) for finding in json.loads(kept.read_text())["findings"]]

    return read


def _own(finding: dict[str, Any], tree: Path) -> Found:
    steps = [*finding["related"], *finding["trace"]]
    places = [finding["location"], *(step["location"] for step in steps)]
    spots = [(inside(place["path"], tree), place["start"]["line"], place["end"]["line"]) for place in places]
    named = [spot for spot, step in zip(spots[1:], steps, strict=True) if step["message"].endswith(" is declared here")]
    return Found(
        finding["rule"], *spots[0], finding["message"], also=tuple(spots[1:]),
        category=finding["category"], note=finding["severity"] == "note",
        declared=tuple(named),
    )  # fmt: skip


def pmd(reports: Path, jars: Path) -> Reader:
    """PMD with its category Multithreading and the neighbours."""
    rules = ["multithreading.xml", *PMD_NEIGHBOURS]
    references = "".join(f'<rule ref="category/java/{rule}"/>' for rule in rules)
    head = '<?xml version="1.0"?><ruleset name="peers" xmlns="http://pmd.sourceforge.net/ruleset/2.0.0">'

    def read(tree: Path) -> list[Found]:
        kept = reports / f"pmd-{tree.name}.json"
        if not kept.exists():
            with tempfile.NamedTemporaryFile("w", suffix=".xml") as ruleset:
                ruleset.write(f"{head}<description>peers</description>{references}</ruleset>")
                ruleset.flush()
                java = ("java", "-cp", f"{jars}/*", "net.sourceforge.pmd.cli.PmdCli", "check", "--no-cache")
                run([*java, "-d", tree, "-R", ruleset.name, "-f", "json", "-r", kept, "--no-progress"])
        return [
            Found(
                one["rule"], inside(file["filename"], tree), one["beginline"], one["endline"], one["description"],
                core=one["ruleset"] == "Multithreading",
            )
            for file in json.loads(kept.read_text())["files"]
            for one in file["violations"]
        ]  # fmt: skip

    return read


def spotbugs(reports: Path, home: Path, built: Path, plugins: str) -> Reader:
    """SpotBugs at its greatest effort and lowest threshold."""

    def read(tree: Path) -> list[Found] | None:
        copy = built / tree.name
        folders = sorted(p for name in ("target/classes", "build/classes/java/main") for p in copy.rglob(name))
        jars = ":".join(map(str, sorted((built / f"{tree.name}.lib").glob("*.jar"))))
        found: list[Found] = []
        for number, classes in enumerate(folders):
            kept = reports / f"spotbugs-{tree.name}-{number}.xml"
            if not kept.exists():
                java = ["java", "-Xmx1500m", "-cp", f"{home}/lib/*", "edu.umd.cs.findbugs.FindBugs2"]
                java += ["-pluginList", plugins] if plugins else []
                java += ["-low", "-effort:max", f"-xml:withMessages={kept}", "-auxclasspath", jars]
                run([*java, classes])
            up = 2 if classes.parent.name == "target" else 4
            module = tree.joinpath(*classes.relative_to(copy).parts[:-up])
            found += _bugs(kept, tree, module)
        return found if folders else None

    return read


def _bugs(report: Path, tree: Path, module: Path) -> Iterator[Found]:
    """Findings of one report of SpotBugs. It names sources by package: the file is looked for in the module."""
    sources: dict[str, list[str]] = collections.defaultdict(list)
    for source in sorted(module.rglob("*.java")):
        sources[source.name].append(source.relative_to(tree).as_posix())
    for bug in ET.parse(report).getroot().iter("BugInstance"):  # noqa: S314
        core = bug.get("category") == "MT_CORRECTNESS"
        rule = bug.get("type", "")
        if not core and not rule.startswith(SPOTBUGS_NEIGHBOURS):
            continue
        spots = [
            (path, int(line.get("start", 0)), int(line.get("end", 0)))
            for depth in ("SourceLine", "*/SourceLine")
            for line in bug.findall(depth)
            for path in sources[line.get("sourcefile", "")]
            if path.endswith(line.get("sourcepath", "")) and line.get("start")
            # A class or a method that the finding is about is no place; a field's line is.
            if depth == "SourceLine" or int(line.get("end", 0)) - int(line.get("start", 0)) <= 2 * SLACK
        ]
        if spots:
            confidence = {"1": "high", "2": "medium"}.get(bug.get("priority", ""), "low")
            message = f"{bug.findtext('LongMessage', '')} ({confidence} confidence)"
            yield Found(rule, *spots[0], message, core=core, also=tuple(spots[1:]))


def eslint(reports: Path, project: Path) -> Reader:
    """ESLint with require-atomic-updates alone."""

    def read(tree: Path) -> list[Found]:
        kept = (reports / f"eslint-{tree.name}.json").resolve()
        if not kept.exists():
            config = project / "eslint.peers.config.mjs"
            config.write_text(ESLINT)
            options = ("--no-inline-config", "--config", config, "--format", "json", "--no-error-on-unmatched-pattern")
            # ESLint leaves out what is not below the folder it is started in.
            kept.write_text(run([project / "node_modules/.bin/eslint", *options, "."], cwd=tree))
        return [
            Found(str(one["ruleId"]), inside(file["filePath"], tree), one["line"], one["endLine"], one["message"])
            for file in json.loads(kept.read_text())
            for one in file["messages"]
            if one["ruleId"]
        ]

    return read


def meets(label: Label, found: Found, declared: Iterable[tuple[str, int, int]] = ()) -> bool:
    """Whether the finding is at the label, or at one of the declarations; other places of a finding count for hazards
    and advice only."""
    if (found.path, found.first) in {(path, first) for path, first, _ in declared} and label.verdict != "safe":
        return True
    low, high = label.line - SLACK, (label.end_line or label.line) + SLACK
    if found.category and found.category not in OWN_CATEGORIES[label.category]:
        return False
    if found.note and label.verdict != "advisory":
        return False
    spots = [(found.path, found.first, found.last), *(found.also if label.verdict != "safe" else ())]
    return any(path == label.path and first <= high and min(last, first + 40) >= low for path, first, last in spots)


def columns(peers: dict[str, Reader], tree: Path) -> dict[str, list[Found] | None]:
    """Findings of every tool in one tree; a tool with neighbouring rules has a second, wider column."""
    out: dict[str, list[Found] | None] = {}
    for name, read in peers.items():
        found = read(tree)
        out[name] = found and [one for one in found if one.core]
        if name in ("PMD", "SpotBugs"):
            out[f"{name} +"] = found
    return out


def table(scores: dict[str, collections.Counter[tuple[str, str, str]]], labels: list[Label], by: str) -> Iterator[str]:
    """Lines of a Markdown table: found or violated of all, one row per value of the label's field."""
    yield f"| {by} | verdict | sites | {' | '.join(scores)} |"
    yield "| --- | --- | --: |" + " --: |" * len(scores)
    values = sorted({str(getattr(label, by)) for label in labels})
    for value in [*values, "all"]:
        for verdict in ("hazard", "advisory", "safe"):
            mine = [one for one in labels if one.verdict == verdict and value in ("all", getattr(one, by))]
            if mine:
                counts = [str(score[by, value, verdict]) for score in scores.values()]
                yield f"| {value} | {verdict} | {len(mine)} | {' | '.join(counts)} |"


def score(labels: list[Label], trees: Path, peers: dict[str, Reader], sample: int) -> Iterator[str]:
    """Lines of the report: the sites one by one, the tables, and where asked a sample of other findings to read."""
    scores: dict[str, collections.Counter[tuple[str, str, str]]] = {}
    others: dict[str, list[str]] = collections.defaultdict(list)
    for repo in sorted({label.repo for label in labels}):
        tree = (trees / repo.replace("/", "+")).resolve()
        mine = [label for label in labels if label.repo == repo]
        own = peers["lmi-lint"](tree) or []
        declared = {label: {spot for one in own if meets(label, one) for spot in one.declared} for label in mine}
        for name, found in columns(peers, tree).items():
            counter = scores.setdefault(name, collections.Counter())
            if found is None:
                yield f"{repo}: not built, {name} says nothing of it"
                continue
            for label in mine:
                met = [one for one in found if meets(label, one, () if one in own else declared[label])]
                rules = ", ".join(sorted({one.rule for one in met})) or "-"
                yield f"{label.verdict:<9}{label.category:<22}{repo}/{label.path}:{label.line}  {name}: {rules}"
                for key in (("repo", repo), ("category", label.category)):
                    counter[(*key, label.verdict)] += bool(met)
                    counter[key[0], "all", label.verdict] += bool(met)
            endings = tuple(ending for label in mine for ending in ENDINGS[label.language])
            ours = (one for one in found if not one.note and one.path.endswith(endings))
            apart = (one for one in ours if not any(meets(label, one, declared[label]) for label in mine))
            others[name] += [f"{repo}/{one.path}:{one.first}  {one.rule}  {one.message}" for one in apart]
    for by in ("repo", "category"):
        yield from ("", *table(scores, labels, by))
    for name, lines in others.items():
        yield f"\n{name}: {len(lines)} findings at no label"
        yield from random.Random(0).sample(lines, min(sample, len(lines)))  # noqa: S311


def main() -> None:
    """Print the report."""
    ask = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    for name in ("labels", "trees", "reports"):
        ask.add_argument(f"--{name}", required=True, type=Path)
    for name in ("pmd", "spotbugs", "built", "eslint"):
        ask.add_argument(f"--{name}", type=Path)
    ask.add_argument("--plugins", default="", help="jars of SpotBugs plugins, separated by the path separator")
    ask.add_argument("--language", action="append", required=True, choices=ENDINGS, help="may be repeated")
    ask.add_argument("--sample", type=int, default=0, help="print this many findings of each tool that meet no label")
    args = ask.parse_args()
    args.reports.mkdir(parents=True, exist_ok=True)
    peers: dict[str, Reader] = {"lmi-lint": lmi_lint(args.reports)}
    if args.pmd:
        peers["PMD"] = pmd(args.reports, args.pmd.resolve())
    if args.spotbugs and args.built:
        peers["SpotBugs"] = spotbugs(args.reports, args.spotbugs.resolve(), args.built.resolve(), args.plugins)
    if args.eslint:
        peers["ESLint"] = eslint(args.reports, args.eslint.resolve())
    rows = [msgspec.json.decode(line, type=Label) for line in args.labels.read_bytes().splitlines() if line.strip()]
    for line in score([row for row in rows if row.language in args.language], args.trees, peers, args.sample):
        print(line)


if __name__ == "__main__":
    main()
