"""`python -m coach` runs the service."""

from coach.main import main

main()
