"""`python -m documents`, and `parley-documents`: run the service."""

from runtime.launch import imports

with imports():
    from documents.cli import main

if __name__ == "__main__":
    main()
