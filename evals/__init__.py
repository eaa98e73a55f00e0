"""How good the interviewer is: simulated candidates interview in virtual time, and checks grade the record."""
