"""Parley's own API, on top of the others."""
