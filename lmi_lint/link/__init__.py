"""Link: from one deployed function's facts to a program that rules can ask.

The functions that an invocation reaches are evaluated over abstract objects (``machine.py``; by event: ``steps.py``):
load first, which leaves a heap of objects that live as long as the environment, then one request over that heap. What
a rule asks for afterwards are records of that second evaluation (``program.py``).

By the events of a function: ``places.py`` reads and writes (over ``members.py`` and ``cells.py``), ``calls.py`` calls
(over ``overloads.py``, ``construction.py``, ``closures.py``, ``library.py``), ``objects.py`` makes objects and
``locks.py`` tells which locks are held. What names stand for is told by ``names.py`` and its languages; how
invocations race by ``shared_state.py`` and what it imports.
"""
