"""Java 25 syntax that the grammar lacks, put so that it parses: statements before ``super(…)``, ``import module``.

A repaired text has the same length, so the tree's offsets hold for the source too; names are read from the source.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lmi_lint.frontends.treesitter import error_nodes, parse

if TYPE_CHECKING:
    from tree_sitter import Node

_CONSTRUCTOR_CALL = re.compile(rb"(?<![\w.$])(super|this)(?=\s*\()")
_MODULE_IMPORT = re.compile(rb"^([ \t]*import[ \t]+)module(?=[ \t]+[\w.]+[ \t]*;)", re.MULTILINE)

JAVA_BASE = (
    "java.io",
    "java.math",
    "java.net",
    "java.net.spi",
    "java.nio",
    "java.nio.channels",
    "java.nio.charset",
    "java.nio.file",
    "java.nio.file.attribute",
    "java.security",
    "java.security.cert",
    "java.security.spec",
    "java.text",
    "java.time",
    "java.time.chrono",
    "java.time.format",
    "java.time.temporal",
    "java.time.zone",
    "java.util",
    "java.util.concurrent",
    "java.util.concurrent.atomic",
    "java.util.concurrent.locks",
    "java.util.function",
    "java.util.jar",
    "java.util.random",
    "java.util.regex",
    "java.util.stream",
    "java.util.zip",
    "javax.crypto",
    "javax.crypto.spec",
    "javax.net",
    "javax.net.ssl",
)
"""Packages that ``import module java.base`` and every compact source file import; those for implementers of tools
and providers left out."""


def parse_java(data: bytes) -> Node:
    """The root of the syntax tree of ``data``, of the repaired text where that has fewer errors."""
    root = parse("java", data).root_node
    if not root.has_error:
        return root
    repaired = _MODULE_IMPORT.sub(rb"\1      ", data)
    repaired = _CONSTRUCTOR_CALL.sub(lambda match: b"$" + match.group(1)[1:], repaired)
    if repaired == data:
        return root
    other = parse("java", repaired).root_node
    return other if len(error_nodes(other)) < len(error_nodes(root)) else root
