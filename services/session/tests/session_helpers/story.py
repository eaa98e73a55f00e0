"""Tests of the rules as sentences: given these events, when this happens, then these events.

A story runs in virtual time. `given` takes facts, `when` an intent, `then` what must have been recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4, uuid5

from contracts import Event, Payload, derived_id
from session.domain.decide import decide
from session.domain.intents import Timer
from session.domain.state import State, evolve, fold

NINE_O_CLOCK = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)


@dataclass
class Story:
    """A session, its history, and what the last intent led to."""

    session_id: UUID = field(default_factory=uuid4)
    user_id: UUID | None = field(default_factory=uuid4)
    now: datetime = NINE_O_CLOCK
    state: State = None  # type: ignore[assignment]
    history: list[Event[Payload]] = field(default_factory=list)
    outcome: Sequence[Event[Payload]] = ()

    def __post_init__(self) -> None:
        self.state = fold(self.session_id, self.history)

    def given(self, *facts: Fact, every: float = 1.0) -> Story:
        """These events happened, `every` that many seconds."""
        for fact in facts:
            self.now += timedelta(seconds=every)
            self._record([fact(self)], cause=uuid4())
        return self

    def when(self, intent: Intent, *, after: float = 1.0, review: float = 0.0) -> Story:
        """This happens, `after` that many seconds; for `review` of them a spoken answer is not judged."""
        self.now += timedelta(seconds=after)
        told = intent(self)
        cause = told.id if isinstance(told, Event) else uuid5(self.session_id, f"{told!r}@{self.state.version}")
        request = told.correlation_id if isinstance(told, Event) else cause
        self.outcome = self._record(
            decide(self.state, told, self.now, timedelta(seconds=review)), cause=cause, request=request
        )
        return self

    def then(self, *expected: Expected) -> Story:
        """Exactly these events were recorded, in this order."""
        recorded = [event.data for event in self.outcome]
        assert len(recorded) == len(expected), f"{[type(each).__name__ for each in recorded]} was recorded"
        for payload, wanted in zip(recorded, expected, strict=True):
            wanted = wanted if isinstance(wanted, Like) else Like(wanted, {})
            assert isinstance(payload, wanted.kind)
            assert {name: getattr(payload, name) for name in wanted.fields} == wanted.fields
        return self

    def then_nothing(self) -> Story:
        """Nothing was recorded."""
        return self.then()

    def latest(self, kind: type[Payload]) -> Event[Payload]:
        """The newest event of a kind."""
        return self.all(kind)[-1]

    def all(self, kind: type[Payload]) -> list[Event[Payload]]:
        """All events of a kind, those from before a reset too."""
        return [event for event in self.history if isinstance(event.data, kind)]

    def _record(self, payloads: Sequence[Payload], *, cause: UUID, request: UUID | None = None) -> list[Event[Payload]]:
        events = [
            Event[Payload](
                id=derived_id(cause, payload.TYPE),
                type=payload.TYPE,
                schema_version=payload.SCHEMA_VERSION,
                subject_id=self.session_id,
                user_id=self.user_id,
                causation_id=cause,
                correlation_id=request or cause,
                occurred_at=self.now,
                stream_version=self.state.version + number,
                data=payload,
            )
            for number, payload in enumerate(payloads, start=1)
        ]
        for event in events:
            self.state = evolve(self.state, event)
        self.history += events
        return events


@dataclass(frozen=True)
class Like:
    """An event of a kind, with at least these fields."""

    kind: type[Payload]
    fields: dict[str, Any]


Fact = Callable[[Story], Payload]
Intent = Callable[[Story], Event[Payload] | Timer]
Expected = type[Payload] | Like


def a(kind: type[Payload], **fields: Any) -> Like:
    """An event of a kind, with at least these fields."""
    return Like(kind, fields)


def given(*facts: Fact, every: float = 1.0) -> Story:
    """A new story, in which these events happened."""
    return Story().given(*facts, every=every)
