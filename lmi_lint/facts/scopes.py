"""What a name can be bound to, and how each family of languages scopes its names."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from lmi_lint.facts.model import TypeName
from lmi_lint.model.names import Language


class ScopeRules(Struct, frozen=True):
    """How one family of languages scopes its names.

    hoists_blocks         a block's declarations are visible from its start (JavaScript)
    hoists_functions      a declared function has its value from the start of its block
    assignment_declares   assigning a bare name declares it for the whole function (Python)
    bare_members          a bare name that no local declares may be a field or a class (Java, C#)
    separate_functions    a called bare name is never a variable (Java)
    class_values          a declared class is a variable of its scope that holds a class value
    implicit_arguments    functions have a variable ``arguments``
    """

    hoists_blocks: bool = False
    hoists_functions: bool = False
    assignment_declares: bool = False
    bare_members: bool = False
    separate_functions: bool = False
    class_values: bool = False
    implicit_arguments: bool = False


_ECMASCRIPT: Final = ScopeRules(hoists_blocks=True, hoists_functions=True, class_values=True, implicit_arguments=True)
RULES: Final[dict[Language, ScopeRules]] = {
    Language.JAVASCRIPT: _ECMASCRIPT,
    Language.TYPESCRIPT: _ECMASCRIPT,
    Language.JAVA: ScopeRules(bare_members=True, separate_functions=True),
    Language.CSHARP: ScopeRules(bare_members=True, hoists_functions=True),
    Language.PYTHON: ScopeRules(assignment_declares=True, class_values=True),
}
"""The rules of each language."""


class Variable:
    """One declared local, parameter or module variable; mutable while the binder runs, only read afterwards.

    function   the function that declares it; ``key`` its name, unique among the frame variables of that function
    frame      it lives in a frame: nested functions share it or it belongs to the module
    tracked    the declaring function may use the value that it last gave it instead of reading the frame
    """

    __slots__ = (
        "captured",
        "declared",
        "end",
        "frame",
        "function",
        "initialised",
        "key",
        "mutable",
        "name",
        "start",
        "tracked",
        "type",
        "writes",
        "written_elsewhere",
    )

    def __init__(self, name: str, function: int, start: int, end: int) -> None:
        self.name = name
        self.key = name
        self.function = function
        self.start = start
        self.end = end
        self.type: TypeName | None = None
        self.mutable = True
        self.declared = False  # by a Declare (or, in Python, an assignment): not a parameter, function or class
        self.initialised = False
        self.captured = False
        self.writes = 0  # not counting the declaration
        self.written_elsewhere = False
        self.frame = False
        self.tracked = True


class Bindings:
    """What the binder found. Nodes are known by their identity, so the module must outlive this.

    names        ``id`` of a Name, Declare, Define, Handler or Scoped → the variable that it reads, writes or declares
                 (no entry: a free name)
    params       per function, its parameters' variables
    loops        ``id`` of a Loop → variables declared outside that its turns assign
    own_names    function index → the variable by which a named function expression knows itself
    class_names  class index → the same for class expressions
    arguments    function index → its ``arguments``, where used
    module       variables that the module body declares, in order of declaration
    """

    __slots__ = ("arguments", "class_names", "loops", "module", "names", "own_names", "params")

    def __init__(self, functions: int) -> None:
        self.names: dict[int, Variable] = {}
        self.params: list[tuple[Variable, ...]] = [()] * functions
        self.loops: dict[int, tuple[Variable, ...]] = {}
        self.own_names: dict[int, Variable] = {}
        self.class_names: dict[int, Variable] = {}
        self.arguments: dict[int, Variable] = {}
        self.module: list[Variable] = []
