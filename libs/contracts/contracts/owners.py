"""Imports every module that registers events, so that the registry is whole."""

from contracts import coach, documents, gateway, interviewer, session

OWNERS = {"gateway": gateway, "session": session, "interviewer": interviewer, "coach": coach, "documents": documents}
