"""Which files the command lines of other programs write or delete, as far as they are written out.

How a shell takes a line apart stands here (POSIX Shell Command Language, pubs.opengroup.org, issue 8); what a program
does with its words is knowledge.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from lmi_lint.knowledge.expressions import SEARCHED, search
from lmi_lint.link import texts
from lmi_lint.link.heap import Gap, Kind, Text, Val

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lmi_lint.knowledge.model import ProgramEntry
    from lmi_lint.knowledge.query import KnowledgeBase
    from lmi_lint.link.program import Program
    from lmi_lint.link.record import LibraryCall

_ENDS: Final = frozenset(("&&", "||", ";", "|", "&", "\n"))


class Written(NamedTuple):
    """A path that a command acts on, and how: a role of calls on files."""

    role: str
    path: Text


_TOKENS: Final = re.compile(
    r"""\\. | && | \|\| | [0-9&]?>>?(?:&[0-9-])? | [;|&\n'"] | [ \t\r]+ | [^\\&|;<>\n'" \t\r0-9]+ | .""",
    re.DOTALL | re.VERBOSE,
)


def written(program: Program, call: LibraryCall) -> list[Written]:
    """What the command line that a call is given writes or deletes."""
    if call.entry is None or not call.entry.command:
        return []
    named = {id(value) for name, value in call.named if name not in ("args", "command", "cmd")}
    words: list[Text] = []
    for arg in call.args:
        if id(arg) not in named:
            words.extend(_words_of(program, arg, whole=bool(words) and _plain(words[-1]) == "-c"))
    return of_line(program.knowledge, words)


def of_line(knowledge: KnowledgeBase, words: Sequence[Text]) -> list[Written]:
    """What a command line, taken apart into words, writes or deletes."""
    return [found for simple in _simple(words) for found in _of_simple(knowledge, simple)]


def _words_of(program: Program, value: Val, *, whole: bool) -> Iterable[Text]:
    """The words of an argument: of a command line, or of a part of one; of a sequence, its elements."""
    if len(value.texts) == 1:
        (text,) = value.texts
        return (text,) if whole else split(text)
    rows = [row for obj in value.objects() if (row := program.machine.heap.row(obj, None))]
    if not rows and not any(obj.kind is Kind.OBJECT for obj in value.objects()) and not value.constant:
        return [(texts.UNKNOWN,)]
    if len(rows) != 1:
        return ()
    known = [texts.texts_of(part) for part in rows[0]]
    return [next(iter(several)) if len(several) == 1 else (texts.UNKNOWN,) for several in known]


def split(line: Text) -> list[Text]:
    """The words of a command line, as a shell takes them apart; quotes and backslashes are taken away."""
    words: list[Text] = []
    word: list[str | Gap] = []
    quote = ""
    for part in line:
        if isinstance(part, Gap):
            word.append(part)
            continue
        for token in _TOKENS.findall(part):
            if token in ("'", '"') and quote in ("", token):
                quote = "" if quote else token
            elif quote or not (token.isspace() or token in _ENDS or ">" in token):
                word.append(token[1:] if token.startswith("\\") and quote != "'" else token)
            else:
                words.append(texts.squeeze(tuple(word)))
                word = []
                if token in _ENDS or ">" in token:
                    words.append((token,))
    words.append(texts.squeeze(tuple(word)))
    return [word for word in words if word]


def _simple(words: Sequence[Text]) -> list[list[Text]]:
    """The simple commands of a line: what stands between ``&&``, ``|``, ``;``."""
    found: list[list[Text]] = [[]]
    for word in words:
        if _plain(word) in _ENDS:
            found.append([])
        else:
            found[-1].append(word)
    return [simple for simple in found if simple]


def _plain(word: Text) -> str:
    """A word without gaps; empty for one that has some."""
    return word[0] if len(word) == 1 and isinstance(word[0], str) else ""


def _of_simple(knowledge: KnowledgeBase, words: list[Text]) -> Iterable[Written]:
    words, found = _redirections(words)
    while words:
        name, rest = _plain(words[0]).rpartition("/")[2], words[1:]
        entry = knowledge.program(name)
        if re.match(r"[A-Za-z_]\w*=", _plain(words[0])) or (entry is not None and entry.runs == "rest"):
            words = rest
            continue
        plain = [_plain(word) for word in rest]
        if entry is not None and entry.runs == "line" and "-c" in plain[:-1]:
            return [*found, *of_line(knowledge, split(rest[plain.index("-c") + 1]))]
        if (not name or (entry is not None and entry.runs == "module")) and "-m" in plain[:-1]:
            words = rest[plain.index("-m") + 1 :]  # sys.executable is a Python, whatever its name
            continue
        return [*found, *(_of_program(entry, rest) if entry is not None else ())]
    return found


def _redirections(words: list[Text]) -> tuple[list[Text], list[Written]]:
    """A command without its redirections, and what those write."""
    kept: list[Text] = []
    found: list[Written] = []
    target = False
    for word in words:
        if target:
            found.append(Written("file.write", word))
            target = False
        elif re.fullmatch(r"[0-9&]?>>?", _plain(word)):
            target = True
        elif not re.fullmatch(r"[0-9&]?>>?&[0-9-]", _plain(word)):
            kept.append(word)
    return kept, found


def _of_program(entry: ProgramEntry, rest: list[Text]) -> Iterable[Written]:
    found = list(_options(entry, rest))
    operands = [word for word in rest if not _plain(word).startswith("-")]
    if not entry.role or not operands or (entry.when and _plain(operands[0]) != entry.when):
        return found
    if (entry.only or entry.unless) and not _does(entry, rest):
        return found
    if entry.operands == "all":
        return [*found, *(Written(entry.role, word) for word in operands)]
    if entry.operands == "first":
        return [*found, Written(entry.role, operands[0])]
    last = rest[-1]
    is_input = len(rest) > 1 and _plain(rest[-2]) in entry.inputs
    if len(operands) < entry.least or last not in operands or is_input:
        return found
    found.append(Written(entry.role, _inside(last, operands[-2]) if entry.into else last))
    if entry.takes:
        found += [Written("file.delete", word) for word in operands[:-1]]
    return found


def _does(entry: ProgramEntry, rest: list[Text]) -> bool:
    """Whether the words say that the program acts on its operands, and nothing in them may keep it from that."""
    line = " ".join(map(_plain, rest))
    if not search(entry.only, line):
        return False
    return not (entry.unless and (search(entry.unless, line) or any(not _plain(word) for word in rest)))


def _inside(target: Text, source: Text) -> Text:
    """Where a file comes to stand that is put into a folder."""
    if not (target and isinstance(target[-1], str) and target[-1].endswith("/")):
        return target
    (name,) = texts.last_part(Val(texts=frozenset({source})))
    return texts.squeeze((*target, *name))


def _options(entry: ProgramEntry, rest: list[Text]) -> Iterable[Written]:
    """What options name as output."""
    for word, following in pairwise(rest):
        if _names_output(entry, _plain(word)):
            yield Written("file.write", following)
    for word in rest:
        if word and isinstance(word[0], str) and "=" in word[0]:
            option, _, value = word[0].partition("=")
            if _names_output(entry, option):
                yield Written("file.write", texts.squeeze((value, *word[1:])))


def _names_output(entry: ProgramEntry, word: str) -> bool:
    return len(word) <= SEARCHED and any(re.fullmatch(option, word) for option in entry.options)
