"""The promises the packaged question bank makes, and what the loader says to a file that breaks one."""

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from interviewer.bank import BankQuestion, Domain, QuestionBank
from pydantic import ValidationError

BANK = QuestionBank.load()
QUESTIONS = [question for domain in BANK.domains for question in domain.questions]
SPOKEN = [(q.id, text) for q in QUESTIONS for text in (q.text, *(each.text for each in q.follow_ups))]

EXPECTED_DOMAINS = {
    "general_behavioral",
    "backend",
    "frontend",
    "data_engineering",
    "machine_learning",
    "devops",
    "security",
    "system_design",
    "algorithms_coding",
    "mobile",
    "qa_testing",
    "product_management",
    "engineering_management",
    "ux_design",
    "sales",
    "customer_support",
    "data_analysis",
    "finance",
    "healthcare",
    "education",
    "project_management",
    "human_resources",
    "marketing",
    "databases",
}

# Words that almost any answer contains suggest nothing about a point.
EMPTY_CUES = {
    "and", "application", "ask", "because", "change", "clear", "code", "customer", "data",
    "design", "different", "early", "fix", "good", "hard", "help", "how", "i", "instead", "it",
    "job", "keep", "learn", "line", "list", "make", "need", "new", "now", "number", "page",
    "people", "problem", "product", "project", "question", "read", "service", "small", "software",
    "something", "still", "step", "stop", "system", "team", "tell", "the", "thing", "think",
    "time", "today", "try", "use", "used", "user", "users", "want", "wanted", "we", "why", "work",
    "worked", "working", "wrong", "you",
}  # fmt: skip
STOCK_OPENERS = ("great", "so", "okay", "ok", "well", "thanks", "thank", "now", "alright", "perfect")

each_domain = pytest.mark.parametrize("domain", BANK.domains, ids=lambda d: d.domain)
each_question = pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q.id)


def squeezed(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))


def occurs(cue: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(cue)}(?!\w)", text.lower()) is not None


# --- the packaged content ---


def test_every_promised_domain_is_there() -> None:
    assert {domain.domain for domain in BANK.domains} >= EXPECTED_DOMAINS


@each_domain
def test_a_domain_has_enough_questions_of_every_kind(domain: Domain) -> None:
    difficulties = Counter(question.difficulty for question in domain.questions)
    phases = Counter(question.phase for question in domain.questions)
    assert len(domain.questions) >= 15
    assert min(difficulties[level] for level in ("easy", "medium", "hard")) >= 4
    if domain.domain == "general_behavioral":
        assert set(phases) == {"behavioral"}
    else:
        assert phases["behavioral"] >= 3
        assert phases["technical"] >= 3


def test_ids_and_spoken_texts_are_unique() -> None:
    ids = Counter(question.id for question in QUESTIONS)
    texts = Counter(squeezed(text) for _, text in SPOKEN)
    assert [id for id, count in ids.items() if count > 1] == []
    assert [text for text, count in texts.items() if count > 1] == []


@each_question
def test_a_question_is_one_speakable_question(question: BankQuestion) -> None:
    words = question.text.split()
    assert question.text.count("?") == 1
    assert question.text.endswith("?")
    assert 10 <= len(words) <= 45
    assert squeezed(words[0]) not in STOCK_OPENERS
    assert "and also" not in question.text.lower()


@each_question
def test_a_question_has_two_follow_ups_of_one_question_each(question: BankQuestion) -> None:
    assert len(question.follow_ups) == 2
    for follow_up in (each.text for each in question.follow_ups):
        assert follow_up.count("?") == 1
        assert follow_up.endswith("?")
        assert 5 <= len(follow_up.split()) <= 35


@each_question
def test_points_are_sentences_with_specific_cues(question: BankQuestion) -> None:
    assert 3 <= len(question.shows) <= 5
    for point in question.shows:
        assert point.point[0].isupper()
        assert len(point.point.split()) >= 2
        assert not point.cues or 4 <= len(point.cues) <= 10
        assert len(set(point.cues)) == len(point.cues)
        assert all(cue == cue.lower().strip() for cue in point.cues)
        assert not EMPTY_CUES & set(point.cues)


@each_question
def test_repeating_the_question_suggests_no_point(question: BankQuestion) -> None:
    heard = [cue for point in question.shows for cue in point.cues if occurs(cue, question.text)]
    assert heard == []


# --- looking up ---


def test_a_question_is_found_by_its_id() -> None:
    assert BANK.question("backend-idempotent-writes").domain == "backend"


def test_an_unknown_id_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        BANK.question("backend-no-such-question")


def test_the_bank_is_loaded_once_and_cannot_be_changed() -> None:
    assert QuestionBank.load() is BANK
    with pytest.raises(ValidationError):
        BANK.domains = ()  # type: ignore[misc]


# --- choosing domains ---


@pytest.mark.parametrize(
    ("job_role", "best"),
    [
        ("Senior Backend Engineer", "backend"),
        ("Back-End Developer", "backend"),
        ("Java Developer", "backend"),
        ("Python/Django developer", "backend"),
        ("Golang engineer", "backend"),
        ("JavaScript Developer", "frontend"),
        ("React engineer", "frontend"),
        ("Data Engineer", "data_engineering"),
        ("Machine Learning Engineer", "machine_learning"),
        ("Data Scientist", "machine_learning"),
        ("Site Reliability Engineer", "devops"),
        ("DevOps Lead", "devops"),
        ("Application Security Engineer", "security"),
        ("Penetration tester", "security"),
        ("React Native engineer", "mobile"),
        ("Solutions Architect", "system_design"),
        ("iOS Developer", "mobile"),
        ("Android engineer", "mobile"),
        ("QA Engineer", "qa_testing"),
        ("Software Engineer in Test", "qa_testing"),
        ("Product Manager", "product_management"),
        ("Product Owner", "product_management"),
        ("Engineering Manager", "engineering_management"),
        ("Head of Engineering", "engineering_management"),
        ("UX Designer", "ux_design"),
        ("Product designer", "ux_design"),
        ("Account Executive", "sales"),
        ("Customer Support Specialist", "customer_support"),
        ("Data Analyst", "data_analysis"),
        ("BI analyst", "data_analysis"),
        ("Product analytics lead", "data_analysis"),
        ("Analytics Engineer", "data_engineering"),
        ("Business Intelligence Developer", "data_analysis"),
        ("Financial Analyst", "finance"),
        ("Senior Accountant", "finance"),
        ("Controller", "finance"),
        ("FP&A Manager", "finance"),
        ("Internal auditor", "finance"),
        ("Credit risk analyst", "finance"),
        ("Registered Nurse", "healthcare"),
        ("Care Coordinator", "healthcare"),
        ("Medical assistant", "healthcare"),
        ("Pharmacist", "healthcare"),
        ("Physician", "healthcare"),
        ("High school teacher", "education"),
        ("Teaching assistant", "education"),
        ("Instructional Designer", "education"),
        ("University lecturer", "education"),
        ("Project Manager", "project_management"),
        ("Technical Program Manager", "project_management"),
        ("Scrum Master", "project_management"),
        ("Delivery lead", "project_management"),
        ("HR business partner", "human_resources"),
        ("Digital marketing manager", "marketing"),
        ("Content Strategist", "marketing"),
        ("SEO Specialist", "marketing"),
        ("Brand Manager", "marketing"),
        ("Growth Manager", "product_management"),
        ("Database administrator", "databases"),
        ("PostgreSQL DBA", "databases"),
        ("SQL Server developer", "databases"),
        ("Technical Recruiter", "human_resources"),
        ("Talent Acquisition Manager", "human_resources"),
        ("Head of People Operations", "human_resources"),
    ],
)
def test_the_best_domain_for_a_role(job_role: str, best: str) -> None:
    assert BANK.domains_for(job_role)[0] == best


@pytest.mark.parametrize(
    "job_role",
    ["Software Engineer (Python, AWS)", "developer", "Senior Full-Stack Developer", "fullstack engineer"],
)
def test_a_generalist_is_asked_a_bit_of_everything(job_role: str) -> None:
    assert BANK.domains_for(job_role) == ("backend", "frontend", "system_design", "algorithms_coding")


def test_a_description_orders_the_generalist_mix() -> None:
    chosen = BANK.domains_for("Software Engineer", "You build our web client in TypeScript, React and CSS.")
    assert chosen[0] == "frontend"
    assert set(chosen) == {"backend", "frontend", "system_design", "algorithms_coding"}


@pytest.mark.parametrize("job_role", ["", "Florist", "Security guard", "Train driver"])
def test_an_unknown_role_is_asked_general_questions(job_role: str) -> None:
    assert BANK.domains_for(job_role) == ("general_behavioral",)


def test_a_description_decides_when_the_role_says_nothing() -> None:
    chosen = BANK.domains_for("Wizard", "Our wizards write Swift and Kotlin for the iOS and Android apps.")
    assert chosen == ("mobile",)


def test_the_role_outweighs_the_description() -> None:
    description = "React, TypeScript, CSS, HTML, Vue and Angular are what our customers use."
    chosen = BANK.domains_for("Backend Engineer", description)
    assert chosen == ("backend", "frontend")


def test_a_field_mentioned_in_passing_is_not_added_to_a_clear_role() -> None:
    assert BANK.domains_for("Frontend Engineer", "You work with our product manager.") == ("frontend",)


FOLLOW_UP = {"text": "What then?", "shows": ["Says what then"]}


def a_question(**changes: Any) -> dict[str, Any]:
    point = {"point": "Says why it matters", "cues": ["because", "reason", "matters", "why"]}
    question = {
        "id": "tiny-first",
        "phase": "technical",
        "difficulty": "easy",
        "text": "How do you begin?",
        "shows": [point, point, point],
        "plainer": "You begin. How?",
        "follow_ups": [FOLLOW_UP, FOLLOW_UP],
    }
    return question | changes


@pytest.fixture
def load(tmp_path: Path) -> Callable[..., QuestionBank]:
    def write_and_load(*questions: Any, roles: tuple[str, ...] = ("tiny",)) -> QuestionBank:
        content = {"domain": "tiny", "title": "t", "roles": list(roles), "questions": list(questions)}
        (tmp_path / "tiny.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
        return QuestionBank.load(tmp_path)

    return write_and_load


@pytest.mark.parametrize(
    ("phrase", "job_role", "matches"),
    [
        ("go", "Go engineer", True),
        ("go", "good engineer", False),
        ("go", "Django engineer", False),
        ("java", "Java/Kotlin", True),
        ("java", "JavaScript", False),
        ("c", "C++ engineer", False),
        ("c++", "Senior C++ engineer", True),
        ("c#", "C# (backend)", True),
        ("node.js", "Node.js engineer", True),
        ("back-end", "back end lead", True),
        ("api", "APIs", True),
    ],
)
def test_role_phrases_match_whole_words(
    load: Callable[..., QuestionBank], phrase: str, job_role: str, matches: bool
) -> None:
    bank = load(a_question(), roles=(phrase,))
    assert (bank.domains_for(job_role) == ("tiny",)) is matches


# --- a file that breaks the schema ---


@pytest.mark.parametrize(
    "changes",
    [
        {"text": "Tell me how you begin."},
        {"text": "How do you begin? Why?"},
        {"follow_ups": [FOLLOW_UP]},
        {"follow_ups": [FOLLOW_UP, FOLLOW_UP | {"text": "What else? Where?"}]},
        {"follow_ups": [FOLLOW_UP, FOLLOW_UP | {"shows": []}]},
        {"follow_ups": [FOLLOW_UP] * 3},
        {"plainer": "Tell me."},
        {"shows": []},
        {"shows": [{"point": "Says why", "cues": ["One", "two", "three", "four"]}] * 3},
        {"shows": [{"point": "Says why", "cues": ["one", "two", "three"]}] * 3},
        {"shows": [{"point": "Says why", "cues": ["one", "two", "three", 4]}] * 3},
        {"difficulty": "brutal"},
        {"phase": "closing"},
        {"id": "other-first"},
        {"colour": "blue"},
    ],
)
def test_a_bad_question_is_refused_by_file_and_name(load: Callable[..., QuestionBank], changes: dict[str, Any]) -> None:
    question = a_question(**changes)
    with pytest.raises(ValueError, match=rf"tiny\.yaml: question {question['id']}"):
        load(question)


def test_an_id_used_twice_is_refused(load: Callable[..., QuestionBank]) -> None:
    with pytest.raises(ValueError, match=r"tiny\.yaml: question tiny-first"):
        load(a_question(), a_question(text="How do you end?"))


def test_a_question_that_is_not_a_mapping_is_refused(load: Callable[..., QuestionBank]) -> None:
    with pytest.raises(ValueError, match=r"tiny\.yaml: question number 1"):
        load("How do you begin?")


def test_a_file_that_is_not_a_bank_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text("domain: [", encoding="utf-8")
    with pytest.raises(ValueError, match=r"broken\.yaml"):
        QuestionBank.load(tmp_path)


def test_a_directory_without_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no question bank files"):
        QuestionBank.load(tmp_path)
