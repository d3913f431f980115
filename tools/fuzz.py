"""Run lmi-lint on damaged copies of real files and report whatever is not an orderly answer.

    python tools/fuzz.py FOLDER [--language python] [--mutants 2000] [--seed 0] [--cli 100]

Files below the folder (sources of a language; with ``--language template`` what configures functions, with
``terraform`` and ``manifest`` whole folders of such files, of which some are damaged) are damaged in one to three ways
each and put into projects of several, which are analysed in this process; ``--cli`` counts those that are analysed
through the command line as well. Reported are exceptions, rules that failed, files whose reading crashed or took too
long, and reports that differ the second time. Everything follows from the seed. The exit code is 1 if there is any
such.
"""

from __future__ import annotations

import argparse
import codecs
import faulthandler
import random
import re
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

from msgspec import Struct

import lmi_lint
from lmi_lint.catalog.registry import load_pages
from lmi_lint.discover import discover
from lmi_lint.discover.manifests import is_manifest
from lmi_lint.discover.project import language_of
from lmi_lint.discover.shapes import handler_shapes
from lmi_lint.facts.isolation import Isolated
from lmi_lint.facts.source import FactSource
from lmi_lint.index import Index
from lmi_lint.model.finding import Severity
from lmi_lint.packs import rules_root
from lmi_lint.report import json_v1, text
from lmi_lint.settings import Settings

Mutation = Callable[[bytes, random.Random], bytes]

PER_PROJECT: Final = 8
STUCK_S: Final = 120
"""Seconds after which a project says where it is stuck."""

_MAX_BYTES: Final = 200_000
_TEMPLATES: Final = frozenset({".yaml", ".yml", ".json", ".template"})
_TERRAFORM: Final = (".tf", ".tf.json", ".tfvars")
_GROUPS: Final = frozenset({"terraform", "manifest"})
"""Kinds of files that only say something together with those beside them."""
_HANDLERS: Final = {
    "app.py": b"import boto3\ndef handler(event, context):\n    return boto3.client('s3')\n",
    "index.js": b"const aws = require('@aws-sdk/client-s3');\nexports.handler = async (event) => aws;\n",
    "src/main/java/H.java": b"import com.amazonaws.services.lambda.runtime.*;\npublic class H implements "
    b"RequestHandler<String, String> { public String handleRequest(String s, Context c) { return s; } }\n",
    "F.cs": b"using Amazon.Lambda.Core;\npublic class F { public string Handle(string s, ILambdaContext c) => s; }\n",
}
"""A handler in each language, without which nobody asks what a manifest says."""
_TOKEN: Final = re.compile(rb"\w+|[^\w\s]")
_NESTS: Final = (
    b"(", b"[", b"{", b"f(", b"a.b.", b"!", b"-", b"not ", b"x if y else ", b"lambda: ", b"() => ", b"a ? b : ", b"<A",
    b"List<", b"if (a) ", b"else if (a) {} ", b"`${", b"f'{", b'$"{', b"await ", b"new A(", b"a => ", b"a + ", b"\\",
    b'"', b"'", b"`", b"'''", b'"""', b"/*", b"*/", b"//", b"#if A\n", b"@", b"@a(", b"case ", b"class A { ",
    b"class A:\n ", b"try { ", b"x = ", b"x, ", b"*", b"**", b"[x for x in ", b"${", b"!Sub ", b"- ", b"? ", b"&a *a ",
    b"a: ", b"{a: ", b"!Join [", b"Fn::Sub: ",
)  # fmt: skip
_STRAYS: Final = (
    b"\0", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\xff", b"\xc3", b"\xf4\x90\x80\x80", "\u2028".encode(), b"\r", b"\x0c",
    "\u202e".encode(), b"\x1a", b"\t", b"\x1b[31m", "\U0001f600".encode(), b"\\u{110000}", b"\\ud800", b"\\N{x}",
    b"9" * 5000, b"0x", b"1e999", b"1_", b"\\\n",
)  # fmt: skip


# ---- ways to damage a file ----


def _truncate(data: bytes, rng: random.Random) -> bytes:
    return data[: rng.randrange(len(data) + 1)]


def _flip(data: bytes, rng: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(rng.randint(1, 20)):
        if changed:
            changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _range(data: bytes, rng: random.Random) -> tuple[int, int]:
    start = rng.randrange(len(data) + 1)
    return start, min(len(data), start + rng.choice((1, 5, 50, 500)))


def _delete(data: bytes, rng: random.Random) -> bytes:
    start, end = _range(data, rng)
    return data[:start] + data[end:]


def _duplicate(data: bytes, rng: random.Random) -> bytes:
    start, end = _range(data, rng)
    return data[:end] + data[start:end] * rng.choice((1, 1, 3, 100)) + data[end:]


def _move(data: bytes, rng: random.Random) -> bytes:
    start, end = _range(data, rng)
    rest = data[:start] + data[end:]
    at = rng.randrange(len(rest) + 1)
    return rest[:at] + data[start:end] + rest[at:]


def _swap_tokens(data: bytes, rng: random.Random) -> bytes:
    tokens = list(_TOKEN.finditer(data))
    if len(tokens) < 2:
        return data
    for _ in range(rng.randint(1, 5)):
        first, second = sorted(rng.sample(tokens, 2), key=lambda token: token.start())
        middle = data[first.end() : second.start()]
        if len(data) < second.end():
            break
        data = data[: first.start()] + second.group() + middle + first.group() + data[second.end() :]
        tokens = list(_TOKEN.finditer(data))
    return data


def _drop_tokens(data: bytes, rng: random.Random) -> bytes:
    tokens = list(_TOKEN.finditer(data))
    for token in sorted(rng.sample(tokens, min(len(tokens), rng.randint(1, 4))), key=lambda token: -token.start()):
        data = data[: token.start()] + data[token.end() :]
    return data


def _nest(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + rng.choice(_NESTS) * rng.choice((3, 40, 150, 1000, 1000, 20_000)) + data[at:]


def _indent(data: bytes, rng: random.Random) -> bytes:
    depth = rng.choice((5, 90, 200))
    return data + b"\n" + b"".join(b" " * level + b"if x:\n" for level in range(depth)) + b" " * depth + b"y = 1\n"


def _stray(data: bytes, rng: random.Random) -> bytes:
    for _ in range(rng.randint(1, 3)):
        at = rng.randrange(len(data) + 1)
        data = data[:at] + rng.choice(_STRAYS) + data[at:]
    return data


def _long_line(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data) + 1)
    return (
        data[:at]
        + (rng.choice((b"a", b" ", b"a ", b"a.", b"a=", b'""')) * 6000)[: rng.choice((4000, 6000))]
        + data[at:]
    )


def _recode(data: bytes, rng: random.Random) -> bytes:
    body = data.decode("utf-8", "replace")
    mark, name = rng.choice(((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF8, "utf-8"), (b"", "latin-1")))
    return mark + body.encode(name, "replace")


def _line_ends(data: bytes, rng: random.Random) -> bytes:
    return data.replace(b"\r\n", b"\n").replace(b"\n", rng.choice((b"\r\n", b"\r", b"\n\n")))


MUTATIONS: Final[tuple[Mutation, ...]] = (
    _truncate, _truncate, _flip, _delete, _delete, _duplicate, _duplicate, _move, _swap_tokens, _swap_tokens,
    _drop_tokens, _drop_tokens, _nest, _nest, _indent, _stray, _stray, _long_line, _recode, _line_ends,
)  # fmt: skip


def mutate(data: bytes, rng: random.Random) -> bytes:
    """A damaged copy of a file."""
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        data = rng.choice(MUTATIONS)(data, rng)[:_MAX_BYTES]
    return data


# ---- running them ----


class Trouble(Struct, frozen=True):
    """Something that is not an orderly answer: what, and the folder that shows it."""

    what: str
    folder: Path


class Outcome(Struct):
    """What a run over many projects came to. ``slowest``: seconds to read a file, its size and path; ``longest``:
    seconds to analyse a project and which."""

    mutants: int = 0
    read: int = 0
    through_cli: int = 0
    findings: int = 0
    troubles: list[Trouble] = []
    answers: Counter[str] = Counter()
    slowest: tuple[float, int, str] = (0.0, 0, "")
    longest: tuple[float, str] = (0.0, "")


def seeds(root: Path, language: str) -> list[Path]:
    """Files of a language below a folder in a fixed order, those with handlers thrice; for ``template`` those that
    configure functions or images, else those of that kind."""
    found: list[Path] = []
    for path in sorted(root.rglob("*")):
        if ".git" in path.parts or "node_modules" in path.parts or not path.is_file() or path.is_symlink():
            continue
        if path.stat().st_size > _MAX_BYTES:
            continue
        if language == "template":
            named = path.name.startswith(("serverless.", "Dockerfile", "samconfig."))
            if named or (path.suffix in _TEMPLATES and b"AWS::" in path.read_bytes()):
                found.append(path)
        elif language in _GROUPS:
            found += [path] * _belongs(path, language)
        elif (known := language_of(path.name)) is not None and known.family == language:
            found += [path] * (3 if handler_shapes(path.read_bytes(), known) else 1)
    return found


def _belongs(path: Path, kind: str) -> bool:
    return path.name.endswith(_TERRAFORM) if kind == "terraform" else is_manifest(path.name)


def _group(origin: Path, kind: str, place: Path, rng: random.Random) -> None:
    """A damaged copy of a file and copies of those of its kind beside it, half of them damaged."""
    for path in sorted(origin.parent.iterdir()):
        if path != origin and path.is_file() and path.stat().st_size <= _MAX_BYTES and _belongs(path, kind):
            data = path.read_bytes()
            (place / path.name).write_bytes(mutate(data, rng) if rng.random() < 1 / 2 else data)
    for name, data in _HANDLERS.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(data)


def projects(files: Sequence[Path], mutants: int, seed: int, folder: Path, language: str = "") -> Iterator[Path]:
    """Folders with damaged files, each gone when the next is asked for."""
    for number in range(0, mutants, PER_PROJECT):
        rng = random.Random(seed * 1_000_003 + number)  # noqa: S311  reproducible on purpose
        with tempfile.TemporaryDirectory(dir=folder, prefix=f"{seed}-{number}-") as name:
            project = Path(name)
            for index in range(min(PER_PROJECT, mutants - number)):
                origin = rng.choice(files)
                place = project / f"{'p' if index % 2 else 'q'}{index}"
                place.mkdir()
                if language in _GROUPS:
                    _group(origin, language, place, rng)
                (place / origin.name).write_bytes(mutate(origin.read_bytes(), rng))
            yield project


def answer(project: Path) -> tuple[lmi_lint.Report, str]:
    """The report on a project and all that is said of it. Raises what lmi-lint raises."""
    request = lmi_lint.Request(paths=(project,), root=project, min_severity=Severity.NOTE, pedantic=True)
    report: lmi_lint.Report = lmi_lint.run(request)
    pages = load_pages([rules_root()])
    said = re.sub(r'"ms":\s*\{[^}]*\}', "", json_v1.render(report, pages))
    return report, said + text.render(report, pages)


def examine(project: Path, outcome: Outcome, *, twice: bool) -> None:
    """Analyse one project and note what is amiss."""
    faulthandler.dump_traceback_later(STUCK_S)
    began = time.monotonic()
    try:
        report, said = answer(project)
        if twice and answer(project)[1] != said:
            outcome.troubles.append(Trouble("another report the second time", project))
    except Exception:  # noqa: BLE001  this is what is looked for
        outcome.troubles.append(Trouble(traceback.format_exc(), project))
        return
    finally:
        faulthandler.cancel_dump_traceback_later()
    outcome.findings += len(report.findings)
    outcome.longest = max(outcome.longest, ((time.monotonic() - began) / (1 + twice), project.name))
    for message in report.internal_errors:
        outcome.troubles.append(Trouble(message, project))
    for problem in report.problems:
        outcome.answers[problem.kind] += 1
        if problem.kind == "no-isolation" or problem.message.endswith(": not analysed"):
            outcome.troubles.append(Trouble(f"{problem.location}: {problem.message}", project))


def read_all(project: Path, reader: Isolated, outcome: Outcome) -> None:
    """Read every file, reached or not, and ask the index about it."""
    files = discover([project], Settings(), project)
    facts, index = FactSource(files, reader), Index.of(files)
    for path in sorted(files.all_sources):
        index.handler_shapes(path)
        index.types_of(path)
        began = time.monotonic()
        module = facts.facts(path)
        taken = time.monotonic() - began
        outcome.slowest = max(outcome.slowest, (taken, (project / path).stat().st_size, f"{project.name}/{path}"))
        outcome.read += module is not None
        for flaw in module.flaws if module is not None else ():
            outcome.answers[re.sub(r"\d+|[^\w ].*", "", flaw.message)[:40]] += 1
            if "not analysed (" in flaw.message or "parser stopped" in flaw.message:
                outcome.troubles.append(Trouble(f"{path}: {flaw.message}", project))
    for problem in facts.problems:
        if problem.kind == "not-analysed":
            outcome.troubles.append(Trouble(f"{problem.location}: {problem.message}", project))


def examine_cli(project: Path, outcome: Outcome) -> None:
    """Analyse one project through the command line and note what is amiss."""
    command = [sys.executable, "-m", "lmi_lint", "--pedantic", str(project)]
    done = subprocess.run(command, capture_output=True, timeout=STUCK_S, check=False)
    outcome.through_cli += sum(1 for path in project.rglob("*") if path.is_file())
    if done.returncode not in {0, 1} or done.stderr:
        outcome.troubles.append(Trouble(f"exit {done.returncode}: {done.stderr.decode('utf-8', 'replace')}", project))


def fuzz(
    files: Sequence[Path],
    mutants: int,
    seed: int,
    folder: Path,
    cli: int = 0,
    keep: Path | None = None,
    language: str = "",
) -> Outcome:
    """Damage files and analyse them; every fourth project twice. Projects with trouble are copied to ``keep``."""
    outcome, reader = Outcome(troubles=[], answers=Counter()), Isolated()
    for number, project in enumerate(projects(files, mutants, seed, folder, language)):
        before = len(outcome.troubles)
        outcome.mutants += min(PER_PROJECT, mutants - number * PER_PROJECT)
        examine(project, outcome, twice=number % 4 == 0)
        read_all(project, reader, outcome)
        if outcome.through_cli < cli:
            examine_cli(project, outcome)
        if keep is not None and len(outcome.troubles) > before:
            for trouble in outcome.troubles[before:]:
                print(f"{project.name}: {trouble.what}", flush=True)
            project.rename(project.with_name("kept")).rename(keep / project.name)
            project.mkdir()
    reader.close()
    return outcome


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    kinds = ["python", "javascript", "java", "csharp", "template", *sorted(_GROUPS)]
    parser.add_argument("--language", choices=kinds, default="python")
    parser.add_argument("--mutants", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--cli", type=int, default=0)
    parser.add_argument("--keep", type=Path, help="where projects with trouble are kept")
    options = parser.parse_args()
    files = seeds(options.folder, options.language)
    if not files:
        parser.error(f"no files of {options.language} below {options.folder}")
    with tempfile.TemporaryDirectory(prefix="fuzz-") as name:
        keep = options.keep or Path(tempfile.mkdtemp(prefix="fuzz-kept-"))
        keep.mkdir(parents=True, exist_ok=True)
        outcome = fuzz(files, options.mutants, options.seed, Path(name), options.cli, keep, options.language)
    print(
        f"{outcome.mutants} mutants of {len(set(files))} files, {outcome.through_cli} of them through the command line"
    )
    print(f"{outcome.read} read, {outcome.findings} findings, slowest file {outcome.slowest}")
    print(f"answers {dict(outcome.answers.most_common(20))}")
    print(f"longest project {outcome.longest}, {len(outcome.troubles)} troubles")
    return 1 if outcome.troubles else 0


if __name__ == "__main__":
    sys.exit(main())
