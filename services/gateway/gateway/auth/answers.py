"""What the account routes answer: the shapes of all the seeds at once."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel

from gateway.auth.service import Issued
from gateway.auth.user import User


class UserAnswer(BaseModel):
    """An account; `user_id` and `full_name` repeat `id` and `name` for the clients that read those."""

    id: UUID
    user_id: UUID
    email: str
    name: str
    full_name: str
    is_active: bool
    created_at: datetime

    @classmethod
    def of(cls, user: User) -> "UserAnswer":
        return cls(
            id=user.id,
            user_id=user.id,
            email=user.email,
            name=user.name,
            full_name=user.name,
            is_active=user.is_active,
            created_at=user.created_at,
        )


class LoginAnswer(UserAnswer):
    """Tokens and their user; the user's fields also stand at the top level."""

    access_token: str
    refresh_token: str
    token_type: Literal["bearer"] = "bearer"
    token: str
    user: UserAnswer

    @classmethod
    def issued(cls, issued: Issued) -> "LoginAnswer":
        user = UserAnswer.of(issued.user)
        return cls(
            **user.model_dump(),
            access_token=issued.access_token,
            refresh_token=issued.refresh_token,
            token=issued.access_token,
            user=user,
        )


class Message(BaseModel):
    """A sentence for a person."""

    message: str
