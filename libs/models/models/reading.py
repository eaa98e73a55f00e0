"""What becomes of an answer while it comes: a checked object, or text."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Generic, Protocol, TypeVar

from pydantic import BaseModel
from pydantic_core import from_json

from models.errors import Rejected
from models.formats import object_start, parse_object
from models.thoughts import answer_in

M = TypeVar("M", bound=BaseModel)
T_co = TypeVar("T_co", covariant=True)

ALWAYS_PARSED = 4096
"""Characters up to which each piece is shown at once; beyond, each growth by a share, so that the cost is linear."""
SHARE = 64


class Watch(Protocol):
    """Sees a JSON answer while it is written."""

    async def restart(self) -> None:
        """A further attempt begins: forget what was seen."""

    async def partial(self, fields: dict[str, Any]) -> None:
        """The object so far, growing: the last string in it may be unfinished, a last number short of digits. The
        last call of an attempt that succeeds has all of it. Raise `Rejected` to stop the answer."""


OnText = Callable[[str], Awaitable[None]]
"""Gets the text so far, growing; a text that does not begin like the one before is a new attempt. May raise
`Rejected`."""


class Reader(Protocol[T_co]):
    """Collects one answer, over several attempts if need be. `plain` is set for each: whether the model is known not to
    think aloud."""

    plain: bool

    async def restart(self) -> None:
        """Begin again, with an attempt after the first."""

    async def add(self, text: str) -> None:
        """What came. Raises Rejected."""

    async def finish(self) -> T_co:
        """The answer, when all has come. Raises Rejected when it is not one."""

    @property
    def text(self) -> str:
        """All that came in this attempt."""

    @property
    def thought(self) -> bool:
        """Whether something of it is a thought, now that all has come."""


class _Collector:
    """Joins pieces only when somebody looks."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self.plain = False

    @property
    def text(self) -> str:
        """All that came in this attempt."""
        if len(self._pieces) > 1:
            self._pieces = ["".join(self._pieces)]
        return self._pieces[0] if self._pieces else ""

    @property
    def thought(self) -> bool:
        """Whether something of it is a thought, now that all has come."""
        return answer_in(self.text, whole=True) != self.text


class ObjectReader(_Collector, Generic[M]):
    """Reads an object of the schema, and shows it to the watch as it grows."""

    def __init__(self, schema: type[M], watch: Watch | None) -> None:
        super().__init__()
        self._schema = schema
        self._watch = watch
        self._length = self._unseen = 0
        self._shown: dict[str, Any] = {}

    async def restart(self) -> None:
        """Begin again; the watch forgets, too."""
        self._pieces, self._length, self._unseen, self._shown = [], 0, 0, {}
        if self._watch:
            await self._watch.restart()

    async def add(self, text: str) -> None:
        """Collect, and show what there is if it is worth a look."""
        self._pieces.append(text)
        self._length += len(text)
        self._unseen += len(text)
        if self._watch and (self._length <= ALWAYS_PARSED or self._unseen * SHARE >= self._length):
            self._unseen = 0
            await self._show(self._watch)

    async def _show(self, watch: Watch) -> None:
        text = answer_in(self.text, whole=False, plain=True)
        start = object_start(text)
        if start < 0:
            return
        try:
            fields = from_json(text[start:], allow_partial="trailing-strings")
        except ValueError:
            return  # Not what it looked like; the end decides.
        if isinstance(fields, dict) and fields and fields != self._shown:
            self._shown = fields
            await watch.partial(fields)

    async def finish(self) -> M:
        """The object, which the watch has then seen whole."""
        if self._watch and self._unseen:
            await self._show(self._watch)
        return parse_object(answer_in(self.text, whole=True), self._schema)


class TextReader(_Collector):
    """Reads free text."""

    def __init__(self, on_text: OnText | None) -> None:
        super().__init__()
        self._on_text = on_text

    async def restart(self) -> None:
        """Begin again."""
        self._pieces = []

    async def add(self, text: str) -> None:
        """Collect, and show all so far."""
        self._pieces.append(text)
        shown = answer_in(self.text, whole=False, plain=self.plain) if self._on_text else ""
        if self._on_text and shown:
            await self._on_text(shown)

    async def finish(self) -> str:
        """The text without white space around it."""
        text = answer_in(self.text, whole=True).strip()
        if not text:
            raise Rejected("There was no text in it.")
        return text
