"""Sections, jobs, years, titles and seniority."""

from __future__ import annotations

from datetime import date

import pytest
from documents.understanding.dates import range_in
from documents.understanding.sections import sections_of
from understanding_cases import TODAY, job, parsed, resume

JOBS = "Jo\nExperience\n"


def years(*heads: str) -> float | None:
    return resume(JOBS + "\n".join(f"{head}\n- Did things with care for all" for head in heads)).understanding.years


@pytest.mark.parametrize(
    ("line", "start", "end"),
    [
        ("Jan 2019 – Mar 2022", (2019, 1), (2022, 4)),
        ("03/2018 - 05/2020", (2018, 3), (2020, 6)),
        ("2016-02 – 2016-04", (2016, 2), (2016, 5)),
        ("Jun '16 – Dec '18", (2016, 6), (2019, 1)),
        ("2015 - 2018", (2015, 1), (2018, 1)),
        ("seit April 2017", (2017, 4), None),
        ("marzo 2012 - actualidad", (2012, 3), None),
        ("mars 2021 – aujourd'hui", (2021, 3), None),
        ("2021.06 - 至今", (2021, 6), None),
        ("2018年4月～2021年3月", (2018, 4), (2021, 4)),
        ("2018년 5월부터 현재까지", (2018, 5), None),
        ("जनवरी 2021 से अब तक", (2021, 1), None),
        ("март 2020 – настоящее время", (2020, 3), None),
        ("od maja 2016", (2016, 5), None),
        ("Summer 2022 - present", (2022, 6), None),
    ],
)
def test_ranges_of_dates_in_many_languages(line: str, start: tuple[int, int], end: tuple[int, int] | None) -> None:
    found = range_in(line)
    assert found and not found.single
    assert found.start == start[0] * 12 + start[1]
    assert found.end == (end and end[0] * 12 + end[1])


@pytest.mark.parametrize("line", ["24/7 on call", "ISO 27001:2013", "12.5 - 13.7", "Room 2019b", "0800 1234", "99/99"])
def test_other_numbers_are_no_ranges(line: str) -> None:
    found = range_in(line)
    assert found is None or found.single


def test_a_future_date_is_today_at_most() -> None:
    found = range_in("Jan 2025 - Dec 2030")
    assert found and found.months(date(2026, 11, 1)) == (2025 * 12 + 1, 2026 * 12 + 11)


def test_jobs_that_overlap_count_once() -> None:
    assert years("Nurse, A, Jan 2020 - Dec 2022", "Nurse, B, Jan 2021 - Dec 2021") == 3.0


def test_gaps_do_not_count() -> None:
    assert years("Nurse, A, Jan 2020 - Dec 2020", "Nurse, B, Jan 2023 - Dec 2023") == 2.0


def test_years_without_months_leave_no_gap_within_one_year() -> None:
    assert years("Nurse, A, 2018 - 2021", "Nurse, B, Oct 2021 - Dec 2022") == 5.0


def test_internships_and_schools_are_no_experience() -> None:
    assert years("Marketing Intern, A, Jan 2024 - Dec 2025") == 0.0
    assert resume("Jo\nEducation\nBSc, School, 2015 - 2019").understanding.years is None


def test_years_that_are_claimed_count_where_no_dates_tell() -> None:
    claimed = (
        "Jo\nSummary\nNurse with twelve years of experience.\nExperience\nNurse, A\n- Did things with care for all"
    )
    assert resume(claimed).understanding.years == 12
    assert resume(claimed.replace("Nurse, A", "Nurse, A, Jan 2025 - Dec 2025")).understanding.years == 1.0


def test_the_title_is_that_of_the_job_held_now_wherever_it_stands() -> None:
    text = (
        JOBS
        + "Baker, A, 2010 - 2012\n- Did things\nNurse, B, 2015 - Present\n- Did things\nCook, C, 2012 - 2015\n- Did"
    )
    assert resume(text).understanding.title == "Nurse"


@pytest.mark.parametrize(
    ("head", "rank"),
    [
        ("Senior Nurse, A, Jan 2026 - Present", "senior"),
        ("Junior Developer, A, 2005 - Present", "junior"),
        ("Nurse, A, Jan 2026 - Present", "junior"),
        ("Nurse, A, Jan 2023 - Present", "mid"),
        ("Nurse, A, Jan 2010 - Present", "senior"),
        ("Head of Nursing, A, 2020 - Present", "lead"),
        ("Chief Technology Officer, A, 2020 - Present", "executive"),
        ("Werkstudent Softwareentwicklung, A, 2024 - heute", "intern"),
        ("Account Executive, A, 2023 - Present", "mid"),
    ],
)
def test_seniority_is_the_titles_else_the_years(head: str, rank: str) -> None:
    assert resume(f"{JOBS}{head}\n- Did things with care for all").understanding.seniority == rank


def test_achievements_under_a_job_do_not_end_the_jobs() -> None:
    text = (
        "Jo\nWork Experience\nA\nNurse (2020 - Present)\nAchievements:\n- Of the year\nB\nCook (2015 - 2020)\n- Cooked"
    )
    [section] = [each for each in sections_of(parsed(text)) if each.name == "experience"]
    assert [entry.title for entry in section.entries] == ["Nurse", "Cook"]


def test_a_resume_without_headings_is_all_head() -> None:
    found = resume("Nurse with a heart for the old. I have worked in three houses since 2010 and like it.")
    assert found.understanding.sections == ("header",) and found.chunks


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Senior Backend Engineer (m/f/d)\nAbout us\nA firm.", "Senior Backend Engineer (m/f/d)"),
        ("Job Title: Registered Nurse\nRequirements\n- Kind", "Registered Nurse"),
        ("We are hiring a Marketing Manager for our Madrid office. You will travel.", "Marketing Manager"),
        ("Wir suchen zum nächstmöglichen Zeitpunkt einen Buchhalter in Vollzeit für Kassel.", "Buchhalter"),
        ("Nous recherchons un développeur Python pour notre équipe de Lyon.", "développeur Python"),
    ],
)
def test_the_title_of_a_job_is_the_one_offered(text: str, title: str) -> None:
    assert job(text).understanding.title == title


def test_years_asked_are_the_most_that_a_must_asks() -> None:
    text = "Coder\nAbout us\nA firm.\nRequirements\n- 2 years of Go\n- 5+ years of Python\n- 9 years of Rust are a plus"
    assert job(text).understanding.years == 5


def test_highlights_are_points_of_entries_with_results_first() -> None:
    text = JOBS + "Nurse, A, 2019 - Present\n- Was kind to everybody there\n- Cut waiting times by 30% in a year"
    assert resume(text).understanding.summary.experience_highlights == (
        "Was kind to everybody there",
        "Cut waiting times by 30% in a year",
    )


def test_today_is_in_the_future_of_the_fixtures() -> None:
    assert date(2026, 1, 1) < TODAY
