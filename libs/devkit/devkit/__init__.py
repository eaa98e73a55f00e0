"""For development, tests and CI: embedded servers, the supervisor behind `make up`, fixtures, a fake model endpoint.

No image holds it, and no service imports it.
"""
