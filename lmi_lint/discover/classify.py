"""Which source files are not a project's own production code, and why."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterable
from functools import partial
from typing import TypeAlias

from lmi_lint.discover.project import language_of

VENDORED = "vendored"
GENERATED = "generated"
BUILD = "build"
TESTS = "tests"
CDK = "cdk"
TOOLING = "tooling"

_VENDORED_FOLDERS = frozenset(
    [
        "node_modules",
        "bower_components",
        "jspm_packages",
        "vendor",
        "site-packages",
        "dist-packages",
        ".venv",
        "venv",
        "virtualenv",
        "third_party",
        "third-party",
        "thirdparty",
        ".yarn",
        ".pnp",
        ".tox",
        ".nox",
        ".gradle",
        ".m2",
        ".nuget",
        "__pypackages__",
    ]
)
_BUILD_FOLDERS = frozenset(
    [".aws-sam", ".serverless", ".webpack", ".esbuild", ".build", ".next", ".nuxt", ".svelte-kit", ".turbo"]
)
_TWIN_FOLDERS = frozenset(["build", "dist", "out", "lib", "bin"])
"""Folders that hold built output in one project and code in the next: skipped where the source lies beside them."""

_OUTPUT_SUFFIXES = frozenset({".js", ".mjs", ".cjs", ".jsx", ".py"})
_TEST_FOLDERS = frozenset(
    [
        "test",
        "tests",
        "__tests__",
        "__test__",
        "spec",
        "specs",
        "e2e",
        "__mocks__",
        "__fixtures__",
        "integration-tests",
        "integration_tests",
        "unit-tests",
        "unit_tests",
        "test-utils",
    ]
)
# A folder "python" of a layer may hold own modules as well; these are the packages found there most.
_LAYER_PACKAGES = frozenset(
    [
        "boto3",
        "botocore",
        "s3transfer",
        "jmespath",
        "dateutil",
        "requests",
        "urllib3",
        "certifi",
        "idna",
        "chardet",
        "charset_normalizer",
        "yaml",
        "numpy",
        "pandas",
        "pytz",
        "pydantic",
        "pydantic_core",
        "cryptography",
        "cffi",
        "jwt",
        "psycopg2",
        "pymysql",
        "sqlalchemy",
        "redis",
        "jinja2",
        "markupsafe",
        "attr",
        "attrs",
        "aws_xray_sdk",
        "wrapt",
        "aws_lambda_powertools",
        "setuptools",
        "pkg_resources",
        "pip",
        "lxml",
        "openai",
        "langchain",
        "bs4",
    ]
)
_LAYER = re.compile(
    r"(?:^|/)[^/]*layers?[^/]*/(?:[^/]+/)*?python/(?:lib/python3[^/]*/)?([^/]+?)(?:\.py$|/)", re.IGNORECASE
)

_GENERATED_NAME = re.compile(
    r"\.min\.[cm]?js$|\.d\.[cm]?ts$|_pb2(?:_grpc)?\.pyi?$|_pb\.(?:js|ts)$|\.g(?:\.i)?\.cs$|\.Designer\.cs$"
    r"|\.generated\.\w+$|(?:^|/)(?:AssemblyInfo|GlobalUsings\.g)\.cs$|\.bundle\.js$"
)
_TEST_NAME = re.compile(
    r"\.(?:test|spec|e2e|stories|mock)\.[cm]?[jt]sx?$|(?:^|/)test_[^/]*\.py$|_test\.py$|(?:^|/)conftest\.py$"
    r"|(?:^|/)[^/]*(?:Test|Tests|TestCase|IT|ITCase)\.(?:java|cs)$"
    r"|(?:^|/)[^/]*\.(?:Unit|Integration|Acceptance|E2E)?Tests?/[^/].*\.cs$"
    r"|(?:^|/)src/(?:test|testFixtures|integrationTest|intTest)/"
)
_TOOLING_NAME = re.compile(
    r"(?:^|/)(?:[^/]+\.(?:config|conf)\.[cm]?[jt]s|\.?[\w-]+rc\.[cm]?js|(?:gulpfile|Gruntfile|Gulpfile|gruntfile|jakefile)"
    r"\.[cm]?[jt]s|webpack[^/]*\.[cm]?[jt]s|rollup[^/]*\.[cm]?[jt]s|esbuild[^/]*\.[cm]?js|setup\.py|noxfile\.py|fabfile\.py"
    r"|jest[^/]*\.[cm]?[jt]s)$"
    r"|__\w+@\w+(?:@\w+)*__"  # what a schematic makes files of: __name@dasherize__.ts
)
_INFRA = "\0infrastructure"
_INFRA_FILES = frozenset({"cdk.json", "cdktf.json", "Pulumi.yaml", "Pulumi.yml", "sst.json"})
_INFRA_WORDS = (b"cdk", b"CDK", b"onstructs", b"ulumi", b"serverless-stack")
"""One of them stands in whatever ``_INFRA_IMPORT`` matches; they are looked for much faster."""
_INFRA_IMPORT = re.compile(
    rb"""['"](?:aws-cdk-lib|@aws-cdk/|constructs['"]|@pulumi/|cdktf['"]|sst/constructs|@serverless-stack)"""
    rb"|^[ \t]*import\s+(?:static\s+)?(?:software\.amazon\.awscdk|software\.constructs|com\.pulumi)\b"
    rb"|^[ \t]*using\s+(?:static\s+)?(?:\w+\s*=\s*)?(?:Amazon\.CDK|Constructs|Pulumi)\b"
    rb"|^[ \t]*(?:from|import)\s+(?:aws_cdk|constructs|pulumi\w*|cdktf)\b",
    re.MULTILINE,
)


Tells: TypeAlias = Callable[[str, str, Callable[[bytes], bool]], bool]
"""Whether something holds for a file's bytes: its path, a key that says what, and who finds it out."""


def classify(
    sources: Iterable[str],
    listed: frozenset[str],
    explicit: frozenset[str],
    peek: Callable[[str], bytes],
    tells: Tells,
) -> dict[str, str]:
    """Source file → reason for skipping it; files that are to be analysed are absent.

    ``listed``: all listed files; ``explicit``: files that the user named, never skipped; ``peek`` reads a file's bytes,
    ``tells`` may know what is in them from earlier runs.
    """
    sources = [path for path in sources if path not in explicit]
    installed = _installed_packages(listed, peek)
    reasons: dict[str, str] = {}
    for path in sources:
        reason = _by_name(path, listed, installed)
        if reason is not None:
            reasons[path] = reason
    rest = [path for path in sources if path not in reasons]
    reasons.update((path, BUILD) for path in _with_twins(rest))
    infra = {posixpath.dirname(path) for path in listed if posixpath.basename(path) in _INFRA_FILES}
    if infra:
        rest = [path for path in rest if path not in reasons and not infra.isdisjoint(_ancestors(path))]
        reasons.update((path, CDK) for path in rest if tells(path, _INFRA, partial(_is_infrastructure, path)))
    return reasons


def _by_name(path: str, listed: frozenset[str], installed: frozenset[str]) -> str | None:
    """The reason that a path alone gives away."""
    folders = path.split("/")[:-1]
    if not _VENDORED_FOLDERS.isdisjoint(folders) or (installed and not installed.isdisjoint(_ancestors(path, True))):
        return VENDORED
    layer = _LAYER.search(path)
    if layer and layer.group(1) in _LAYER_PACKAGES:
        return VENDORED
    if not _BUILD_FOLDERS.isdisjoint(folders) or "cdk.out" in folders or _in_build_tree(folders, listed):
        return BUILD
    if _GENERATED_NAME.search(path):
        return GENERATED
    if in_test_folder(path) or _TEST_NAME.search(path):
        return TESTS
    if _TOOLING_NAME.search(path) or any(folder.startswith(".") for folder in folders):
        return TOOLING
    return None


def in_test_folder(path: str) -> bool:
    """Whether a path lies in a folder for tests by its name."""
    return not _TEST_FOLDERS.isdisjoint(path.lower().split("/")[:-1])


def _in_build_tree(folders: list[str], listed: frozenset[str]) -> bool:
    """Whether a path lies in Maven's ``target`` or in .NET's ``obj`` or ``bin/<configuration>``."""
    for index, folder in enumerate(folders):
        if folder == "target" and "/".join([*folders[:index], "pom.xml"]) in listed:
            return True
        following = folders[index + 1] if index + 1 < len(folders) else ""
        if folder in ("obj", "bin") and following in ("Debug", "Release"):
            return True
    return False


_REQUIREMENT = re.compile(rb"^[ \t]*([A-Za-z0-9][A-Za-z0-9._-]*)", re.MULTILINE)


def _installed_packages(listed: frozenset[str], peek: Callable[[str], bytes]) -> frozenset[str]:
    """Folders and modules that pip put beside own code: what a ``RECORD`` beside them lists, and packages called like a
    requirement that is written beside them."""
    found: set[str] = set()
    for path in listed:
        folder, _, name = path.rpartition("/")
        if name.startswith("requirements") and name.endswith(".txt"):
            for match in _REQUIREMENT.finditer(peek(path)):
                package = posixpath.join(folder, match[1].decode().lower().replace("-", "_").replace(".", "_"))
                if f"{package}/__init__.py" in listed:
                    found.add(package)
        if not path.endswith(".dist-info/RECORD"):
            continue
        base = posixpath.dirname(posixpath.dirname(path))
        for line in peek(path).split(b"\n"):
            top = line.split(b",", 1)[0].split(b"/", 1)[0].decode("utf-8", "replace").strip('"')
            if top and top not in (".", ".."):
                found.add(posixpath.join(base, top))
    return frozenset(found)


def _with_twins(sources: list[str]) -> set[str]:
    """Built files: those in ``dist`` and the like whose source of the same name lies beside that folder, and
    JavaScript beside the TypeScript of the same name."""
    everything = set(sources)
    built: set[str] = set()
    candidates: list[tuple[str, str, str]] = []
    for path in sources:
        stem, suffix = posixpath.splitext(path)
        if suffix in (".js", ".mjs", ".cjs", ".jsx"):
            twins = {".mjs": (".mts",), ".cjs": (".cts",)}.get(suffix, (".ts", ".tsx"))
            if any(stem + twin in everything for twin in twins):
                built.add(path)
                continue
        if suffix not in _OUTPUT_SUFFIXES:
            continue
        parts = path.split("/")
        for index, part in enumerate(parts[:-1]):
            if part in _TWIN_FOLDERS and (suffix != ".py" or part == "build"):
                candidates.append((path, "/".join(parts[:index]), "/".join(parts[: index + 1]) + "/"))
    wanted = {parent for _, parent, _ in candidates}
    beside: dict[tuple[str, str, str], list[str]] = {}
    for path in sources if wanted else ():
        key = _twin_key(path)
        for ancestor in _ancestors(path):
            if ancestor in wanted:
                beside.setdefault((ancestor, *key), []).append(path)
    for path, parent, folder in candidates:
        twins_of = beside.get((parent, *_twin_key(path)), ())
        if any(_is_twin(path[len(folder) :], twin[len(parent) :].lstrip("/"), folder, twin) for twin in twins_of):
            built.add(path)
    return built


def _is_twin(built: str, source: str, folder: str, twin: str) -> bool:
    """Whether ``source`` (relative to the parent of the output folder) compiles to ``built`` (relative to that folder):
    its path, or its path below one source folder, ends likewise."""
    if twin.startswith(folder):
        return False
    built, source = posixpath.splitext(built)[0], posixpath.splitext(source)[0]
    return source == built or source.split("/", 1)[-1] == built


def _twin_key(path: str) -> tuple[str, str]:
    """Family and stem: what a source and its output have in common."""
    language = language_of(path)
    return (language.family if language else "", posixpath.splitext(posixpath.basename(path))[0])


def _ancestors(path: str, inclusive: bool = False) -> list[str]:
    """Folders above a path, from the root (empty string) down; the path itself as well if ``inclusive``."""
    parts = path.split("/")
    return ["/".join(parts[:count]) for count in range(len(parts) + (1 if inclusive else 0))]


def _is_infrastructure(path: str, data: bytes) -> bool:
    """Whether a file builds infrastructure (CDK, Pulumi) and holds no handler."""
    language = language_of(path)
    if language is None or not any(word in data for word in _INFRA_WORDS) or _INFRA_IMPORT.search(data) is None:
        return False
    from lmi_lint.discover.shapes import handler_shapes

    return not handler_shapes(data, language)
