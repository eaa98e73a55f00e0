"""How the server of the tests follows a stream."""

from __future__ import annotations

from typing import Any

from devkit.fake_deepgram.listening import Listening
from devkit.spoken_code import encode, silence

QUERY = {
    "endpointing": ["300"],
    "utterance_end_ms": ["1000"],
    "interim_results": ["true"],
    "vad_events": ["true"],
    "smart_format": ["true"],
}
TALK = silence(0.4) + encode("I built it.") + silence(1.5) + encode("With Kafka.") + silence(0.2)


def heard(pcm: bytes, chunk: int, query: dict[str, list[str]] = QUERY) -> list[dict[str, Any]]:
    listening = Listening.of(query, {})
    told = [each for at in range(0, len(pcm), chunk) for each in listening.hear(pcm[at : at + chunk])]
    return [*told, *listening.end()]


def finals(told: list[dict[str, Any]]) -> list[str]:
    return [said(each) for each in told if each.get("is_final") and said(each)]


def said(result: dict[str, Any]) -> str:
    return str(result["channel"]["alternatives"][0]["transcript"])


def test_a_stream_is_told_in_order_however_it_is_cut() -> None:
    told = heard(TALK, 640)
    assert finals(told) == ["I built it.", "With Kafka."]
    kinds = [each["type"] for each in told if each["type"] != "Results" or each["is_final"]]
    assert kinds == ["SpeechStarted", "Results", "UtteranceEnd", "SpeechStarted", "Results", "Metadata"]
    assert heard(TALK, 999) == told == heard(TALK, 10**6)


def test_results_join_without_a_gap() -> None:
    ends = [(each["start"], each["start"] + each["duration"]) for each in heard(TALK, 640) if each.get("is_final")]
    assert [start for start, _ in ends] == [0.0, *(end for _, end in ends[:-1])]


def test_long_speech_is_final_before_it_ends_and_no_word_is_cut() -> None:
    text = "one two three four five six seven eight nine ten " * 3
    told = finals(heard(encode(text), 640))
    assert " ".join(told).split() == text.split() and len(told) > 2


def test_what_was_sent_is_final_on_demand() -> None:
    listening = Listening.of(QUERY, {})
    told = [
        *listening.hear(encode("and then")),
        *listening.finalize(),
        *listening.hear(encode("more")),
        *listening.end(),
    ]
    assert finals(told) == ["and then", "more"]
    assert [each["from_finalize"] for each in told if "from_finalize" in each] == [True]


def test_nothing_is_formatted_or_marked_that_was_not_asked_for() -> None:
    told = heard(TALK, 640, {"endpointing": ["false"]})
    assert " ".join(finals(told)) == "i built it with kafka" and {each["type"] for each in told} == {
        "Results",
        "Metadata",
    }
