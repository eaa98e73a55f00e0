"""What a document says, found without asking anybody: no network, no model, the same answer every time.

`refine.py` alone asks a model, and keeps of its answer what the text supports.
"""

from documents.understanding.chunking import chunks_of
from documents.understanding.comparing import gaps
from documents.understanding.contact import without_contact
from documents.understanding.whole import understand

__all__ = ["chunks_of", "gaps", "understand", "without_contact"]
