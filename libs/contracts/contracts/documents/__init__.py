"""Messages of the documents service."""
