"""What a job description asks for, must and nice."""

from __future__ import annotations

import pytest
from documents.understanding.requirements import degree_in, years_in
from documents.understanding.spoken import spoken_in
from understanding_cases import job


def asked(*lines: str, heading: str = "Requirements") -> list[tuple[str, bool]]:
    text = f"Engineer\nAbout us\nA firm.\n{heading}\n" + "\n".join(f"- {line}" for line in lines)
    return [(each.text, each.must) for each in job(text).understanding.requirements]


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("5+ years of experience", 5),
        ("3-5 years", 3),
        ("2 to 4 years of sales", 2),
        ("at least six years", 6),
        ("mindestens drei Jahre Berufserfahrung", 3),
        ("Minimum 3 ans d'expérience", 3),
        ("mínimo dos años", 2),
        ("3年以上Java开发经验", 3),
        ("5年以上の経験", 5),
        ("कम से कम 4 वर्षों का अनुभव", 4),
        ("не менее 3 лет", 3),
        ("3 anos de experiência", 3),
        ("ten (10) years", 10),
        ("1.5 years", 1.5),
        ("18 years old", None),
        ("founded 30 years ago", None),
        ("in 2020 we moved", None),
        ("100 years", None),
    ],
)
def test_years_in_many_languages(text: str, years: float | None) -> None:
    assert years_in(text) == years


@pytest.mark.parametrize(
    "wish",
    [
        *(
            "Kafka is a plus",
            "Kafka preferred",
            "Ideally you know Kafka",
            "Kafka (nice to have)",
            "Bonus: Kafka",
            "Kafka desirable",
        ),
        *("Kafka von Vorteil", "Idealerweise Kafka", "Kafka wünschenswert", "Kafka serait un plus", "Idéalement Kafka"),
        *(
            "Se valorará Kafka",
            "Kafka deseable",
            "有Kafka经验者优先",
            "Kafka mile widziana",
            "Kafka будет плюсом",
            "Kafka尚可",
        ),
    ],
)
def test_wishes_in_many_languages_among_musts(wish: str) -> None:
    assert asked("Python", wish) == [("Python", True), (wish, False)]


@pytest.mark.parametrize(
    "heading", ["Nice to have", "Bonus points", "Preferred qualifications", "Pluspunkte", "加分项"]
)
def test_all_under_a_heading_of_wishes_is_nice(heading: str) -> None:
    assert asked("Kafka", "Rust required for some teams", heading=heading) == [
        ("Kafka", False),
        ("Rust required for some teams", False),
    ]


def test_a_sentence_with_both_is_parted() -> None:
    assert asked("Salesforce required; HubSpot a plus") == [("Salesforce required", True), ("HubSpot a plus", False)]
    assert asked("You speak English; Spanish is helpful") == [
        ("You speak English", True),
        ("Spanish is helpful", False),
    ]


def test_a_wish_with_commas_is_not_torn_apart() -> None:
    line = "Experience with Kafka, Flink, and Spark is a plus"
    assert asked(line) == [(line, False)]


def test_duties_perks_and_the_company_ask_for_nothing() -> None:
    text = "Nurse\nAbout us\nWe need Python.\nResponsibilities\n- Build in Go\nBenefits\n- 5 years of free tea"
    assert job(text).understanding.requirements == ()


def test_running_text_asks_where_it_says_so() -> None:
    text = "We build boats. You must have experience with Python. The sea is wide. Ideally you have worked with Spark."
    assert [(each.text, each.must) for each in job(text).understanding.requirements] == [
        ("You must have experience with Python.", True),
        ("Ideally you have worked with Spark.", False),
    ]


def test_a_requirement_knows_its_skills_years_and_chunk() -> None:
    found = job("Engineer\nAbout us\nA firm.\nRequirements\n- 4+ years of Python and Kafka")
    [each] = found.understanding.requirements
    assert (each.years, each.skills) == (4, ("Python", "Kafka"))
    assert each.chunk_index is not None and each.text in found.chunks[each.chunk_index].text


def test_degrees_and_languages() -> None:
    assert degree_in("Bachelor's or Master's degree in physics") == 1
    assert degree_in("MSc in physics") == 2 and degree_in("Promotion in Physik") == 3
    assert degree_in("Kind and patient") is None
    assert spoken_in("Deutsch, English and français") == {"de", "en", "fr"}
