"""Where the code of a construct's function is, and which handler it names."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from msgspec import Struct

from lmi_lint.deploy.cdk.constructs import Kind
from lmi_lint.deploy.cdk.props import Props, as_props, constant, project_path, text
from lmi_lint.deploy.cdk.values import Seq, Slot, Sym, Value
from lmi_lint.deploy.model import Entry, InlineCode
from lmi_lint.model.finding import Problem

if TYPE_CHECKING:
    from lmi_lint.deploy.cdk.machine import Machine
    from lmi_lint.model.names import Language

_READERS = ("readFileSync", "open", "read_text", "ReadAllText", "readString")
_QUOTES = re.compile(rb"^[rRbBfF]{0,2}(\"\"\"|'''|\"|'|`)")
_KEY = re.compile(rb"""["']?\w+["']?\s*[:=]\s*""")
_SUFFIXES = (".ts", ".js", ".mts", ".mjs", ".cts", ".cjs", ".tsx", ".jsx")


class Code(Struct, frozen=True):
    """``root``: folder or archive, project-relative; of an image its context, with the ``dockerfile`` in it. ``entry``:
    the source itself where the construct names it. ``reason``: why nothing of it is known. ``local``: it should be
    here. ``settled``: there is nothing to look up. ``known``: what the construct says of it could be told. ``built``:
    what is deployed is copied out of an image that the ``dockerfile`` builds."""

    root: str | None = None
    handler: str | None = None
    entry: Entry | None = None
    inline: InlineCode | None = None
    reason: str = ""
    local: bool = True
    image: bool = False
    dockerfile: str = "Dockerfile"
    settled: bool = False
    known: bool = True
    built: bool = False


class Finder:
    """Finds the code of constructs in one project."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.project = machine.project
        self.modules = machine.index.modules

    def code(self, kind: Kind, made: Sym, props: Props, language: Language | None) -> Code:
        """The code of a construct."""
        if kind is Kind.NODEJS:
            return self._nodejs(made, props)
        if kind is Kind.PYTHON:
            return self._python(props)
        if kind is Kind.IMAGE:
            return self._asset(props, "code", None, language)
        if kind is Kind.GO:
            return Code(reason="runtime Go is not supported", local=False, settled=True)
        if kind is Kind.DOTNET:
            return Code(self._path(props.slot("projectDir")), text(props.value("handler")))
        if kind is Kind.SST:
            return Code(
                self.machine.working_folder(made.where.path if made.where else "") or ".", text(props.value("handler"))
            )
        handler = text(props.value("handler"))
        if kind in (Kind.CFN, Kind.SAM):
            return self._l1(kind, props, handler, language)
        return self._asset(props, "code", handler, language)

    def layer(self, props: Props) -> str | None:
        """The folder or archive of a layer, project-relative; None where it is not written out."""
        if "entry" in props.slots:
            return self._path(props.slot("entry"))
        return self._asset(props, "code", None, None).root

    def _path(self, slot: Slot | None) -> str | None:
        """The project-relative path that a property is."""
        if slot is None or not isinstance(slot.value, str):
            return None
        return project_path(self.machine, slot.value, slot.where.path)

    def _nodejs(self, made: Sym, props: Props) -> Code:
        handler = props.value("handler")
        symbol = handler if isinstance(handler, str) else "handler"
        if props.slot("handler") is not None and not isinstance(handler, str) and handler is not None:
            return Code(reason="the name of the handler is not written out", settled=True)
        slot = props.slot("entry")
        if slot is None and props.value("code") is not None:
            return self._asset(props, "code", symbol if "." in symbol else f"index.{symbol}", None)
        if slot is not None and slot.value is not None:
            path = self._path(slot)
            if path is None:
                return Code(reason=_not_written("entry", slot), settled=True, known=isinstance(slot.value, str))
            hit = self.modules.find_source(path)
            return self._entry(hit, symbol, f"no file {path}")
        if props.is_open:
            return Code(reason="its entry is not written out", settled=True, known=False)
        return self._beside(made, symbol)

    def _beside(self, made: Sym, symbol: str) -> Code:
        """The entry that NodejsFunction takes by itself: beside the file that makes it, called after its id."""
        name = made.args[1].value if len(made.args) > 1 else None
        if made.where is None or not isinstance(name, str):
            return Code(reason="its id, after which its file is called, is not written out", settled=True, known=False)
        stem = posixpath.splitext(made.written)[0]
        hits = [path for suffix in _SUFFIXES if self.project.exists(path := f"{stem}.{name}{suffix}")]
        return self._entry(hits[0] if hits else None, symbol, f"no file {stem}.{name}.ts")

    def _entry(self, path: str | None, symbol: str, reason: str) -> Code:
        shown = symbol if "." in symbol else f"index.{symbol}"
        if path is None:
            return Code(handler=shown, reason=reason, settled=True)
        folder = posixpath.dirname(path) or "."
        return Code(folder, shown, Entry(path, symbol.rpartition(".")[2]), settled=True)

    def _python(self, props: Props) -> Code:
        root = self._path(props.slot("entry"))
        index, handler = props.value("index"), props.value("handler")
        if root is None:
            return Code(reason=_not_written("entry", props.slot("entry")), settled=True, known=False)
        left = props.is_open and not (props.slot("index") and props.slot("handler"))  # may be among what was spread
        if left or not isinstance(index, str | None) or not isinstance(handler, str | None):
            return Code(root, reason="its index or handler is not written out", settled=True, known=False)
        path = posixpath.normpath(posixpath.join(root, index or "index.py"))
        module = posixpath.splitext(index or "index.py")[0].replace("/", ".")
        symbol = handler or "handler"
        if not self.project.exists(path):
            return Code(root, f"{module}.{symbol}", reason=f"no file {path}", settled=True)
        return Code(root, f"{module}.{symbol}", Entry(path, symbol), settled=True)

    # ---- Code.fromAsset and the like ----

    def _asset(self, props: Props, name: str, handler: str | None, language: Language | None) -> Code:
        slot = props.slot(name)
        code = slot.value if slot is not None else None
        if not isinstance(code, Sym) or not code.called:
            return Code(handler=handler, reason=_not_written(name, slot), known=False, settled=True)
        how = code.last[:1].lower() + code.last[1:]
        how = "".join(part[:1].upper() + part[1:] if place else part for place, part in enumerate(how.split("_")))
        first = code.args[0] if code.args else code.named.slots.get("path")
        if how in ("fromInline", "inlineCode", "inline"):
            return self._inline(first, handler, language)
        if how in ("fromImageAsset", "fromAssetImage"):
            return self._image(code, first)
        if how in ("fromEcr", "fromEcrImage", "fromBucket", "fromBucketV2", "fromCfnParameters", "s3Code"):
            where = "its image is in a registry" if "Ecr" in how else "its code is in a bucket"
            return Code(handler=handler, reason=where, local=False, image="Ecr" in how, settled="Ecr" in how)
        root = self._path(first)
        if root is None:
            outside = first is not None and isinstance(first.value, str)
            reason = "its code lies outside the project" if outside else _not_written(name, slot)
            return Code(handler=handler, reason=reason, known=outside, settled=True)
        if constant(props.value("handler"), "Handler") == "FROM_IMAGE":
            return self._image(code, first)
        if how == "fromDockerBuild":
            options = as_props(code.args[1].value) if len(code.args) > 1 else code.named
            return Code(root, handler, built=True, dockerfile=_dockerfile(Props(options)))
        return Code(root, handler)

    def _inline(self, slot: Slot | None, handler: str | None, language: Language | None) -> Code:
        if slot is None:
            return Code(handler=handler, reason="its inline code is not written out", settled=True, known=False)
        file = _file_read(slot.value)
        path = project_path(self.machine, file, slot.where.path) if file is not None else None
        symbol = (handler or "index.handler").rpartition(".")[2]
        if path is not None and self.project.exists(path):
            return Code(posixpath.dirname(path) or ".", handler, Entry(path, symbol), settled=True)
        data = self.project.read_bytes(slot.where.path)
        inline = None
        if not isinstance(data, Problem) and language is not None and isinstance(slot.value, str):
            inline = _inline_code(data, slot, language)
        if inline is None:
            reason = "its inline code is not written out in one piece"
            return Code(handler=handler, reason=reason, settled=True, known=False)
        return Code(None, handler, inline=inline)

    # ---- images ----

    def _image(self, code: Sym, first: Slot | None) -> Code:
        root = self._path(first)
        if root is None:
            return Code(reason="the folder of its image is not written out", image=True, settled=True, known=False)
        options = Props(as_props(code.args[1].value) if len(code.args) > 1 else code.named)
        handler = _first_text(options.value("cmd")) or _first_text(options.value("entrypoint"))
        return Code(root, handler, image=True, dockerfile=_dockerfile(options))

    def _l1(self, kind: Kind, props: Props, handler: str | None, language: Language | None) -> Code:
        """CloudFormation's own properties."""
        if kind is Kind.SAM:
            uri = props.slot("codeUri")
            root = self._path(uri)
            return Code(root, handler) if root is not None else Code(handler=handler, local=False)
        code = props.inner("code")
        if code.slot("zipFile") is not None:
            return self._inline(code.slot("zipFile"), handler, language)
        image = code.slot("imageUri") is not None
        return Code(handler=handler, local=False, image=image)


def _dockerfile(options: Props) -> str:
    file = options.value("file")
    return file if isinstance(file, str) else "Dockerfile"


def _first_text(value: Value) -> str | None:
    if isinstance(value, Seq) and value.items and not value.is_open:
        last = value.items[-1].value
        return last if isinstance(last, str) else None
    return None


def _file_read(value: Value) -> str | None:
    """The file whose content a value is."""
    while isinstance(value, Sym):
        if value.last in _READERS and value.args and isinstance(value.args[0].value, str):
            return value.args[0].value
        value = value.base
    return None


def _inline_code(data: bytes, slot: Slot, language: Language) -> InlineCode | None:
    """The code of one literal: the file with all else blank. None where escapes would shift what it says."""
    start, end = slot.where.span.start, slot.where.span.end
    key = _KEY.match(data, start, end)
    start = key.end() if key is not None else start
    literal = data[start:end]
    quote = _QUOTES.match(literal)
    if quote is None or not literal.endswith(quote.group(1)) or b"\\" in literal or b"${" in literal:
        return None
    inner_start, inner_end = start + quote.end(), end - len(quote.group(1))
    blank = bytearray(re.sub(rb"[^\n\r]", b" ", data))
    blank[inner_start:inner_end] = data[inner_start:inner_end]
    return InlineCode(slot.where.path, language, bytes(blank))


def _not_written(name: str, slot: Slot | None) -> str:
    return f"its {name} is not written out" if slot is not None else f"it names no {name}"
