"""Deployment configuration → the functions that it deploys, each with the line that says so."""
