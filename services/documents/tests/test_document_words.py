"""Texts and queries for Postgres's full-text search."""

from __future__ import annotations

import pytest
from documents.words import MOST_TERMS, query_of, search_config, searchable


def test_a_language_has_its_configuration() -> None:
    assert [search_config(each) for each in ("de", "DE-at", "pl", "zh", None, "")] == [
        "german", "german", "simple", "simple", "simple", "simple",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain words", "plain words"),
        ("C++ and C#", "Cplusplus and Csharp"),
        ("a + b, 3# x", "a + b, 3sharp x"),
        ("我爱北京", " 我爱 爱北 北京 "),
        ("用Go写", " 用 Go 写 "),
    ],
)
def test_what_postgres_would_not_part_is_parted(text: str, expected: str) -> None:
    assert searchable(text) == expected


def test_a_query_finds_texts_with_any_of_its_words() -> None:
    assert query_of("Why C++, why node.js?") == '"why" or "cplusplus" or "node.js"'
    assert query_of('" or -x & (') == '"or" or "x"'
    assert query_of("…") == ""
    assert query_of(" ".join(f"w{number}" for number in range(200))).count(" or ") == MOST_TERMS - 1
