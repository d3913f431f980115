"""What concurrent invocations share on each runtime: the one place where runtimes differ.

Facts observed under the real runtime clients (awslambdaric 4.2.2, aws-lambda-ric 4.0.2) or read in
their source (aws-lambda-java-libs RIC 2.10.1, aws-lambda-dotnet RuntimeSupport 2.1.2); concurrency
defaults from the Lambda developer guide, pages ``lambda-managed-instances-*-runtime``, 2026-09.
"""

from __future__ import annotations

from enum import Enum

from msgspec import Struct

from lmi_lint.model.names import Language


class Lifetime(Enum):
    """How long a place lives, hence who sees it."""

    REQUEST = "request"
    ENVIRONMENT = "environment"
    HOST = "host"
    CONSTANT = "constant"


class Preempts(Enum):
    """Where another invocation may run in between."""

    NEVER = "never"
    AT_SUSPENSION = "at suspension"
    ANYWHERE = "anywhere"


class RuntimeModel(Struct, frozen=True):
    """One runtime's answer to "what do two invocations that run at once share?".

    ``shares`` holds the lifetimes visible to both, ``default_concurrency_per_vcpu`` counts
    invocations, ``unit`` is what a module is loaded into, ``sharers`` says who sees a shared place,
    ``lost_by_exit`` what a process exit takes along, ``explanation`` is the sentence shown under *why*,
    ``publishes_safely`` says that whoever reads a reference without a lock sees a complete object,
    ``rejected_arity`` the number of parameters from which a handler is refused as callback based,
    ``awaits_handler`` whether a handler may be a coroutine function,
    ``coroutines_start`` whether calling a coroutine function begins its work before anyone awaits it,
    ``dies_of_rejection`` whether a failure that nobody handles ends the process or worker.
    """

    name: str
    shares: frozenset[Lifetime]
    preempts: Preempts
    many_units_per_host: bool
    default_concurrency_per_vcpu: int
    min_version: str
    unit: str
    sharers: str
    lost_by_exit: str
    explanation: str
    publishes_safely: bool = False
    rejected_arity: int | None = None
    awaits_handler: bool = True
    coroutines_start: bool = True
    dies_of_rejection: bool = False

    @property
    def shares_memory(self) -> bool:
        """Whether two invocations can see one object."""
        return Lifetime.ENVIRONMENT in self.shares


PYTHON = RuntimeModel(
    name="Python",
    shares=frozenset({Lifetime.HOST}),
    preempts=Preempts.NEVER,
    many_units_per_host=True,
    default_concurrency_per_vcpu=16,
    min_version="python3.13",
    unit="process",
    sharers="the next invocation of this process",
    lost_by_exit="this process for good; it is not started again",
    explanation="Python: each concurrent invocation runs in a process of its own; processes share /tmp, not memory",
    awaits_handler=False,
    coroutines_start=False,
)
NODE = RuntimeModel(
    name="Node.js",
    shares=frozenset({Lifetime.ENVIRONMENT, Lifetime.HOST}),
    preempts=Preempts.AT_SUSPENSION,
    many_units_per_host=True,
    default_concurrency_per_vcpu=64,
    min_version="nodejs22.x",
    unit="worker",
    sharers="every invocation that this worker holds",
    lost_by_exit="the worker with all invocations that it holds, none of which is answered",
    rejected_arity=3,
    dies_of_rejection=True,
    explanation="Node.js: the invocations that one worker holds interleave at every await; workers share /tmp",
)
JAVA = RuntimeModel(
    name="Java",
    shares=frozenset({Lifetime.ENVIRONMENT, Lifetime.HOST}),
    preempts=Preempts.ANYWHERE,
    many_units_per_host=False,
    default_concurrency_per_vcpu=32,
    min_version="java21",
    unit="environment",
    sharers="every concurrent invocation of this environment",
    lost_by_exit="the environment with all its invocations",
    explanation="Java: concurrent invocations are threads that share one handler object, all statics and /tmp",
)
DOTNET = RuntimeModel(
    name=".NET",
    shares=frozenset({Lifetime.ENVIRONMENT, Lifetime.HOST}),
    preempts=Preempts.ANYWHERE,
    many_units_per_host=False,
    default_concurrency_per_vcpu=32,
    min_version="dotnet8",
    unit="environment",
    sharers="every concurrent invocation of this environment",
    lost_by_exit="the environment with all its invocations",
    explanation=".NET: concurrent invocations are tasks that share one handler object, all statics and /tmp",
    # https://github.com/dotnet/runtime/blob/main/docs/design/specs/Memory-model.md, "Object assignment"
    publishes_safely=True,
)
RUST = RuntimeModel(
    name="Rust",
    shares=frozenset({Lifetime.ENVIRONMENT, Lifetime.HOST}),
    preempts=Preempts.ANYWHERE,
    many_units_per_host=False,
    default_concurrency_per_vcpu=8,
    min_version="provided.al2023",
    unit="environment",
    sharers="every concurrent invocation of this environment",
    lost_by_exit="the environment with all its invocations",
    explanation="Rust: concurrent invocations are tasks of one process that share all statics and /tmp",
)
"""Its code is not read; what it costs is reckoned."""

RUNTIMES: dict[Language, RuntimeModel] = {
    Language.PYTHON: PYTHON,
    Language.JAVASCRIPT: NODE,
    Language.TYPESCRIPT: NODE,
    Language.JAVA: JAVA,
    Language.CSHARP: DOTNET,
}
"""Language → the runtime model that judges it."""

EXECUTABLES: dict[str, RuntimeModel] = {"rust": RUST}
"""Language of the executable that a ``provided`` runtime starts → its runtime model, where managed instances run it."""
