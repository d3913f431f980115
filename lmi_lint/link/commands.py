"""Which files the command lines of other programs write or delete, as far as they are written out.

What the programs do with their arguments is told by their manuals: POSIX utilities (pubs.opengroup.org, issue 8), GNU
coreutils and tar, Info-ZIP, pip, npm, git, curl, wget, FFmpeg, ImageMagick, LibreOffice. Of an unknown program only
options that name an output count.
"""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

from lmi_lint.link import texts
from lmi_lint.link.heap import Gap, Kind, Text, Val

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lmi_lint.link.program import Program
    from lmi_lint.link.record import LibraryCall

_ENDS: Final = frozenset(("&&", "||", ";", "|", "&", "\n"))
_SHELLS: Final = frozenset(("sh", "bash", "dash", "zsh"))
_PREFIXES: Final = frozenset(("sudo", "nohup", "time", "exec", "env", "command", "nice"))
_ALL: Final = {
    "rm": "file.delete",
    "rmdir": "file.delete",
    "mkdir": "file.mkdir",
    "touch": "file.write",
    "tee": "file.write",
}
_INTO: Final = frozenset(("cp", "mv", "install"))
_LAST: Final = _INTO | {"ln", "ffmpeg", "convert", "magick", "pdftoppm", "pdftotext", "wkhtmltopdf"}
_OUTPUTS: Final = frozenset(
    ("-o", "--out", "--outdir", "--output", "--output-dir", "--output-document", "--output-file")
)
_OWN_OUTPUTS: Final = {
    "tar": frozenset(("-C", "--directory")),
    "unzip": frozenset(("-d",)),
    "pip": frozenset(("-t", "--target", "--prefix", "--root")),
    "pip3": frozenset(("-t", "--target", "--prefix", "--root")),
    "npm": frozenset(("--prefix",)),
    "curl": frozenset(("-o", "--output", "--output-dir")),
    "wget": frozenset(("-O", "-P", "--directory-prefix")),
}
_NO_OUTPUT: Final = frozenset(("grep", "egrep", "ps", "set", "find", "ls", "cat", "test", "["))  # their -o is none


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
    return of_line(words)


def of_line(words: Sequence[Text]) -> list[Written]:
    """What a command line, taken apart into words, writes or deletes."""
    return [found for simple in _simple(words) for found in _of_simple(simple)]


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


def _of_simple(words: list[Text]) -> Iterable[Written]:
    words, found = _redirections(words)
    while words and (_plain(words[0]) in _PREFIXES or re.match(r"[A-Za-z_]\w*=", _plain(words[0]))):
        words = words[1:]
    if not words:
        return found
    name, rest = _plain(words[0]).rpartition("/")[2], words[1:]
    plain = [_plain(word) for word in rest]
    if name in _SHELLS and "-c" in plain[:-1]:
        return [*found, *of_line(split(rest[plain.index("-c") + 1]))]
    if (not name or name.startswith("python")) and "-m" in plain[:-1]:
        at = plain.index("-m") + 1
        name, rest = plain[at], rest[at + 1 :]
    return [*found, *_of_program(name, rest)]


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


def _of_program(name: str, rest: list[Text]) -> Iterable[Written]:
    operands = [word for word in rest if not _plain(word).startswith("-")]
    if name in _ALL:
        return [Written(_ALL[name], word) for word in operands]
    found = list(_options(name, rest))
    last = rest[-1] if rest else ()
    if name in _LAST and len(operands) > 1 and last in operands and _plain(rest[-2] if len(rest) > 1 else ()) != "-i":
        found.append(Written("file.write", _inside(last, operands[-2]) if name in _INTO else last))
    if name == "mv":
        found += [Written("file.delete", word) for word in operands[:-1]]
    if name == "zip" and operands:
        found.append(Written("file.write", operands[0]))
    if name == "tar" and len(rest) > 1 and re.match(r"-?[a-zA-Z]*c[a-zA-Z]*f", _plain(rest[0])):
        found.append(Written("file.write", rest[1]))
    if name == "git" and len(operands) > 2 and _plain(operands[0]) == "clone":
        found.append(Written("file.write", operands[-1]))
    return found


def _inside(target: Text, source: Text) -> Text:
    """Where a file comes to stand that is put into a folder."""
    if not (target and isinstance(target[-1], str) and target[-1].endswith("/")):
        return target
    (name,) = texts.last_part(Val(texts=frozenset({source})))
    return texts.squeeze((*target, *name))


def _options(name: str, rest: list[Text]) -> Iterable[Written]:
    """What options name as output."""
    if name in _NO_OUTPUT:
        return
    options = _OWN_OUTPUTS.get(name, _OUTPUTS)
    for word, following in pairwise(rest):
        if _plain(word) in options:
            yield Written("file.write", following)
    for word in rest:
        if word and isinstance(word[0], str) and "=" in word[0]:
            option, _, value = word[0].partition("=")
            if option in options:
                yield Written("file.write", texts.squeeze((value, *word[1:])))
