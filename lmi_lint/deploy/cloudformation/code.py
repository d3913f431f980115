"""Where the code of a function is: a folder or archive, a container image, or the template itself."""

from __future__ import annotations

import posixpath
import re

from lmi_lint.deploy.cloudformation.stack import SAM_FUNCTION, Resource, Stack
from lmi_lint.deploy.intrinsics import intrinsic
from lmi_lint.deploy.model import Dialect, InlineCode
from lmi_lint.deploy.nodes import Mapping, Node, Scalar, Sequence
from lmi_lint.deploy.template import EMPTY, FunctionSettings, ImageBuild, inline_code
from lmi_lint.model.names import Language

_ASSET = re.compile(r"(?:^|/)(asset\.[0-9a-f]{16,})$")
REMOTE = re.compile(r"(?:s3|https?)://", re.IGNORECASE)


class Code:
    """``root`` (file or folder, project-relative) with ``local``; or ``image`` with ``build`` and ``command``; or code
    in the template. ``archive``: the name of an archive; ``entry_points``: sources that a bundler is told to build;
    ``method``: SAM's ``BuildMethod``."""

    def __init__(self, stack: Stack, settings: FunctionSettings, resource: Resource) -> None:
        self.stack = stack
        self.settings = settings
        self.root: str | None = None
        self.local = True
        self.archive = ""
        self.command: str | None = None
        self.build: ImageBuild | None = None
        self._inline_nodes: list[Scalar] = []
        sam, props = resource.kind == SAM_FUNCTION, resource.props
        self.folder = stack.origins.of(resource.node).folder
        if stack.dialect(resource) is Dialect.CDK_OUTPUT and "cdk.out" in self.folder.split("/"):
            parts = self.folder.split("/")
            self.home = "/".join(parts[: parts.index("cdk.out")])
        else:
            self.home = self.folder
        metadata = settings.mapping(resource.node.get("Metadata"))
        self.entry_points = _entry_points(settings, metadata)
        self.method = settings.text(metadata.get("BuildMethod")) or ""
        node = props.get("CodeUri") if sam else props.get("Code")
        literal = settings.reducer.reduce(node)
        self.image = (
            settings.text(props.get("PackageType")) == "Image"
            or props.get("ImageUri") is not None
            or (isinstance(literal, Mapping) and literal.get("ImageUri") is not None)
        )
        inline = props.get("InlineCode") if sam else stack.get(literal, "ZipFile")
        if self.image:
            self._image(props, metadata)
        elif inline is not None:
            self._inline_nodes = _code_scalars(inline)
        else:
            self._place(metadata, node, literal, sam)

    def inline(self, language: Language | None, handler: str | None) -> InlineCode | None:
        """The inline code, if there is any in a known language."""
        if not self._inline_nodes:
            return None
        language = language or _guess_inline(handler, self._inline_nodes)
        if language is None:
            return None
        return inline_code(self.stack.origins.of(self._inline_nodes[0]), self._inline_nodes, language)

    def _image(self, props: Mapping, metadata: Mapping) -> None:
        """An image: the command that the template sets, and where the image is built from."""
        self.local = False
        commands = self.stack.items(self.stack.get(props.get("ImageConfig"), "Command"))
        if commands:
            self.command = self.settings.text(commands[0])
        context = self.settings.text(metadata.get("DockerContext"))
        asset = self.settings.text(metadata.get("aws:asset:path"))
        if context is None and asset is None:
            return
        docker = self.settings.text(metadata.get("Dockerfile") or metadata.get("aws:asset:dockerfile-path"))
        target = self.settings.text(metadata.get("DockerBuildTarget") or metadata.get("aws:asset:docker-build-target"))
        self.build = ImageBuild(joined(self.folder, context or asset or "."), docker or "Dockerfile", target or "")

    def _place(self, metadata: Mapping, node: Node | None, literal: Node | None, sam: bool) -> None:
        """A folder or an archive, here or elsewhere."""
        if node is None:
            self.root = self.folder or "." if sam else None
            self.local = sam
            return
        self.settings.locations.append(("code_root", self.stack.location(node)))
        context = self.settings.text(metadata.get("ContextPath"))
        if isinstance(literal, Scalar):
            self._archive(literal.value)
            if REMOTE.match(literal.value):
                self.local = False
            else:
                self.root = joined(self.folder, literal.value)
        else:
            self.local = False
            if literal is None:
                self.settings.unknown.append("code_root")
            key = self.stack.get(literal, "S3Key") or self.stack.get(literal, "Key")
            raw = literal.get("S3Key") or literal.get("Key") if isinstance(literal, Mapping) else key
            self._archive(self.settings.text(raw) or _rough_text(raw))
            asset = self._staged(metadata)
            if asset:
                self.root = joined(self.folder, asset)
        if self.method == "makefile" and context:
            self.root = joined(self.folder, context)

    def _staged(self, metadata: Mapping) -> str | None:
        """Where CDK put the code, beside the template: as its metadata says, on whatever machine that was, or by the
        hash that the archive is called after."""
        asset = self.settings.text(metadata.get("aws:asset:path"))
        staged = _ASSET.search(asset.replace("\\", "/")) if asset else None
        if staged is not None:
            return staged.group(1)
        if asset and not re.match(r"/|\w:", asset):
            return asset
        return f"asset.{self.archive}" if "cdk.out" in self.folder.split("/") and self.archive else None

    def _archive(self, path: str) -> None:
        stem, suffix = posixpath.splitext(posixpath.basename(path))
        if suffix in (".zip", ".jar"):
            self.archive = stem


def joined(folder: str, path: str) -> str:
    """A path of a template as a project-relative one; ``.`` for the root."""
    return posixpath.normpath(posixpath.join(folder, path.strip().replace("\\", "/").removeprefix("file://") or "."))


def _entry_points(settings: FunctionSettings, metadata: Mapping) -> tuple[str, ...]:
    """``EntryPoints`` of SAM's esbuild."""
    if settings.text(metadata.get("BuildMethod")) != "esbuild":
        return ()
    listed = settings.reducer.reduce(settings.mapping(metadata.get("BuildProperties")).get("EntryPoints"))
    if not isinstance(listed, Sequence):
        return ()
    return tuple(text for text in map(settings.text, listed.items) if text)


def _code_scalars(node: Node) -> list[Scalar]:
    """The scalars that inline code is written in: itself, the text of a Sub, the lines of a Join."""
    call = intrinsic(node)
    if call is None:
        return [node] if isinstance(node, Scalar) else []
    name, argument = call
    if name == "Fn::Join" and isinstance(argument, Sequence) and len(argument.items) == 2:
        lines = argument.items[1]
        return [item for item in lines.items if isinstance(item, Scalar)] if isinstance(lines, Sequence) else []
    if name == "Fn::Sub":
        if isinstance(argument, Sequence):
            argument = argument.items[0] if argument.items else EMPTY
        return [argument] if isinstance(argument, Scalar) else []
    return []


def _guess_inline(handler: str | None, nodes: list[Scalar]) -> Language | None:
    """The language of inline code whose runtime is unknown: only JavaScript and Python can be inline."""
    text = "".join(node.value for node in nodes)
    if re.search(r"^\s*(?:def|import|from)\s+\w", text, re.MULTILINE) and re.search(
        r"^\s*def\s+\w+\(", text, re.MULTILINE
    ):
        return Language.PYTHON
    return Language.JAVASCRIPT if handler and ("exports." in text or "export " in text) else None


def _rough_text(node: Node | None) -> str:
    """The written end of a key that cannot be known in full: its file name is often literal."""
    call = intrinsic(node)
    if call is None:
        return node.value if isinstance(node, Scalar) else ""
    argument = call[1]
    if call[0] == "Fn::Sub":
        first = argument.items[0] if isinstance(argument, Sequence) and argument.items else argument
        return first.value if isinstance(first, Scalar) else ""
    if call[0] == "Fn::Join" and isinstance(argument, Sequence) and len(argument.items) == 2:
        parts = argument.items[1]
        last = parts.items[-1] if isinstance(parts, Sequence) and parts.items else None
        return last.value if isinstance(last, Scalar) else ""
    return ""
