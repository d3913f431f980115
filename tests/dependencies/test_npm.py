"""What package.json and the lock files of npm, Yarn and pnpm say."""

from __future__ import annotations

import json

import pytest

from lmi_lint.dependencies.npm import read_package
from tests.dependencies.conftest import Make, anything, places, said

PACKAGE = json.dumps(
    {
        "name": "orders",
        "workspaces": ["packages/*"],
        "dependencies": {
            "@aws-sdk/client-s3": "^3.800.0",
            "tagged": "latest",
            "local": "file:../x",
            "git": "github:a/b",
            "forced": "^1.0.0",
            "alias": "npm:@aws-sdk/client-sqs@~3.400.0",
        },
        "optionalDependencies": {"perhaps": "1.0.0"},
        "devDependencies": {"dev": "1.0.0"},
        "peerDependencies": {"peer": "1.0.0"},
        "overrides": {"forced": "2.0.0"},
    },
    indent=1,
)


def test_manifest(make: Make) -> None:
    files = make({"package.json": PACKAGE})
    found = read_package(files, "package.json", anything)
    assert said(found) == {
        "@aws-sdk/client-s3": "(^3.800.0)",
        "tagged": "(latest)",
        "local": None,
        "git": None,
        "forced": None,
        "@aws-sdk/client-sqs": "(~3.400.0)",
        "perhaps": "1.0.0",
    }
    assert places(files, found)["@aws-sdk/client-s3"] == 'package.json:7 "@aws-sdk/client-s3": "^3.800.0"'


LOCKS = {
    "npm 6": (
        "package-lock.json",
        '{"lockfileVersion": 1, "dependencies": {"@aws-sdk/client-s3": {"version": "3.842.0"}}}',
    ),
    "npm 7": (
        "package-lock.json",
        '{"lockfileVersion": 3, "packages": {"node_modules/@aws-sdk/client-s3": {"version": "3.842.0"}}}',
    ),
    "shrinkwrap": ("npm-shrinkwrap.json", '{"dependencies": {"@aws-sdk/client-s3": {"version": "3.842.0"}}}'),
    "Yarn 1": (
        "yarn.lock",
        (
            '# yarn lockfile v1\n\n\n"@aws-sdk/client-s3@^3.0.0":\n  version "3.1.0"\n\n'
            '"@aws-sdk/client-s3@^3.1.0", "@aws-sdk/client-s3@^3.800.0":\n  version "3.842.0"\n  resolved "https://x"\n'
        ),
    ),
    "Yarn berry": (
        "yarn.lock",
        (
            '__metadata:\n  version: 8\n\n"@aws-sdk/client-s3@npm:^3.800.0, @aws-sdk/client-s3@npm:^3.1.0":\n'
            '  version: 3.842.0\n  resolution: "@aws-sdk/client-s3@npm:3.842.0"\n'
        ),
    ),
    "pnpm 5": (
        "pnpm-lock.yaml",
        "lockfileVersion: 5.4\ndependencies:\n  '@aws-sdk/client-s3': 3.842.0_abc\npackages:\n  x: 1\n",
    ),
    "pnpm 9": (
        "pnpm-lock.yaml",
        (
            "lockfileVersion: '9.0'\nimporters:\n  .:\n    dependencies:\n      '@aws-sdk/client-s3':\n"
            "        specifier: ^3.800.0\n        version: 3.842.0(x@1.0.0)\npackages:\n\n  ]not read[\n"
        ),
    ),
}


@pytest.mark.parametrize("kind", LOCKS)
def test_lock(kind: str, make: Make) -> None:
    name, text = LOCKS[kind]
    files = make({"package.json": PACKAGE, name: text})
    found = read_package(files, "package.json", lambda name: name == "@aws-sdk/client-s3")
    assert said(found) == {"@aws-sdk/client-s3": "3.842.0"}
    locked = found[0].locked
    assert locked is not None
    assert locked.path == name
    assert "client-s3" in files.text(name)[locked.span.start : locked.span.end]
    assert not files.problems


MEMBER = '{"name": "member", "dependencies": {"@aws-sdk/client-s3": "^3.800.0"}}'


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        (
            "package-lock.json",
            '{"packages": {"packages/a": {}, "node_modules/@aws-sdk/client-s3": {"version": "3.2.0"}}}',
            "3.2.0",
        ),
        (
            "package-lock.json",
            (
                '{"packages": {"packages/a": {}, "node_modules/@aws-sdk/client-s3": {"version": "3.2.0"},'
                ' "packages/a/node_modules/@aws-sdk/client-s3": {"version": "3.900.0"}}}'
            ),
            "3.900.0",
        ),
        ("package-lock.json", '{"packages": {"node_modules/@aws-sdk/client-s3": {"version": "3.2.0"}}}', "(^3.800.0)"),
        ("yarn.lock", '"@aws-sdk/client-s3@^3.800.0":\n  version "3.842.0"\n', "3.842.0"),
        (
            "pnpm-lock.yaml",
            "importers:\n  packages/a:\n    dependencies:\n      '@aws-sdk/client-s3':\n        version: 3.801.0\n",
            "3.801.0",
        ),
        (
            "pnpm-lock.yaml",
            "importers:\n  .:\n    dependencies:\n      '@aws-sdk/client-s3':\n        version: 3.1.0\n",
            "(^3.800.0)",
        ),
    ],
    ids=["npm", "npm nested", "npm, no member", "Yarn", "pnpm", "pnpm, no member"],
)
def test_lock_of_a_workspace(name: str, text: str, expected: str, make: Make) -> None:
    files = make({"package.json": PACKAGE, name: text, "packages/a/package.json": MEMBER})
    assert said(read_package(files, "packages/a/package.json", anything)) == {"@aws-sdk/client-s3": expected}
