"""`python -m speech` runs the service."""

from speech.main import main

main()
