"""What a model adds to what code found in a document: asked for once for the same text, verified each time."""

from __future__ import annotations

from contracts.documents.understanding import Understanding
from models import Chain, PromptLibrary

from documents.store import DocumentStore, StoredDocument, content_hash
from documents.understanding.refine import Refinement, refined, suggested


class Refiner:
    """Asks the chain of models, and remembers what it said by person, text, model and prompt."""

    def __init__(self, store: DocumentStore, chain: Chain, prompts: PromptLibrary) -> None:
        self._store = store
        self._chain = chain
        self._prompts = prompts
        self._made_by = f"{chain.routes[0].model} {prompts.get('refine').version}"

    async def refine(self, document: StoredDocument, understanding: Understanding, text: str) -> Understanding:
        """The understanding with what the text bears out of the model's; as it was where no model answers."""
        hashed = content_hash(f"{document.kind}\n{text}")
        kept = await self._store.refinement(document, hashed, self._made_by)
        added = Refinement.model_validate_json(kept) if kept else None
        if added is None:
            added = await suggested(self._chain, self._prompts, document.kind, text)
            if added is None:
                return understanding
            await self._store.keep_refinement(document, hashed, self._made_by, added.model_dump_json())
        return refined(document.kind, understanding, added, text)
