"""`python -m session` runs the service."""

from runtime.launch import imports

with imports():
    from session.cli import main

main()
