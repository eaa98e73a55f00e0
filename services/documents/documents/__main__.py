"""`python -m documents`."""

from documents.cli import main

main()
