"""Text analysis that several services need, each question answered in one place. Pure: no I/O but packaged data."""
