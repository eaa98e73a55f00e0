"""A report to read, keep or print: Markdown, and the same as a page of its own.

Everything that people or models wrote is escaped: it shows as it was written, and never as markup.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape

from markdown_it import MarkdownIt

from gateway.dialects.ours.own_report import ExplainedQuestion, OwnReport

_MARKUP = re.compile(r"([\\`*_#\[\]<>&~|])")
_AT_LINE_START = re.compile(r"^(\s*)(?:([+\-=:])|(\d{1,9})([.)]))")
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{title}</title>
<style>
body {{ max-width: 44rem; margin: 2rem auto; padding: 0 1rem; font: 1rem/1.55 system-ui, sans-serif; color: #1c1c1c }}
h1, h2, h3 {{ line-height: 1.25; break-after: avoid }}
h2 {{ margin-top: 2.25rem; border-bottom: 1px solid #d0d0d0 }}
blockquote {{ margin: 1rem 0; padding: .1rem 1rem; border-left: 3px solid #6b7a90; background: #f4f6f9 }}
blockquote, li, p {{ overflow-wrap: anywhere }}
@media print {{ body {{ margin: 0; max-width: none }} blockquote, li {{ break-inside: avoid }} }}
</style>
</head>
<body>
{body}</body>
</html>
"""
PAGE_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; form-action 'none'; base-uri 'none'"
)
"""The Content-Security-Policy of the page: it loads nothing and runs nothing."""


def as_html(report: OwnReport) -> str:
    """A page without scripts, links to other files, or anything that is loaded."""
    renderer = MarkdownIt("commonmark", {"html": False})
    body = renderer.render(as_markdown(report))
    return _PAGE.format(title=escape(f"Interview report: {report.job_role}"), body=body)


def as_markdown(report: OwnReport) -> str:
    """The whole report as CommonMark."""
    return "\n\n".join(_blocks(report)) + "\n"


def _blocks(report: OwnReport) -> Iterator[str]:
    yield f"# Interview report: {line(report.job_role)}"
    yield _origin(report)
    yield _overall(report)
    yield from _paragraphs(report.insights.overall_summary)
    hiring = report.insights.hiring_recommendation
    yield f"**Recommendation: {line(hiring.decision.lower())}.** {line(hiring.reasoning)}".rstrip()
    yield from _list("What went well", report.strengths)
    yield from _list("What held your answers back", report.weaknesses)
    yield from _list("What to do next", report.recommendations)
    yield from _list("In your words", [f"“{each.text}”: {each.shows}" for each in report.quotes])
    yield from _section("Patterns in your answers", report.patterns_tendencies)
    yield from _list("By what was looked at", [_share(name, score) for name, score in report.criteria.items()])
    yield from _list("By subject", [_share(name, score) for name, score in report.domain_scores.items()])
    if report.questions_breakdown:
        yield "## Question by question"
        for each in report.questions_breakdown:
            yield from _question(each)
    if report.recommended_resources:
        yield "## Worth reading"
        yield "\n".join(
            f"- [{line(each.title)}]({_address(each.url)}): {line(each.description)} {line(each.reasoning)}".rstrip()
            for each in report.recommended_resources
        )


def _origin(report: OwnReport) -> str:
    who = f"the model {line(report.model)}" if report.model else "Parley's built-in coach"
    instead = ", which stood in for a model that did not answer" if report.degraded else ""
    day = f" on {report.generated_at:%d %B %Y}".replace(" 0", " ") if report.generated_at else ""
    return f"Written by an AI ({who}{instead}){day}. It can be wrong: check what it says against your own words."


def _overall(report: OwnReport) -> str:
    glance = report.executive_summary
    if report.evidence == "insufficient":
        return "**No overall score:** too little was said for one."
    return f"**Overall: {glance.overall_percentage:.0f} of 100, {glance.performance_level.lower()}.**"


def _question(asked: ExplainedQuestion) -> Iterator[str]:
    yield f"### {asked.index}. {line(asked.question)}"
    yield "\n".join(f"> {line(each)}" for each in asked.answer.splitlines()) or "*You did not answer.*"
    if asked.evidence == "insufficient":
        yield "*Not scored.*"
    else:
        yield f"**{asked.score * 100:.0f} of 100**"
    yield from _paragraphs(asked.feedback)
    if asked.expected_points:
        yield "*What a good answer covers:*"
        yield "\n".join(f"- {line(each)}" for each in asked.expected_points)
    if asked.reference_answer:
        yield f"*A good answer, for comparison:* {line(asked.reference_answer)}"


def _list(title: str, items: list[str]) -> Iterator[str]:
    if items:
        yield f"## {title}"
        yield "\n".join(f"- {line(each)}" for each in items)


def _section(title: str, text: str) -> Iterator[str]:
    if text.strip():
        yield f"## {title}"
        yield from _paragraphs(text)


def _paragraphs(text: str) -> Iterator[str]:
    yield from (line(each) for each in text.splitlines() if each.strip())


def _share(name: str, score: float) -> str:
    return f"{name.replace('_', ' ').capitalize()}: {score * 100:.0f} of 100"


def _address(url: str) -> str:
    return "<" + re.sub(r"[<>\s\\]", "", url) + ">"


def line(text: str) -> str:
    """Words in one line, which CommonMark shows as they are."""
    escaped = _MARKUP.sub(r"\\\1", " ".join(text.split()))
    return _AT_LINE_START.sub(lambda found: f"{found[1]}{found[3] or ''}\\{found[2] or found[4]}", escaped)
