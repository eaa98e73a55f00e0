"""Imports every module that registers events, so that the registry is whole."""

from contracts.coach import events as coach
from contracts.documents import events as documents
from contracts.gateway import events as gateway
from contracts.interviewer import events as interviewer
from contracts.session import events as session
from contracts.speech import events as speech

OWNERS = {
    "gateway": gateway,
    "session": session,
    "interviewer": interviewer,
    "coach": coach,
    "documents": documents,
    "speech": speech,
}
