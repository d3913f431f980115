"""The C# front-end: all of C# 13, what parses of later versions, top-level statements."""

from __future__ import annotations

from lmi_lint.frontends.csharp.file import CSharpFrontend

FRONTEND = CSharpFrontend()
