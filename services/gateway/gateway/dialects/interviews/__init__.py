"""The interviews API: `/users`."""
