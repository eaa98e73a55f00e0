"""Words become audio and words again, however the audio is cut."""

from __future__ import annotations

import random

import pytest
from devkit.spoken_code import RATE, Ear, decode, encode, floats, silence, unwav, wav


def test_words_come_back_with_their_times() -> None:
    hello, world = decode(silence(0.5) + encode("Hello, wörld.") + silence(1))
    assert (hello.text, hello.start, hello.end) == ("Hello,", 0.5, 0.74)
    assert (world.text, world.start, world.end) == ("wörld.", 0.82, 1.06)


def test_it_does_not_matter_how_the_audio_is_cut() -> None:
    pcm = silence(0.3) + encode("three letters: aaa bbb") + silence(0.4) + encode("again again")
    chance = random.Random(1)
    for _ in range(20):
        ear, at = Ear(), 0
        while at < len(pcm):
            size = 2 * chance.randint(1, 2000)
            ear.hear(pcm[at : at + size])
            at += size
        assert ear.words == decode(pcm) and ear.saying is None


def test_a_word_is_known_as_far_as_it_goes() -> None:
    pcm = encode("well begun")
    assert [each.text for each in decode(pcm[: len(encode("well be")) - len(silence(0.08))])] == ["well", "be"]


def test_what_is_not_the_code_holds_no_words() -> None:
    assert decode(random.Random(1).randbytes(2 * RATE)) == [] and decode(b"\x01\x00" * RATE) == []


def test_files_and_floats_hold_the_same_samples() -> None:
    pcm = encode("hi")
    assert unwav(wav(pcm)) == pcm and [round(value * 32768) for value in floats(pcm)][:1] == [8192 + ord("h")]
    with pytest.raises(ValueError, match="WAV"):
        unwav(b"ID3")
