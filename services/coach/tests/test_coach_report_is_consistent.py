"""Whatever happened in an interview, no two parts of its report contradict each other."""

from __future__ import annotations

import re
from collections.abc import Sequence
from uuid import UUID

from coach.engines import ReportMaterial
from coach.engines.scripted.report import write_report
from coach.rubric import CRITERIA, anchors
from coach_cases import NOW, QUESTIONS, question
from contracts.vocabulary.configuration import SessionConfig
from contracts.vocabulary.judgement import Criteria, Feedback, Interval
from contracts.vocabulary.provenance import Provenance
from contracts.vocabulary.question import Phase
from contracts.vocabulary.report import Report
from contracts.vocabulary.turn import TranscriptTurn
from hypothesis import given
from hypothesis import strategies as st

LEVELS = st.one_of(st.none(), st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0]))
TOO_LITTLE, UNCERTAIN = "gave too little to judge", "could not be judged with any confidence"

PHASES: tuple[Phase, ...] = ("technical", "behavioral")
RUBRIC = tuple(f" {each.split(' ', 1)[1]}." for name in CRITERIA for phase in PHASES for each in anchors(name, phase))


@st.composite
def feedbacks(draw: st.DrawFn) -> Feedback | None:
    """Scored, uncertain, too little, not judged at all, or not there yet."""
    kind = draw(st.sampled_from(["scored", "scored", "uncertain", "too little", "not judged", "none"]))
    if kind == "none":
        return None
    provenance = Provenance(engine=draw(st.sampled_from(["scripted", "llm"])))
    if kind == "not judged":
        return Feedback(judged=False, text="You asked something.", provenance=provenance)
    if kind == "too little":
        return Feedback(judged=True, text="Too short.", provenance=provenance)
    if kind == "uncertain":
        return Feedback(judged=True, text="Hm.", interval=Interval(low=0.2, high=0.9), provenance=provenance)
    criteria = Criteria(**{name: draw(LEVELS) for name in CRITERIA})
    return Feedback(
        judged=True,
        text="So.",
        score=draw(st.integers(0, 100)) / 100,
        evidence="sufficient",
        criteria=criteria,
        clarity=criteria.clarity,
        provenance=provenance,
    )


@st.composite
def lives(draw: st.DrawFn) -> tuple[TranscriptTurn, ...]:
    """The turns of an interview, each with words of its own."""
    turns = []
    for number, feedback in enumerate(draw(st.lists(feedbacks(), max_size=9))):
        difficulty = draw(st.sampled_from(["easy", "medium", "hard", None]))
        asked = question(draw(st.sampled_from(sorted(QUESTIONS))), difficulty=difficulty)
        answer = f"marker{number} is what I said here" if feedback or draw(st.booleans()) else None
        turn = TranscriptTurn(
            turn=number,
            question_id=UUID(int=number),
            question=asked,
            asked_at=NOW,
            answer=answer,
            answered_at=NOW if answer else None,
            feedback=feedback,
        )
        turns.append(turn)
    return tuple(turns)


def report(turns: Sequence[TranscriptTurn]) -> Report:
    return write_report(ReportMaterial(SessionConfig(job_role="Nurse"), tuple(turns)))


def scored(turns: Sequence[TranscriptTurn]) -> list[TranscriptTurn]:
    return [each for each in turns if each.feedback and each.feedback.score is not None]


@given(lives())
def test_no_criterion_is_strong_and_weak(turns: tuple[TranscriptTurn, ...]) -> None:
    written = report(turns)
    strong = set(re.findall(r"Your (\w+) is a strength", written.strengths))
    weak = set(re.findall(r"Your lowest criterion is (\w+)", written.weaknesses))
    assert not strong & weak
    named = [{line.split(" (")[0].lower() for line in lines if " of 100): " in line}
             for lines in (written.strength_points, written.weakness_points)]  # fmt: skip
    assert not named[0] & named[1] and not strong & named[1] and not weak & named[0]
    for text in (written.summary, written.patterns_tendencies):
        both = re.search(r"strongest criterion is (\w+).*? weakest (\w+)", text)
        assert both is None or both[1] != both[2]
    advised = {line.split(": ")[0].lower() for line in written.improvement_focus_areas.splitlines()} & set(CRITERIA)
    assert not advised & strong


@given(lives())
def test_there_is_one_clarity(turns: tuple[TranscriptTurn, ...]) -> None:
    statistics = report(turns).statistics
    assert statistics.criteria.get("clarity") == statistics.metrics.get("clarity")


@given(lives())
def test_where_nothing_was_asked_or_scored_there_is_no_number(turns: tuple[TranscriptTurn, ...]) -> None:
    written, judged = report(turns), scored(turns)
    statistics = written.statistics
    assert (written.overall_score is None) == (not judged)
    assert set(statistics.difficulties) == {each.question.difficulty for each in judged} - {None}
    assert set(statistics.domains) == {each.question.domain for each in judged} - {None}
    assert set(statistics.phases) == {each.question.phase for each in judged}
    if not judged:
        texts = (written.summary, written.strengths, written.weaknesses, *written.recommendations)
        assert not any("of 100" in text for text in texts) and not written.strength_points


@given(lives())
def test_what_was_not_judged_is_told_apart_from_too_little_and_from_doubt(turns: tuple[TranscriptTurn, ...]) -> None:
    written = report(turns)
    lines = [*written.weaknesses.splitlines(), *written.weakness_points]
    for each in turns:
        feedback, marker = each.feedback, f"marker{each.turn} "
        mine = [line for line in lines if marker in line]
        if feedback is None or not feedback.judged:
            assert mine == []
        elif feedback.interval is not None:
            assert all(UNCERTAIN in line and TOO_LITTLE not in line for line in mine)
        elif feedback.score is None:
            assert all(TOO_LITTLE in line for line in mine)
        else:
            assert not any(UNCERTAIN in line or TOO_LITTLE in line for line in mine)


@given(lives())
def test_the_same_mean_is_told_everywhere(turns: tuple[TranscriptTurn, ...]) -> None:
    written = report(turns)
    if written.overall_score is not None:
        mean = f"{round(written.overall_score * 100)} of 100"
        assert mean in written.summary and mean in written.patterns_tendencies


@given(lives())
def test_an_average_is_told_in_the_words_of_the_rubric(turns: tuple[TranscriptTurn, ...]) -> None:
    written = report(turns)
    told = [line for line in (*written.strength_points, *written.weakness_points) if " of 100): " in line]
    assert all(line.endswith(RUBRIC) for line in told)
