"""Settings of the gateway."""

from __future__ import annotations

from pydantic import Field, field_validator
from runtime.http_protocol import networks
from runtime.objects import ObjectSettings
from runtime.settings import DatabaseSettings, RuntimeSettings

_IN_PRODUCTION = {
    "auth": 30, "upload": 20, "speech": 60, "socket": 60, "export": 6, "write": 100, "address": 200, "read": 600,
    "poll": 1200,
}  # fmt: skip
"""Requests a minute by class."""


class GatewaySettings(RuntimeSettings, DatabaseSettings, ObjectSettings):
    """What the gateway needs beyond the chassis. Settings of accounts and tokens are in `auth.settings`."""

    host: str = Field("127.0.0.1", description="Where the gateway listens.")
    port: int = Field(8000, description="The port it listens on.")
    public_base_url: str = Field(
        "",
        description="Where people reach the gateway, such as `https://interviews.example.org`: addresses of audio begin"
        " with it. By default the host that a request was sent to.",
    )
    audio_url_ttl: float = Field(86_400, ge=60, description="Seconds for which an address of audio plays.")
    allowed_origins: str = Field(
        "", description="Origins that browsers may call from, comma-separated; empty allows all, outside production."
    )
    allow_anonymous: bool | None = Field(
        None, description="Interviews without an account. By default allowed, but not in production."
    )
    chat_token_required: bool = Field(
        False, description="Whether the chat of an account's interview needs its token; by default its id is enough."
    )
    reply_timeout: float = Field(
        30, gt=0, description="Seconds that a request waits for its reply before it answers 504."
    )
    end_patience: float = Field(
        25, ge=0, description="Seconds that the end of an interview waits for feedback that is still being written."
    )
    max_body_kb: int = Field(256, gt=0, description="Largest body of a JSON request, in KiB.")
    max_upload_mb: int = Field(10, ge=1, le=100, description="Largest file that can be uploaded, in MB of 2^20 bytes.")
    max_audio_mb: int = Field(
        15, ge=1, le=100, description="Largest recording in the JSON of an answer, in MB of 2^20 bytes before base64."
    )
    recordings_a_day_mb: int | None = Field(
        None,
        ge=0,
        description="Recordings of 24 hours per account, or per address without one, in MB of 2^20 bytes; 0 is without"
        " limit. Production: 500, some five hours as WAV and forty as WebM.",
    )
    session_idle_minutes: float = Field(60, gt=0, description="The idle time that `time-remaining` counts down from.")
    rate_limit_auth: int | None = Field(
        None, ge=0, description="Logins and registrations a minute per address; 0 is without limit. Production: 30."
    )
    rate_limit_upload: int | None = Field(
        None, ge=0, description="Uploads a minute per caller; 0 is without limit. Production: 20."
    )
    rate_limit_speech: int | None = Field(
        None, ge=0, description="Recordings and spoken texts a minute per caller; 0 is without limit. Production: 60."
    )
    rate_limit_socket: int | None = Field(
        None, ge=0, description="Sockets opened a minute per caller; 0 is without limit. Production: 60."
    )
    rate_limit_export: int | None = Field(
        None, ge=0, description="Exports of a person's data a minute per caller; 0 is without limit. Production: 6."
    )
    rate_limit_write: int | None = Field(
        None, ge=0, description="Other changes a minute per caller; 0 is without limit. Production: 100."
    )
    rate_limit_address: int | None = Field(
        None,
        ge=0,
        description="All of these a minute of all callers behind one address; 0 is without limit. Production: 200.",
    )
    rate_limit_read: int | None = Field(
        None, ge=0, description="Reads a minute per caller; 0 is without limit. Production: 600."
    )
    rate_limit_poll: int | None = Field(
        None,
        ge=0,
        description="Reads that clients repeat while they wait, a minute per caller; 0 is without limit."
        " Production: 1200.",
    )
    login_attempts: int | None = Field(
        None,
        ge=0,
        description="Wrong passwords for an account from one address after which each costs a longer wait, up to 15"
        " minutes; 0 is without limit. Production: 5.",
    )

    connections_per_address: int = Field(
        500, ge=1, description="Connections that one address may hold; those of trusted proxies do not count."
    )
    forwarded_allow_ips: str = Field(
        "",
        description="Addresses and networks of the proxies in front, comma-separated, whose `X-Forwarded-For` is"
        " believed. Empty believes nobody: behind a proxy, all anonymous callers are then one address.",
    )
    api_docs: bool | None = Field(
        None, description="Whether `/docs`, `/redoc` and `/openapi.json` are served. By default not in production."
    )

    @field_validator("public_base_url")
    @classmethod
    def _base(cls, url: str) -> str:
        if url and not url.startswith(("http://", "https://")):
            raise ValueError("an address begins with http:// or https://")
        return url.rstrip("/")

    @field_validator("forwarded_allow_ips")
    @classmethod
    def _addresses(cls, listed: str) -> str:
        networks(listed)
        return listed

    @property
    def docs(self) -> bool:
        """Whether the API is documented at run time."""
        return not self.production if self.api_docs is None else self.api_docs

    @property
    def max_recorded_body(self) -> int:
        """Bytes of a JSON body with a recording in base64."""
        return self.max_audio_mb * 1024 * 1024 * 4 // 3 + self.max_body_kb * 1024

    @property
    def production(self) -> bool:
        """Whether the strict defaults hold."""
        return self.env == "production"

    @property
    def anonymous(self) -> bool:
        """Whether interviews without an account are allowed."""
        return not self.production if self.allow_anonymous is None else self.allow_anonymous

    @property
    def origins(self) -> list[str]:
        """Origins for CORS."""
        listed = [origin.strip() for origin in self.allowed_origins.split(",") if origin.strip()]
        return listed or ([] if self.production else ["*"])

    @property
    def rate_limits(self) -> dict[str, int]:
        """Requests a minute by class; 0 is without limit."""
        return {name: self.limit(getattr(self, f"rate_limit_{name}"), most) for name, most in _IN_PRODUCTION.items()}

    @property
    def sound_a_day(self) -> int:
        """MB of recordings that one caller may bring within 24 hours; 0 is without limit."""
        return self.limit(self.recordings_a_day_mb, 500)

    @property
    def free_attempts(self) -> int:
        """Wrong passwords that cost nothing; 0 is without limit."""
        return self.limit(self.login_attempts, 5)
