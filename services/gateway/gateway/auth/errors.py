"""What can go wrong with an account or a token. Each error carries its status and its sentence.

No sentence repeats what the caller sent: addresses, names and tokens stay out of logs and traces.
"""

from typing import ClassVar

from gateway.problems import Problem


class IdentityError(Problem):
    """Base of the errors below; `code` and `sentence` are what the client sees."""

    code: ClassVar[int] = 400
    sentence: ClassVar[str] = "The request could not be understood."

    def __init__(self, sentence: str | None = None) -> None:
        headers = {"WWW-Authenticate": "Bearer"} if self.code == 401 else None
        super().__init__(self.code, sentence or self.sentence, headers)


class InvalidInput(IdentityError):
    """A field is missing or has a value that we do not take."""


class CommonPassword(IdentityError):
    """The password is on the operator's list."""

    sentence = "This password is too common. Please choose another one."


class EmailTaken(IdentityError):
    """Somebody registered this address before."""

    sentence = "An account with this email address already exists."


class NoSuchUser(IdentityError):
    """There is no such account."""

    code = 404
    sentence = "This account was not found."


class NotAdmin(IdentityError):
    """It takes the role of an admin."""

    code = 403
    sentence = "Only an admin may do this."


class NotYourself(IdentityError):
    """An admin must not take away their own rights: the last one would lock everybody out."""

    code = 409
    sentence = "Another admin has to do this to your account."


class WrongPassword(IdentityError):
    """The present password was not given when it had to be. No 401: the login is good."""

    sentence = "The present password is not correct."


class NoSuchLogin(IdentityError):
    """There is no such login of this account."""

    code = 404
    sentence = "This login was not found, or is over."


class BadCredentials(IdentityError):
    """Unknown address, wrong password or inactive account: deliberately the same answer."""

    code = 401
    sentence = "The email address or the password is not correct."


class InvalidToken(IdentityError):
    """The token is malformed, expired, revoked, or its account is gone."""

    code = 401
    sentence = "Your login is not valid or has expired. Please log in again."


class NotAuthenticated(IdentityError):
    """No token was sent where one is needed."""

    code = 401
    sentence = "Please log in first."
