"""The turn API, `/session`."""
