"""What a document says, found without asking anybody: no network, no model, the same answer every time.

It runs in the worker processes: how long it takes is for the text to decide.
"""

from documents.understanding.chunking import chunks_of
from documents.understanding.comparing import gaps
from documents.understanding.contact import without_contact
from documents.understanding.document import understood_from
from documents.understanding.refine import refined
from documents.understanding.whole import understand

__all__ = ["chunks_of", "gaps", "refined", "understand", "understood_from", "without_contact"]
