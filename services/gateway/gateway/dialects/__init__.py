"""The HTTP APIs: each translates its words to the use cases, and back."""
