"""The interviewer as a language model."""
