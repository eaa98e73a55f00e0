"""Settings that every service has. Each field is read from the environment under the upper-case name."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from dotenv import load_dotenv
from pydantic import Field, SecretStr, model_validator
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

LogFormat = Literal["console", "json"]


DEVELOPMENT = "development"
"""Every password of the compose file, and the beginning of its other secrets."""
_LEAST_DIFFERENT = 6
"""Different characters that a secret has at least."""


def _problem_of(name: str, value: object) -> str | None:
    """What is wrong with a secret, or with the password in an address; None for anything else."""
    text = value.get_secret_value() if isinstance(value, SecretStr) else value
    if not isinstance(text, str) or not text:
        return None
    if name.endswith("_url"):
        text = urlsplit(text).password
        if text is None:
            return None
    elif not name.endswith(("password", "secret", "secret_previous")):
        return None
    if text.lower().startswith(DEVELOPMENT):
        return "is the one for development"
    return "can be guessed" if len(set(text)) < _LEAST_DIFFERENT else None


def require_own_secrets(settings: BaseSettings) -> None:
    """For settings beside `RuntimeSettings`, in production. Raises ValueError, which holds no secret."""
    for name, value in settings:
        problem = _problem_of(name, value)
        if problem:
            raise ValueError(f"{name.upper()} {problem}: make your own, with `openssl rand -hex 32`")


SECRETS_DIR = "SECRETS_DIR"
"""Names a directory whose files are settings, each under its upper-case name, as Kubernetes mounts a secret."""
_FILE = "_FILE"
ENV_FILE = "ENV_FILE"
"""Names the file that commands read settings from; empty for none. By default `.env`, where they are called."""


def read_env_file() -> None:
    """Put what the file sets into the environment, unless it is there already. For commands at a terminal: a service is
    told by whatever starts it."""
    path = os.environ.get(ENV_FILE, ".env")
    if path:
        load_dotenv(path, override=False)


class _Files(EnvSettingsSource):
    """Settings that lie in files: `NAME_FILE` says where that of `NAME` does, or it is in `SECRETS_DIR`."""

    def _load_env_vars(self) -> Mapping[str, str | None]:
        folder = os.environ.get(SECRETS_DIR)
        found: dict[str, str | None] = {}
        for field in self.settings_cls.model_fields:
            name = field.upper()
            named = os.environ.get(name + _FILE)
            if named and os.environ.get(name):
                raise SettingsError(f"both {name} and {name}{_FILE} are set: leave one of them out")
            path = Path(named) if named else Path(folder, name) if folder else None
            if path is None or not (named or path.is_file()):
                continue
            try:
                found[field] = path.read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                raise SettingsError(f"{name} cannot be read from {path}: {type(error).__name__}") from None
        return found


class Settings(BaseSettings):
    """Read from the environment, under upper-case names, and from files: passwords need not be in the environment."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What is given, the environment, files."""
        return init_settings, env_settings, _Files(settings_cls)


class RuntimeSettings(Settings):
    """What the chassis needs. Services add their own fields in a subclass."""

    # A validation error must not print the secret that it is about.
    model_config = SettingsConfigDict(extra="ignore", env_ignore_empty=True, hide_input_in_errors=True)

    env: Literal["development", "production"] = Field(
        "development", description="`production` turns off anonymous use, open CORS and readable logs."
    )
    nats_url: str = Field("nats://127.0.0.1:4222", description="Servers of the NATS cluster, comma-separated.")
    nats_user: str = Field("", description="NATS user of this service; empty for none.")
    nats_password: str = Field("", description="Its password.")
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR.")
    log_format: LogFormat | None = Field(
        None, description="`console` or `json`; by default json in production, console otherwise."
    )
    health_host: str = Field("127.0.0.1", description="Where this service answers `/health/*` and `/metrics`.")
    health_port: int = Field(0, description="The port for it; 0 turns it off.")
    drain_seconds: float | None = Field(
        None,
        ge=0,
        description="Seconds that the gateway stays open after SIGTERM, not ready any more, so that a balancer stops "
        "sending requests first. Production: 5, else 0.",
    )
    workers: int = Field(32, ge=1, description="Messages that one replica handles at a time.")
    otel_exporter_otlp_endpoint: str = Field(
        "", description="Where traces go (OTLP over HTTP); empty turns tracing off."
    )
    otel_exporter_otlp_metrics_endpoint: str = Field(
        "",
        description="Where measurements of model calls go by OpenTelemetry's conventions (OTLP over HTTP, the whole"
        " address, such as one that ends in `/v1/metrics`); empty sends none. `/metrics` has them for Prometheus.",
    )
    trace_sample_ratio: float = Field(
        0.05, ge=0, le=1, description="Share of requests that are traced; tracing all costs a third of the throughput."
    )

    def limit(self, given: int | None, in_production: int) -> int:
        """A limit that is off in development unless it is given; 0 is without limit."""
        return (in_production if self.env == "production" else 0) if given is None else given

    @model_validator(mode="after")
    def _production_has_secrets_of_its_own(self) -> Self:
        if self.env == "production":
            require_own_secrets(self)
        return self

    @property
    def drain(self) -> float:
        """Seconds between not being ready and closing the listener."""
        if self.drain_seconds is not None:
            return self.drain_seconds
        return 5.0 if self.env == "production" else 0.0


class DatabaseSettings(Settings):
    """For services that keep something in Postgres."""

    model_config = SettingsConfigDict(extra="ignore", env_ignore_empty=True)

    database_url: str = Field(
        "postgresql://parley@127.0.0.1:5432/parley",
        description="Postgres, as the service's own role; never a superuser or the owner of the tables.",
    )
    database_pool_size: int = Field(10, ge=2, description="Connections to Postgres that one replica holds at most.")
    database_statement_cache: int = Field(
        100, ge=0, description="Prepared statements per connection; 0 behind a pooler that cannot keep them."
    )
