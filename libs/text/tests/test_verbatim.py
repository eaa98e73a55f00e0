"""A quotation stands for a slice of the text, or for nothing."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from parley_text.verbatim import Source, folded

TEXT = "Well, I built  the cache,\nand it's – “really” fast… Straße 5. Done"


@pytest.mark.parametrize(
    ("quote", "found"),
    [
        ("built  the cache", "built  the cache"),
        ("Built THE cache", "built  the cache"),
        ("the cache, and", "the cache,\nand"),
        ('it’s - "really" fast...', "it's – “really” fast…"),
        ("„I built the cache“", "I built  the cache"),
        ("… I built the cache.", "I built  the cache"),
        ("STRASSE 5.", "Straße 5."),
        ("strass", "Straß"),
        ("I built the cache and", None),
        ("built a cache", None),
        ("", None),
        ("”…", None),
        (".", "."),
    ],
)
def test_quotations_are_found_or_not(quote: str, found: str | None) -> None:
    assert Source(TEXT).passage(quote) == found


def test_the_place_is_told() -> None:
    assert Source("A b A B").find("a b") == (0, 3)
    assert Source("A b a b").find("a b") == (4, 7), "what stands there letter by letter comes first"


PIECES = st.lists(st.sampled_from(["a", "B", " ", "\n", "ß", "İ", "ﬁ", "…", "’", "–", ".", "“", "Σς"]), max_size=30)


@given(PIECES.map("".join), st.integers(0, 30), st.integers(0, 30))
def test_every_slice_is_found_however_it_is_written(text: str, start: int, length: int) -> None:
    piece = text[start : start + length]
    for quote in (piece, f"“{piece.upper()}”", piece.replace("…", "...")):
        found = Source(text).passage(quote)
        assert found is None or found in text
        if found is not None:
            assert folded(found) in folded(text)
    assert Source(text).passage(piece) is not None or not folded(piece).strip("\"'.")


@given(st.text(max_size=60), st.text(max_size=10))
def test_what_is_found_stands_in_the_text(text: str, quote: str) -> None:
    found = Source(text).find(quote)
    assert found is None or 0 <= found[0] < found[1] <= len(text)


def test_a_long_text_is_read_quickly() -> None:
    began = time.thread_time()
    assert Source("ab “…” " * 30_000).passage('b "..." ab') is not None
    assert time.thread_time() - began < 1
