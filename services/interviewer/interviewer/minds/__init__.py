"""The minds an interviewer can have."""
