"""`python -m gateway`, and `parley-gateway`: run the service."""

from runtime.launch import imports

with imports():
    from gateway.cli import main

if __name__ == "__main__":
    main()
