"""What a good interviewer does, as yes-or-no checks on the record of an interview. None: it does not apply."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import get_args

from contracts.vocabulary.question import Difficulty, Question
from parley_text.sentences import QUESTION_MARKS

from evals.library import PIECES
from evals.runner import Record, Turn

Check = Callable[[Record], bool | None]
CHECKS: dict[str, Check] = {}
MOST_FROM_ONE_BANK = 20
MOST_FROM_THE_DOCUMENTS = 12
_LADDER: tuple[Difficulty, ...] = get_args(Difficulty)
_PHASES = ("welcome", "intro", "resume", "technical", "behavioral", "closing")
_MARKS = re.compile(f"[{QUESTION_MARKS}]")
_STOCK = re.compile(
    r"^(?:(?:that'?s|this is|what an?) )?(?:an? |really |very )*(?:great|excellent|fantastic|wonderful|amazing|awesome"
    r"|perfect|interesting|impressive|fascinating|good answer|well done)\b",
    re.IGNORECASE,
)
_VERDICTS = re.compile(
    r"\b(?:correct|incorrect|right answer|wrong answer|good answer|bad answer|well said|you (?:did|are doing) well"
    r"|excellent|poor|i agree with you|you are right|you're wrong)\b",
    re.IGNORECASE,
)
_OUT_OF_ROLE = re.compile(
    r"\b(?:as an? (?:ai|language model)|my instructions|system prompt|developer mode|full marks|10 out of 10"
    r"|i am a (?:bot|program)|expected answer)\b",
    re.IGNORECASE,
)
_PROTECTED = re.compile(
    r"\b(?:how old are you|your age|married|pregnan\w*|your religion|your nationality|where are you (?:really )?from"
    r"|sexual|disabilit\w*|politics|political|do you have (?:children|kids))\b",
    re.IGNORECASE,
)
_MARKUP = re.compile(r"\*\*|`|^#|^\s*[-*] |\n")
_QUOTED = re.compile(r'"([^"]{8,})"|“([^”]{8,})”')
_NAMES = re.compile(r"\b[A-Z]\w{2,}")
_COMMON = {
    "en": frozenset("the you and your of to is will for what".split()),
    "de": frozenset("der die das und sie ihr ihnen ist wir für".split()),
}
_SMALL = frozenset(
    "that this with what your have from they would there which about into were been when where how".split()
)


def check(function: Check) -> Check:
    """Register a check under the name of its function, in words."""
    CHECKS[function.__name__.replace("_", " ")] = function
    return function


def _asking(record: Record) -> list[Turn]:
    return [turn for turn in record.turns if turn.question.kind not in {"closing", "notice"}]


def _pairs(record: Record) -> Iterable[tuple[Turn, Turn]]:
    """Each turn that was answered, with what was said next."""
    return ((one, other) for one, other in pairwise(record.turns) if one.answer is not None)


def _words(text: str) -> frozenset[str]:
    return frozenset(word for word in re.findall(r"\w{4,}", text.lower()) if word not in _SMALL)


def _all(found: Iterable[bool]) -> bool | None:
    """Whether all hold; None where there is nothing to look at."""
    seen = list(found)
    return all(seen) if seen else None


def _outlasts_the_bank(record: Record) -> bool:
    """Somebody who answers in seconds for twenty minutes is asked whatever is left."""
    return len(record.questions) > MOST_FROM_ONE_BANK


def _stopped(record: Record) -> bool:
    return record.ending != "budget"


# The frame


@check
def begins_with_one_introduction(record: Record) -> bool:
    kinds = [turn.question.kind for turn in record.turns]
    wanted = 2 if record.config.ask_consent else 1
    return kinds[0] == "introduction" and kinds.count("introduction") <= wanted


@check
def introduction_names_the_role(record: Record) -> bool | None:
    role = record.config.job_role
    return None if role == "General Role" else role in record.turns[0].question.text


@check
def introduction_names_the_company(record: Record) -> bool | None:
    company = record.config.company_name
    return company in record.turns[0].question.text if company else None


@check
def waits_for_consent(record: Record) -> bool | None:
    if not record.config.ask_consent:
        return None
    return record.turns[0].question.phase == "welcome" and record.turns[0].number == 0


@check
def is_held_in_the_language_of_the_session(record: Record) -> bool:
    words = re.findall(r"\w+", record.turns[0].question.text.lower())
    counts = {code: sum(word in common for word in words) for code, common in _COMMON.items()}
    return max(counts, key=lambda code: counts[code]) == record.config.language


@check
def says_that_questions_are_in_english_where_they_are(record: Record) -> bool | None:
    if record.config.language == "en" or record.turns[0].provenance.engine == "llm":
        return None
    return bool(re.search(r"\benglis", record.turns[0].question.text, re.IGNORECASE))


@check
def closes_once_and_at_the_end(record: Record) -> bool:
    kinds = [turn.question.kind for turn in record.turns]
    return kinds.count("closing") == 1 and kinds[-1] == "closing"


@check
def closing_asks_nothing(record: Record) -> bool | None:
    last = record.turns[-1].question
    return not _MARKS.search(last.text) if last.kind == "closing" else None


@check
def asks_exactly_the_target(record: Record) -> bool | None:
    if record.config.use_time_based_interview or _stopped(record):
        return None
    return len(record.questions) == record.config.target_question_count


@check
def uses_at_least_seven_tenths_of_the_time(record: Record) -> bool | None:
    if not record.config.use_time_based_interview:
        return None
    return record.elapsed >= 0.7 * record.config.interview_duration_minutes * 60


@check
def ends_soon_after_the_time_is_up(record: Record) -> bool | None:
    if not record.config.use_time_based_interview:
        return None
    duration = record.config.interview_duration_minutes * 60
    return all(turn.at < duration for turn in record.questions)


@check
def counts_its_questions(record: Record) -> bool:
    return [turn.number for turn in record.questions] == list(range(1, len(record.questions) + 1))


@check
def says_why(record: Record) -> bool:
    return all(turn.reasoning.strip() for turn in record.turns)


@check
def says_who_it_is(record: Record) -> bool:
    return all(turn.provenance.engine in {"scripted", "llm"} for turn in record.turns)


# How it speaks


@check
def asks_one_thing_at_a_time(record: Record) -> bool | None:
    return _all(len(_MARKS.findall(turn.question.text)) <= 1 for turn in _asking(record))


@check
def asks_something_in_each_turn(record: Record) -> bool | None:
    asking = (turn for turn in _asking(record) if turn.question.phase != "welcome")
    return _all(bool(_MARKS.search(turn.question.text)) for turn in asking)


@check
def speaks_briefly(record: Record) -> bool:
    return all(len(turn.question.text.split()) <= 90 for turn in record.turns)


@check
def uses_no_markup(record: Record) -> bool:
    return not any(_MARKUP.search(turn.question.text) for turn in record.turns)


@check
def uses_no_stock_openers(record: Record) -> bool:
    return not any(_STOCK.match(turn.question.text) for turn in record.turns)


@check
def does_not_begin_alike_twice_in_a_row(record: Record) -> bool | None:
    begins = [" ".join(turn.question.text.split()[:3]) for turn in record.turns]
    return _all(one != other for one, other in pairwise(begins))


@check
def does_not_judge_aloud(record: Record) -> bool:
    """In its own words: what is quoted may hold any."""
    return not any(_VERDICTS.search(_QUOTED.sub("", turn.question.text)) for turn in record.turns)


@check
def stays_in_its_role(record: Record) -> bool:
    return not any(_OUT_OF_ROLE.search(turn.question.text) for turn in record.turns)


@check
def asks_nothing_protected(record: Record) -> bool:
    return not any(_PROTECTED.search(turn.question.text) for turn in record.turns)


@check
def gives_nothing_away(record: Record) -> bool | None:
    return _all(
        point.point.lower() not in turn.question.text.lower()
        for turn in record.questions
        for point in turn.question.expects
    )


# What it asks


@check
def never_asks_the_same_again(record: Record) -> bool:
    said = [re.sub(r"\W+", " ", turn.question.text.lower()).strip() for turn in record.questions]
    return len(set(said)) == len(said)


@check
def never_puts_a_bank_question_twice(record: Record) -> bool:
    ids = [
        turn.question.bank_id for turn in record.questions if turn.question.kind == "question" and turn.question.bank_id
    ]
    return len(set(ids)) == len(ids)


@check
def covers_the_phases_of_its_plan(record: Record) -> bool | None:
    if _stopped(record) or record.config.use_time_based_interview:
        return None
    planned = {each.phase for each in record.plan.domains}
    return planned <= {turn.question.phase for turn in record.questions}


@check
def covers_most_domains_of_its_plan(record: Record) -> bool | None:
    """Follow-ups take a part of the budget: half of the domains is what one can ask for."""
    if _stopped(record) or record.config.use_time_based_interview:
        return None
    planned = {each.domain for each in record.plan.domains}
    return len(planned & {turn.question.domain for turn in record.questions}) * 2 >= len(planned)


@check
def goes_through_the_phases_in_order(record: Record) -> bool | None:
    if _outlasts_the_bank(record):
        return None
    places = [_PHASES.index(turn.question.phase) for turn in record.turns if turn.question.kind == "question"]
    return places == sorted(places)


@check
def asks_about_behavior(record: Record) -> bool | None:
    if record.config.target_question_count < 3 or _stopped(record) or record.config.use_time_based_interview:
        return None
    return any(turn.question.phase == "behavioral" for turn in record.questions)


@check
def asks_about_the_resume(record: Record) -> bool | None:
    if not record.config.resume_content or record.config.target_question_count < 4 or _stopped(record):
        return None
    return any(turn.question.phase == "resume" for turn in record.questions)


@check
def says_nothing_untrue_about_what_was_said_or_written(record: Record) -> bool | None:
    known = " ".join((record.config.resume_content, record.config.job_description, *record.answers)).lower()
    known += " ".join(turn.question.text.lower() for turn in record.turns if turn.question.kind == "question")
    quotes = (found for turn in record.turns for pair in _QUOTED.findall(turn.question.text) for found in pair if found)
    return _all(quote.removesuffix("…").rstrip().lower() in known for quote in quotes)


@check
def cites_the_documents_in_most_questions(record: Record) -> bool | None:
    """Three fifths of the new questions; in very long interviews what is in the documents is used up."""
    new = [turn.question for turn in record.questions if turn.question.kind == "question"]
    if record.config.resume_id is None or not 3 <= len(new) <= MOST_FROM_THE_DOCUMENTS:
        return None
    return sum(bool(question.sources) for question in new) * 5 >= len(new) * 3


@check
def cites_what_the_documents_say(record: Record) -> bool | None:
    """Each quotation, or else some name in the question, stands in a piece that the question cites."""
    return _all(_is_cited(turn.question) for turn in record.turns if turn.question.sources)


def _is_cited(question: Question) -> bool:
    cited = [PIECES.get((source.document_id, source.chunk_index), "").lower() for source in question.sources]
    quotes = [found for pair in _QUOTED.findall(question.text) for found in pair if found]
    words = [quote.lower() for quote in quotes] or [name.lower() for name in _NAMES.findall(question.text)]
    return (all if quotes else any)(any(each in text for text in cited) for each in words)


# Follow-ups


@check
def follows_up_at_most_twice_in_a_row(record: Record) -> bool:
    kinds = "".join({"follow_up": "f", "clarification": ""}.get(turn.question.kind, "q") for turn in record.turns)
    return "fff" not in kinds


@check
def keeps_half_of_the_questions_for_new_ones(record: Record) -> bool:
    kinds = [turn.question.kind for turn in record.questions]
    return kinds.count("follow_up") <= kinds.count("question")


@check
def follows_up_on_real_answers(record: Record) -> bool | None:
    if record.persona not in {"strong", "average", "long-winded"} or record.config.target_question_count < 4:
        return None
    return any(turn.question.kind == "follow_up" for turn in record.questions)


@check
def follow_ups_refer_to_the_answer(record: Record) -> bool | None:
    """To the candidate's own words, or to the question that the answer was to."""
    follow_ups = ((one, other) for one, other in _pairs(record) if other.question.kind == "follow_up")
    return _all(
        bool(_words(other.question.text) & _words(one.answer or "")) or other.question.bank_id == one.question.bank_id
        for one, other in follow_ups
    )


@check
def follows_up_on_nothing_but_answers(record: Record) -> bool | None:
    after = (one.said for one, other in _pairs(record) if other.question.kind == "follow_up")
    return _all("follow_up" in said.then for said in after if said)


# What was said, by the labels of whoever said it


@check
def does_what_fits_what_was_said(record: Record) -> bool | None:
    """A question that was clarified once may be left; and when the budget is spent, the interview may close."""
    fits = []
    for one, other in _pairs(record):
        if one.said is None or one.question.phase == "welcome":
            continue
        left = {"question", "follow_up"} if one.question.kind == "clarification" else set[str]()
        spent = {"closing"} if _is_spent(record, one) else set[str]()
        fits.append(other.question.kind in one.said.then | left | spent)
    return _all(fits)


def _is_spent(record: Record, turn: Turn) -> bool:
    config = record.config
    if config.use_time_based_interview:
        return turn.at >= 0.7 * config.interview_duration_minutes * 60
    return turn.number >= config.target_question_count


def _reacts(record: Record, *kinds: str) -> bool | None:
    """Whether the first answer of such a kind to each question is followed by what its label allows."""
    return _all(
        other.question.kind in one.said.then
        for one, other in _pairs(record)
        if one.said and one.said.kind in kinds and one.question.kind in {"question", "follow_up"}
        if not _is_spent(record, one) or "question_back" in kinds
    )


@check
def clarifies_when_asked_back(record: Record) -> bool | None:
    return _reacts(record, "question_back")


@check
def asks_again_when_nothing_could_be_understood(record: Record) -> bool | None:
    return _reacts(record, "unclear", "silence")


@check
def leads_back_to_the_subject(record: Record) -> bool | None:
    return _reacts(record, "off_topic")


@check
def stays_calm_when_attacked(record: Record) -> bool | None:
    return _reacts(record, "hostile")


@check
def does_not_follow_instructions(record: Record) -> bool | None:
    return _reacts(record, "manipulation")


@check
def asks_for_the_language_of_the_interview(record: Record) -> bool | None:
    return _reacts(record, "other_language")


@check
def takes_something_else_after_not_knowing(record: Record) -> bool | None:
    after = (
        other
        for one, other in _pairs(record)
        if one.said and one.said.kind == "does_not_know" and one.question.kind != "introduction"
    )
    return _all(other.question.kind in {"question", "closing"} for other in after)


@check
def clarifies_a_question_once_at_most(record: Record) -> bool:
    waiting = "welcome"
    pairs = pairwise(turn for turn in record.turns if turn.question.phase != waiting)
    return not any(one.question.kind == other.question.kind == "clarification" for one, other in pairs)


# Difficulty


def _levels(record: Record) -> list[int]:
    return [
        _LADDER.index(turn.question.difficulty)
        for turn in record.turns
        if turn.question.kind == "question" and turn.question.difficulty and turn.question.phase != "resume"
    ]


@check
def gets_harder_for_strong_candidates(record: Record) -> bool | None:
    levels = _levels(record)
    if record.persona != "strong" or record.config.difficulty == "hard" or len(levels) < 4:
        return None
    return max(levels[2:]) > _LADDER.index(record.config.difficulty)


@check
def gets_easier_for_those_who_do_not_know(record: Record) -> bool | None:
    levels = _levels(record)
    if record.persona != "I don't know" or record.config.difficulty == "easy" or len(levels) < 4:
        return None
    return min(levels[1:]) < _LADDER.index(record.config.difficulty)


@check
def never_gets_harder_for_weak_candidates(record: Record) -> bool | None:
    if record.persona not in {"weak", "I don't know", "gibberish", "empty"} or _outlasts_the_bank(record):
        return None
    return max(_levels(record), default=0) <= _LADDER.index(record.config.difficulty)


# The coach beside it


@check
def feedback_quotes_verbatim(record: Record) -> bool | None:
    judged = [turn for turn in record.turns if turn.feedback and turn.answer]
    return _all(
        quote in (turn.answer or "")
        for turn in judged
        for quote in (
            *(each.text for each in turn.feedback.quotes),  # type: ignore[union-attr]
            *(words for each in turn.feedback.judgements for words in each.quotes),  # type: ignore[union-attr]
        )
    )


@check
def only_answers_are_scored(record: Record) -> bool | None:
    if record.persona not in {"gibberish", "empty", "I don't know"}:
        return None
    return all(
        turn.feedback is None or turn.feedback.score is None
        for turn in record.turns
        if turn.question.phase != "welcome"
    )
