"""What is known about libraries: typed data read from ``rules/knowledge``."""
