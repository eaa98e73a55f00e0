"""`python -m documents` runs the service."""

from runtime.launch import imports

with imports():
    from documents.cli import main

main()
