"""How the service is wired, and how often it tries."""

from __future__ import annotations

from contracts.topology import consumer
from documents.main import build
from documents.settings import DocumentsSettings


def test_the_service_is_wired_with_and_without_a_model() -> None:
    for given in ({}, {"openai_base_url": "http://127.0.0.1:1/v1"}, {"object_store_url": "s3://bucket/folder"}):
        service = build(DocumentsSettings(database_url="postgresql://127.0.0.1:1/x", **given))
        assert "documents" in service.durables


def test_transient_errors_are_tried_again_without_limit() -> None:
    assert consumer("documents").max_deliver == -1
