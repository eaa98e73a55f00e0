"""`python -m interviewer` runs the service."""

from runtime.launch import imports

with imports():
    from interviewer.main import main

main()
