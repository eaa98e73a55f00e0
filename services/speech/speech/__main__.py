"""`python -m speech` runs the service."""

from runtime.launch import imports

with imports():
    from speech.main import main

main()
