"""What only some formats have: text boxes, tracked changes, notes, hyphens, ligatures, turned pages, odd charsets."""

from __future__ import annotations

import unicodedata

import pytest
from contracts.documents.understanding import MAX_DOCUMENT_TEXT
from documents.parsed import Block, Parsed
from documents.parsing import parse, sniff
from documents.parsing.pdf.bidi import logical
from parsing_corpus import opendocument, pdf_reportlab, pdf_typst, texts, word
from parsing_corpus.sources import columns, resume


def read(data: bytes, filename: str = "cv") -> Parsed:
    return parse(data, sniff(data, filename))


def said(data: bytes, filename: str = "cv") -> list[tuple[str, str]]:
    return [(block.kind, block.text) for block in read(data, filename).blocks]


# Word


def test_a_text_box_is_read_once_where_it_stands() -> None:
    data = word.bare(
        word.paragraph("Before the box it says this.")
        + word.text_box("Inside, this.")
        + word.paragraph("And after, this.")
    )
    assert [text for _, text in said(data)] == ["Before the box it says this.", "Inside, this.", "And after, this."]


def test_tracked_changes_read_as_if_they_were_accepted() -> None:
    assert [text for _, text in said(word.tracked())] == ["Led a team of seven engineers", "Moved elsewhere"]


def test_items_of_nested_lists_are_items() -> None:
    items = [(0, "Backend"), (1, "Payments"), (2, "Settlement"), (0, "Frontend")]
    assert said(word.nested_lists(items)) == [("item", text) for _, text in items]


def test_a_footnote_is_read_after_its_paragraph() -> None:
    assert [text for _, text in said(word.noted())] == [
        "Published a paper on scheduling.",
        "Winner of the regional prize.",
    ]


def test_bold_lines_on_their_own_are_headings_and_sentences_are_not() -> None:
    data = word.bare(
        word.paragraph("Work history", run="<w:b/>") + word.paragraph("I did this for years.", run="<w:b/>")
    )
    assert said(data) == [("heading", "Work history"), ("paragraph", "I did this for years.")]


def test_tabs_and_line_breaks_within_a_paragraph_are_kept_apart() -> None:
    body = "<w:p><w:r><w:t>Engineer</w:t><w:tab/><w:t>2019</w:t><w:br/><w:t>Leeds, in the north.</w:t></w:r></w:p>"
    assert [text for _, text in said(word.bare(body))] == ["Engineer\t2019", "Leeds, in the north."]


def test_fields_say_what_they_show_and_not_how_it_is_computed() -> None:
    body = (
        '<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> HYPERLINK "http://x" </w:instrText></w:r>'
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>my own page on the web.</w:t></w:r></w:p>'
    )
    assert [text for _, text in said(word.bare(body))] == ["my own page on the web."]


def test_headers_of_word_are_read_first_and_footers_last() -> None:
    blocks = read(word.by_python_docx(resume("fr"), "Haut de page", "Bas de page")).blocks
    assert (blocks[0].text, blocks[-1].text) == ("Haut de page", "Bas de page")


# OpenDocument


def test_a_text_box_of_opendocument_is_read() -> None:
    data = opendocument.bare("<text:p>Before, it says this.</text:p>" + opendocument.text_box("Inside, this."))
    assert [text for _, text in said(data)] == ["Before, it says this.", "Inside, this."]


def test_deletions_and_comments_of_opendocument_are_not_read() -> None:
    data = opendocument.bare(
        "<text:tracked-changes><text:changed-region><text:p>deleted</text:p></text:changed-region></text:tracked-changes>"
        "<text:p>Kept<office:annotation><text:p>a comment</text:p></office:annotation> as it was.</text:p>"
    )
    assert [text for _, text in said(data)] == ["Kept as it was."]


def test_spaces_and_tabs_of_opendocument_are_spaces_and_tabs() -> None:
    data = opendocument.bare('<text:p>Engineer<text:tab/>2019<text:s text:c="3"/>on\n and on.</text:p>')
    assert [text for _, text in said(data)] == ["Engineer\t2019 on and on."]


def test_nested_lists_of_opendocument_are_items() -> None:
    inner = "<text:list><text:list-item><text:p>Payments</text:p></text:list-item></text:list>"
    data = opendocument.bare(f"<text:list><text:list-item><text:p>Backend</text:p>{inner}</text:list-item></text:list>")
    assert said(data) == [("item", "Backend"), ("item", "Payments")]


# HTML, Markdown, RTF


def test_what_a_page_hides_is_not_read() -> None:
    page = (
        b"<html><head><title>unseen</title></head><body><p style='display: none'>unseen</p><p hidden>unseen</p>"
        b"<div aria-hidden='true'>unseen</div><!-- unseen --><p>Seen by everybody.</p><svg><text>unseen</text></svg>"
    )
    assert said(page) == [("paragraph", "Seen by everybody.")]


def test_words_of_one_line_stay_together_and_lines_apart() -> None:
    page = b"<html><p>C<b>+</b>+ and <i>Go</i><br>in Leeds, since 2019.</p><pre>one line\ntwo lines</pre>"
    assert [text for _, text in said(page)] == ["C++ and Go", "in Leeds, since 2019.", "one line", "two lines"]


def test_markdown_is_read_without_its_marks() -> None:
    source = (
        b"# Name\n\nSome *strong* **words**, a [link](http://x) and `code`.\n\n"
        b"1. first\n2. second\n   - third\n\n> quoted words, too.\n"
    )
    assert said(source, "cv.md") == [
        ("heading", "Name"),
        ("paragraph", "Some strong words, a link and code."),
        ("item", "first"),
        ("item", "second"),
        ("item", "third"),
        ("paragraph", "quoted words, too."),
    ]


def test_hidden_and_deleted_text_of_an_rtf_is_not_read() -> None:
    assert [text for _, text in said(b"{\\rtf1 Seen {\\v unseen}{\\deleted unseen}by all of us.\\par}")] == [
        "Seen by all of us."
    ]


def test_an_rtf_may_say_a_character_in_four_ways() -> None:
    ways = b"Caf\\'e9 caf\\u233? caf\\u233\\'e9 {\\uc0 caf\\u233  }and \\u-10179?\\u-8704? more."
    data = b"{\\rtf1\\ansi\\ansicpg1252\\uc1 " + ways + b"\\par}"
    assert [text for _, text in said(data)] == ["Café café café café and 😀 more."]


def test_a_note_of_an_rtf_is_read_after_its_paragraph() -> None:
    data = b"{\\rtf1 Published a paper.{\\footnote Winner of a prize.} Went on.\\par}"
    assert [text for _, text in said(data)] == ["Published a paper. Went on.", "Winner of a prize."]


# PDF


def test_a_word_broken_at_the_end_of_a_line_is_one_word_again() -> None:
    lines = ["Designed the infrastructure for a pay-", "ment system that is used by nine thousand", "merchants."]
    joined = "Designed the infrastructure for a payment system that is used by nine thousand merchants."
    assert said(pdf_reportlab.lines(lines, size=18)) == [("paragraph", joined)]


@pytest.mark.parametrize(
    ("first", "second", "joined"),
    [
        ("An expert in everything that is open-", "source, and in open-source communities.", "open-source, and in"),
        (
            "Verantwortlich für die Entwicklung von Software-",
            "und Hardware für die Bahn in ganz Europa.",
            "Software- und Hardware",
        ),
        ("Directed the choir of the town for Anne-", "Marie Duval during nine happy years.", "Anne-Marie Duval"),
        ("I know the state-of-the-", "art of this field very well indeed.", "state-of-the-art of"),
    ],
)
def test_other_hyphens_at_the_end_of_a_line_stay(first: str, second: str, joined: str) -> None:
    assert joined in read(pdf_reportlab.lines([first, second], size=18)).text


def test_words_hyphenated_by_rule_are_whole_again() -> None:
    for language in ("en", "de", "fr"):
        text = read(pdf_typst.single(resume(language), language, justify=True, settings="#set page(width: 9cm)")).text
        longest = sorted(
            (word for block in resume(language) for word in block.text.split() if word.isalpha()), key=len
        )[-12:]
        assert [word for word in longest if word not in text] == []


def test_ligatures_are_spelt_out() -> None:
    data = pdf_reportlab.lines(
        ["The e\ufb00ective o\ufb03ce \ufb01les \ufb02ow to the chie\ufb00 of sta\ufb00."], "DejaVu"
    )
    assert read(data).text == "The effective office files flow to the chieff of staff."
    assert (
        "efficient office workflow, first"
        in read(pdf_typst.single(resume("en")[:3], "en", settings="An efficient office workflow, first.")).text
    )


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_turned_page_reads_as_it_is_seen(degrees: int) -> None:
    lines = [
        "Marjorie worked in Leeds for nine years",
        "and built a ledger for payments there,",
        "which everybody still likes to use.",
    ]
    assert read(pdf_reportlab.turned(lines, degrees)).text.split() == " ".join(lines).split()


def test_dates_at_the_right_margin_stay_with_their_jobs() -> None:
    jobs = [
        ("Senior Engineer, Harbour Payments", "2019 - present"),
        ("Engineer, Northern Freight", "June 2015 - February 2019"),
        ("Junior Engineer, Town Hall", "2013 - 2015"),
        ("Intern, Railway Museum", "Summer of 2012"),
    ]
    assert [block.text for block in read(pdf_reportlab.dated_jobs(jobs)).blocks] == ["\t".join(job) for job in jobs]


@pytest.mark.parametrize("offset", [0, 5])
def test_columns_drawn_line_by_line_are_still_read_one_after_the_other(offset: float) -> None:
    """As programs do that sort what they draw; with an `offset`, the lines of the columns are not beside each other."""
    left, right = (prose(language) for language in ("en", "fr"))
    text = read(pdf_reportlab.interleaved(left, right, offset)).text
    assert " ".join(left) in text.replace("\n", " ") and " ".join(right) in text.replace("\n", " ")


def prose(language: str) -> list[str]:
    words = " ".join(
        block.text for block in resume(language) if block.kind == "paragraph" and len(block.text) > 90
    ).split()
    return [" ".join(words[at : at + 6]) for at in range(0, len(words) // 6 * 6, 6)]


def test_a_sidebar_without_sentences_is_a_column_too() -> None:
    side = ["Python", "Go", "Rust", "PostgreSQL", "Kafka", "Kubernetes", "AWS", "Terraform"]
    main = prose("en")
    text = read(pdf_reportlab.interleaved(side, main, 5, at=160)).text.replace("\n", " ")
    assert " ".join(side) in text and " ".join(main) in text


def test_the_right_column_may_be_drawn_first() -> None:
    left, right = columns("en", (0, 1, 2))
    text = read(pdf_typst.sidebar(left, right, "en")).text
    assert text.index("Fell running") > text.index("Mentored three graduates")


@pytest.mark.parametrize(
    ("seen", "read_as"),
    [
        ("םולש", "שלום"),
        ("2014 ,תינכות", "תוכנית, 2014"),
        ("noa@example.co.il · ןופלט", "טלפון · noa@example.co.il"),
        ("0102 555 03 ןופלט", "טלפון 03 555 0102"),
        ("Java, Python :תופש", "שפות: Java, Python"),
        ("%85-ב ,1.5", "1.5, ב-85%"),
        ("Engineer", "Engineer"),
        ("", ""),
    ],
)
def test_right_to_left_text_is_put_into_the_order_of_reading(seen: str, read_as: str) -> None:
    assert logical(seen) == read_as


def test_vowels_of_right_to_left_text_stay_with_their_letters() -> None:
    text = "שָׁלוֹם עֲלֵיכֶם, בָּא"
    data = pdf_typst.single([Block(kind="paragraph", text=text)], "he")
    assert read(data).text == unicodedata.normalize("NFC", text)


# Text


def test_lines_ended_at_a_margin_are_one_paragraph() -> None:
    wrapped = texts.plain(resume("en"), width=72)
    items = [block.text for block in resume("en") if block.kind in ("item", "paragraph") and len(block.text) > 80]
    got = [text for _, text in said(wrapped, "cv.txt")]
    assert [text for text in items if text not in got] == []


@pytest.mark.parametrize("mark", ["-", "*", "•", "–", "1.", "2)", "a)", "✓", "\uf0b7"])
def test_items_are_told_by_their_marks(mark: str) -> None:
    assert said(f"Some words before it.\n{mark} an item of a list\n".encode()) == [
        ("paragraph", "Some words before it."),
        ("item", "an item of a list"),
    ]


def test_a_long_text_is_cut_and_says_so() -> None:
    found = read(b"Word after word, sentence after sentence.\n" * 20_000, "cv.txt")
    assert found.truncated and len(found.text) <= MAX_DOCUMENT_TEXT
    assert not read(b"Short.").truncated


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_any_line_ends_are_line_ends(newline: str) -> None:
    assert [text for _, text in said(newline.join(["First sentence here.", "Second one there."]).encode())] == [
        "First sentence here.", "Second one there.",
    ]  # fmt: skip


def test_a_heading_after_a_full_line_of_text_is_no_part_of_it() -> None:
    full = "Builds mobile applications for people who travel by train, in Flutter and Dart"
    open_ended = "Mobile developer at the Acme Corporation, from 2019 until today, now as the"
    text = "\n".join((full, "Experience", full, "", open_ended, "Lead Developer", full))
    blocks = [block.text for block in parse(text.encode(), "text").blocks]
    assert blocks == [full, "Experience", full, f"{open_ended} Lead Developer", full]
