"""What a model adds to what code found in a document: asked for once for the same text, verified each time."""

from __future__ import annotations

from pathlib import Path

import structlog
from contracts.documents.understanding import Understanding
from contracts.vocabulary.document import DocumentKind
from models import Chain, ModelRefused, NoModel, PromptLibrary, fenced
from runtime.telemetry import failure

from documents.refinement import Refinement
from documents.store import DocumentStore, StoredDocument, content_hash
from documents.understood import Understood
from documents.workers import Workers

PROMPTS = Path(__file__).parent / "prompts"
BUDGET = 25.0
"""Seconds that the model has, retries and failover included."""
_KINDS: dict[DocumentKind, str] = {"resume": "résumé", "job_description": "job description"}
log = structlog.get_logger()


class Refiner:
    """Asks the chain of models, and remembers what it said by person, text, model and prompt."""

    def __init__(self, store: DocumentStore, workers: Workers, chain: Chain, prompts: PromptLibrary) -> None:
        self._store = store
        self._workers = workers
        self._chain = chain
        self._prompts = prompts
        self._made_by = f"{chain.routes[0].model} {prompts.get('refine').version}"

    async def refine(self, document: StoredDocument, found: Understood) -> Understanding:
        """The understanding with what the text bears out of the model's; as it was where no model answers.

        Raises WorkFailed where that cannot be verified.
        """
        kind, text = document.kind, found.body_for_models
        hashed = content_hash(f"{kind}\n{text}")
        kept = await self._store.refinement(document, hashed, self._made_by)
        added = Refinement.model_validate_json(kept) if kept else None
        if added is None:
            added = await suggested(self._chain, self._prompts, kind, text)
            if added is None:
                return found.understanding
            await self._store.keep_refinement(document, hashed, self._made_by, added.model_dump_json())
        return await self._workers.refine(kind, found.understanding, added, text)


async def suggested(
    chain: Chain, prompts: PromptLibrary, kind: DocumentKind, text: str, *, budget: float = BUDGET
) -> Refinement | None:
    """What a model would add to the understanding of a document; None where no model answers. `text` is what models
    may read of it; `prompts` has `refine`, as the directory `PROMPTS` does."""
    prompt = prompts.get("refine")
    values = {"kind": _KINDS[kind], "document": fenced(f"a {_KINDS[kind]}", text)}
    try:
        answer = await chain.structured(prompt.render(values), Refinement, budget=budget, temperature=0.0)
    except (NoModel, ModelRefused) as error:
        log.warning("document not refined", **failure(error), prompt=prompt.version)
        return None
    return answer.value
