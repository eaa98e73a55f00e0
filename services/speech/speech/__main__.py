"""`python -m speech`, and `parley-speech`: run the service."""

from runtime.launch import imports

with imports():
    from speech.main import main

if __name__ == "__main__":
    main()
