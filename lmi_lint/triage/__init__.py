"""From raw findings to the report: merge, weigh, silence, choose, judge. Pure functions on findings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from lmi_lint.facts.model import CommentFacts
from lmi_lint.model.finding import Finding, Location, Problem
from lmi_lint.model.source import TextFile
from lmi_lint.triage.concurrency import ease_single
from lmi_lint.triage.fingerprint import with_fingerprints
from lmi_lint.triage.merge import merge
from lmi_lint.triage.model import Analysed, FunctionReport, Report, Stats
from lmi_lint.triage.options import Options
from lmi_lint.triage.select import choose, function_filter, in_focus, of_functions, of_selected_rules, with_remedies
from lmi_lint.triage.suppressions import apply_suppressions, read_suppressions
from lmi_lint.triage.verdict import judge

__all__ = ["Options", "triage"]


def triage(
    findings: Sequence[Finding],
    analysed: Sequence[Analysed],
    suppressions: Mapping[str, Sequence[CommentFacts]],
    sources: Mapping[str, TextFile],
    problems: Sequence[Problem],
    stats: Stats,
    options: Options,
    internal_errors: Sequence[str] = (),
) -> Report:
    """Make the report. ``suppressions``: path → comments that speak to lmi-lint. ``sources`` must hold every file that
    a location names; one that is not there is shown without its text and as line 1.
    """
    functions = [item.function for item in analysed]
    kept = ease_single(merge(of_selected_rules(findings, options)), functions, options.pages)
    kept = with_fingerprints(with_remedies(kept, options.pages), sources)
    kept = _silenced(kept, suppressions, sources, options)
    wanted = function_filter(options)
    judged = [item for item in analysed if wanted(item.function)]
    outside = 0
    if len(judged) < len(analysed):
        kept, outside = of_functions(kept, frozenset(item.function.key for item in judged))
    selection = choose(kept, options)
    verdicts = judge(judged, [finding for finding in kept if not finding.suppressed])
    verdicts = in_focus(verdicts, selection.shown, options.focus)
    counted = msgspec.structs.replace(
        stats,
        hidden_notes=selection.notes,
        hidden_warnings=selection.warnings,
        hidden_low=selection.low,
        hidden_suppressed=selection.suppressed,
        hidden_elsewhere=selection.elsewhere + outside,
    )
    fail_on = options.settings.fail_on.rank
    return Report(
        findings=selection.shown,
        functions=verdicts,
        problems=tuple(problems),
        stats=counted,
        sources=_named(selection.shown, verdicts, problems, sources),
        failed=any(finding.severity.rank >= fail_on for finding in selection.shown),
        internal_errors=tuple(internal_errors),
        pages=options.pages,
    )


def _silenced(
    findings: list[Finding],
    comments: Mapping[str, Sequence[CommentFacts]],
    sources: Mapping[str, TextFile],
    options: Options,
) -> list[Finding]:
    """Findings with those marked that a comment silences, and what there is to say about the comments."""
    everything, about = [], list[Finding]()
    for path, said in sorted((path, said) for path, said in comments.items() if said):
        read, faults = read_suppressions(path, said, sources.get(path), options.pages)
        everything.extend(read)
        about.extend(faults)
    marked, unused = apply_suppressions(findings, everything, sources, options.active)
    about = merge(of_selected_rules([*about, *unused], options))
    return [*marked, *with_fingerprints(about, sources)]


def _named(
    findings: Sequence[Finding],
    functions: Sequence[FunctionReport],
    problems: Sequence[Problem],
    sources: Mapping[str, TextFile],
) -> dict[str, TextFile]:
    """The sources of all locations that a format may show."""
    places: list[Location | None] = [problem.location for problem in problems]
    for finding in findings:
        places += (finding.location, *finding.related, *finding.trace)
    for item in functions:
        places.append(item.function.location)
        places += (location for _, location in item.function.locations)
    wanted = {place.path for place in places if place is not None}
    return {path: sources[path] for path in sorted(wanted) if path in sources}
