"""A name for a finding that stays when lines move."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence

import msgspec

from lmi_lint.model.finding import Finding
from lmi_lint.model.source import TextFile


def with_fingerprints(findings: Sequence[Finding], sources: Mapping[str, TextFile]) -> list[Finding]:
    """Each finding with its fingerprint: 32 hex digits of the SHA-256 of rule, path, subject, the text of its location
    with white space collapsed, and its ordinal by position among those equal in all of these.
    """
    seen: Counter[tuple[str, ...]] = Counter()
    marks: dict[int, str] = {}
    for index in sorted(range(len(findings)), key=lambda index: _position(findings[index])):
        finding = findings[index]
        source = sources.get(finding.location.path)
        snippet = " ".join(source.text(finding.location.span).split()) if source else ""
        key = (finding.rule, finding.location.path, finding.subject, snippet)
        digest = hashlib.sha256("\0".join((*key, str(seen[key]))).encode("utf-8", "surrogatepass"))
        marks[index] = digest.hexdigest()[:32]
        seen[key] += 1
    return [msgspec.structs.replace(finding, fingerprint=marks[index]) for index, finding in enumerate(findings)]


def _position(finding: Finding) -> tuple[str, int, int, str]:
    span = finding.location.span
    return finding.location.path, span.start, span.end, finding.message
