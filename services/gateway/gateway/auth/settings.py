"""Settings of the identity part, read from the environment."""

from typing import Self

from pydantic import Field, FilePath, SecretStr, field_validator, model_validator
from pydantic_settings import SettingsConfigDict
from runtime.settings import Settings

from gateway.auth.errors import InvalidInput
from gateway.auth.fields import new_account, normalised_email

MIN_SECRET_BYTES = 32  # RFC 7518, 3.2: an HS256 key is at least as long as the hash

DAY = 24 * 60 * 60


class IdentitySettings(Settings):
    """`JWT_SECRET` signs; `JWT_SECRET_PREVIOUS` verifies as well. So that the secret can change, it is the next one
    until every gateway knows that one, and then the one before.

    Durations are in seconds. `AUTH_CACHE_SECONDS` above 0 delays revocation by as much.
    """

    # A validation error must not print the secret that it is about.
    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore", hide_input_in_errors=True)

    jwt_secret: SecretStr
    jwt_secret_previous: SecretStr | None = None
    access_token_ttl: int = Field(default=7 * DAY, gt=0)
    refresh_token_ttl: int = Field(default=30 * DAY, gt=0)
    session_token_ttl: int = Field(
        default=7 * DAY, gt=0, description="For how long a token of the interviews API opens its interview, in seconds."
    )
    auth_cache_seconds: float = Field(default=0, ge=0, le=2)
    password_blocklist: FilePath | None = Field(
        default=None,
        description="A file of passwords that nobody may choose, one a line, whatever their capitals; without one, all"
        " of six characters or more are taken.",
    )

    admin_email: str | None = Field(
        default=None,
        description="The first admin: this account becomes one when the gateway starts, as long as nobody is an admin.",
    )
    admin_password: SecretStr | None = Field(
        default=None, description="With it the account of `ADMIN_EMAIL` is made where it is not there yet."
    )

    @property
    def common_passwords(self) -> frozenset[str]:
        """Those of the file, in small letters. Raises OSError and UnicodeDecodeError."""
        if self.password_blocklist is None:
            return frozenset()
        lines = self.password_blocklist.read_text(encoding="utf-8").splitlines()
        return frozenset(line.strip().casefold() for line in lines) - {""}

    @model_validator(mode="after")
    def _admin_can_register(self) -> Self:
        if self.admin_password is not None and not self.admin_email:
            raise ValueError("ADMIN_PASSWORD needs ADMIN_EMAIL")
        try:
            if self.admin_password is not None:
                new_account({"email": self.admin_email, "password": self.admin_password.get_secret_value()})
            if self.admin_email:
                self.admin_email = normalised_email(self.admin_email)
        except InvalidInput as error:
            raise ValueError(f"ADMIN_EMAIL and ADMIN_PASSWORD: {error.detail}") from None
        return self

    @field_validator("jwt_secret", "jwt_secret_previous")
    @classmethod
    def _long_enough(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret is not None and len(secret.get_secret_value().encode()) < MIN_SECRET_BYTES:
            raise ValueError(f"must be at least {MIN_SECRET_BYTES} bytes (try: openssl rand -hex 32)")
        return secret
