"""What every encoder promises, and what the two that need no service know."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from typing import Any

import numpy
import pytest
from parley_meaning import Cached, CountedWords, Encoder, Vectors, WordVectors, word_vectors

ODD = ["", "   ", "!?", "\ud800 broken", "नमस्ते दुनिया", "我负责迁移数据库", "a\x00b", "x" * 100_000, "🙂"]
ENCODERS = pytest.mark.parametrize("encoder", [WordVectors(), CountedWords()], ids=["word vectors", "counted words"])


async def cosines(encoder: Encoder, *texts: str) -> list[float]:
    """Of the first text with each of the others."""
    rows = (await encoder.vectors(texts)).rows
    return [float(rows[0] @ each) for each in rows[1:]]


@ENCODERS
async def test_any_text_has_a_row_of_unit_length_or_none_at_all(encoder: Encoder) -> None:
    made = await encoder.vectors(ODD)
    lengths = numpy.linalg.norm(made.rows, axis=1)
    assert made.rows.shape[0] == len(ODD) and made.rows.dtype == numpy.float32
    assert all(length == pytest.approx(1, abs=1e-5) or length == 0 for length in lengths)
    assert lengths[0] == 0 and lengths[4] > 0 and lengths[5] > 0


@ENCODERS
async def test_no_texts_have_no_rows(encoder: Encoder) -> None:
    made = await encoder.vectors([])
    assert made.rows.shape[0] == 0 and made.rows.ndim == 2


@ENCODERS
async def test_a_text_has_the_same_row_in_any_company(encoder: Encoder) -> None:
    alone = await encoder.vectors(["ran Postgres servers"])
    among = await encoder.vectors(["a much longer sentence that would be padded to", "ran Postgres servers", ""])
    assert numpy.allclose(alone.rows[0], among.rows[1], atol=1e-5) and alone.model == among.model


@pytest.mark.parametrize(
    "texts",
    [
        ("We migrated the databases at night", "the migration of a database", "children sang in the garden"),
        ("Ich habe die Datenbanken migriert", "Migration der Datenbank", "Kinder sangen im Garten"),
        ("मैंने रात में डेटाबेस बदला", "डेटाबेस को बदलना", "बच्चे बगीचे में गाते हैं"),
        ("我在夜里迁移了数据库", "数据库迁移", "孩子们在花园里唱歌"),
    ],
    ids=["en", "de", "hi", "zh"],
)
async def test_counted_words_find_other_forms_of_a_word_in_any_script(texts: tuple[str, str, str]) -> None:
    near, far = await cosines(CountedWords(), *texts)
    assert near > far + 0.15


async def test_word_vectors_know_what_is_near_without_a_word_in_common() -> None:
    near, far = await cosines(WordVectors(), "database administrator", "ran Postgres", "taught children to sing")
    assert near > far + 0.1
    assert (await WordVectors().vectors(["x"])).model == "wordllama-l2-supercat-256"


async def test_without_the_package_words_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(word_vectors, "installed", lambda: False)
    assert (await WordVectors().vectors(["x"])).model == "counted-words"


async def test_weights_that_cannot_be_loaded_are_not_tried_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    tried = []

    def broken() -> None:
        tried.append(1)
        raise OSError("weights are cut short")

    monkeypatch.setattr(word_vectors, "_weights", broken)
    encoder = WordVectors()
    assert [(await encoder.vectors(["x"])).model for _ in range(3)] == ["counted-words"] * 3
    assert len(tried) == 1


async def test_the_loop_goes_on_while_the_weights_are_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    loop_went_on = threading.Event()
    load = word_vectors._weights

    def slowly() -> Any:
        if not loop_went_on.wait(5):
            raise TimeoutError  # the loop waits for the weights: words are counted then
        return load()

    monkeypatch.setattr(word_vectors, "_weights", slowly)
    loading = asyncio.create_task(WordVectors().vectors(["x"]))
    await asyncio.sleep(0.01)  # so that it is loading
    loop_went_on.set()
    assert (await loading).model == WordVectors.model


class Counting:
    """Notes what it was asked for; its vectors are those of counted words under the name of `model`."""

    def __init__(self) -> None:
        self.model = "one"
        self.asked: list[list[str]] = []

    async def __call__(self, texts: Sequence[str]) -> Vectors:
        self.asked.append(list(texts))
        await asyncio.sleep(0)
        return Vectors(self.model, CountedWords().rows(texts))


async def test_a_text_is_encoded_once() -> None:
    ask = Counting()
    cached = Cached(10)
    first = await cached.vectors(["a", "b", "a"], ask)
    again = await cached.vectors(["b", "c", "a"], ask)
    assert ask.asked == [["a", "b"], ["c"]]
    assert first.rows.shape[0] == 3 and numpy.array_equal(first.rows[0], first.rows[2])
    assert numpy.array_equal(again.rows, CountedWords().rows(["b", "c", "a"]))


async def test_the_longest_unused_are_forgotten() -> None:
    ask = Counting()
    cached = Cached(2)
    for text in ("a", "b", "a", "c", "a", "b"):
        await cached.vectors([text], ask)
    assert ask.asked == [["a"], ["b"], ["c"], ["b"]]


async def test_more_texts_than_are_remembered_are_answered_all_the_same() -> None:
    made = await Cached(2).vectors(["a", "b", "c", "d"], Counting())
    assert numpy.array_equal(made.rows, CountedWords().rows(["a", "b", "c", "d"]))


async def test_one_answer_is_never_of_two_models() -> None:
    ask = Counting()
    cached = Cached(10)
    await cached.vectors(["a", "b"], ask)
    ask.model = "two"
    made = await cached.vectors(["a", "b", "c"], ask)
    assert made.model == "two" and ask.asked[-2:] == [["c"], ["a", "b", "c"]]
    ask.model = "one"
    back = await cached.vectors(["a", "b", "d"], ask)
    assert back.model == "one" and ask.asked[-1] == ["d"], "those of the first model are still known"


async def test_an_error_passes_through_and_is_not_remembered() -> None:
    ask = Counting()
    failing = True

    async def sometimes(texts: Sequence[str]) -> Vectors:
        if failing:
            raise TimeoutError
        return await ask(texts)

    cached = Cached(10)
    with pytest.raises(TimeoutError):
        await cached.vectors(["a"], sometimes)
    failing = False
    assert (await cached.vectors(["a"], sometimes)).model == "one"


async def test_many_askers_at_once_get_what_they_asked_for() -> None:
    cached, ask = Cached(5), Counting()
    texts = [[f"word{number}", f"word{number % 7}"] for number in range(50)]
    for given, made in zip(texts, await asyncio.gather(*(cached.vectors(each, ask) for each in texts)), strict=True):
        assert numpy.array_equal(made.rows, CountedWords().rows(given))
