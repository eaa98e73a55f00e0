"""A résumé beside what a job asks for."""

from __future__ import annotations

import pytest
from contracts.documents.understanding import Gap, GapAnalysis, Requirement, Understanding
from documents.understanding import gaps
from understanding_cases import job, resume

RESUME = """Backend Engineer
Summary
Knows Kubernetes by heart.
Experience
Backend Engineer, Ledgerly, Jan 2023 - Present
- Built the ledger in Python on PostgreSQL.
- Ran Kafka for six teams.
Education
BSc Computer Science, UC Davis, 2019 - 2022
Skills
Terraform, Docker
Languages
English, German
"""
NOBODY = "Somebody\nInterests\nFishing"


def analysis(*requirements: Requirement, of: str = RESUME) -> GapAnalysis:
    read = resume(of)
    return gaps(read.understanding, read.chunks, Understanding(requirements=requirements))


def asked(line: str, of: str = RESUME) -> Gap:
    """What the résumé has to the only requirement of a job."""
    read = resume(of)
    offered = job(f"Engineer\nAbout us\nA firm.\nRequirements\n- {line}").understanding
    [gap] = gaps(read.understanding, read.chunks, offered).gaps
    return gap


def test_a_skill_that_an_entry_shows_is_covered_with_its_sentence() -> None:
    gap = asked("Good knowledge of Python")
    assert (gap.coverage, gap.skills) == ("covered", ("Python",))
    assert gap.evidence == "Built the ledger in Python on PostgreSQL."
    assert gap.source == gap.requirement == "Good knowledge of Python"


@pytest.mark.parametrize(
    ("line", "evidence"), [("Terraform", "Terraform, Docker"), ("Kubernetes", "Knows Kubernetes by heart.")]
)
def test_a_skill_that_is_only_listed_or_claimed_is_weak(line: str, evidence: str) -> None:
    gap = asked(line)
    assert (gap.coverage, gap.evidence) == ("weak", evidence)


def test_a_skill_that_is_nowhere_is_missing_without_evidence() -> None:
    gap = asked("Experience with Rust")
    assert (gap.coverage, gap.evidence) == ("missing", None)


def test_of_several_skills_one_makes_it_weak_and_all_cover_it() -> None:
    assert asked("Python and Rust").coverage == "weak"
    assert asked("Python, PostgreSQL and Kafka").coverage == "covered"
    assert asked("Rust and Haskell").coverage == "missing"


@pytest.mark.parametrize(
    "line",
    [
        "Rust or Python",
        "Rust, Java or Python",
        "Java / Python",
        "Rust, Python or Go",
        "Java oder Python",
        "Java或Python",
    ],
)
def test_of_alternatives_one_is_enough(line: str) -> None:
    assert asked(line).coverage == "covered"


def test_alternatives_stand_beside_what_is_asked_as_well() -> None:
    assert asked("Haskell, plus Rust or Python").coverage == "weak"


@pytest.mark.parametrize(
    ("line", "coverage"),
    [
        ("3+ years of Python", "covered"),
        ("5+ years of Python", "weak"),
        ("At least three years of professional experience", "covered"),
        ("5 years of professional experience", "weak"),
        ("10 years of professional experience", "missing"),
        ("12 years of Haskell", "missing"),
        ("2 years of experience with ledgers", "covered"),
        ("6 years of experience with ledgers", "weak"),
        ("2 years of experience with penguins", "weak"),
    ],
)
def test_years_that_are_asked_are_compared_with_those_shown(line: str, coverage: str) -> None:
    assert resume(RESUME).understanding.years == 3.8
    assert asked(line).coverage == coverage


def test_years_count_as_short_where_none_are_told() -> None:
    gap = asked("3 years of Python", of="Jo\nProjects\nGame\n- Wrote it in Python.")
    assert (gap.coverage, gap.evidence) == ("weak", "Wrote it in Python.")


@pytest.mark.parametrize(
    ("line", "coverage"),
    [
        ("Bachelor's degree in computer science", "covered"),
        ("A degree in chemistry", "weak"),
        ("PhD in computer science", "weak"),
        ("Fluent English and German", "covered"),
        ("Fluent English and French", "weak"),
        ("Sehr gute Deutschkenntnisse", "covered"),
        ("Fluent Hindi", "missing"),
    ],
)
def test_degrees_and_spoken_languages_are_compared(line: str, coverage: str) -> None:
    assert asked(line).coverage == coverage


def test_experience_may_stand_in_for_a_degree_where_the_job_says_so() -> None:
    unschooled = "Jo\nExperience\nNurse, Acme, 2015 - 2024\n- Was kind"
    assert asked("Degree in nursing or equivalent experience", of=unschooled).coverage == "weak"
    assert asked("Degree in nursing", of=unschooled).coverage == "missing"


def test_a_degree_and_a_skill_are_two_things() -> None:
    assert asked("Degree in computer science and Python").coverage == "covered"
    assert asked("PhD in Python").coverage == "weak"
    assert asked("Degree in computer science and Rust").coverage == "weak"


def test_other_requirements_go_by_their_words() -> None:
    shown = RESUME + "Experience\nTeacher, School, 2020 - 2021\n- Led classes for pupils with hearing loss."
    assert asked("Classes for pupils with hearing loss", of=shown).coverage == "covered"
    assert asked("Willingness to travel to our plants", of=shown).coverage == "missing"


def test_a_resume_that_says_nothing_has_all_missing() -> None:
    requirements = [Requirement(text="Python", skills=("Python",)), Requirement(text="5 years", years=5)]
    found = analysis(*requirements, Requirement(text="Kind to people"), of=NOBODY)
    assert {gap.coverage for gap in found.gaps} == {"missing"} and found.match == 0


def test_an_empty_resume_is_compared_too() -> None:
    found = gaps(Understanding(), (), Understanding(requirements=(Requirement(text="Python", skills=("Python",)),)))
    assert found.match == 0


def test_without_requirements_there_is_no_match() -> None:
    assert analysis() == GapAnalysis(gaps=(), match=None)


def test_a_weak_one_counts_half_and_a_nice_one_half_as_much_as_a_must() -> None:
    covered = Requirement(text="Python", skills=("Python",))
    weak = Requirement(text="Terraform", skills=("Terraform",))
    missing = Requirement(text="Rust", skills=("Rust",), must=False)
    assert analysis(covered, weak, missing).match == pytest.approx((1 + 0.5) / 2.5)


def test_each_requirement_has_its_gap_in_order() -> None:
    requirements = [Requirement(text=f"Thing {number}", must=number % 2 == 0) for number in range(5)]
    found = analysis(*requirements)
    assert [(gap.requirement, gap.must) for gap in found.gaps] == [(each.text, each.must) for each in requirements]


def test_a_job_and_its_own_words_match() -> None:
    offered = job(
        "Engineer\nAbout us\nA firm.\nRequirements\n- Kafka\n- Python\n- 2 years of PostgreSQL\nBenefits\n- Tea"
    )
    read = resume(RESUME)
    assert gaps(read.understanding, read.chunks, offered.understanding).match == 1
