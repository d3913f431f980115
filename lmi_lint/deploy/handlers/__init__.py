"""From a handler string to the file and symbol it means; what handler strings mean, one module per language."""

from lmi_lint.deploy.handlers.resolver import HandlerResolver
from lmi_lint.deploy.handlers.sources import source_root

__all__ = ["HandlerResolver", "source_root"]
