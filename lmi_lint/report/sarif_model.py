"""sarif-om, of which only the classes that are used are imported.

The package imports all of its modules, each of which has attrs make a class: the thirty that no report here has in it
take as long as reading a small repository again. Its modules know nothing of one another.
"""

from __future__ import annotations

import sys
from importlib import import_module
from importlib.util import find_spec, module_from_spec
from typing import TYPE_CHECKING, Any

__all__ = ["om"]

if TYPE_CHECKING:
    import sarif_om as om
else:

    class _Model:
        """The classes of the package by name, each imported when it is asked for first."""

        def __getattr__(self, name: str) -> Any:
            found = getattr(_module(f"_{_snake(name)}"), name)
            setattr(self, name, found)
            return found

    om = _Model()


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")


def _module(name: str) -> Any:
    """A module of the package, whose own code is not run for it."""
    if "sarif_om" in sys.modules:
        return import_module(f"sarif_om.{name}")
    spec = find_spec("sarif_om")
    if spec is None:
        raise ModuleNotFoundError("sarif_om")
    sys.modules["sarif_om"] = module_from_spec(spec)
    try:
        return import_module(f"sarif_om.{name}")
    finally:
        del sys.modules["sarif_om"]  # whoever imports it has all of it
