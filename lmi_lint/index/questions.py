"""Questions about a project whose answers can be asked for again: what an answer rests on is then data.

A question is its kind and its arguments, all texts. What it may ask of is the list of files and their content, nothing
else, so that the same question to the same files has the same answer in every run.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final, TypeAlias

from msgspec import msgpack, structs

from lmi_lint.cache import short_digest
from lmi_lint.discover.decode import MAX_SOURCE_BYTES
from lmi_lint.discover.found import DeclaredType, Heritage, Shape, Target
from lmi_lint.discover.project import Project
from lmi_lint.index import GlobalUsing, Index
from lmi_lint.model.names import Language
from lmi_lint.model.source import Span

Question: TypeAlias = tuple[str, ...]
"""Kind, then arguments."""

NOWHERE: Final = Span(0, 0)
"""The span of what is found in a source file, where an answer leaves it out."""

NEVER: Final = b""
"""The digest of an answer that cannot be had again, such as that of a parser that has crashed."""


class Questions:
    """Answers questions about a project, each once, and numbers them as they come up. Questions of kind ``file`` are
    answered by the digest of a file's content: whoever reads the file says what he has read (``tell``)."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.index = Index.of(project)
        self.asked: list[Question] = []
        self._numbers: dict[Question, int] = {}
        self._answers: list[object] = []
        self._digests: dict[int, bytes] = {}

    def number(self, question: Question) -> int:
        """The number of a question, answered."""
        number = self._numbers.get(question)
        if number is None:
            number = self.tell(question, _KINDS[question[0]](self.project, self.index, *question[1:]))
        return number

    def tell(self, question: Question, answer: object) -> int:
        """Number a question with an answer that was found out elsewhere. Two answers that differ count as none: the
        file has changed meanwhile."""
        number = self._numbers.setdefault(question, len(self.asked))
        if number == len(self.asked):
            self.asked.append(question)
            self._answers.append(answer)
        elif self._answers[number] != answer:
            self._answers[number] = NEVER
            self._digests.pop(number, None)
        return number

    def answer(self, number: int) -> object:
        """The answer to a question by its number."""
        return self._answers[number]

    def hold(self, questions: Sequence[Question], answers: Sequence[bytes]) -> bool:
        """Whether questions still have the answers with these digests."""
        pairs = zip(questions, answers, strict=True)
        return all(answer != NEVER and self.digest(self.number(question)) == answer for question, answer in pairs)

    def digest(self, number: int) -> bytes:
        """The digest of an answer: equal for equal answers, ``NEVER`` for one that cannot be had again."""
        answer = self._answers[number]
        if isinstance(answer, bytes):
            return answer
        known = self._digests.get(number)
        if known is None:
            known = self._digests[number] = short_digest(msgpack.encode(answer))
        return known


# ---- kinds


def _file(_: Project, index: Index, path: str) -> bytes:
    return index.contents.of(path, MAX_SOURCE_BYTES)


def _module(_: Project, index: Index, family: str, path: str, specifier: str) -> str | None:
    return index.resolve_module(family, path, specifier)


def _type(_: Project, index: Index, language: str, name: str) -> tuple[str, ...]:
    return index.find_type(name, Language(language))


def _namespace(_: Project, index: Index, language: str, name: str) -> bool:
    return index.is_namespace(name, Language(language))


def _build(_: Project, index: Index, path: str) -> str | None:
    return index.build_file(path)


def _usings(_: Project, index: Index, path: str) -> tuple[GlobalUsing, ...]:
    return index.global_usings(path)


def _extensions(_: Project, index: Index, name: str) -> tuple[str, ...]:
    return index.extension_files(name)


def _deriving(_: Project, index: Index, language: str, name: str) -> tuple[str, ...]:
    return index.wired(Language(language)).deriving(name)


def _annotated(_: Project, index: Index, language: str, name: str) -> tuple[str, ...]:
    return index.wired(Language(language)).annotated(name)


def _mentions(_: Project, index: Index, path: str, word: str) -> bool:
    return index.says_one_of(path, word)


def _holding(_: Project, index: Index, folder: str, language: str, *words: str) -> tuple[str, ...]:
    """Files below a folder in which one of some words stands."""
    pattern = rb"\b(?:" + b"|".join(re.escape(word.encode()) for word in words) + rb")\b"
    return index.files_matching(folder, Language(language), pattern)


def _starting(_: Project, index: Index, folder: str, language: str, start: str) -> tuple[str, ...]:
    """Files below a folder in which a word starts so."""
    return index.files_matching(folder, Language(language), rb"\b" + re.escape(start.encode()))


def _read(_: Project, index: Index, path: str, limit: str) -> bytes:
    return index.contents.of(path, int(limit))


def _listing(project: Project, _: Index) -> list[object]:
    """All that a project says of its files without reading them."""
    told = [name for name in project.__struct_fields__ if name not in ("root", "focus", "problems")]
    values = [(name, getattr(project, name)) for name in told]
    return [(name, sorted(value) if isinstance(value, frozenset) else value) for name, value in values]


def _module_file(_: Project, index: Index, path: str) -> str | None:
    return index.modules.find(path)


def _module_source(_: Project, index: Index, path: str) -> str | None:
    return index.modules.find_source(path)


def _module_tail(_: Project, index: Index, tail: str) -> list[str]:
    return index.modules.ending_with(tail)


def _package(_: Project, index: Index, path: str) -> str:
    return index.package_of(path)


def _derives(_: Project, index: Index, path: str) -> bool:
    return index.derives(path)


def _heritage(_: Project, index: Index, path: str) -> Heritage:
    return index.heritage(path)


def _word(_: Project, index: Index, path: str, word: str) -> bool:
    return index.says_word(path, word)


def _hands_on(_: Project, index: Index, path: str) -> bool:
    return index.hands_on(path)


def _framework_targets(_: Project, index: Index, path: str) -> tuple[Target, ...]:
    return index.framework_targets(path)


def _thin_class(_: Project, index: Index, path: str, name: str) -> str | None:
    return index.thin_class(path, name)


def _types(_: Project, index: Index, path: str) -> tuple[DeclaredType, ...]:
    return index.types_of(path)


def _declared(_: Project, index: Index, path: str, name: str) -> DeclaredType | None:
    return index.find_declared(path, name)


def _declares(_: Project, index: Index, path: str, name: str) -> bool:
    return index.declares(path, name)


def _shapes(_: Project, index: Index, path: str) -> tuple[Shape, ...]:
    """What looks like a handler, without saying where: that is another place after most edits."""
    return tuple(structs.replace(shape, span=NOWHERE) for shape in index.handler_shapes(path))


def _imports(_: Project, index: Index, path: str) -> tuple[str, ...]:
    return index.imports(path)


def _says(_: Project, index: Index, path: str, *words: str) -> bool:
    return index.says_one_of(path, *words)


_KINDS: Final[dict[str, Callable[..., object]]] = {
    "file": _file,
    "module": _module,
    "type": _type,
    "namespace": _namespace,
    "build": _build,
    "usings": _usings,
    "extensions": _extensions,
    "deriving": _deriving,
    "annotated": _annotated,
    "mentions": _mentions,
    "holding": _holding,
    "starting": _starting,
    "read": _read,
    "listing": _listing,
    "module-file": _module_file,
    "module-source": _module_source,
    "module-tail": _module_tail,
    "package": _package,
    "derives": _derives,
    "heritage": _heritage,
    "word": _word,
    "hands-on": _hands_on,
    "framework-targets": _framework_targets,
    "thin-class": _thin_class,
    "types": _types,
    "declared": _declared,
    "declares": _declares,
    "shapes": _shapes,
    "imports": _imports,
    "says": _says,
}
