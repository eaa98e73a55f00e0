"""What holds for every document, however odd."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from contracts.documents.understanding import MAX_CHUNK, Chunk
from contracts.vocabulary.document import DocumentKind
from documents.parsed import Block, Parsed
from documents.refinement import Refinement
from documents.understanding import chunks_of, gaps, understand, without_contact
from documents.understanding.refine import refined
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from understanding_cases import TODAY, cases, parsed, read

KINDS: tuple[DocumentKind, ...] = ("resume", "job_description")
PIECES = [
    *(
        "Experience",
        "EDUCATION",
        "Skills:",
        "Requirements",
        "Nice to have",
        "职责",
        "Berufserfahrung",
        "अनुभव",
        "Résumé",
    ),
    *("2019 - 2021", "Jan 2020 – Present", "seit 2018", "31.12.1999", "2020年3月至今", "0000", "99/99/9999"),
    *("Python", "Go", "C++", "R", ".NET", "React to incidents", "SQL、Redis", "5+ years", "mindestens drei Jahre"),
    *("Jane Doe", "jane@x.example", "+49 30 123456", "linkedin.com/in/jane", "王伟", "12 Elm Street", "Name:"),
    *(
        "must have",
        "is a plus",
        ";",
        ",",
        "|",
        "\t",
        "-",
        "(",
        ")",
        "#",
        "...",
        "。",
        "\u200d",
        "\U0001f600",
        "e\u0301",
    ),
]
TEXTS = st.one_of(
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=8).map(" ".join),
    st.text(st.characters(exclude_categories=("Cs",)), max_size=80),
    st.sampled_from(PIECES),
)
BLOCKS = st.builds(
    Block,
    kind=st.sampled_from(["heading", "paragraph", "item", "row"]),
    text=TEXTS,
    page=st.just(1),
    level=st.one_of(st.none(), st.integers(1, 6)),
)
DOCUMENTS = st.lists(BLOCKS, max_size=14).map(
    lambda blocks: Parsed(media_type="text", pages=1, blocks=tuple(blocks)),
)
BOUNDED = settings(
    max_examples=80, deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
WORD = re.compile(r"\w+")


def words_of(*texts: str) -> Counter[str]:
    return Counter(WORD.findall(" ".join(texts)))


def check_chunks(document: Parsed, chunks: tuple[Chunk, ...]) -> None:
    assert [chunk.chunk_index for chunk in chunks] == list(range(len(chunks)))
    assert all(0 < len(chunk.text) <= MAX_CHUNK for chunk in chunks)
    assert all((chunk.entry_index is None) == (chunk.chunk_type == "section") for chunk in chunks)
    assert all(chunk.primary_domain == next(iter(chunk.domains), None) for chunk in chunks)
    lines = {line for block in document.blocks for line in block.text.split("\n")}
    assert all(any(part in line for line in lines) for chunk in chunks for part in chunk.text.split("\n") if part)


@BOUNDED
@given(DOCUMENTS, st.sampled_from(KINDS))
def test_nothing_is_lost_in_chunks(document: Parsed, kind: DocumentKind) -> None:
    chunks = chunks_of(document, kind)
    check_chunks(document, chunks)
    said = words_of(*(block.text for block in document.blocks))
    assert words_of(*(chunk.text for chunk in chunks)) == said


@BOUNDED
@given(DOCUMENTS, st.sampled_from(KINDS))
def test_every_document_is_understood_and_its_sources_are_verbatim(document: Parsed, kind: DocumentKind) -> None:
    found = read(document, kind)
    lines = [block.text for block in found.anonymous.blocks]
    texts = {chunk.chunk_index: chunk.text for chunk in found.chunks}
    for skill in found.understanding.skills:
        assert any(skill.source in line for line in lines)
        assert skill.chunk_index is None or skill.source in texts[skill.chunk_index]
    for each in found.understanding.requirements:
        assert any(each.text in line for line in lines)
        assert each.chunk_index is None or each.text in texts[each.chunk_index]
    summary = found.understanding.summary
    assert all(
        any(told in line for line in lines) for told in (*summary.summary_points, *summary.experience_highlights)
    )
    assert sum(found.understanding.domains.values()) == pytest.approx(1 if found.understanding.domains else 0, abs=0.03)


@BOUNDED
@given(DOCUMENTS, DOCUMENTS)
def test_any_two_documents_are_compared(one: Parsed, other: Parsed) -> None:
    resume, offered = read(one, "resume"), read(other, "job_description")
    found = gaps(resume.understanding, resume.chunks, offered.understanding)
    assert len(found.gaps) == len(offered.understanding.requirements)
    lines = {line for chunk in resume.chunks for line in chunk.text.split("\n")}
    sources = {skill.source for skill in resume.understanding.skills}
    for gap in found.gaps:
        assert (gap.evidence is None) == (gap.coverage == "missing")
        assert gap.evidence is None or gap.evidence in sources or any(gap.evidence in line for line in lines)


@BOUNDED
@given(DOCUMENTS, st.lists(TEXTS, max_size=3), st.sampled_from(KINDS))
def test_whatever_a_model_says_code_survives_it(document: Parsed, said: list[str], kind: DocumentKind) -> None:
    found = read(document, kind)
    added = Refinement.model_validate(
        {
            "title": next(iter(said), None),
            "summary_points": said,
            "key_skills": said,
            "experience_highlights": said,
            "requirements": [{"text": each, "must": True} for each in said],
        }
    )
    kept = refined(kind, found.understanding, added, found.anonymous.text)
    assert kept.skills == found.understanding.skills
    assert kept.requirements[: len(found.understanding.requirements)] == found.understanding.requirements


@BOUNDED
@given(DOCUMENTS)
def test_contact_data_is_gone_at_once_and_little_else(document: Parsed) -> None:
    once = without_contact(document)
    assert len(once.blocks) <= len(document.blocks)
    assert "jane@x.example" not in once.text and "linkedin.com/in/jane" not in once.text


def test_an_address_after_a_label_and_a_date_is_gone() -> None:
    block = Block(kind="heading", text="Name: ; seit 2018 jane@x.example", level=None)
    assert "@" not in without_contact(Parsed(media_type="text", pages=1, blocks=(block,))).text


@pytest.mark.parametrize("case", cases(), ids=lambda case: case.id)
def test_the_same_is_found_every_time_and_no_word_of_the_body_is_lost(case: object) -> None:
    first, second = case.read, case.read  # type: ignore[attr-defined]
    assert first == second
    assert words_of(*(chunk.text for chunk in first.chunks)) == words_of(
        *(block.text for block in first.anonymous.blocks)
    )


def test_a_long_paragraph_is_parted_at_sentences() -> None:
    sentence = "We moved the ledger to Postgres and nobody noticed. "
    chunks = chunks_of(parsed("Summary\n" + sentence * 80), "resume")
    assert len(chunks) > 3 and all(chunk.text.endswith(("noticed.", "Summary")) for chunk in chunks)


# --- time ---

PAGE = next(case.text for case in cases() if case.id == "fullstack")
LONG = 30_000
HOSTILE = {
    "one line": "a " * (LONG // 2),
    "one word": "a" * LONG,
    "digits": "1 " * (LONG // 2),
    "phones": "+49 30 123456 " * (LONG // 14),
    "addresses": "a@" * (LONG // 2),
    "dots": "a." * (LONG // 2),
    "commas": "Go, " * (LONG // 4),
    "years": "2019 - " * (LONG // 7),
    "skills": "Python and R or Go, " * (LONG // 20),
    "short lines": "Go\n" * (LONG // 4),
    "headings": "Experience\n" * (LONG // 11),
    "entries": "Engineer, Acme, 2019 - 2020\n- Built it in Go\n" * (LONG // 45),
    "requirements": "Requirements\n" + "- 5+ years of Python is a plus; Go required\n" * (LONG // 45),
    "cjk": "熟悉Python和数据分析，" * (LONG // 14),
    "brackets": "(" * LONG,
    "spaces": "x" + " " * (LONG - 2) + "x",
    "tabs": "x\t" * (LONG // 2),
    "numbers": "12,345.67 " * (LONG // 10),
    "street": "Main Street " * (LONG // 12),
    "capitals": "Go Spring React " * (LONG // 16),
    "pages": (PAGE + "\n") * (LONG // len(PAGE)),
}


@pytest.mark.timeout(20)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", HOSTILE)
def test_no_text_hangs_it(name: str, kind: DocumentKind) -> None:
    document = Parsed(
        media_type="text",
        pages=1,
        blocks=tuple(Block(kind="paragraph", text=line) for line in HOSTILE[name].split("\n") if line)[:20_000],
    )
    found = read(document, kind)
    compared = gaps(found.understanding, found.chunks, found.understanding)
    assert len(compared.gaps) == len(found.understanding.requirements)
    pieces, blocks = ("".join(each.text for each in some) for some in (found.chunks, found.anonymous.blocks))
    assert "".join(pieces.split()) == "".join(blocks.split())


def test_the_date_is_the_only_thing_that_is_not_in_the_document() -> None:
    anonymous = without_contact(parsed(PAGE))
    chunks = chunks_of(anonymous, "resume")
    assert understand(anonymous, "resume", TODAY, "en", chunks) == understand(anonymous, "resume", TODAY, None, chunks)
