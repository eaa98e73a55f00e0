"""`python -m coach` runs the service."""

from runtime.launch import imports

with imports():
    from coach.main import main

main()
