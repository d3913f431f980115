"""The shape of a knowledge file.

Names
    A name is what link arrives at through imports: ``pg.Client`` (module ``pg``, export ``Client``; a default or
    whole-module import is the module's own name: ``axios``), ``fs.writeFileSync`` (``node:`` is dropped),
    ``fs/promises.writeFile``, ``java.util.HashMap``, ``process.exit`` for globals. A method of a type is
    ``<type>.<method>``: ``java.util.HashMap.put``, ``pg.Client.query``. What an unknown call returns is named after
    the call: ``mysql.createConnection()``; give the call ``returns_type`` for a better name. A trailing ``*`` in a
    name stands for any rest of the last part; elsewhere too a ``*`` stands for any text without a dot
    (``@aws-sdk/client-*.*Client``).
    A name that ends in ``=`` is the assignment of a member of a library object: ``aws-sdk.config.region=`` has
    ``AWS.config.region = value`` for a call with one argument. Deleting the member counts as one, ``??=`` does not.
    A computed key is written ``[]``: ``axios.defaults.headers.[]=``; a ``*`` stands for it too.
    ``{a,b}`` in a name writes two entries as one; it is expanded when the file is read.

Roles of calls (what rules ask for)
    connection.open, connection.close, connection.query, transaction.begin, transaction.end, session.set,
    pool.open, pool.close, client.open, client.reconfigure,
    file.write, file.move, file.delete, file.mkdir, file.exists, file.missing (true if it is not there), file.age,
    file.read, file.temp (makes a file or folder of a name of its own, which stays), process.spawn,
    process.exit, process.env.write, process.env.unset (reads what the runtime of managed instances does not set),
    process.env.managed (tells whether the code runs there), process.setting (of the whole process),
    process.refused (throws where it runs), process.deaf (a listener that is never called),
    listener (adds one to the process), context.legacy, callback.absent (undefined in its place), blocking,
    background (work that begins beside the invocation), background.timer (that begins by itself, later), log, log.raw,
    wrapper (returns a handler around its function arguments), presence (tells whether its argument is there at all),
    deadline (tells the time, how much of it is left, or whether that is up)
    Properties may have the roles process.env.unset, process.env.managed and deadline: reading one counts as a call.
Roles of types
    connection (not safe to share), container (of services), provider (hands out the component that its type argument
    is), pool, unpooled (given to what opens a pool: it keeps none), client, lock, logger,
    atomic, fence (its reads and writes are never seen late), thread-local, context-local, process.env, context,
    task (work that has begun: its members wait for it),
    credentials (handed over by the code: a client made with them is for whoever they belong to)
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct, field

from lmi_lint.knowledge.wiring import (
    AnnotatedEntry,
    AssembleEntry,
    BindEntry,
    EndpointEntry,
    EntryEntry,
    InjectEntry,
    ProvideEntry,
    RegisterEntry,
    ResolveEntry,
    ScopeEntry,
    SetupEntry,
)

Safety = Literal["safe", "unsafe", "immutable", "confined", "unknown"]
Calls = Literal["now", "after", "background", "wraps", "once", "keeps", "serves", "never"]
"""When a function given as an argument runs: during the call; after a suspension, still part of the
invocation; outside any invocation's time; when the returned handler is called; when that is first called, and the
result is kept; whenever the receiver likes (it is kept); once in every invocation that it is for; never."""


class TypeEntry(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A library type (or a global object).

    ``safety``: ``unsafe`` types must not be changed by two threads at once; ``confined`` ones belong to one thread.
    Method lists take names or globs (``add*``). ``mutates`` change the content, ``reads`` only look (``iterates`` among
    them walk it), ``atomic`` are indivisible read-and-change operations, ``adds`` and ``removes`` grow and shrink it.
    ``element`` methods hand out what it holds; ``container``: an index access reaches an element.
    ``locks_itself``: its methods lock the object itself, but whoever walks it has to take that lock.
    ``counts`` methods tell how much it holds. ``distinct``: what is put in twice is in it once; ``bounded``: it lets
    go of entries itself, or takes only so many. ``few``: a program has only so many of them: classes, locales.
    ``extends``: library types whose entry and calls hold for this one too.
    """

    name: str
    source: str = ""
    safety: Safety = "unknown"
    why: str = ""
    instead: str = ""
    role: str = ""
    extends: tuple[str, ...] = ()
    container: bool = False
    mutates: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    iterates: tuple[str, ...] = ()
    atomic: tuple[str, ...] = ()
    adds: tuple[str, ...] = ()
    removes: tuple[str, ...] = ()
    element: tuple[str, ...] = ()
    counts: tuple[str, ...] = ()
    distinct: bool = False
    bounded: bool = False
    few: bool = False
    locks_itself: bool = False
    override: bool = False


class CallEntry(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A library function, constructor or method.

    ``role``: see above. ``returns``: ``fresh`` (a new object, the default), ``receiver``, ``element``, ``argN``
    (``argN|argM``: either), ``bound`` (the function ``arg0`` with the other arguments before its own).
    ``returns_type``: the type name of the result (in a glob, each ``*`` is what that of the name stands for).
    ``text``: how the result's text comes about: ``join`` (path parts; a method of a value puts the receiver's first),
    ``concat``, ``separated`` (a sequence with a separator between its parts), ``format`` (first argument holds the
    places), ``same`` (that of the receiver or first argument), ``basename`` (also a part cut off at a separator),
    ``dirname``, ``with_name``, ``with_suffix``, ``tmpdir`` (the temporary directory), ``setting`` (of the deployment,
    the same for all invocations; with ``returns = "argN"`` that is its default), or ``=…`` (that very text).
    ``unique``: the result differs per ``call``, ``request``, ``thread``, ``process``, ``second``, or is the same
    in the ``environment``.
    ``pure``: the result depends on the arguments alone. ``same``: equal arguments give equal results, or newer ones, to
    all invocations: what is parsed, a setting, a secret or parameter by its name. ``freezes``: nothing can change its
    first argument from then on. ``by_name``: it gives what a text names: the ``module`` that the first argument names,
    or the ``member`` of the first that the second names.
    ``path``: indexes of arguments that are file paths it acts on (-1: the receiver);
    ``path_options``: keys of options objects among the arguments that hold such paths.
    ``stores``: ``argN`` is put into the receiver, or ``argN.element``, what it holds; under ``key`` = ``argN``.
    ``mutates``: the argument whose content it changes (``arg0``).
    ``holds``: what the result holds, and nothing else: ``element`` (what receiver and arguments hold), ``returned``
    (what the functions among the arguments return; ``returned.element``: what that holds), ``argN``, ``type0`` (a new
    object of its first type argument), ``*`` (any name in a folder; ``argN/*``, ``receiver/*``: any path in that one),
    each perhaps ``in`` another container (``element in System.Linq.IGrouping``); several with commas: rows of these.
    Left out: for a container ``element``.
    ``runs``: of its functions: ``once`` (later, however many callers there are), ``again`` (perhaps several times at
    once, of which one result is kept).
    ``calls``: when function arguments run; ``passes``: what their parameters are: ``element`` of the receiver,
    ``argN``, or nothing known; ``gives``: the types of their last parameters, where the call says them.
    ``starts``: methods of the type argument, an instance of which it makes, that it calls with what it ``gives``.
    ``arity``: length of the handler that it returns; of the method itself, where it wraps nothing.
    ``drops``: what its function arguments return is lost. ``handles``: a failure of the receiver is dealt with.
    ``ends``: the background work that it waits for, or stops: what ``receiver`` or ``argN`` began, or ``any``.
    ``rds``: it opens connections to a database that RDS Proxy can stand before (PostgreSQL, MySQL, SQL Server).
    ``raises``: it ends what runs by an exception that handlers of these types catch.
    ``suppresses``: in a with block it catches the exceptions whose types it was given.
    ``apart``: a function given to it runs in a ``process`` or ``thread`` of its own; without one, so does what its
    result decides.
    ``when``: only if the text of argument ``when_arg`` (the first) matches this regular expression, searched for;
    constants read as in JSON, names of the library in full. ``when_name``: of the argument given by this name instead.
    ``when_args``: only with this number of arguments.
    ``atomic_publication``: the file appears whole under its name, in one step.
    ``waits``: it takes the right to write to a database from the start, and waits for it.
    ``command``: the arguments are the command line of another program.
    ``sizes``: the most connections that a pool holds, as the sum of these options or ``argN``; each with the default
    that holds where it is not given.
    ``resident``: what it returns is large and stays in memory as long as it is held: a model, a data set.
    ``hosts``: it makes a server of the controllers of the project, as the container knows them.
    ``pauses``: it does nothing but let time pass; a timer does so for whoever waits for the promise that it settles.
    """

    name: str
    source: str = ""
    role: str = ""
    why: str = ""
    instead: str = ""
    returns: str = ""
    returns_type: str = ""
    text: str = ""
    unique: str = ""
    pure: bool = False
    same: bool = False
    freezes: bool = False
    by_name: Literal["", "module", "member"] = ""
    path: tuple[int, ...] = ()
    path_options: tuple[str, ...] = ()
    stores: str = ""
    key: str = ""
    mutates: str = ""
    holds: tuple[str, ...] = ()
    runs: Literal["", "once", "again"] = ""
    calls: Calls | None = None
    passes: str = ""
    gives: tuple[str, ...] = ()
    starts: tuple[str, ...] = ()
    arity: int | None = None
    drops: bool = False
    handles: bool = False
    ends: str = ""
    when: str = ""
    when_arg: int = 0
    when_name: str = ""
    when_args: int | None = None
    command: bool = False
    atomic_publication: bool = False
    waits: bool = False
    rds: bool = False
    raises: tuple[str, ...] = ()
    suppresses: bool = False
    apart: Literal["", "thread", "process"] = ""
    sizes: dict[str, int] = {}
    resident: bool = False
    hosts: bool = False
    pauses: bool = False
    override: bool = False


class LockEntry(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A lock type. ``around`` methods run a function while they hold it; a resource of this type (or the result of an
    ``acquire`` method) in a with/using block holds it too. ``reach``: who is kept out: ``environment`` (one process or
    worker) or ``host``. ``parts``: methods that return one of its locks (``readLock``), which count as the lock
    itself. ``argument``: its static methods lock the object that they are given there (``Monitor.Enter(x)``).
    ``permits``: the argument of its constructor that says how many may hold it at once; more than one, and it keeps
    nobody out. ``option``: that argument may be an object that says it under this key; else as many as like to.
    ``unlocks``: the constant with which an ``acquire`` method gives the lock back. ``reading``: the methods among all
    these that take, hand out or give back a hold which others may have at the same time, as long as nobody writes;
    ``upgrading``: one that keeps out others of its kind too. ``validated``: methods that hold nothing, but tell, by
    those of ``validates``, whether somebody wrote meanwhile. ``converts``: those that turn a hold for reading into one
    for writing. ``keys``: the argument of ``parts`` and ``around`` methods that chooses one of many locks. A module may
    be the type of locks of ``host`` reach, whose functions lock files."""

    type: str
    source: str = ""
    acquire: tuple[str, ...] = ()
    try_acquire: tuple[str, ...] = ()
    release: tuple[str, ...] = ()
    around: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    argument: int | None = None
    permits: int | None = None
    option: str = ""
    unlocks: str = ""
    reading: tuple[str, ...] = ()
    upgrading: tuple[str, ...] = ()
    validated: tuple[str, ...] = ()
    validates: tuple[str, ...] = ()
    converts: tuple[str, ...] = ()
    keys: int | None = None
    reach: Literal["environment", "host"] = "environment"
    override: bool = False


class ContextEntry(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A ``type`` that holds what belongs to the ``thread`` that runs, or to a ``flow`` of asynchronous work (``of``).

    ``sets``: methods that put something in; ``closing``: those whose result takes it out again when it is closed;
    ``clears``: those that take it out; ``reads``: those that look; ``leaks``: those that set it for whatever runs next;
    ``scopes``: those that set it while a function runs. ``keyed``: the first argument says what is put in or taken out.
    ``stays``: threads are used again, and what is in is there for the next invocation. ``filled``: a framework puts it
    in for each request. ``inherited``: new threads have it too. ``cleared_by``: an annotation of the handler and its
    option that take everything out (``a.b.Annotation.option``)."""

    type: str
    of: Literal["thread", "flow"]
    source: str = ""
    sets: tuple[str, ...] = ()
    closing: tuple[str, ...] = ()
    clears: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    leaks: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    keyed: bool = False
    stays: bool = False
    filled: bool = False
    inherited: bool = False
    cleared_by: str = ""
    why: str = ""
    instead: str = ""


class FootprintEntry(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A package that takes much memory. ``mib``: what importing it adds to the memory that processes do not share, in
    MiB; ``includes``: packages of this table that it imports itself."""

    name: str
    mib: int
    source: str
    includes: tuple[str, ...] = ()


class ProgramEntry(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What another program does with the words of its command line, by the program's name; a trailing ``*`` stands for
    any rest, and ``*`` alone for every program without an entry.

    ``operands``: which of the words that are no options it acts on, as ``role`` says: ``all``, ``first``, or the
    ``last`` of at least ``least``. ``into``: that may be a folder, in which what is put there keeps its name;
    ``takes``: what is put there is gone where it was; ``inputs``: options whose value is no such word.
    ``options``: the options whose value is a file that it writes, as regular expressions of the whole word.
    ``when``: only if the first operand is this word. ``only``, ``unless``: only if this regular expression is found in
    its words, or is not; a word that is not known counts as one of ``unless``.
    ``runs``: another program follows: as the ``rest`` of the words, as a ``line`` after ``-c``, as a ``module`` after
    ``-m``."""

    name: str
    source: str
    role: Literal["", "file.write", "file.delete", "file.mkdir"] = ""
    operands: Literal["", "all", "first", "last"] = ""
    least: int = 2
    into: bool = False
    takes: bool = False
    inputs: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    when: str = ""
    only: str = ""
    unless: str = ""
    runs: Literal["", "rest", "line", "module"] = ""


class MemberEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """Members of events and of invocation contexts, in lower case and without ``_``: ``values`` says whether they are
    another one in each invocation (``unique``), or of a few in all (``few``)."""

    names: tuple[str, ...]
    values: Literal["unique", "few"]
    source: str


class MinimumEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """From which version on a package works on managed instances. ``package``: its name as manifests write it
    (``group:artifact`` in Java); ``*`` stands for any text without a dot. ``what``: how to call it; ``why``: what an
    older one does; ``left_out_by``: dialects whose bundlers leave it out, so that the runtime's own copy is used."""

    package: str
    version: str
    what: str
    why: str
    left_out_by: tuple[str, ...] = ()
    source: str = ""


class KnowledgeFile(Struct, frozen=True, forbid_unknown_fields=True):
    """One TOML file. ``language``: the family it speaks of, or, for all of them,
    ``shell`` or ``events``; ``subject``: what a reader would call it.
    ``sources``: name prefix → page that documents it; entries without a ``source`` take that of the longest prefix of
    their name. ``{class}`` in the page stands for the first part of the name after the prefix."""

    language: Literal["python", "javascript", "java", "csharp", "shell", "events"]
    subject: str
    sources: dict[str, str] = {}
    types: tuple[TypeEntry, ...] = field(default=(), name="type")
    calls: tuple[CallEntry, ...] = field(default=(), name="call")
    locks: tuple[LockEntry, ...] = field(default=(), name="lock")
    entries: tuple[EntryEntry, ...] = field(default=(), name="entry")
    registers: tuple[RegisterEntry, ...] = field(default=(), name="register")
    resolves: tuple[ResolveEntry, ...] = field(default=(), name="resolve")
    scopes: tuple[ScopeEntry, ...] = field(default=(), name="scope")
    provides: tuple[ProvideEntry, ...] = field(default=(), name="provide")
    injects: tuple[InjectEntry, ...] = field(default=(), name="inject")
    setups: tuple[SetupEntry, ...] = field(default=(), name="setup")
    binds: tuple[BindEntry, ...] = field(default=(), name="bind")
    assembles: tuple[AssembleEntry, ...] = field(default=(), name="assemble")
    annotated: tuple[AnnotatedEntry, ...] = field(default=(), name="annotated")
    endpoints: tuple[EndpointEntry, ...] = field(default=(), name="endpoint")
    contexts: tuple[ContextEntry, ...] = field(default=(), name="context")
    footprints: tuple[FootprintEntry, ...] = field(default=(), name="footprint")
    programs: tuple[ProgramEntry, ...] = field(default=(), name="program")
    members: tuple[MemberEntry, ...] = field(default=(), name="member")
    minimums: tuple[MinimumEntry, ...] = field(default=(), name="minimum")


class Knowledge(Struct, frozen=True, dict=True):
    """The union of all files of one language family, by exact name; globs apart, in file order."""

    types: dict[str, TypeEntry]
    calls: dict[str, tuple[CallEntry, ...]]
    call_globs: tuple[CallEntry, ...]
    locks: dict[str, LockEntry]
    entries: tuple[EntryEntry, ...]
    type_globs: tuple[TypeEntry, ...] = ()
    registers: dict[str, RegisterEntry] = {}
    resolves: dict[str, ResolveEntry] = {}
    scopes: dict[str, tuple[ScopeEntry, ...]] = {}
    provides: dict[str, ProvideEntry] = {}
    injects: dict[str, InjectEntry] = {}
    setups: tuple[SetupEntry, ...] = ()
    binds: dict[str, BindEntry] = {}
    assembles: dict[str, AssembleEntry] = {}
    annotated: tuple[AnnotatedEntry, ...] = ()
    endpoints: tuple[EndpointEntry, ...] = ()
    contexts: dict[str, ContextEntry] = {}
    footprints: dict[str, FootprintEntry] = {}
    programs: dict[str, ProgramEntry] = {}
    members: dict[str, MemberEntry] = {}
    minimums: dict[str, MinimumEntry] = {}
