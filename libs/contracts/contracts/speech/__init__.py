"""Messages of the speech service."""
