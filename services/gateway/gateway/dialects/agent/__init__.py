"""The agent API, `/interview`."""
