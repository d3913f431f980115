"""What the configuration of a project says, kept between runs as long as every question it rests on has the same
answer."""

from __future__ import annotations

from typing import Final

from msgspec import Struct, msgpack

from lmi_lint.cache import Cache, digest
from lmi_lint.deploy.model import Deployment
from lmi_lint.deploy.watched import Noted
from lmi_lint.discover.project import Project
from lmi_lint.index.questions import Question, Questions

_KIND: Final = "deployed"


class Kept(Struct, frozen=True, array_like=True):
    """A deployment, the questions that it rests on, and digests of their answers."""

    questions: list[Question]
    answers: list[bytes]
    deployment: Deployment


_KEPT: Final = msgpack.Decoder(Kept)


def is_kept(project: Project, cache: Cache) -> bool:
    """Whether something was kept of a project, whether it holds or not."""
    return cache.has(_KIND, _key(project))


def recall(questions: Questions, cache: Cache) -> Deployment | None:
    """What was kept, if it holds."""
    kept = cache.get(_KIND, _key(questions.project), _KEPT.decode)
    try:
        holds = kept is not None and questions.hold(kept.questions, kept.answers)
    except (LookupError, TypeError, ValueError):  # what was kept is well-formed, but makes no sense
        return None
    return kept.deployment if kept is not None and holds else None


def keep(deployment: Deployment, questions: Noted, cache: Cache) -> None:
    """Keep a deployment with all that was asked for it."""
    if not cache.keeps:
        return
    rests = sorted(questions.notes)
    asked = [questions.asked[number] for number in rests]
    answers = [questions.digest(number) for number in rests]
    cache.put(_KIND, _key(questions.project), msgpack.encode(Kept(asked, answers, deployment)))


def _key(project: Project) -> str:
    return digest(str(project.root))
