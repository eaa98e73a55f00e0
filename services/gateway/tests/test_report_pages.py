"""The report as Markdown and as a page: all of it is there, and nobody's words become markup."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from contracts.session.asks import FeedbackItem, ReportAnswer
from contracts.vocabulary.judgement import Feedback, Quote
from contracts.vocabulary.report import Resource
from gateway.dialects.ours.own_report import OwnReport
from gateway.dialects.ours.report_pages import as_html, as_markdown, line
from gateway.dialects.report_shapes import report_document
from gateway.edge.negotiation import preferred
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from test_report_document import NOW, SCRIPTED, STATISTICS, report, session

ATTACK = "<script>alert(1)</script> [here](javascript:alert(1)) ![x](http://evil.example/x.png)\n# Hired\n* `yes`"


def written(words: str, **changes: Any) -> OwnReport:
    """A report whose every text is `words`."""
    feedback = Feedback(judged=True, text=words, score=0.8, evidence="sufficient", provenance=SCRIPTED)
    given = report(
        overall_score=0.82, summary=words, strength_points=(words,), weakness_points=(words,), recommendations=(words,),
        quotes=(Quote(text=words, shows=words),), statistics=STATISTICS, patterns_tendencies=words,
        recommended_resources=(
            Resource(title=words, url="https://example.com/a", description=words, resource_type="book", reasoning=""),
        ),
        **changes,
    )  # fmt: skip
    items = (FeedbackItem(turn=1, question=words, answer=words, feedback=feedback),)
    answer = ReportAnswer(found=True, version=1, report=given, written_at=NOW, versions=(1,))
    return OwnReport.of(report_document(session(), answer, items), {1: (words,)})


class Page(HTMLParser):
    """What is in a page: its tags with their attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_a_page_says_all_that_the_report_says() -> None:
    page = Page(as_html(written("Measured twice.")))
    for said in ("Interview report: General Role", "Overall: 82 of 100", "What went well", "Question by question",
                 "80 of 100", "Not scored.", "You did not answer.", "Backend: 80 of 100"):  # fmt: skip
        assert said in page.text
    assert page.text.count("Measured twice.") == 13
    assert ("a", {"href": "https://example.com/a"}) in page.tags
    assert ("html", {"lang": "en"}) in page.tags


def test_nobodys_words_become_markup() -> None:
    page = Page(as_html(written(ATTACK)))
    names = {name for name, _ in page.tags}
    assert names.isdisjoint({"script", "img", "iframe", "code", "link"})
    assert {attributes["href"] for name, attributes in page.tags if name == "a"} == {"https://example.com/a"}
    assert "<script>alert(1)</script> [here](javascript:alert(1))" in page.text
    assert not any(re.fullmatch("Hired", each.strip()) for each in page.text.splitlines())


def test_an_address_that_is_none_is_no_link() -> None:
    shady = (Resource(title="Title", url="javascript:alert(1)", description="", resource_type="", reasoning=""),)
    document = written("Words").model_copy(update={"recommended_resources": list(shady)})
    assert not any(name == "a" for name, _ in Page(as_html(document)).tags)


def test_too_little_to_judge_is_no_zero() -> None:
    document = written("Words").model_copy(update={"evidence": "insufficient"})
    assert "**No overall score:** too little was said for one." in as_markdown(document)


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]) | st.sampled_from(" \n#-*_`>[]()!&<1.~|\\"))


@pytest.mark.parametrize("before", ["- ", "> ", "## ", "**A.** ", ""])
@given(
    words=st.text(
        st.characters(codec="utf-8", exclude_categories=["C", "Z"]) | st.sampled_from(" \n#-*_`>[]()!&<1.~|\\")
    )
)
def test_escaped_words_are_shown_as_they_are(before: str, words: str) -> None:
    shown = Page(MarkdownIt("commonmark", {"html": False}).render(f"{before}{line(words)}"))
    assert " ".join(shown.text.split()) == " ".join(f"{before.strip('->#* ')} {words}".split())
    assert {name for name, _ in shown.tags} <= {"ul", "li", "p", "blockquote", "h2", "strong"}


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        ("", "application/json"),
        ("*/*", "application/json"),
        ("application/json, text/plain, */*", "application/json"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"),
        ("text/markdown", "text/markdown"),
        ("text/*", "text/html"),
        ("text/html;q=0.1, application/json;q=0.2", "application/json"),
        ("TEXT/HTML", "text/html"),
        ("image/png", "application/json"),
        (";;q=x,text/html;q=nan0", "application/json"),
    ],
)
def test_the_form_that_a_client_prefers(accept: str, chosen: str) -> None:
    assert preferred(accept, ("application/json", "text/html", "text/markdown")) == chosen
