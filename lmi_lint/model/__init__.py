"""The vocabulary shared by every stage. Imports nothing else from lmi_lint."""
