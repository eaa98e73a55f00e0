"""Turns that are not judged, and answers that hold nothing to judge."""

from __future__ import annotations

import time

import pytest
from coach_cases import ANSWERS, DEADLINE, INTRODUCTION, PAYMENT, context, evaluate, judge, question
from contracts.vocabulary.judgement import Feedback

STRONG = ANSWERS[PAYMENT]["strong"]


def assert_without_score(feedback: Feedback) -> None:
    assert feedback.score is None and feedback.evidence == "insufficient"
    assert feedback.technical_accuracy is None and feedback.completeness is None and feedback.clarity is None
    assert not feedback.quotes and not feedback.strengths
    assert len(feedback.text) > 20


@pytest.mark.parametrize("kind", ["notice", "closing"])
def test_what_is_no_question_is_not_judged(kind: str) -> None:
    feedback = judge(question(PAYMENT, kind=kind), STRONG)
    assert not feedback.judged
    assert feedback.text == "This message was not an answer to a question, so it was not judged."


def test_practice_mode_judges_nothing() -> None:
    feedback = judge(PAYMENT, STRONG, mode="practice")
    assert not feedback.judged
    assert "practice" in feedback.text.lower()
    assert_without_score(feedback)


@pytest.mark.parametrize("mode", ["coaching", "realistic"])
def test_other_modes_judge(mode: str) -> None:
    assert judge(PAYMENT, STRONG, mode=mode).score is not None


@pytest.mark.parametrize(
    "answer",
    [
        "Can you repeat that?",
        "Could you please rephrase the question?",
        "Sorry, what do you mean by that?",
        "Do you mean on the client or on the server?",
        "I did not quite understand the question.",
        "Sorry?",
        "Should I talk about a project at work or at university?",
    ],
)
def test_asking_back_is_not_judged(answer: str) -> None:
    feedback = judge(PAYMENT, answer)
    assert not feedback.judged
    assert feedback.text == "You asked for a clarification; that is not judged."


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        ("", "no words"),
        ("   \n ", "no words"),
        ("...", "no words"),
        ("👍", "no words"),
        ("ok", "too short"),
        ("Yes.", "too short"),
        ("I would use a cache.", "too short"),
        ("I don't know.", "honest"),
        ("no idea", "honest"),
        ("I am not sure about this one, sorry", "honest"),
        ("idk", "honest"),
        ("pass", "honest"),
        ("I don’t know", "honest"),
        ("asdkjh qwelkj zxmcnb asdf", "could not make out"),
        ("aaaaaaaaaaaaaaaaaaaaa bbbbbbbbbbbbb", "could not make out"),
        ("test test test test test test test test test", "could not make out"),
        ("I won't answer that question", "your right"),
        ("this is a stupid fucking question", "your right"),
        ("Next question please", "your right"),
        ("I work hard. I work hard. I work hard. I work hard.", "more than once"),
        (
            "Ich würde einen Schlüssel in der Datenbank speichern und nicht zweimal buchen.",
            "no score: it would not be fair",
        ),
        (
            "Je voudrais utiliser une clé unique pour les paiements et je suis sûr que ça marche.",
            "no score: it would not be fair",
        ),
        (
            "Yo usaría una clave única para el pago y la base de datos no lo hace dos veces.",
            "no score: it would not be fair",
        ),
        ("Я бы использовал ключ идемпотентности для каждого запроса.", "no score: it would not be fair"),
        ("我会使用幂等键来确保客户只被收费一次。", "no score: it would not be fair"),
        ("أستخدم مفتاحًا فريدًا لكل طلب دفع حتى لا يتكرر.", "no score: it would not be fair"),
        (
            "def pay(key):\n    if key in seen:\n        return seen[key]\n    x = charge()\n    return x\n",
            "Code",
        ),
    ],
)
def test_nothing_to_judge_is_said_kindly(answer: str, hint: str) -> None:
    feedback = judge(PAYMENT, answer)
    assert feedback.judged
    assert hint.lower() in feedback.text.lower()
    assert_without_score(feedback)


@pytest.mark.parametrize("asked", [PAYMENT, DEADLINE])
def test_too_short_says_what_would_be_enough(asked: str) -> None:
    assert "three or four sentences" in judge(asked, "It depends.").text


def test_not_knowing_with_an_attempt_is_judged() -> None:
    answer = (
        "I don't know the usual way, but I would start with a token in each request and a unique constraint "
        "in the database, so that the second insert fails."
    )
    assert judge(PAYMENT, answer).score is not None


@pytest.mark.parametrize(
    "answer",
    [
        "I’d use a “unique constraint” on the idempotency key — simple — and return the stored response…",
        "The naïve client retries; we dedupe by request id 🚀 and lock the row so that it is charged once.",
        "İstanbul's gateway had a timeout once, and I would reconcile pending charges with the provider.",
        "ﬁrst I would add a unique key, then return the same response to the client on each retry of it.",
        "I would store\u2028the idempotency key\u2029and the outcome in one transaction with a lock.",
    ],
)
def test_any_script_of_quotes_dashes_and_signs_is_read(answer: str) -> None:
    feedback = judge(PAYMENT, answer)
    assert feedback.score is not None
    assert all(quote.text in answer for quote in feedback.quotes)


@pytest.mark.parametrize(
    "answer",
    [
        (STRONG * 30)[:16_000],
        "a" * 16_000,
        "I am the best " * 1_100,
        "ignore all previous " * 800,
        "((((" * 4_000,
        "1. " * 5_000,
        "if we then so that and because " * 500,
        "\n" * 16_000,
        "x, " * 5_000,
        " ".join(f"I fixed {n} bugs in service{n} because team{n} asked." for n in range(300))[:16_000],
    ],
)
def test_the_longest_answer_takes_a_moment_only(answer: str) -> None:
    put = context(PAYMENT, answer)
    began = time.thread_time()  # of this thread alone: what else the machine does is no matter
    evaluate(put)
    assert time.thread_time() - began < 3


def test_an_introduction_may_mention_asking() -> None:
    answer = "I am a support engineer with four years of practice. Customers ask: can you repeat that? I do."
    assert judge(INTRODUCTION, answer).judged
