"""Messages of the coach."""
