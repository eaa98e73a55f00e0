"""`python -m documents`."""

from documents.main import main

main()
