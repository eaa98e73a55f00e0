"""From the fields of a request to the configuration of a session: its documents, its bank, its questions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from contracts.vocabulary.configuration import Dialect, SessionConfig

from gateway.banks.selection import SelectedBank, as_asked, named_bank, selection, with_questions
from gateway.banks.store import Banks
from gateway.bus.commands import Caller
from gateway.usecases.documents import Documents
from gateway.usecases.grounding import as_sent, grounded, names_documents


@dataclass(frozen=True)
class Wanted:
    """What a request configures. `sent` tells a repeat, where the configuration is made of more than the request."""

    config: SessionConfig
    bank: SelectedBank | None = None
    dialect: Dialect = "agent"
    sent: Mapping[str, Any] | None = None

    @property
    def asked(self) -> Any:
        """What the client asked for, to tell another request under the same key apart."""
        return self.sent or as_asked(self.config, self.bank)

    async def complete(self) -> SessionConfig:
        """With the questions of the bank. Raises NoSuchBank."""
        return await with_questions(self.config, self.bank)


class Configuring:
    """Reads configurations."""

    def __init__(self, banks: Banks, documents: Documents) -> None:
        self._banks = banks
        self._documents = documents

    async def wanted(self, caller: Caller, fields: Mapping[str, Any], dialect: Dialect = "agent") -> Wanted:
        """What the fields ask for. Waits until the documents that they name are read. Raises Problem."""
        return self._selected(caller, fields, await grounded(self._documents, caller, fields), dialect)

    async def if_given(self, caller: Caller, fields: Mapping[str, Any]) -> Wanted | None:
        """The same; None for fields that say nothing about the configuration, such as ids that are blank."""
        if not (names_documents(fields) or _configures(fields)):
            return None
        bare = await grounded(self._documents, caller, fields)
        return self._selected(caller, fields, bare) if _configures(bare) else None

    def _selected(
        self, caller: Caller, fields: Mapping[str, Any], bare: Mapping[str, Any], dialect: Dialect = "agent"
    ) -> Wanted:
        config, bank = selection(self._banks, caller.user_id, bare)
        return Wanted(config, bank, dialect, as_sent(fields))


def _configures(fields: Mapping[str, Any]) -> bool:
    return bool(fields.keys() & SessionConfig.model_fields.keys() or named_bank(fields))
