"""The numbers of a report, the recommendation that follows from them, delivery, and sketches."""

from __future__ import annotations

import re

import pytest
from coach.delivery import delivery_of
from coach.engines import ReportMaterial
from coach.engines.scripted import ScriptedEngine
from coach.numbers import hiring, numbers_of
from coach_cases import ANSWERS, DEADLINE, ENCODER, PAYMENT, aloud, context, judge, sketched, turn
from contracts.vocabulary.configuration import SessionConfig
from contracts.vocabulary.hearing import Timing
from contracts.vocabulary.provenance import Provenance

CONFIG = SessionConfig(job_role="Backend Engineer")
STRONG, AVERAGE, WEAK = (ANSWERS[PAYMENT][level] for level in ("strong", "average", "weak"))


# --- numbers ---


def test_means_leave_out_what_has_no_score() -> None:
    turns = (turn(1, PAYMENT, STRONG), turn(2, PAYMENT, "I don't know."), turn(3, DEADLINE, ANSWERS[DEADLINE]["weak"]))
    numbers = numbers_of(turns, CONFIG)
    scores = [each.score for each in numbers.statistics.questions]
    known = [score for score in scores if score is not None]
    assert len(scores) == 3 and len(known) == 2
    assert numbers.overall == pytest.approx(sum(known) / 2, abs=0.001)
    assert set(numbers.statistics.domains) == {"backend", "general_behavioral"}
    assert set(numbers.statistics.metrics) == {"completeness"}, "it cannot tell what is right, or clear"
    assert set(numbers.statistics.criteria) == {"relevance", "depth", "evidence"}
    assert all(0 <= mean <= 1 for mean in numbers.statistics.criteria.values())


def test_turns_that_are_not_judged_are_not_counted() -> None:
    turns = (turn(0, PAYMENT, "What do you mean?"), turn(1, PAYMENT, STRONG), turn(2, PAYMENT, None))
    assert [each.turn for each in numbers_of(turns, CONFIG).statistics.questions] == [1]


@pytest.mark.parametrize(
    ("answers", "trend"),
    [
        ((WEAK, AVERAGE, STRONG), "improving"),
        ((STRONG, AVERAGE, WEAK), "declining"),
        ((STRONG, STRONG, STRONG), "consistent"),
        ((STRONG, WEAK), "too_few_questions"),
    ],
)
def test_the_trend_is_the_slope_of_the_scores(answers: tuple[str, ...], trend: str) -> None:
    turns = [turn(number, PAYMENT, answer) for number, answer in enumerate(answers)]
    assert numbers_of(turns, CONFIG).statistics.trend == trend


def test_all_attempts_are_told() -> None:
    tried = turn(1, PAYMENT, STRONG).model_copy(update={"attempts": (0.3, 0.8)})
    assert numbers_of([tried], CONFIG).statistics.questions[0].attempts == (0.3, 0.8)


@pytest.mark.parametrize(
    ("scores", "decision"),
    [
        ([], "not_enough_evidence"),
        ([0.9], "not_enough_evidence"),
        ([0.9, 0.9], "strong_yes"),
        ([0.7, 0.7], "yes"),
        ([0.5, 0.5], "maybe"),
        ([0.1, 0.2], "no"),
    ],
)
def test_the_recommendation_follows_from_the_scores(scores: list[float], decision: str) -> None:
    overall = sum(scores) / len(scores) if scores else None
    found = hiring(overall, scores)
    assert found.decision == decision and found.reasoning and (found.confidence > 0) == (len(scores) > 1)


def test_what_no_model_judged_comes_to_no_recommendation() -> None:
    own = [turn(number, PAYMENT, STRONG) for number in range(3)]
    assert numbers_of(own, CONFIG).hiring is None
    assert numbers_of((), CONFIG).hiring.decision == "not_enough_evidence"
    by_model = own[0].feedback.model_copy(update={"score": 0.9, "provenance": Provenance(engine="llm")})
    mixed = [each.model_copy(update={"feedback": by_model}) for each in own[:2]] + own[2:]
    assert numbers_of(mixed, CONFIG).hiring.decision == "strong_yes", "by what the model judged alone"


def test_confidence_grows_with_answers_and_their_agreement() -> None:
    few, many, torn = hiring(0.7, [0.7, 0.7]), hiring(0.7, [0.7] * 8), hiring(0.7, [1.0, 0.4] * 4)
    assert few.confidence < many.confidence and torn.confidence < many.confidence <= 1


# --- delivery ---


def test_fillers_and_hedges_are_counted_in_a_hundred_words() -> None:
    found = delivery_of("Um, I think we, you know, basically did it, and maybe it was uh fine.")
    assert found is not None and (found.words, found.fillers, found.hedges) == (15, 4, 2)
    assert found.fillers_per_100 == pytest.approx(26.7)


@pytest.mark.parametrize(
    ("language", "text", "fillers", "hedges"),
    [
        ("de", "Äh, vielleicht war das halt so, ich glaube schon.", 2, 2),
        ("es-MX", "Pues, creo que este sistema, o sea, quizás funcionó.", 2, 2),
        ("fr", "Euh, du coup je pense que c'était bien.", 2, 1),
        ("hi", "मतलब मुझे लगता है यह ठीक था।", 1, 1),
        ("zh-CN", "嗯，我觉得可能是这样。", 1, 2),
        ("fi", "Um maybe.", 0, 0),
    ],
)
def test_each_language_has_its_own(language: str, text: str, fillers: int, hedges: int) -> None:
    found = delivery_of(text, language)
    assert found is not None and (found.fillers, found.hedges) == (fillers, hedges)


def test_without_words_there_is_no_delivery() -> None:
    assert delivery_of(" … ") is None


@pytest.mark.parametrize(("seconds", "advised"), [(60.0, "slower"), (120.0, ""), (300.0, "faster")])
def test_pace_is_told_where_it_is_known(seconds: float, advised: str) -> None:
    found = delivery_of("We did the work together. " * 56, spoken=aloud(timing=Timing(speaking=seconds)))
    assert found is not None and found.pace == pytest.approx(280 * 60 / seconds)
    assert (advised in " ".join(found.advice)) and bool(found.advice) == bool(advised)


def test_delivery_moves_no_score() -> None:
    plain, spoken = judge(PAYMENT, STRONG), judge(PAYMENT, STRONG.replace(". ", ". Um, ", 2))
    assert spoken.delivery and plain.delivery and spoken.delivery.fillers > plain.delivery.fillers
    assert spoken.score == plain.score


# --- what supports a judgement ---


def test_a_level_that_does_not_follow_from_its_points_says_from_what() -> None:
    counts = re.compile(r"^(\d+) of (\d+) expected points")
    seen = set()
    for name, by_level in ANSWERS.items():
        for answer in by_level.values():
            for each in judge(name, answer).judgements:
                if (found := counts.match(each.explanation)) is None or each.level is None:
                    continue
                recognised, points = map(int, found.groups())
                odd = (recognised == 0 and each.level > 0) or (recognised == points and each.level < 4)
                seen.add(odd)
                assert not odd or "The answer as a whole shows" in each.explanation, (name, each)
    assert seen == {True, False}


@pytest.mark.parametrize("name", [PAYMENT, DEADLINE])
@pytest.mark.parametrize("level", ["strong", "average", "weak"])
def test_every_level_above_none_is_supported_by_the_candidates_words(name: str, level: str) -> None:
    answer = ANSWERS[name][level]
    feedback = judge(name, answer)
    assert len(feedback.judgements) == 3 and feedback.analysis
    for each in feedback.judgements:
        assert each.explanation and all(quote in answer for quote in each.quotes)
        assert bool(each.quotes) == bool(each.level)
        assert getattr(feedback.criteria, each.criterion) == (None if each.level is None else each.level / 4)


def test_a_story_has_its_parts_in_the_candidates_words() -> None:
    answer = ANSWERS[DEADLINE]["strong"]
    star = judge(DEADLINE, answer).star
    assert star and all(part is None or part in answer for part in star.model_dump().values())
    assert star.action and star.result and judge(PAYMENT, STRONG).star is None


def test_the_reference_names_the_points_behind_the_question() -> None:
    assert "idempotency" in judge(PAYMENT, WEAK).reference_answer.lower()


# --- sketches ---


@pytest.mark.parametrize("name", [PAYMENT, DEADLINE])
@pytest.mark.parametrize("level", ["strong", "average", "weak"])
def test_a_sketch_consists_of_the_candidates_words_and_of_gaps(name: str, level: str) -> None:
    answer = ANSWERS[name][level]
    found = sketched(turn(1, name, answer))
    assert found.found and found.text and all(quote.text in answer for quote in found.quotes)
    rest = found.text
    for piece in (*(quote.text for quote in found.quotes), *(f"[{gap}]" for gap in found.gaps)):
        assert piece in rest
        rest = rest.replace(piece, "", 1)
    assert rest.strip(" .") == ""


def test_a_weak_answer_leaves_gaps_and_a_strong_one_fewer() -> None:
    weak, strong = (sketched(turn(1, DEADLINE, ANSWERS[DEADLINE][level])) for level in ("weak", "strong"))
    assert len(weak.gaps) > len(strong.gaps)


async def test_what_was_not_answered_has_no_sketch() -> None:
    unanswered = turn(1, PAYMENT, None)
    assert not (await ScriptedEngine(ENCODER).sketch(unanswered, ReportMaterial(CONFIG, (unanswered,)))).found


# --- the lines of a report ---


async def test_a_report_has_all_its_lines() -> None:
    turns = (turn(1, PAYMENT, STRONG), turn(2, DEADLINE, ANSWERS[DEADLINE]["average"]), turn(3, PAYMENT, AVERAGE))
    report = await ScriptedEngine(ENCODER).report(ReportMaterial(CONFIG, turns))
    assert report.summary and report.strength_points and report.recommendations and report.hiring is None
    said = " ".join(each.answer or "" for each in turns)
    for line in report.insights:
        quoted = line.split("“")[1].rstrip("”")
        assert quoted in " ".join(said.split())


async def test_a_second_attempt_is_spoken_of() -> None:
    tried = turn(1, PAYMENT, STRONG).model_copy(update={"attempts": (0.52, 0.71)})
    report = await ScriptedEngine(ENCODER).report(ReportMaterial(CONFIG, (tried,)))
    assert any("from 52 to 71" in line for line in report.recommendations)


def test_a_welcome_is_not_judged() -> None:
    asked = context(PAYMENT, "Yes, I am ready.").question.model_copy(update={"phase": "welcome"})
    assert not judge(asked, "Yes, I am ready to begin this interview now.").judged
