"""What clients send, checked and normalised. Pure; raises InvalidInput with one sentence."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from contracts.text import storable
from email_validator import EmailNotValidError, validate_email

from gateway.auth.errors import InvalidInput
from gateway.values import present

PASSWORD_MIN, PASSWORD_MAX = 6, 128  # characters
NAME_MAX = 200
KEY_MAX = 255

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_PRIVATE = re.compile(r"\.(?:local|localhost)$", re.IGNORECASE)
_STAND_IN = ".test"

Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class NewAccount:
    """A registration: `email` normalised, `name` never empty."""

    email: str
    password: str
    name: str


@dataclass(frozen=True, slots=True)
class Credentials:
    """A login: `email` is None where what was sent cannot be anybody's address."""

    email: str | None
    password: str


def new_account(fields: Fields) -> NewAccount:
    """Read `email`, `password` and the optional `name` (or `full_name`)."""
    email = _own_email(_required(fields, "email address", "email"))
    password = _required(fields, "password", "password")
    _check_password(password)
    return NewAccount(email, password, _name(fields) or email.partition("@")[0][:NAME_MAX])


def credentials(fields: Fields) -> Credentials:
    """Read `email` (or `username`) and `password`; only missing ones are errors here."""
    address = _required(fields, "email address", "email", "username")
    password = _required(fields, "password", "password")
    return Credentials(_known_shape(address), password)


@dataclass(frozen=True, slots=True)
class Profile:
    """What somebody changes of themselves; None stays as it is."""

    name: str | None
    email: str | None


@dataclass(frozen=True, slots=True)
class Access:
    """What an admin changes of somebody; None stays as it is."""

    role: str | None
    is_active: bool | None


def profile(fields: Fields) -> Profile:
    """Read `name` (or `full_name`) and `email`; at least one."""
    address = _text(fields, "email address", "email")
    changed = Profile(_name(fields), _own_email(address) if address else None)
    if changed == Profile(None, None):
        raise InvalidInput("Please send a name or an email address.")
    return changed


def access(fields: Fields) -> Access:
    """Read `role` and `is_active`; at least one."""
    role, is_active = fields.get("role"), fields.get("is_active")
    if role not in (None, "user", "admin"):
        raise InvalidInput("The role must be user or admin.")
    if is_active is not None and not isinstance(is_active, bool):
        raise InvalidInput("is_active must be true or false.")
    if role is None and is_active is None:
        raise InvalidInput("Please send a role or is_active.")
    return Access(role, is_active)


@dataclass(frozen=True, slots=True)
class NewPassword:
    """A change of the password."""

    present: str
    wanted: str


def new_password(fields: Fields) -> NewPassword:
    """Read `current_password` and `new_password`."""
    present_one = _required(fields, "present password", "current_password")
    wanted = _required(fields, "new password", "new_password")
    _check_password(wanted)
    return NewPassword(present_one, wanted)


def refresh_token(fields: Fields) -> str:
    """Read `refresh_token`."""
    return _required(fields, "refresh token", "refresh_token")


def normalised_email(address: str) -> str:
    """The form under which an address is stored and found again."""
    # NFKC: letters of full width, as some keyboards write them, are the same letters.
    shown, suffix = _public_form(unicodedata.normalize("NFKC", address).strip())
    try:
        # `test_environment` lets `.test` pass; that an address receives mail is not checked at all.
        found = validate_email(shown, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        raise InvalidInput("The email address is not valid.") from None
    if "." not in found.domain:
        raise InvalidInput("The email address is not valid.")
    normalised = found.normalized.removesuffix(_STAND_IN) + suffix if suffix else found.normalized
    return unicodedata.normalize("NFC", normalised.lower())


def _own_email(address: str) -> str:
    """The address that somebody wants for themselves."""
    email = normalised_email(address)
    if not _in_one_script(email):
        raise InvalidInput("The email address mixes letters of several scripts.")
    return email


def idempotency_key(value: str | None) -> str | None:
    """The Idempotency-Key header, if there is one."""
    key = present(value)
    if key is not None and len(key) > KEY_MAX:
        raise InvalidInput(f"The Idempotency-Key is longer than {KEY_MAX} characters.")
    return key


def _public_form(address: str) -> tuple[str, str]:
    """Names of a local network are good enough for us, but not for the validator: it sees another suffix."""
    private = _PRIVATE.search(address)
    return (address[: private.start()] + _STAND_IN, private[0]) if private else (address, "")


def _in_one_script(address: str) -> bool:
    """Whether no letter passes for one of another script, such as a Cyrillic `a` before a Latin domain.

    It is the scripts with capitals that share shapes, so that only one of them may occur; others go with any. The last
    part of a domain is no choice of its owner's and does not count.
    """
    local, _, domain = address.rpartition("@")
    letters = [each for each in local + domain.rpartition(".")[0] if unicodedata.category(each) in ("Ll", "Lu")]
    return len({unicodedata.name(letter).partition(" ")[0] for letter in letters}) <= 1


def _known_shape(address: str) -> str | None:
    try:
        return normalised_email(address)
    except InvalidInput:
        return None


def _required(fields: Fields, what: str, *names: str) -> str:
    value = _text(fields, what, *names)
    if not value:
        raise InvalidInput(f"The {what} is missing.")
    return value


def _text(fields: Fields, what: str, *names: str) -> str | None:
    """The first of these fields that is there, as well-formed text."""
    value = next((fields[name] for name in names if fields.get(name) not in (None, "")), None)
    if value is None:
        return None
    if not isinstance(value, str):
        raise InvalidInput(f"The {what} must be text.")
    if not storable(value):
        raise InvalidInput(f"The {what} contains characters that are not allowed.")
    return value


def _check_password(password: str) -> None:
    # Composed, so that the limit does not depend on how a keyboard sends an accent.
    length = len(unicodedata.normalize("NFC", password))
    if not PASSWORD_MIN <= length <= PASSWORD_MAX:
        raise InvalidInput(f"The password must have {PASSWORD_MIN} to {PASSWORD_MAX} characters.")


def _name(fields: Fields) -> str | None:
    given = _text(fields, "name", "name", "full_name")
    if given is None:
        return None
    name = unicodedata.normalize("NFC", _CONTROL.sub(" ", given)).strip()
    if len(name) > NAME_MAX:
        raise InvalidInput(f"The name must have at most {NAME_MAX} characters.")
    return name or None
