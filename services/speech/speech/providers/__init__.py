"""Adapters of what can speak, and of what recognises speech."""
