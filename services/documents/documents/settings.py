"""Settings of the documents service."""

from __future__ import annotations

from typing import Literal

from local_models.settings import LocalModelSettings
from models import ModelSettings
from pydantic import Field, SecretStr
from runtime.objects import ObjectSettings
from runtime.settings import DatabaseSettings, RuntimeSettings

from documents.quotas import Quotas


class DocumentsSettings(RuntimeSettings, DatabaseSettings, ObjectSettings, ModelSettings, LocalModelSettings):
    """The chassis, the database, the object store, the models, and what reading files may cost."""

    document_workers: int = Field(1, ge=1, le=32, description="Files that one replica reads at a time.")
    document_seconds: float = Field(
        20, gt=0, le=100, description="Seconds that reading and understanding one file may take."
    )
    document_megabytes: int = Field(
        640, ge=384, description="Address space in MiB of a process that reads files; Docling needs several thousand."
    )
    document_parser: Literal["builtin", "docling"] = Field(
        "builtin", description="`docling` reads files with Docling, which is to be installed beside Parley."
    )
    document_scan: str = Field(
        "",
        description="Checks each file before it is read: `tcp://host:port` or `unix:///path` of clamd, or a command "
        "that gets the file on its standard input and ends with 0 for a clean one and 1 for an infected one, such as "
        "`clamdscan --no-summary -`.",
    )
    documents_waiting: int | None = Field(
        None,
        ge=0,
        description="Documents of one account, or of one address without one, that may be being read; 0 is without"
        " limit. Production: 4.",
    )
    documents_per_account: int | None = Field(
        None, ge=0, description="Documents that one account may have; 0 is without limit. Production: 200."
    )
    storage_per_account_mb: int | None = Field(
        None, ge=0, description="MB of 2^20 bytes that they may take; 0 is without limit. Production: 200."
    )
    document_days: float = Field(
        30, gt=0, description="Days after which a document that belongs to no account is deleted."
    )
    document_deadline: float = Field(
        600, ge=30, description="Seconds after which a document that is still not read is looked after."
    )
    embeddings: Literal["auto", "endpoint", "local", "off"] = Field(
        "auto",
        description="Where the vectors for search by meaning come from: `endpoint` is the model endpoint, `local` a "
        "small English model of the extra `local`; `auto` takes what there is of these, before the last "
        "the encoder that is installed when the service starts.",
    )
    embedding_model: str = Field("text-embedding-3-small", min_length=1, description="Makes the vectors.")
    embedding_dimensions: int = Field(
        512, ge=0, le=4096, description="Length of a vector; 0 asks for the model's own, which some endpoints need."
    )
    embedding_base_url: str = Field("", description="Where it answers, if not where the other models do.")
    embedding_api_key: SecretStr = Field(SecretStr(""), description="Key for that endpoint.")
    embedding_timeout: float = Field(10, gt=0, description="Seconds that one request for vectors may take.")
    local_encoder: bool = Field(
        True, description="Tell what answers mean by the encoder that is installed, for all services of this host."
    )
    encoder_cores: int = Field(1, ge=1, le=64, description="Cores that the encoder may use at a time.")
    search_timeout: float = Field(
        0.1, gt=0, description="Seconds that a search waits for the vector of its query; then it goes by words alone."
    )

    @property
    def quotas(self) -> Quotas:
        """What one account may have."""
        return Quotas(
            waiting=self.limit(self.documents_waiting, 4) or None,
            documents=self.limit(self.documents_per_account, 200) or None,
            storage=self.limit(self.storage_per_account_mb, 200) * 1024 * 1024 or None,
        )
