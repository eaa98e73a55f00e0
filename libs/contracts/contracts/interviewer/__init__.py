"""Messages of the interviewer."""
