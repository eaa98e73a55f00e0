"""Fixtures for all tests."""

pytest_plugins = ["runtime.testing"]
