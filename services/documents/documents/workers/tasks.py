"""What a worker can be asked to do, and how it says what became of it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from contracts.documents.understanding import Chunk, Understanding
from contracts.envelope import Contract
from contracts.vocabulary.document import DocumentKind, FailureCode
from pydantic import Field, TypeAdapter

from documents.refinement import Refinement


class Read(Contract):
    """Read the file in the frame after this one, and understand what it says. Ends with `Understood`."""

    name: Literal["read"] = "read"
    filename: str
    kind: DocumentKind
    today: date


class Refine(Contract):
    """Add what `text` bears out of a model's answer. Ends with `Understanding`."""

    name: Literal["refine"] = "refine"
    kind: DocumentKind
    understanding: Understanding
    added: Refinement
    text: str


class Compare(Contract):
    """Look for what a job asks in a résumé. Ends with `GapAnalysis`."""

    name: Literal["compare"] = "compare"
    resume: Understanding
    chunks: tuple[Chunk, ...]
    job: Understanding


Task = Read | Refine | Compare
TASK: TypeAdapter[Task] = TypeAdapter(Annotated[Task, Field(discriminator="name")])


class Outcome(Contract):
    """How a task ended; with none of these, its result is the frame after this one.

    `code` and `message` are of a file that cannot be read, `failure` is the type of an error that nobody thought of.
    `exhausted`: the worker ran out of memory, and ends.
    """

    code: FailureCode | None = None
    message: str = ""
    failure: str = ""
    exhausted: bool = False
