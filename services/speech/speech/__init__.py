"""The speech service: says what the interviewer says, by whatever voice is configured."""
