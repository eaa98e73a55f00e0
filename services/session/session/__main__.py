"""`python -m session`, and `parley-session`: run the service."""

from runtime.launch import imports

with imports():
    from session.cli import main

if __name__ == "__main__":
    main()
