"""What the built-in coach says in each language: complete, with the same fields, and in that language."""

from __future__ import annotations

import string
from functools import cache
from pathlib import Path
from typing import Any

import coach
import pytest
from coach.engines import ReportMaterial
from coach.engines.scripted.report import write_report
from coach.phrases import phrases
from coach_cases import PAYMENT, judge, question
from contracts.vocabulary.configuration import SessionConfig
from lingua import Language, LanguageDetectorBuilder
from parley_text.packaged import loaded

TEXTS: dict[str, dict[str, str]] = loaded(
    (Path(coach.__file__).parent / "phrases.yaml").read_text(encoding="utf-8")  # type: ignore[arg-type]
)
OTHERS = {
    "de": Language.GERMAN,
    "es": Language.SPANISH,
    "fr": Language.FRENCH,
    "hi": Language.HINDI,
    "zh": Language.CHINESE,
}
STORY = {
    "de": "Letztes Jahr habe ich die Lagerverwaltung umgestellt, weil jede zweite Lieferung falsch gebucht war.",
    "es": "El año pasado cambié la gestión del almacén porque una de cada dos entregas se registraba mal.",
    "fr": "L'an dernier j'ai changé la gestion du stock, car une livraison sur deux était mal enregistrée.",
    "hi": "पिछले साल मैंने गोदाम का हिसाब बदला क्योंकि हर दूसरी डिलीवरी ग़लत दर्ज होती थी और ग्राहक नाराज़ थे।",
    "zh": "去年我更换了仓库管理系统，因为每两次送货就有一次登记错误，后来错误减少了一半。",
}


@cache
def detector() -> Any:
    return LanguageDetectorBuilder.from_languages(Language.ENGLISH, *OTHERS.values()).build()


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("code", OTHERS)
def test_each_language_has_every_sentence_with_what_belongs_in_it(code: str) -> None:
    assert TEXTS[code].keys() == TEXTS["en"].keys()
    for name, english in TEXTS["en"].items():
        # The name of the own language, and a verb phrase in English, are for English sentences alone.
        wanted = {"point" if each == "shows" else each for each in fields(english)} - {"language"}
        assert fields(TEXTS[code][name]) == wanted, name


@pytest.mark.parametrize("code", OTHERS)
def test_each_sentence_is_in_its_language(code: str) -> None:
    for name, text in TEXTS[code].items():
        bare = string.Formatter().vformat(text, (), dict.fromkeys(fields(text), ""))
        assert detector().detect_language_of(bare) == OTHERS[code], (name, bare)


@pytest.mark.parametrize("code", OTHERS)
@pytest.mark.parametrize("answer", ["?!", "xkcd qwrt bbbb zzzz pqrs", "Java.", ""])
def test_why_there_is_no_score_is_said_in_the_language_of_the_interview(code: str, answer: str) -> None:
    feedback = judge(PAYMENT, answer, language=code)
    assert feedback.score is None and detector().detect_language_of(feedback.text) == OTHERS[code], feedback.text


@pytest.mark.parametrize("code", OTHERS)
def test_an_answer_in_a_language_without_measurements_is_told_so_in_it(code: str) -> None:
    feedback = judge(question(PAYMENT, expects=()), STORY[code], language=code)
    assert feedback.score is None and detector().detect_language_of(feedback.text) == OTHERS[code], feedback.text


@pytest.mark.parametrize("code", OTHERS)
def test_a_report_on_nothing_is_in_the_language_of_the_interview(code: str) -> None:
    report = write_report(ReportMaterial(SessionConfig(language=code), ()))
    for text in (report.summary, report.strengths, report.weaknesses, *report.recommendations):
        assert detector().detect_language_of(text) == OTHERS[code], text


def test_a_region_changes_nothing_and_an_unknown_language_is_english() -> None:
    assert phrases("de-AT") == phrases("de_CH") == phrases("DE") and phrases("it") == phrases("en")


def test_one_is_counted_as_one() -> None:
    assert "1 answer," in phrases("en").counted("none_scored", 1) and "3 answers" in phrases("en").counted(
        "none_scored", 3
    )


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        (
            "de",
            "Letztes Jahr habe ich die Übergabe umgestellt, weil jede zweite Information verloren ging;"
            " danach fehlte fast nichts mehr.",
        ),
        (
            "de",
            "Patienten mit hohem Sturzrisiko bekamen Bewegungsmelder, dadurch halbierten wir Unfälle.",
        ),
        ("es", "Cambiamos turnos nocturnos porque enfermeras veteranas llegaban agotadas, y bajaron errores graves."),
        (
            "fr",
            "Chaque livraison passait deux contrôles, ensuite nous avons supprimé celui qui ne trouvait jamais rien.",
        ),
    ],
)
def test_an_answer_in_the_language_of_the_interview_is_never_judged_as_english(code: str, answer: str) -> None:
    feedback = judge(question(PAYMENT, expects=()), answer, language=code)
    assert feedback.score is None and feedback.text.startswith(TEXTS[code]["untested"].split(",")[0])


def test_english_in_an_interview_in_german_is_judged_as_english() -> None:
    answer = (
        "I led the migration of the payment service. First we measured where the time went, then I added a unique key"
        " for each request, because retries had charged customers twice. In the end incidents fell by 40 percent."
    )
    assert not judge(PAYMENT, answer, language="de").text.startswith(TEXTS["de"]["untested"].split(",")[0])
