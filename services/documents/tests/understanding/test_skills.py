"""Which skills a line names, and which it does not."""

from __future__ import annotations

from pathlib import Path

import pytest
from documents.understanding.skills import mentions_in, shares_of
from documents.understanding.taxonomy import taxonomy

BANKS = Path(__file__).parents[3] / "interviewer" / "interviewer" / "bank"


def named(line: str, section: str = "experience") -> list[str]:
    return [mention.skill.name for mention in mentions_in(line, section)]


@pytest.mark.parametrize(
    "line",
    [
        "React to incidents within minutes.",
        "Quick to react, ready to go.",
        "We go the extra mile and go live in May.",
        "I excel at making shy pupils speak.",
        "Excel in all weathers.",
        "Go to market in Canada.",
        "Spring 2023: ran the kitchen for six.",
        "Joined in Spring 2023 with Acme.",
        "spring into action",
        "Express deliveries, express interest, express lane.",
        "An express interest in payments",
        "Assembly of furniture and assembly lines",
        "General Assembly of the United Nations",
        "no rust on the hinges",
        "Swift replies to clients; swift and rust-free.",
        "Vitamin C for the cast",
        "C-level visits and a C-suite adviser",
        "plan B and plan C ready",
        "Grade C in physics",
        "R&D budget of two million",
        "Series A and R rated films",
        "Ms. Julia Scala and Ruby Hernandez praised the dart league",
        "a hive of activity, a puppet theatre, a chef and a sentry",
        "Access to a large network; word of mouth; outlook for the year.",
        "Sketch first, ask questions later; I sketch on paper.",
        "make things happen, make sure, make an effort",
        "less is more",
        "rest of the team, a flash of light, a flask of tea",
        "Kept a lean budget and lit a fire",
        "Node of the network and a sage remark",
        "We ran at a steady pace with the cluster of shops",
        "Safe driving and a safe environment",
        "example.net and main.go",
        "Chef de cuisine at the Ritz",
        "Worked with Chef Ramsay",
        "The Oracle of Omaha, a play",
        "Zoom in on details",
        "Unity of purpose among teams",
        "Led the Combine harvester team",
        "A fresh segment of the market",
        "Helm of the ship in rough weather",
        "Dart league champion",
        "shell company",
        "send it again, stem the tide, soap opera and spa manager",
        "an influx of guests within the timescale, dovetail with them",
        "Led a team in Phoenix and with Ray near Aurora",
        "Carried the torch at a feast by the rails",
        "Barclays PLC and Tesco plc",
        "https://acme.example and reply_js or python_name",
    ],
)
def test_ordinary_words_are_no_skills(line: str) -> None:
    assert named(line) == []


@pytest.mark.parametrize(
    ("line", "skills"),
    [
        ("Own the ledger service, written in Go and backed by Postgres", ["Go", "PostgreSQL"]),
        ("Firmware in C and Assembly for STM32; C++ tests", ["C", "Assembly", "Microcontrollers", "C++"]),
        ("Must have worked with Spark or Flink", ["Apache Spark", "Apache Flink"]),
        ("Wrote Spark jobs in Scala.", ["Apache Spark", "Scala"]),
        ("Statistics in R and Python", ["R", "Python"]),
        ("Go, Python and Rust in production", ["Go", "Python", "Rust"]),
        ("Built goroutines; Go routines everywhere", ["Go"]),
        ("Spring Boot and Spring Framework", ["Spring Boot", "Spring"]),
        ("Proficient in Excel and Word", ["Microsoft Excel", "Microsoft Word"]),
        ("Excel spreadsheets for the board", ["Microsoft Excel"]),
        ("Ported the shop to React with Redux", ["React", "Redux"]),
        ("iOS apps in Swift", ["iOS", "Swift"]),
        ("Node.js, Express and MongoDB", ["Node.js", "Express", "MongoDB"]),
        ("C/C++/C#", ["C", "C++", "C#"]),
        (".NET and ASP.NET MVC", [".NET", "ASP.NET"]),
        ("CI/CD with Jenkins on AWS", ["CI/CD", "Jenkins", "AWS"]),
        ("Senior Java developer, JavaScript too", ["Java", "JavaScript"]),
        ("Led go-to-market for two products", ["Go-to-market"]),
    ],
)
def test_skills_are_found_with_context(line: str, skills: list[str]) -> None:
    assert named(line) == skills


@pytest.mark.parametrize(
    ("line", "skills"),
    [
        ("Java-Entwicklung mit Spring-Boot und SQL-Kenntnissen", ["Java", "Spring Boot", "SQL"]),
        ("Desarrollo de API REST con Java y Angular", ["REST APIs", "Java", "Angular"]),
        ("Développement en Python et Django, tests avec Jest et Cypress", ["Python", "Django", "Jest", "Cypress"]),
        ("Programowanie w Python i Go", ["Python", "Go"]),
        ("Писал сервисы на Go и PostgreSQL", ["Go", "PostgreSQL"]),
        ("使用Go和Kafka搭建订单系统", ["Go", "Kafka"]),
        ("熟悉Spring Boot、MySQL、Redis", ["Spring Boot", "MySQL", "Redis"]),
        ("ReactとTypeScriptで予約画面を開発", ["React", "TypeScript"]),
        ("React और Node.js में ग्राहक पोर्टल बनाया", ["React", "Node.js"]),
        ("React와 Docker를 사용", ["React", "Docker"]),
    ],
)
def test_latin_names_are_found_in_any_language(line: str, skills: list[str]) -> None:
    assert named(line) == skills


def test_in_a_list_of_skills_short_names_count() -> None:
    assert named("R, Go, C, Excel (advanced), Swift; Express", "skills") == [
        *("R", "Go", "C", "Microsoft Excel", "Swift", "Express")
    ]
    assert named("Advanced Excel", "skills") == ["Microsoft Excel"]
    assert named("Languages: Go, Rust", "skills") == ["Go", "Rust"]
    assert named("I go where others stay", "skills") == []


def test_hobbies_and_perks_name_no_skills() -> None:
    assert named("Go, Python (the snake), Docker", "interests") == []
    assert named("Slack, Excel courses", "benefits") == []


def test_a_mention_is_where_its_words_stand() -> None:
    line = "Ran K8s and kubernetes clusters"
    assert [line[each.start : each.end] for each in mentions_in(line)] == ["K8s", "kubernetes"]


def test_there_are_enough_skills_and_no_alias_means_two_of_them() -> None:
    known = taxonomy()  # raises where an alias is there twice
    assert len(known.skills) >= 600
    assert sum(map(len, known.aliases.values())) >= 3_000


def test_every_name_finds_its_skill_in_a_list() -> None:
    lost = [name for name in taxonomy().skills if name not in named(name, "skills")]
    assert lost == []


def test_domains_are_those_of_the_question_banks() -> None:
    banks = {path.stem for path in BANKS.glob("*.yaml")}
    assert {domain for skill in taxonomy().skills.values() for domain in skill.domains} <= banks


def test_shares_of_domains_sum_up_to_one_and_the_largest_comes_first() -> None:
    skills = taxonomy().skills
    shares = shares_of(iter([(skills["Kubernetes"], 3), (skills["Figma"], 1)]))
    assert next(iter(shares)) == "devops" and sum(shares.values()) == pytest.approx(1, abs=0.01)
    assert shares_of(iter(())) == {}
