"""The rules of an interview: pure, without clock, database or broker."""
