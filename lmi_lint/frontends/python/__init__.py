"""The Python front-end: libcst trees → IR.

libcst takes a tenth of a second to import, so everything that needs it is imported by the first file lowered.
"""

from __future__ import annotations

from lmi_lint.ir import nodes as ir
from lmi_lint.model.source import SourceFile


class PythonFrontend:
    """Lowers ``.py`` files, all syntax up to Python 3.14."""

    version = "python-3"

    def load(self) -> None:
        """Import the parser."""
        import lmi_lint.frontends.python.file  # noqa: F401

    def lower(self, source: SourceFile) -> ir.Module:
        """Lower one file. Never raises for bad input: a file that cannot be parsed is an empty module with a flaw."""
        from lmi_lint.frontends.python.file import lower_file

        return lower_file(source)


FRONTEND = PythonFrontend()
