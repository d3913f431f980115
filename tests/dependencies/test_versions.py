"""Orderings and ranges of the four ecosystems."""

from __future__ import annotations

import itertools

import pytest

from lmi_lint.dependencies.model import Dependency, Scheme
from lmi_lint.dependencies.ordering import lowest, maven_key, nuget_key
from lmi_lint.dependencies.versions import outdated
from lmi_lint.knowledge.minimums import Minimums
from lmi_lint.knowledge.model import MinimumEntry
from lmi_lint.model.finding import Location
from lmi_lint.model.source import Span

HERE = Location("x", Span(0, 0))

# Each row ascends; "=" joins what is equal. Rows of Maven: its POM reference, "Version Order Specification".
MAVEN = [
    "1-alpha-1 1-beta 1-milestone-2 1-rc1=1-cr1 1-SNAPSHOT 1=1.0=1.0.0=1-ga=1.final=1.0.0.RELEASE 1-sp 1-foo 1-1 1.1",
    "1.0-alpha 1.0 1.0-sp 1.0.1",
    "2.17.116 2.20.92 2.34.0-PREVIEW 2.34.1",
    "1.2a1=1.2-alpha-1 1.2b2=1.2-beta-2 1.2",
    "2.9.0 2.10.0",
    "1-a1 1-a10",
]
NUGET = [
    "1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.2 1.0.0-alpha.10 1.0.0-beta=1.0.0-BETA 1.0.0",
    "1.0.0-rc 1.0.0=1.0=1.0.0.0=1.0.0+x 1.0.0.1 1.0.1",
    "3.7.400.2 4.0.0 4.0.0.32 4.0.1",
]


@pytest.mark.parametrize(("rows", "key"), [(MAVEN, maven_key), (NUGET, nuget_key)], ids=["maven", "nuget"])
def test_order(rows, key) -> None:
    for row in rows:
        groups = [group.split("=") for group in row.split()]
        for group in groups:
            assert len({key(each) for each in group}) == 1, group
        for older, newer in itertools.combinations(groups, 2):
            assert key(older[0]) < key(newer[0]), (older, newer)


# range, a minimum, whether it admits only older versions (None: cannot be told)
RANGES = {
    Scheme.PYPI: [
        ("==2.1", "3.0", True),
        ("==2.*", "3.0", True),
        ("==3.*", "3.0", False),
        ("~=2.5.0", "3.0", True),
        ("~=2.5", "3.0", True),
        ("~=3.1", "3.23", False),
        ("<3", "3.0", True),
        ("<=3.0", "3.0", False),
        (">=1", "3.0", False),
        (">=1,<2.5", "3.0", True),
        ("", "3.0", False),
        ("!=3.1", "3.0", False),
        ("===2.0", "3.0", True),
        ("nonsense", "3", None),
    ],
    Scheme.NPM: [
        ("^2.1.0", "3.933.0", True),
        ("^3.1.0", "3.933.0", False),
        ("~3.932.1", "3.933.0", True),
        ("3.x", "3.933.0", False),
        ("*", "3.933.0", False),
        ("", "3.933.0", False),
        (">= 2 < 3", "3.933.0", True),
        ("1 || ^4", "3.933.0", False),
        ("1.x || 2.x", "3.933.0", True),
        ("1.2.3 - 3.2", "3.933.0", True),
        ("<3.933.0", "3.933.0", True),
        ("<=3.933.0", "3.933.0", False),
        ("latest", "3.933.0", None),
        ("workspace:*", "3.933.0", None),
        ("=2.0.0", "3.0.0", True),
        ("^0.7.0", "0.8.0", True),
    ],
    Scheme.MAVEN: [
        ("[1,2)", "2.34.0", True),
        ("[1,3)", "2.34.0", False),
        ("(,2.34.0)", "2.34.0", True),
        ("(,2.34.0]", "2.34.0", False),
        ("[2.1]", "2.34.0", True),
        ("[1,2),[3,)", "2.34.0", False),
        ("[1,)", "2.34.0", False),
        ("2.+", "2.34.0", False),
        ("1.+", "2.34.0", True),
        ("[1,2", "2.34.0", None),
    ],
    Scheme.NUGET: [
        ("1.*", "2.7.1", True),
        ("2.*", "2.7.1", False),
        ("*", "2.7.1", False),
        ("(1.0,2.0)", "2.7.1", True),
        ("(1.0,)", "2.7.1", False),
        ("2.7.*", "2.7.1", False),
        ("$(Unknown)", "2.7.1", None),
    ],
}


@pytest.mark.parametrize("scheme", RANGES, ids=lambda scheme: scheme.value)
def test_ranges(scheme: Scheme) -> None:
    for admits, minimum, expected in RANGES[scheme]:
        assert outdated(Dependency("a", scheme, HERE, None, admits), minimum) is expected, (admits, minimum)


@pytest.mark.parametrize(
    ("scheme", "version", "expected"),
    [
        (Scheme.PYPI, "2.0rc1", True),
        (Scheme.PYPI, "3.23.0.post1", False),
        (Scheme.PYPI, "?", None),
        (Scheme.NPM, "3.22.9", True),
        (Scheme.NPM, "v3.23.0", False),
        (Scheme.NPM, "3", True),
        (Scheme.NPM, "link", None),
        (Scheme.MAVEN, "3.23.0-RC1", True),
        (Scheme.MAVEN, "3.23", False),
        (Scheme.NUGET, "3.9.9.9", True),
        (Scheme.NUGET, "3.23.0", False),
        (Scheme.NUGET, "a.b", None),
    ],
)
def test_versions(scheme: Scheme, version: str, expected: bool | None) -> None:
    assert outdated(Dependency("a", scheme, HERE, version), "3.23.0") is expected


def test_what_nobody_writes_is_not_told() -> None:
    for scheme in Scheme:
        for text in ("9" * 100_000, "1." * 50_000, "[" * 5000, "^1 || " * 5000, ">" * 5000):
            assert outdated(Dependency("a", scheme, HERE, text), "3.23.0") is None
            assert outdated(Dependency("a", scheme, HERE, None, text), "3.23.0") is None
            assert outdated(Dependency("a", scheme, HERE, "1.0.0"), text) is None


def test_lowest_of_a_range() -> None:
    assert [lowest(each) for each in ("[1.2,2.0)", "(1.2,2.0)", "[1.2]", "1.*")] == ["1.2", None, "1.2", None]


def test_a_minimum_speaks_of_the_packages_of_its_name() -> None:
    entries = {
        name: MinimumEntry(name, "1.0", name, "")
        for name in ("AWSSDK.*", "AWSSDK.Core", "software.amazon.awssdk:*", "@aws-sdk/client-*")
    }
    minimums = Minimums(lambda: entries)
    said = {
        "AWSSDK.S3": "AWSSDK.*",
        "awssdk.core": "AWSSDK.Core",
        "AWSSDK.Extensions.NETCore.Setup": None,
        "software.amazon.awssdk:dynamodb-enhanced": "software.amazon.awssdk:*",
        "software.amazon.awssdk.crt:aws-crt": None,
        "@aws-sdk/client-s3": "@aws-sdk/client-*",
        "@aws-sdk/lib-dynamodb": None,
    }
    assert {name: entry.package if (entry := minimums.of(name)) else None for name in said} == said
    assert [name in minimums for name in said] == [expected is not None for expected in said.values()]
