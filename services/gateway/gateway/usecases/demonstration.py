"""One answer from the first question to its feedback, and nothing left of it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from contracts.session.asks import FeedbackItem, Message, View

from gateway.bus.commands import Caller
from gateway.usecases.configuring import Wanted
from gateway.usecases.interviews import Interviews
from gateway.usecases.judgements import Judgements
from gateway.usecases.queries import Queries

_NOBODY = Caller(None)


@dataclass(frozen=True)
class Demonstration:
    """What was asked and answered, what was said to the answer, and the feedback; None where that was late."""

    session_id: UUID
    question: Message
    said: str
    reply: Message
    item: FeedbackItem | None
    view: View


class Demonstrations:
    """Interviews of nobody, which end after one answer."""

    def __init__(self, interviews: Interviews, queries: Queries, judgements: Judgements) -> None:
        self._interviews = interviews
        self._queries = queries
        self._judgements = judgements

    async def run(self, wanted: Wanted, said: str | bytes) -> Demonstration:
        """Ask, answer, judge, erase. Raises Problem."""
        session_id = await self._interviews.create(_NOBODY, wanted)
        try:
            question = await self._interviews.start(_NOBODY, session_id)
            reply = await self._interviews.answer(_NOBODY, session_id, said)
            item = await self._judgements.feedback(_NOBODY, session_id, question.turn)
            view = await self._queries.view(_NOBODY, session_id, messages=True, feedback=True)
        finally:
            await self._interviews.erase(_NOBODY, session_id)
        return Demonstration(session_id, question, _answer(view), reply, item, view)


def _answer(view: View) -> str:
    return next((each.content for each in view.messages if each.role == "user"), "")
