"""`python -m coach`, and `parley-coach`: run the service."""

from runtime.launch import imports

with imports():
    from coach.main import main

if __name__ == "__main__":
    main()
