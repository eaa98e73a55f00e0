"""Where models lie, and where they come from."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class LocalModelSettings(BaseSettings):
    """Models that run on this machine. The service opens their folders; only `parley models install` fetches any."""

    model_config = SettingsConfigDict(extra="ignore", env_ignore_empty=True)

    parley_models_dir: str = Field(
        "", description="Where models lie; by default in `parley/models` below the user's data directory."
    )
    xdg_data_home: str = Field("~/.local/share", description="The user's data directory.")
    parley_models_mirror: str = Field(
        "",
        description="For `parley models install`: an address that has every file at `/<id>/<revision>/<file>`; plain"
        " HTTP on this machine only.",
    )

    @property
    def models_directory(self) -> Path:
        """Absolute; it need not exist."""
        own = self.parley_models_dir or f"{self.xdg_data_home}/parley/models"
        return Path(own).expanduser().absolute()
