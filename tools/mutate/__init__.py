"""Mutation testing of ``lmi_lint/link``; see ``__main__.py``."""
