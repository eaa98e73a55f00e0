"""Generators and checkers of what is committed beside the code. Run as `python -m tools.<name>`."""
