"""Commands, asks and events on the broker."""
