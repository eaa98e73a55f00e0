"""The report adds up what was said, quotes it, and claims nothing beyond it."""

from __future__ import annotations

from urllib.parse import urlparse

import pytest
from coach.engines import ReportMaterial
from coach.engines.scripted.report import write_report
from coach.resources import library
from coach_cases import ANSWERS, DEADLINE, INTRODUCTION, PAYMENT, QUESTIONS, turn
from contracts.vocabulary.configuration import SessionConfig
from contracts.vocabulary.judgement import Criteria
from contracts.vocabulary.report import Report
from contracts.vocabulary.turn import TranscriptTurn

LONGEST = 6_000


def report(*turns: TranscriptTurn, **config: object) -> Report:
    return write_report(ReportMaterial(SessionConfig.model_validate({"job_role": "Backend Engineer", **config}), turns))


def answered(level: str, names: list[str] | None = None) -> list[TranscriptTurn]:
    return [turn(number, name, ANSWERS[name][level]) for number, name in enumerate(names or list(QUESTIONS))]


def assert_complete(written: Report) -> None:
    texts = (
        written.patterns_tendencies,
        written.strengths,
        written.weaknesses,
        written.improvement_focus_areas,
    )
    assert all(text.strip() for text in texts)
    assert sum(map(len, texts)) < LONGEST
    assert 3 <= len(written.recommended_resources) <= 6
    assert len({each.url for each in written.recommended_resources}) == len(written.recommended_resources)
    assert all(each.reasoning and each.title and each.description for each in written.recommended_resources)
    assert written.provenance.engine == "scripted"


def test_without_an_answer_it_says_that_nothing_could_be_judged() -> None:
    written = report(turn(0, INTRODUCTION, None))
    assert_complete(written)
    assert written.overall_score is None
    assert "nothing could be judged" in written.patterns_tendencies
    assert not written.quotes


def test_without_a_turn_it_is_complete() -> None:
    assert_complete(report())


def test_in_practice_mode_it_says_so() -> None:
    turns = [turn(0, PAYMENT, ANSWERS[PAYMENT]["strong"], mode="practice")]
    written = report(*turns, mode="practice")
    assert_complete(written)
    assert "practice mode" in written.patterns_tendencies
    assert written.overall_score is None


def test_with_too_little_to_judge_it_names_the_answers() -> None:
    written = report(turn(0, PAYMENT, "I don't know."), turn(1, DEADLINE, "ok"))
    assert_complete(written)
    assert written.overall_score is None
    assert "“I don't know.”" in written.weaknesses


@pytest.mark.parametrize("level", ["strong", "average", "weak"])
def test_with_one_answer_it_is_about_that_answer(level: str) -> None:
    only = turn(0, PAYMENT, ANSWERS[PAYMENT][level])
    written = report(only)
    assert_complete(written)
    assert only.feedback and written.overall_score == only.feedback.score
    assert QUESTIONS[PAYMENT]["text"][:40] in written.improvement_focus_areas + written.strengths


@pytest.mark.parametrize("level", ["strong", "average", "weak"])
def test_with_many_answers_it_stays_readable(level: str) -> None:
    assert_complete(report(*answered(level)))


def test_better_interviews_get_better_overall_scores() -> None:
    strong, average, weak = (report(*answered(level)).overall_score or 0 for level in ("strong", "average", "weak"))
    assert strong > average > weak


def test_the_overall_score_is_the_mean_of_what_was_scored() -> None:
    turns = [*answered("average", [PAYMENT, DEADLINE]), turn(9, "devops-pod-restarts", "no idea")]
    scores = [each.feedback.score for each in turns if each.feedback and each.feedback.score is not None]
    assert len(scores) == 2
    assert report(*turns).overall_score == pytest.approx(sum(scores) / 2, abs=0.001)


def test_answers_without_feedback_are_left_out_and_counted() -> None:
    scored = turn(0, PAYMENT, ANSWERS[PAYMENT]["strong"])
    written = report(scored, turn(1, DEADLINE, ANSWERS[DEADLINE]["strong"], judged=False))
    assert scored.feedback and written.overall_score == scored.feedback.score
    assert "(1) are left out" in written.patterns_tendencies


def test_a_rise_over_the_interview_is_named() -> None:
    names = list(QUESTIONS)
    turns = [turn(n, name, ANSWERS[name]["weak" if n < 3 else "strong"]) for n, name in enumerate(names[:6])]
    assert "scores rose by" in report(*turns).patterns_tendencies


def test_every_quote_was_said() -> None:
    turns = answered("strong")
    said = " ".join(each.answer or "" for each in turns)
    quotes = report(*turns).quotes
    assert quotes and all(quote.text in said for quote in quotes)


def test_words_that_were_corrected_since_are_not_quoted() -> None:
    original = turn(0, PAYMENT, ANSWERS[PAYMENT]["strong"])
    corrected = original.model_copy(update={"answer": "Something else was said here, as the candidate pointed out."})
    written = report(corrected)
    assert not written.quotes
    assert "idempotency key for the payment" not in written.strengths


def test_resources_fit_the_weakest_field() -> None:
    turns = [
        turn(0, PAYMENT, ANSWERS[PAYMENT]["strong"]),
        turn(1, "security-reported-vulnerability", ANSWERS["security-reported-vulnerability"]["weak"]),
    ]
    first = report(*turns).recommended_resources[0]
    entry = next(each for each in library().resources if each.url == first.url)
    assert "security" in entry.domains
    assert "information security" in first.reasoning


@pytest.mark.parametrize("name", QUESTIONS)
def test_resources_fit_the_field_of_the_question(name: str) -> None:
    written = report(turn(0, name, ANSWERS[name]["weak"]))
    by_url = {each.url: each for each in library().resources}
    fitting = [r for r in written.recommended_resources if QUESTIONS[name]["domain"] in by_url[r.url].domains]
    assert len(fitting) >= 2


def test_without_answers_resources_fit_the_role() -> None:
    chosen = report(job_role="Senior Android Developer").recommended_resources
    by_url = {each.url: each for each in library().resources}
    assert "mobile" in by_url[chosen[-1].url].domains or "mobile" in by_url[chosen[0].url].domains


SOFTWARE = {entry.url for entry in library().resources if entry.families and "software" in entry.families} | {
    entry.url for entry in library().resources if {"algorithms_coding", "backend", "system_design"} & set(entry.domains)
}


@pytest.mark.parametrize(
    ("role", "field"),
    [
        ("Industrial Electrician", "construction_trades"),
        ("Line Cook", "hospitality"),
        ("Warehouse Worker", "logistics"),
        ("Krankenschwester", "healthcare"),
        ("Enfermera", "healthcare"),
        ("Kindergarten Teacher", "education"),
        ("Commercial Lawyer", "legal"),
        ("Truck Driver", "logistics"),
        ("Police Officer", "public_service"),
        ("Zookeeper", "general_behavioral"),
    ],
)
def test_resources_fit_the_family_of_the_role(role: str, field: str) -> None:
    """Whatever behavioural question was the weakest, nobody is sent to read about software who does not make any."""
    names = [DEADLINE, "general-behavioral-critical-feedback"]
    turns = [turn(number, name, ANSWERS[name]["weak"]) for number, name in enumerate(names)]
    for chosen in (report(*turns, job_role=role), report(job_role=role)):
        urls = {each.url for each in chosen.recommended_resources}
        assert 3 <= len(urls) <= 6 and not urls & SOFTWARE
    by_url = {each.url: each for each in library().resources}
    without = report(job_role=role).recommended_resources
    assert any(field in by_url[each.url].domains for each in without)


@pytest.mark.parametrize("criterion", ["relevance", "depth", "evidence"])
def test_resources_follow_the_weakest_criterion(criterion: str) -> None:
    first = turn(0, PAYMENT, ANSWERS[PAYMENT]["strong"])
    assert first.feedback
    levels = {name: 0.25 if name == criterion else 0.75 for name in ("relevance", "depth", "evidence")}
    feedback = first.feedback.model_copy(
        update={"criteria": Criteria(**levels), "score": 0.6, "evidence": "sufficient"}
    )
    chosen = report(first.model_copy(update={"feedback": feedback})).recommended_resources
    by_url = {each.url: each for each in library().resources}
    serving = [each for each in chosen if criterion in by_url[each.url].criteria]
    assert any(f"{criterion} averaged 25 of 100" in each.reasoning for each in serving)


def test_the_list_of_resources_is_sound() -> None:
    entries = library().resources
    assert len(entries) >= 60
    assert len({each.url for each in entries}) == len(entries)
    assert all(urlparse(each.url).scheme == "https" for each in entries)
    known = set(library().domains) | {"general"}
    assert all(set(each.domains) <= known for each in entries)
    assert all(sum(name in each.domains for each in entries) >= 2 for name in library().domains)


def test_the_same_interview_gives_the_same_report() -> None:
    assert report(*answered("average")) == report(*answered("average"))


def test_the_lines_are_few_and_each_insight_quotes_what_was_said() -> None:
    turns = answered("average")
    written = report(*turns)
    assert written.summary and 3 <= len(written.recommendations) <= 6
    assert written.strength_points and len(written.strength_points) <= 6 and len(written.weakness_points) <= 6
    said = " ".join(" ".join((each.answer or "").split()) for each in turns)
    assert 1 <= len(written.insights) <= 6
    assert all(line.split("“", 1)[1].rstrip("”") in said for line in written.insights)


def test_a_retry_is_told_with_both_scores() -> None:
    retried = turn(0, PAYMENT, ANSWERS[PAYMENT]["strong"])
    assert retried.feedback and retried.feedback.score is not None
    tried = retried.model_copy(update={"attempts": (0.52, retried.feedback.score)})
    told = f"you went from 52 to {round(retried.feedback.score * 100)}"
    written = report(tried)
    assert "On your second attempt at" in written.patterns_tendencies and told in written.patterns_tendencies
    assert any(told in line for line in written.recommendations)


def test_practice_mode_has_no_score_anywhere() -> None:
    turns = [turn(n, name, ANSWERS[name]["strong"], mode="practice") for n, name in enumerate((PAYMENT, DEADLINE))]
    written = report(*turns, mode="practice")
    assert written.overall_score is None and not written.statistics.questions and not written.statistics.criteria
    assert written.hiring and written.hiring.decision == "not_enough_evidence" and written.hiring.confidence == 0
    texts = (written.summary, written.strengths, written.weaknesses, *written.strength_points, *written.recommendations)
    assert not any("of 100" in text for text in texts)


@pytest.mark.parametrize("level", ["strong", "average", "weak"])
def test_what_is_advised_fits_the_answer(level: str) -> None:
    """Nothing is advised that the feedback itself says is there."""
    for name in QUESTIONS:
        feedback = turn(0, name, ANSWERS[name][level]).feedback
        assert feedback
        advised = " ".join(feedback.improvements)
        assert not (feedback.star and feedback.star.result and "Say how it ended" in advised)
        shown = [each.shows for each in feedback.quotes if each.shows]
        assert not any(text in advised for text in shown)


def test_what_could_not_be_judged_is_told_apart_from_too_little() -> None:
    unsure = turn(0, PAYMENT, ANSWERS[PAYMENT]["strong"])
    feedback = unsure.feedback.model_copy(update={"score": None, "evidence": "insufficient"})  # type: ignore[union-attr]
    written = report(unsure.model_copy(update={"feedback": feedback}), turn(1, DEADLINE, "ok"))
    assert "could not be judged with any confidence" in written.weaknesses
    assert "gave too little to judge" in written.weaknesses
    assert not any("could not be judged" in line for line in written.weakness_points), "that is no weakness"
