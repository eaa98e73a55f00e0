"""What the routes are given: every use case, and what they stand on."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib import resources
from typing import Any, cast

from fastapi import FastAPI
from runtime.health import Probes
from starlette.requests import HTTPConnection

from gateway.auth.accounts import Accounts
from gateway.auth.audio_links import AudioLinks
from gateway.auth.own_logins import OwnLogins
from gateway.auth.service import IdentityService
from gateway.auth.session_tokens import SessionTokens
from gateway.auth.tickets import Tickets
from gateway.banks.store import Banks
from gateway.bus.activity import Activity
from gateway.bus.subscriptions import Subscriptions
from gateway.edge.operations import describe
from gateway.edge.sockets import OpenSockets
from gateway.settings import GatewaySettings
from gateway.usecases.account_deletion import AccountDeletion
from gateway.usecases.configuring import Configuring
from gateway.usecases.demonstration import Demonstrations
from gateway.usecases.documents import Documents
from gateway.usecases.interviews import Interviews
from gateway.usecases.judgements import Judgements
from gateway.usecases.listening import Listener
from gateway.usecases.named_interviews import NamedInterviews
from gateway.usecases.numbered_interviews import NumberedInterviews
from gateway.usecases.queries import Queries
from gateway.usecases.speech import Speech
from gateway.usecases.speech_tasks import SpeechTasks


@dataclass(frozen=True)
class Container:
    """One field for each."""

    settings: GatewaySettings
    identity: IdentityService
    accounts: Accounts
    own_logins: OwnLogins
    tickets: Tickets
    session_tokens: SessionTokens
    interviews: Interviews
    named: NamedInterviews
    numbered: NumberedInterviews
    demonstrations: Demonstrations
    queries: Queries
    judgements: Judgements
    configuring: Configuring
    documents: Documents
    speech: Speech
    speech_tasks: SpeechTasks
    listener: Listener
    audio_links: AudioLinks
    account_deletion: AccountDeletion
    banks: Banks
    subscriptions: Subscriptions
    sockets: OpenSockets
    activity: Activity
    probes: Probes


class Application(FastAPI):
    """The web application with its container."""

    container: Container

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document."""
        self.openapi_schema = self.openapi_schema or describe(self, _examples())
        return self.openapi_schema


def _examples() -> dict[str, Any]:
    """Answers that Parley gave once, by operation. Accounts have theirs under both of their prefixes."""
    found = json.loads(resources.files("gateway").joinpath("examples.json").read_text(encoding="utf-8"))
    accounts = {name.replace(" /auth/", " /api/v1/auth/"): each for name, each in found.items() if " /auth/" in name}
    return {**found, **accounts}


def container_of(connection: HTTPConnection) -> Container:
    """The container of the application that a request or a socket came to."""
    return cast(Application, connection.app).container
