"""Everything that is found in a document, in one go."""

from __future__ import annotations

import re
from datetime import date

from contracts.vocabulary.document import DocumentKind

from documents.language import language_of
from documents.parsed import Parsed
from documents.understanding.chunking import chunks_of
from documents.understanding.contact import without_contact
from documents.understanding.refine import for_models
from documents.understanding.whole import understand
from documents.understood import Understood

_WORD = re.compile(r"\w+")


def understood_from(parsed: Parsed, kind: DocumentKind, today: date) -> Understood:
    """Find it. Pure, and as slow as the text decides: runs in a worker."""
    anonymous = without_contact(parsed, kind)
    body, bare = parsed.text, anonymous.text
    language = language_of(bare)
    chunks = chunks_of(anonymous, kind)
    return Understood(
        media_type=parsed.media_type,
        pages=parsed.pages,
        words=len(_WORD.findall(body)),
        truncated=parsed.truncated,
        body=body,
        body_without_contact=bare,
        body_for_models=for_models(bare),
        chunks=chunks,
        understanding=understand(anonymous, kind, today, language, chunks),
        language=language,
    )
