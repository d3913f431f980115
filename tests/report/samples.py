"""Reports that tests of HTML and Markdown share: with hostile names, and with fitness and cost."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from lmi_lint.cost.estimate import estimate
from lmi_lint.cost.model import Estimate, Pool, RacePrice
from lmi_lint.deploy.model import DeployedFunction
from lmi_lint.fitness.model import Assessment, Basis, Fit, Fitness, Leaning, Recommendation, Signal
from lmi_lint.model.finding import Confidence, Location, Problem, Severity
from lmi_lint.model.source import SourceFile, Span, TextFile
from lmi_lint.model.verdict import Verdict
from lmi_lint.triage.model import FunctionReport, Report, Stats
from tests.cost import examples
from tests.triage.builders import PAGES, at, finding, function, source

HOSTILE = (
    "</title></style></script><script>alert(1)</script><img src=x onerror=alert(1)>\"' onload=alert(1) "
    "<!-- ]]> & &amp; ` `` | \\| [x](javascript:alert(1)) ![y](//evil.example/z) **b** ~~s~~ $e$ @octocat #12 "
    "https://evil.example www.evil.example GH-1 \u202e\x1b[31m\x00\ud800 </details></table></svg>"
)
"""A name that tries to be everything but text."""


def hostile_report() -> Report:
    """Every text that comes from a repository tries to be mark-up."""
    file = SourceFile(f"src/{HOSTILE}.js", f"let a = '{HOSTILE[:60]}';\n".encode(), language=source("").language)
    template = TextFile(f"{HOSTILE}.yaml", b"Resources:\n  F:\n")
    gone = Location(f"gone/{HOSTILE}.js", Span(0, 0), HOSTILE)
    called = function(HOSTILE, template=template.path, location=Location(template.path, Span(13, 14)), runtime=HOSTILE)
    found = finding(
        at(file, "a", HOSTILE),
        message=HOSTILE,
        related=(at(file, "let", HOSTILE), gone),
        trace=(gone, at(file, "let", HOSTILE)),
        reasons=(HOSTILE,),
        remedy=HOSTILE,
        handlers=(called.key, HOSTILE),
    )
    return Report(
        (found, finding(gone, "LMI001", severity=Severity.NOTE, message=HOSTILE)),
        (
            FunctionReport(called, Verdict.BLOCKED, errors=1),
            FunctionReport(function("Clean"), Verdict.READY, calls_resolved=3, calls_unresolved=1),
        ),
        (Problem("parse-error", HOSTILE, gone), Problem("too-large", HOSTILE)),
        Stats(files_read=1),
        {file.path: file, template.path: template},
        pages=PAGES,
    )


def plain_report() -> Report:
    """A report of every severity, in two files, with a long line and wide characters."""
    file = source(
        "export const handler = async () => {\n"
        f"  const 値段 = '{'寿司' * 40}'; total += 1; {'x' * 200}\n"
        "  total = await next(total);\n"
        "};\n",
        "src/handler.js",
    )
    other = source("total();\nfoo();\n\n\n\n\nbar();\n", "src/other.js")
    template = TextFile("template.yaml", b"Resources:\n  Orders:\n    Type: X\n")
    orders = function(
        "Orders", template="template.yaml", location=Location("template.yaml", Span(13, 19)), runtime="nodejs22.x",
        memory_mb=2048,
    )  # fmt: skip
    findings = (
        finding(
            at(file, "total", "added to here"),
            "LMI103",
            message="total is read before an await and written after it",
            related=(at(file, "total", "read here", nth=1), at(other, "bar", "called here"), at(other, "total")),
            trace=(at(file, "handler", "handler"),),
            reasons=("Node.js: invocations interleave at every await",),
            remedy="Keep it in a local variable",
            handlers=(orders.key,),
        ),
        finding(at(other, "foo"), "LMI102", severity=Severity.WARNING, confidence=Confidence.MEDIUM, message="foo is"),
        finding(at(other, "bar"), "LMI104", severity=Severity.NOTE, message="bar is", handlers=(orders.key,)),
    )
    return Report(
        findings,
        (FunctionReport(orders, Verdict.BLOCKED, 1, 1, 1, 7, 2), FunctionReport(function("Clean"), Verdict.READY)),
        (),
        Stats(files_read=2, calls_resolved=7, calls_unresolved=2),
        {each.path: each for each in (file, other, template)},
        pages=PAGES,
    )


def busy(name: str = "Orders", requests: int = 400_000_000) -> Pool:
    """A pool whose break-evens are known."""
    work = examples.function(name, 1024, requests=requests, duration_ms=120, duration_p99_ms=300, peak_concurrency=60)
    return examples.pool(work)


def judged(report: Report, name: str = "Orders") -> Report:
    """The report with a fitness."""
    return msgspec.structs.replace(report, fitness=fitness(name))


def costed(*pools: Pool) -> Estimate:
    return estimate(pools, examples.shipped_assumptions().override([]), examples.shipped_prices(), curves=True)


def fitness(name: str = "Orders") -> Fitness:
    """One function of each advice."""
    found = costed(busy(name), busy(f"{name} rarely", 2_000_000))
    kinds = (
        (Fit.MOVE, Verdict.READY),
        (Fit.MEND_FIRST, Verdict.NEEDS_WORK),
        (Fit.STAY, Verdict.READY),
        (Fit.CANNOT, Verdict.BLOCKED),
        (Fit.ASK, Verdict.NOT_ANALYSED),
    )
    told = [
        _assessment(function(f"{name} {index}"), fit, verdict, found, index)
        for index, (fit, verdict) in enumerate(kinds)
    ]
    return Fitness(tuple(told), found, (f"a note on {name}",), f"traffic of {name}.toml")


def _assessment(called: DeployedFunction, fit: Fit, verdict: Verdict, found: Estimate, index: int) -> Assessment:
    return Assessment(
        called,
        verdict,
        fit,
        (f"{called.name}: because", "and so"),
        (
            Signal("traffic", Leaning.MOVE, Basis.TRAFFIC, f"{called.name} is busy"),
            Signal("cost", Leaning.NEITHER, Basis.UNKNOWN, "nobody said", f"ask {called.name}"),
        ),
        Recommendation(2048, 2, 8, 3, None, "arm64", 400, (f"{called.name} needs it",), 64) if index < 2 else None,
        (f"LMI103 in {called.name}",) if index else (),
        safe_concurrency=1 if index % 2 else None,
        safe_known=index != 4,
        pool=found.pools[0],
        race=RacePrice((called.name,), Decimal(900), Decimal(700)) if index == 1 else None,
        floor=Decimal("216.59"),
        break_even=192_700_000 if index < 2 else None,
        saved=Decimal("157.78") if index < 2 else Decimal("-30.5") if index == 2 else None,
        rank=index + 1 if index < 2 else 0,
    )
