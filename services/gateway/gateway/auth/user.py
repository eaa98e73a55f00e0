"""The principal: who a request acts for."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class User:
    """An account as the rest of the gateway sees it; `role` is `user` or `admin`."""

    id: UUID
    email: str = field(repr=False)  # a principal may end up in a log line
    name: str = field(repr=False)
    role: str
    is_active: bool
    created_at: datetime

    @property
    def is_admin(self) -> bool:
        return self.role == "admin"
