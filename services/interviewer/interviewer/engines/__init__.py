"""The engines an interviewer can have."""
