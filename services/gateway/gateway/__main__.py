"""`python -m gateway` runs the service."""

from runtime.launch import imports

with imports():
    from gateway.cli import main

main()
