"""Whisper on CTranslate2, from a directory. It recognises whole recordings, and voices while they are heard."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from contracts.vocabulary.hearing import MAX_HEARD_WORDS, Heard, HeardWord
from ctranslate2 import StorageView
from faster_whisper import WhisperModel
from faster_whisper.tokenizer import Tokenizer
from faster_whisper.transcribe import Segment, Word, merge_punctuations, restore_speech_timestamps
from parley_text.scripts import UNSPACED

from speech.ports import (
    SAMPLE_RATE,
    Progress,
    RecognitionStream,
    Recording,
    Samples,
    Transcriber,
    TranscriberCapabilities,
    VoiceActivity,
    language_code,
    unheeded,
)
from speech.providers.cores import Cores, Priority
from speech.providers.listening import Piece, PieceRecogniser, PieceStream
from speech.providers.voice import VoiceTrack

LANGUAGES = frozenset({"en", "de", "es", "fr", "hi", "zh"})
_FILES = ("model.bin", "config.json", "tokenizer.json")
_UNMEASURED = "Not measured here. Small models make far more mistakes in it than in English."
_QUALITY = {
    "tiny.en": {
        "en": "Of 100 words of clear read speech it got 1 wrong, of technical answers 2 or 3: mostly names of products."
    },
    "base": {
        "en": "Of 189 words of clear read speech it got none wrong, of 100 words of technical answers 2 or 3: mostly"
        " names of products, fewer where they are given as terms. Loud noise costs it 9 of 100.",
        "fr": "Good on a few short sentences; not measured beyond.",
        "es": "Weak: it misunderstood most of a short test sentence.",
    }
    | dict.fromkeys(("de", "hi", "zh"), _UNMEASURED),
}
"""By size of the model and language."""

_HOTWORD_TOKENS = 100
"""Of the 448 that a window has, for terms; fast speech takes up to 200."""
_WINDOW, _SHORTEST, _MARGIN = 30.0, 5.0, 3.0
"""Seconds that the encoder hears: as it was trained, at least, and beyond what is said. With less, the model repeats
itself: base did so in 8 of 20 pieces with 0.6 seconds beyond, in 5 with 1.2, and in none with 3. More costs more."""
_PAUSE, _PADDING = 2.0, 0.4
"""Seconds: longer pauses are left out of a recording, since words are made up for them, but for what is near speech."""
_TOKENS_A_SECOND = {"hi": 25.0, "zh": 12.0}
_TOKENS_A_SECOND_ELSEWHERE = 7.0
"""Of the fastest speech."""
_REPETITIVE, _UNLIKELY, _SILENT = 2.2, -1.0, 0.6
"""Text that compresses better, or is less likely (mean logarithm), is made up; speech that is likelier absent is so,
too, if the text is none too likely."""
_WITHIN = re.compile(rf"[^\s{UNSPACED}]{{2}}")
"""Two letters or signs that belong to the same word."""
_PREPENDED, _APPENDED = "\"'“¿([{-", "\"'.。,，!！?？:：”)]}、"  # noqa: RUF001


class WhisperTranscriber(Transcriber, PieceRecogniser):
    """`directory` holds a model for CTranslate2 and its tokenizer.json. `activity` makes what tells speech from
    silence, and `size` names the model, such as "base" or "tiny.en". Raises FileNotFoundError."""

    name = "whisper"
    available = True

    def __init__(self, directory: Path, size: str, activity: Callable[[], VoiceActivity], cores: Cores) -> None:
        for name in _FILES:  # without its tokenizer, faster-whisper would look for one in the network
            if not (directory / name).is_file():
                raise FileNotFoundError(directory / name)
        self._activity = activity
        self._cores = cores
        self._whisper = WhisperModel(
            str(directory), device="cpu", compute_type="int8", cpu_threads=1, num_workers=cores.count
        )
        self._multilingual = self._whisper.model.is_multilingual
        self.capabilities = TranscriberCapabilities(
            model=f"whisper-{size}",
            languages=LANGUAGES if self._multilingual else frozenset({"en"}),
            streams=True,
            quality=_QUALITY.get(size, {}),
        )

    async def transcribe(self, recording: Recording, progress: Progress = unheeded) -> Heard:
        spoken = await self._cores.run(Priority.RECORDING, partial(self._spoken, recording.samples))
        if not spoken:
            return Heard(
                text="", language=language_code(recording.language), confidence=0.0, duration=recording.seconds
            )
        kept = np.concatenate([recording.samples[each["start"] : each["end"]] for each in spoken])
        language = self._known(recording.language) or await self._cores.run(
            Priority.RECORDING, partial(self._language_of, kept)
        )
        segments = await self._cores.run(
            Priority.RECORDING,
            lambda: restore_speech_timestamps(
                self._whisper.transcribe(
                    kept,
                    language=language,
                    beam_size=5,
                    temperature=(0.0, 0.4),
                    condition_on_previous_text=False,
                    word_timestamps=True,
                    hallucination_silence_threshold=_PAUSE,
                    hotwords=self._hotwords(recording.terms, language),
                )[0],
                spoken,
                SAMPLE_RATE,
            ),
        )
        found: list[Segment] = []
        # Each window when it is asked for, so that others have the core between two.
        while (segment := await self._cores.run(Priority.RECORDING, partial(next, segments, None))) is not None:
            found.append(segment)
            await progress(min(1.0, segment.end / recording.seconds))
        return _heard(found, language, recording.seconds)

    async def listen(self, language: str) -> RecognitionStream:
        return PieceStream(self, self._activity(), self._known(language))

    async def quick(self, samples: Samples, language: str) -> Piece | None:
        return await self._cores.run(Priority.PARTIAL, partial(self._short, samples, language, words=False))

    async def thorough(self, samples: Samples, language: str) -> Piece:
        return await self._cores.run(Priority.FINAL, partial(self._short_or_long, samples, language))

    def _short_or_long(self, samples: Samples, language: str) -> Piece:
        return (
            self._short(samples, language, words=True)
            or self._piece(samples, language, _WINDOW, words=True)
            or Piece("", language=language)
        )

    def _short(self, samples: Samples, language: str, words: bool) -> Piece | None:
        seconds = min(max(_SHORTEST, len(samples) / SAMPLE_RATE + _MARGIN), _WINDOW)
        return self._piece(samples, language, seconds, words)

    def _piece(self, samples: Samples, language: str, window: float, words: bool) -> Piece | None:
        """Of an encoder window of so many seconds; None where the text is made up."""
        frames = round(window * 50) * 2
        features = self._whisper.feature_extractor(samples, padding=160)[:, :frames]
        features = np.pad(features, ((0, 0), (0, frames - features.shape[1])))
        encoded = self._whisper.model.encode(StorageView.from_array(np.ascontiguousarray(features[None], np.float32)))
        language = language or self._likeliest(self._whisper.model.detect_language(encoded)[0])
        tokens = self._tokenizer(language)
        prompt = [*tokens.sot_sequence, tokens.no_timestamps]
        seconds = len(samples) / SAMPLE_RATE
        rate = _TOKENS_A_SECOND.get(language, _TOKENS_A_SECOND_ELSEWHERE)
        room = int(12 + rate * seconds)
        result = self._whisper.model.generate(
            encoded,
            [prompt],
            beam_size=1,
            max_length=min(len(prompt) + room, self._whisper.max_length),
            return_scores=True,
            return_no_speech_prob=True,
        )[0]
        said = [each for each in result.sequences_ids[0] if each < tokens.eot]
        text, score = tokens.decode(said).strip(), result.scores[0]
        if result.no_speech_prob > _SILENT and score < _UNLIKELY:
            return Piece("", language=language)
        if len(said) >= room or score < _UNLIKELY or _repetitive(text):
            return None
        if window < _WINDOW and _again(said, round(rate)):
            return None
        if not words or not text:
            return Piece(text.removesuffix("...").rstrip("-"), language=language)
        [aligned] = self._whisper.find_alignment(tokens, [said], encoded, frames)
        merge_punctuations(aligned, _PREPENDED, _APPENDED)
        found = _words(
            [Word(each["start"], each["end"], each["word"], each["probability"]) for each in aligned], seconds
        )
        return Piece(text, found, _confidence(found), language)

    def _spoken(self, samples: Samples) -> list[dict[str, int]]:
        """What is worth hearing: speech, and a little around it."""
        if not samples.any():
            return []
        activity = self._activity()
        track = VoiceTrack(activity, _PAUSE)
        for at in range(0, len(samples) - activity.frame + 1, activity.frame):
            track.hear(samples[at : at + activity.frame])
        padding = round(_PADDING * SAMPLE_RATE)
        return [
            {"start": max(0, each.begin - padding), "end": min(len(samples), each.end + padding)}
            for each in track.stretches
        ]

    def _known(self, language: str) -> str:
        """The code, if it is one that is served; else empty: it is found out."""
        code = language_code(language) if self._multilingual else "en"
        return code if code in self.capabilities.languages else ""

    def _language_of(self, samples: Samples) -> str:
        return self._likeliest([(f"<|{code}|>", likely) for code, likely in self._whisper.detect_language(samples)[2]])

    def _likeliest(self, found: Sequence[tuple[str, float]]) -> str:
        """Of the languages that are served; the tokens are such as "<|en|>"."""
        served = [(likely, token[2:-2]) for token, likely in found if token[2:-2] in self.capabilities.languages]
        return max(served)[1]

    def _hotwords(self, terms: Sequence[str], language: str) -> str | None:
        """As many as fit."""
        tokens, fitting = self._tokenizer(language), ""
        for term in terms:
            longer = f"{fitting}, {term}" if fitting else term
            if len(tokens.encode(" " + longer)) > _HOTWORD_TOKENS:
                break
            fitting = longer
        return fitting or None

    def _tokenizer(self, language: str) -> Tokenizer:
        return Tokenizer(self._whisper.hf_tokenizer, self._multilingual, task="transcribe", language=language)


def _heard(segments: Sequence[Segment], language: str, duration: float) -> Heard:
    real = [each for each in segments if not (_repetitive(each.text) or each.avg_logprob < _UNLIKELY)]
    words = _words([word for each in real for word in each.words or ()], duration)
    text = "".join(each.text for each in real).strip()
    return Heard(
        text=text, words=words[:MAX_HEARD_WORDS], language=language, confidence=_confidence(words), duration=duration
    )


def _words(found: Sequence[Word], duration: float) -> tuple[HeardWord, ...]:
    """In order, and within the recording. What Whisper parts but writes as one, such as "ill-disposed", is a word."""
    words: list[HeardWord] = []
    for each in found:
        start = min(max(float(each.start), 0.0), duration)
        end = min(max(float(each.end), start), duration)
        confidence = min(max(float(each.probability), 0.0), 1.0)
        if words and _WITHIN.match(words[-1].text[-1] + each.word):
            before = words.pop()
            text, start, confidence = before.text + each.word, before.start, min(before.confidence, confidence)
        else:
            text = each.word
        if text := text.strip():
            words.append(HeardWord(text=text, start=start, end=max(start, end), confidence=confidence))
    return tuple(words)


def _confidence(words: Sequence[HeardWord]) -> float:
    return sum(each.confidence for each in words) / len(words) if words else 0.0


def _repetitive(text: str) -> bool:
    # In characters: several bytes make one in scripts such as Devanagari, and resemble each other.
    return len(text) / len(zlib.compress(text.encode())) > _REPETITIVE


def _again(tokens: Sequence[int], length: int) -> bool:
    """Whether any so many tokens in a row come twice, as when a short window makes the model repeat itself."""
    runs = [tuple(tokens[at : at + length]) for at in range(len(tokens) - length + 1)]
    return len(set(runs)) < len(runs)
