"""Processes that read, understand and compare documents, and can be killed while they do.

Whatever goes through the text of a document, in time that the text decides, runs there and never in the service.
"""

from documents.workers.pool import Workers, WorkFailed

__all__ = ["WorkFailed", "Workers"]
