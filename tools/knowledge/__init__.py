"""Holds every entry of ``rules/knowledge`` against the library that it speaks of: ``python -m tools.knowledge``."""
