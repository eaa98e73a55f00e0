"""`python -m interviewer`, and `parley-interviewer`: run the service."""

from runtime.launch import imports

with imports():
    from interviewer.main import main

if __name__ == "__main__":
    main()
