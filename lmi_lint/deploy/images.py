"""From a container image that is built here to the handler that it starts."""

from __future__ import annotations

import posixpath
import re

from msgspec import structs

from lmi_lint.deploy.dockerfile import MAX_BYTES, Stage, copied_folders, read_dockerfile
from lmi_lint.deploy.template import Candidate, runtime_language
from lmi_lint.discover.project import Project
from lmi_lint.model.finding import Problem
from lmi_lint.model.names import Language

_AWS_BASE = re.compile(r"(?:^|/)lambda[/-](python|nodejs|java|dotnet|provided|ruby)\b", re.IGNORECASE)
"""Base images of AWS: ``public.ecr.aws/lambda/python:3.13``, ``amazon/aws-lambda-nodejs``, their mirrors."""
_CLIENTS = ("awslambdaric", "aws-lambda-ric", "lambda-entrypoint", "runtime.api.client.AWSLambda", "bootstrap",
            "aws-lambda-rie")  # fmt: skip
"""What runtime interface clients are called on a command line: the handler comes after them."""
_ADAPTER = "lambda-adapter"
_MAX_HANDLER = 500
_TASK = re.compile(r"/?var/task/")
_HANDLER = re.compile(r"[\w./$+-]+(?:\.[\w$]+|::[\w.$+:-]+)")
_OTHER_LANGUAGE = re.compile(r"(?:^|/)(python|node|openjdk|eclipse-temurin|amazoncorretto)\b")
_LANGUAGES = {
    "python": Language.PYTHON, "node": Language.JAVASCRIPT, "openjdk": Language.JAVA,
    "eclipse-temurin": Language.JAVA, "amazoncorretto": Language.JAVA,
}  # fmt: skip


def of_image(candidate: Candidate, project: Project) -> Candidate:
    """A candidate with what the Dockerfile of its image says: handler, language, where the code comes from. What the
    template itself says counts more. Unchanged if the image is not built here."""
    if candidate.build is None:
        return candidate
    build = candidate.build
    path = project.canonical(posixpath.join(build.context, build.dockerfile))
    data = project.read_bytes(path, MAX_BYTES) if not path.startswith("..") else Problem("unreadable", "", None)
    stage = None if isinstance(data, Problem) else read_dockerfile(data.decode("utf-8", "replace"), build.target)
    if stage is None:
        return candidate
    function = candidate.function
    handler = function.handler or _handler(stage)
    image_variables = tuple(pair for pair in stage.variables if pair[0] not in dict(function.environment))
    function = structs.replace(
        function,
        handler=handler,
        language=function.language or _language(stage),
        code_root=build.context,
        environment=(*function.environment, *image_variables),
        local=True,
    )
    reason = "" if handler else _reason(stage)
    return structs.replace(
        candidate, function=function, bases=_bases(stage, build.context, path), without_handler=reason
    )


def _bases(stage: Stage, context: str, path: str) -> tuple[str, ...]:
    """Where the code comes from, likeliest first: beside the Dockerfile, if that is not at the top of the context."""
    folder = posixpath.dirname(path) or "."
    beside = [folder] if folder != context else []
    return tuple(dict.fromkeys([*beside, *copied_folders(stage, context)]))


def _handler(stage: Stage) -> str | None:
    """The handler that a stage's command names; None for a program of another kind."""
    line = (*stage.entrypoint, *stage.command)
    if _ADAPTER in " ".join(stage.from_images):
        return None
    client = any(name in word for word in line for name in _CLIENTS)
    if stage.command and (client or _AWS_BASE.search(stage.base) or (stage.entrypoint and len(stage.command) == 1)):
        last = stage.command[-1]
        return last if len(last) < _MAX_HANDLER and _HANDLER.fullmatch(last) else None
    executable = _AWS_BASE.search(stage.base) or _TASK.match(" ".join(stage.entrypoint))
    if len(stage.entrypoint) == 1 and executable and not stage.command:
        return posixpath.basename(stage.entrypoint[0])  # an executable of a custom runtime
    last = stage.entrypoint[-1] if stage.entrypoint else ""
    return last if client and len(last) < _MAX_HANDLER and _HANDLER.fullmatch(last) else None


def _language(stage: Stage) -> Language | None:
    match = _AWS_BASE.search(stage.base)
    if match is not None:
        return runtime_language(match.group(1).lower())
    other = _OTHER_LANGUAGE.search(stage.base)
    return _LANGUAGES[other.group(1)] if other is not None else None


def _reason(stage: Stage) -> str:
    if _ADAPTER in " ".join(stage.from_images):
        return "the container image runs a web server behind the Lambda Web Adapter"
    if not stage.command and not stage.entrypoint:
        return "the container image's base sets its command"
    return f"the container image starts '{' '.join((*stage.entrypoint, *stage.command))[:80]}'"
