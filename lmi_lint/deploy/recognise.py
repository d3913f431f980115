"""Whether a file is worth reading as configuration, and as which, by its name and its bytes.

The readers of a dialect are imported once there is something for them to read.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING, Final

from lmi_lint.deploy.cdk.packages import MENTIONS
from lmi_lint.discover.classify import in_test_folder
from lmi_lint.discover.project import language_of
from lmi_lint.index import Index

if TYPE_CHECKING:
    from lmi_lint.discover import Project

_SCRIPTS: Final = frozenset({"serverless.ts", "serverless.js", "serverless.mjs", "serverless.cjs"})
_SERVICE: Final = re.compile(r"(?:^|/)serverless[^/]*\.(?:ya?ml|json)$")
_PROVIDER: Final = re.compile(rb"^[\"']?provider[\"']?\s*:|\"provider\"\s*:", re.MULTILINE)
_FUNCTIONS: Final = re.compile(rb"^[\"']?functions[\"']?\s*:|\"functions\"\s*:", re.MULTILINE)
_TEMPLATE: Final = re.compile(
    rb"AWS::(?:Serverless::(?:Function|Application|CapacityProvider)|Lambda::(?:Function|CapacityProvider)"
    rb"|CloudFormation::Stack|Include)\b"
)
_NOT_OF_APPS: Final = frozenset({"tests", "generated", "build", "tooling"})


def is_script(path: str) -> bool:
    """Whether a file is a service of the Serverless Framework written as a program, by its name."""
    return posixpath.basename(path) in _SCRIPTS


def may_be_service(path: str, data: bytes) -> bool:
    """Whether a file is worth parsing as a Serverless Framework service that deploys functions."""
    if b"functions" not in data or b"provider" not in data or not _FUNCTIONS.search(data):
        return False
    return bool(_SERVICE.search(path)) or (_PROVIDER.search(data) is not None and b"handler" in data)


def may_be_template(data: bytes) -> bool:
    """Whether a file is worth parsing as a CloudFormation template that deploys functions or their capacity."""
    return b"Resources" in data and _TEMPLATE.search(data) is not None


def uses_of_cdk(project: Project) -> tuple[str, ...]:
    """The files that use the CDK, those of tests and built ones left out."""
    skipped = {path for path, why in project.skipped_files if why in _NOT_OF_APPS}
    sources = sorted(project.all_sources - skipped)
    return tuple(path for path in sources if not in_test_folder(path) and _uses_cdk(project, path))


def _uses_cdk(project: Project, path: str) -> bool:
    language = language_of(path)
    if language is None:
        return False
    words = MENTIONS.get(language.family, ())
    return bool(words) and Index.of(project).says_one_of(path, *words)
