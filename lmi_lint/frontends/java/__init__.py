"""The Java front-end: all of Java 21 and what the grammar reads of later versions."""

from __future__ import annotations

from lmi_lint.frontends.java.file import JavaFrontend

FRONTEND = JavaFrontend()
