"""What the accounts of the interviews API take and answer."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

from gateway.auth.answers import UserAnswer
from gateway.auth.user import User


class Account(UserAnswer):
    """An account with its role."""

    role: Literal["user", "admin"]

    @classmethod
    def of(cls, user: User) -> Account:
        """The account of a user."""
        return cls(**UserAnswer.of(user).model_dump(), role="admin" if user.is_admin else "user")


class ProfileBody(BaseModel):
    """What one can change of oneself; `full_name` is another name of `name`."""

    name: str | None = None
    full_name: str | None = None
    email: str | None = None


class AccessBody(BaseModel):
    """What an admin can change of somebody."""

    role: Literal["user", "admin"] | None = None
    is_active: bool | None = None


class UserDeleted(BaseModel):
    """That an account is gone."""

    message: str
