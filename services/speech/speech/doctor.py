"""`parley doctor`: what speaks and what understands speech, as the settings of this environment have it."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Iterator, Sequence
from typing import Any

from local_models.installed import find, missing
from local_models.manifest import Kind
from pydantic import ValidationError

from speech.ports import Speaker, Transcriber
from speech.settings import SpeechSettings

_KINDS: tuple[Kind, ...] = ("stt", "vad", "tts", "encoder")
_ANY = "any language"


def add(commands: Any) -> None:
    """Add `doctor` to the subcommands of `parley`."""
    doctor = commands.add_parser("doctor", help="say what speaks and understands speech here, and how well")
    doctor.set_defaults(run=run)


def run(_: argparse.Namespace) -> int:
    """Say it; 1 where nothing speaks or nothing understands."""
    try:
        settings = SpeechSettings()
    except ValidationError as error:
        for problem in error.errors():
            print(f"{'.'.join(map(str, problem['loc'])).upper()}: {problem['msg']}")
        return 1
    speakers, transcribers = asyncio.run(_providers(settings))
    for line in _report(settings, speakers, transcribers):
        print(line)
    return 0 if speakers and transcribers else 1


async def _providers(settings: SpeechSettings) -> tuple[list[Speaker], list[Transcriber]]:
    """As the service has them; models are loaded, and nothing else is asked."""
    from speech.main import make_local, make_remote, make_speakers, make_transcribers

    remote = make_remote(settings)
    speakers, transcribers = make_speakers(settings, remote), make_transcribers(settings, remote)
    try:
        if settings.local_speech:
            await make_local(settings, transcribers, speakers).look()
    finally:
        await remote.aclose()
    return speakers, transcribers


def _report(
    settings: SpeechSettings, speakers: Sequence[Speaker], transcribers: Sequence[Transcriber]
) -> Iterator[str]:
    yield "Understands speech, in the order in which it is asked:"
    for each in transcribers:
        live = "also while it is spoken" if each.capabilities.streams else "whole recordings only"
        yield f"  {each.name} ({each.capabilities.model}), {live}: {_languages(each.capabilities.languages)}"
        for code, quality in sorted(each.capabilities.quality.items()):
            yield f"    {code}: {quality}"
    if not transcribers:
        yield "  nothing: interviews are by text"
    yield "Speaks, in the order in which it is asked:"
    for voice in speakers:
        yield f"  {voice.name} ({voice.capabilities.model}): {_languages(voice.capabilities.languages)}"
    if not speakers:
        yield "  nothing: what the interviewer says is shown"
    yield f"Models are looked for in {settings.models_directory}:"
    for kind in _KINDS:
        found = find(settings.models_directory, kind)
        damaged = " is damaged: run `parley models install --verify`" if found and not found.verified else ""
        yield f"  {found.id} {found.revision}{damaged}" if found else f"  {missing(kind)}"


def _languages(codes: frozenset[str]) -> str:
    return ", ".join(sorted(codes)) or _ANY
