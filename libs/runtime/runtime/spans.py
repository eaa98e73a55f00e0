"""Spans of messages without the ids in their subjects: a session's id is the key of an anonymous session."""

from __future__ import annotations

import re
from typing import Any

from faststream.message import StreamMessage
from faststream.nats.opentelemetry.provider import NatsTelemetrySettingsProvider
from faststream.nats.response import NatsPublishCommand
from faststream.opentelemetry.consts import MESSAGING_DESTINATION_PUBLISH_NAME
from faststream.opentelemetry.middleware import TelemetryMiddleware
from faststream.response import PublishCommand
from nats.aio.msg import Msg
from opentelemetry.semconv.trace import SpanAttributes
from opentelemetry.trace import TracerProvider

from runtime.telemetry import session_tag

SUBJECT_TAG = "parley.subject"
"""Attribute with the hash of the session or document, the same as in the logs."""
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def without_ids(subject: str) -> str:
    """The subject with `*` in place of every id, and one name for all inboxes."""
    return "_INBOX.*" if subject.startswith("_INBOX") else _UUID.sub("*", subject)


def _tag(subject: str) -> dict[str, str]:
    found = _UUID.search(subject)
    return {SUBJECT_TAG: session_tag(found.group())} if found else {}


class MessageSpans(NatsTelemetrySettingsProvider):
    """FastStream's settings, with subjects as above."""

    def get_publish_attrs_from_cmd(self, cmd: PublishCommand) -> dict[str, Any]:
        """Attributes of a publication."""
        attributes = super().get_publish_attrs_from_cmd(cmd)
        destination = {SpanAttributes.MESSAGING_DESTINATION_NAME: without_ids(cmd.destination)}
        return attributes | destination | _tag(cmd.destination)

    def get_publish_destination_name(self, cmd: PublishCommand) -> str:
        """The name of a publication's span."""
        return without_ids(cmd.destination)

    def get_consume_attrs_from_message(self, msg: StreamMessage[Msg]) -> dict[str, Any]:
        """Attributes of a handled message."""
        subject = msg.raw_message.subject
        attributes = {
            name: value for name, value in super().get_consume_attrs_from_message(msg).items() if value is not None
        }
        return attributes | {MESSAGING_DESTINATION_PUBLISH_NAME: without_ids(subject)} | _tag(subject)

    def get_consume_destination_name(self, msg: StreamMessage[Msg]) -> str:
        """The name of a handled message's span."""
        return without_ids(msg.raw_message.subject)


class Spans(TelemetryMiddleware[NatsPublishCommand]):
    """FastStream's tracing middleware with these names."""

    def __init__(self, tracer_provider: TracerProvider) -> None:
        super().__init__(settings_provider_factory=lambda _: MessageSpans(), tracer_provider=tracer_provider)
