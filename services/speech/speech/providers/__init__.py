"""Adapters of what can speak."""
