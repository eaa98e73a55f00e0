"""The data folder of one installation: that it can be used, whose data it holds, and its secrets."""

from __future__ import annotations

import json
import secrets
import tempfile
from pathlib import Path

from contracts.epoch import EPOCH

from devkit.embedded import EmbeddedServerError


def require_folder(path: Path) -> None:
    """Make the folder. Raises EmbeddedServerError where it cannot be made or written to."""
    if path.exists() and not path.is_dir():
        raise EmbeddedServerError(f"the data folder {path} is a file: choose another with DATA_DIR")
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            pass
    except OSError as error:
        raise EmbeddedServerError(f"the data folder {path} cannot be used: {error.strerror}") from None


def require_epoch(path: Path) -> None:
    """Note the contract epoch in a new folder. Raises EmbeddedServerError where the data is of another one."""
    noted = path / "contract_epoch"
    # The first epoch noted nothing.
    before = noted.read_text().strip() if noted.exists() else "1" if (path / "postgres").exists() else None
    if before not in (None, str(EPOCH)):
        raise EmbeddedServerError(
            f"the data in {path} was written by another version of Parley (contract epoch {before}; this one reads"
            f" {EPOCH}). Move the folder away, choose another with DATA_DIR, or run the version that wrote it."
        )
    noted.write_text(f"{EPOCH}\n")


def kept_secrets(path: Path) -> dict[str, str]:
    """Secrets of this installation, made up the first time; readable by its owner only."""
    if not path.exists():
        made_up = {"jwt_secret": secrets.token_hex(32), "service_password": secrets.token_hex(24)}
        draft = path.with_name(f"{path.name}.new")
        draft.unlink(missing_ok=True)
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(made_up))
        draft.rename(path)
    try:
        kept = json.loads(path.read_text())
        return {name: str(kept[name]) for name in ("jwt_secret", "service_password")}
    except (ValueError, KeyError, TypeError):
        raise EmbeddedServerError(
            f"{path} cannot be read. Restore it from a backup, or delete it: logins end then, nothing else is lost."
        ) from None
