"""Messages of the gateway."""
