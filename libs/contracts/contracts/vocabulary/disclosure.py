"""What a candidate is told about who interviews and who judges."""

from __future__ import annotations

from contracts.envelope import Contract


class ModelSource(Contract):
    """A language model, and the host that serves it: where the candidate's words go."""

    model: str
    provider: str


class EngineDescription(Contract):
    """What a service thinks with: language models, in the order in which they are asked, or, where there are none,
    only what is built in."""

    models: tuple[ModelSource, ...] = ()


BUILT_IN = EngineDescription()
"""No model."""


class Disclosure(Contract):
    """That an AI interviews and judges, as it was said. None stands for what could not be found out in time."""

    text: str
    interviewer: EngineDescription | None = None
    coach: EngineDescription | None = None
