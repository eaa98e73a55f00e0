"""How the service is wired, and how often it tries."""

from __future__ import annotations

from typing import Any

import pytest
from contracts.topology import consumer
from documents.main import build
from documents.quotas import Quotas
from documents.settings import DocumentsSettings


def test_the_service_is_wired_with_and_without_a_model() -> None:
    for given in ({}, {"openai_base_url": "http://127.0.0.1:1/v1"}, {"object_store_url": "s3://bucket/folder"}):
        service = build(DocumentsSettings(database_url="postgresql://127.0.0.1:1/x", **given))
        assert "documents" in service.durables


def test_transient_errors_are_tried_again_without_limit() -> None:
    assert consumer("documents").max_deliver == -1


@pytest.mark.parametrize(
    ("given", "quotas"),
    [
        ({"env": "development"}, Quotas()),
        ({"env": "production"}, Quotas(waiting=4, documents=200, storage=200 * 1024 * 1024)),
        ({"env": "production", "documents_waiting": 0, "documents_per_account": 7}, Quotas(None, 7, 200 * 1024 * 1024)),
        ({"env": "development", "storage_per_account_mb": 1}, Quotas(storage=1024 * 1024)),
    ],
)
def test_what_an_account_may_have(given: dict[str, Any], quotas: Quotas) -> None:
    assert DocumentsSettings(database_url="postgresql://127.0.0.1:1/x", **given).quotas == quotas
