"""One run: ``run.py`` is all of it as one straight line, the other modules are what it does that is no stage's own.

Nothing is imported here: a run imports what it needs.
"""
