"""Messages of the session service."""
