"""The scripted interviewer: a curated bank, the documents, and the candidate's own words. Deterministic, needs
nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from uuid import UUID

from contracts.interviewer.asks import AcknowledgeAsk, Acknowledgement
from contracts.vocabulary.configuration import SessionConfig
from contracts.vocabulary.provenance import Provenance
from contracts.vocabulary.question import Expectation, Question
from contracts.vocabulary.turn import TurnContext

from interviewer.askable import Askable
from interviewer.bank import QuestionBank
from interviewer.claims import Claim
from interviewer.documents import Point, documents_of
from interviewer.engine import Draft, Guidance, NoPassages, Passages, Proposal
from interviewer.engines import remarking, wording
from interviewer.engines.choice import choose, other_than_last, shuffled
from interviewer.engines.picking import find, pick, pick_point
from interviewer.grounding import LEADS_IN_BY, Found, find_points
from interviewer.languages import ENGLISH, Language, Reaction, language
from interviewer.words import words_of

SCRIPTED = Provenance(engine="scripted")
EXHAUSTED = "Every question has been asked."
INTRODUCTION_EXPECTS = (
    Expectation(
        point="Says who they are in a sentence or two: present role and years of experience",
        cues=("years", "currently", "work as", "i am a", "i'm a", "experience"),
    ),
    Expectation(
        point="Names work that fits the position, with a concrete result",
        cues=("built", "led", "designed", "shipped", "reduced", "increased", "launched", "result"),
    ),
    Expectation(
        point="Says why this position is the next step",
        cues=("because", "interested", "looking for", "drawn", "excited", "next step", "want to", "role"),
    ),
)
_GIVES_UP_ON: frozenset[str] = frozenset(
    {"off_topic", "empty", "hostile", "manipulation", "silence", "unclear", "too_short", "thinking"}
)


class ScriptedEngine:
    """Every choice is made by the session's id and the turn, so a redelivered turn is said alike."""

    def __init__(self, bank: QuestionBank) -> None:
        self._bank = bank

    async def introduce(self, session_id: UUID, config: SessionConfig) -> Proposal:
        spoken = language(config.language)
        texts = spoken.welcomes if config.ask_consent else spoken.introductions
        text = _addressed(choose(texts[config.style], session_id, "introduction"), config, spoken)
        if _is_english_only(config):
            some = bool(documents_of(config)) and spoken.language != ENGLISH
            note = spoken.some_questions_in_english if some else spoken.questions_in_english
            text = wording.before_last_sentence(text, note)
        if config.ask_consent:
            question = Question(kind="introduction", text=text, phase="welcome")
            return Proposal("introduce", question, "Nothing begins before the candidate is ready.", SCRIPTED)
        return Proposal("introduce", _introduction(text), "Every interview begins with an introduction.", SCRIPTED)

    async def propose(self, session_id: UUID, context: TurnContext, guidance: Guidance, draft: Draft) -> Proposal:
        proposal = await _Turn(self._bank, session_id, context, guidance).proposal()
        await draft.say(proposal.question.text)
        return proposal

    async def acknowledge(self, ask: AcknowledgeAsk) -> Acknowledgement:
        spoken = language(ask.language)
        words = spoken.fillers if ask.thinking else spoken.acknowledgements
        fresh = [each for each in words if each not in ask.used] or words
        return Acknowledgement(
            text=choose(fresh, ask.session_id, f"{ask.question}{len(ask.used)}"), provenance=SCRIPTED
        )


class _Turn:
    """One reply being found."""

    def __init__(self, bank: QuestionBank, session_id: UUID, context: TurnContext, guidance: Guidance) -> None:
        self._bank = bank
        self._session_id = session_id
        self._context = context
        self._guidance = guidance
        self._reading = guidance.reading
        self._style = context.config.style
        self._language = language(context.config.language)
        self._spoken = _spoken(context)

    async def proposal(self) -> Proposal:
        """What is said, by what the rules suggest."""
        allowed = self._guidance.allowed
        if "conclude" in allowed:
            return self._close(self._guidance.reason)
        if "introduce" in allowed:
            return self._introduce()
        if "clarify" in allowed:
            return self._clarify()
        if "rephrase" in allowed:
            return self._rephrase()
        follow_up = self._follow_up() if "follow_up" in allowed else None
        return follow_up or await self._new_question()

    def _close(self, reason: str, *, exhausted: bool = False) -> Proposal:
        wished = self._reading.kind == "wants_to_stop"
        closings = self._language.closings_on_wish if wished else self._language.closings
        text = self._choose(closings[self._style], "closing")
        return Proposal("conclude", Question(kind="closing", text=text, phase="closing"), reason, SCRIPTED, exhausted)

    def _introduce(self) -> Proposal:
        text = self._choose(self._language.self_introductions[self._style], "introduction")
        return Proposal("introduce", _introduction(text), self._guidance.reason, SCRIPTED)

    def _clarify(self) -> Proposal:
        standing = self._context.question
        if remarking.is_remark(self._reading):
            text = remarking.reply(self._reading, self._context, self._language)
        elif self._guidance.phase == "welcome":
            text = self._other_than_last(self._language.not_ready[self._style], f"welcome {len(self._spoken)}")
        else:
            text = self._around(self._language.reactions[self._reaction][self._style])
        question = standing.model_copy(update={"kind": "clarification", "text": text})
        return Proposal("clarify", question, self._guidance.reason, SCRIPTED)

    @property
    def _reaction(self) -> Reaction:
        kind = self._reading.kind
        assert kind not in {"answer", "does_not_know", "repeats_itself"}, "these are taken as answers"
        return kind  # type: ignore[return-value]

    def _rephrase(self) -> Proposal:
        text = self._around(self._language.rephrasings[self._style])
        question = self._context.question.model_copy(update={"kind": "clarification", "text": text})
        return Proposal("rephrase", question, self._guidance.reason, SCRIPTED)

    def _around(self, templates: Sequence[str]) -> str:
        template = self._other_than_last(templates, self._context.question.text)
        return template.format(question=wording.bare(self._context.question, self._language))

    def _follow_up(self) -> Proposal | None:
        for text, reasoning, expects in self._follow_ups():
            if not any(text in said for said in self._spoken):
                update = {"kind": "follow_up", "text": text, "expects": expects, "sources": ()}
                question = self._context.question.model_copy(update=update)
                return Proposal("follow_up", question, reasoning, SCRIPTED)
        return None

    def _follow_ups(self) -> Iterator[tuple[str, str, tuple[Expectation, ...]]]:
        """Each with its reasoning and what an answer to it can be expected to show: a question about the
        candidate's own claim asks for none of what the first question wanted to see."""
        for kind, claim in self._reading.claims:
            if _worth_taking_up(kind, claim, self._context, self._spoken):
                templates = getattr(self._language.taking_up, kind)
                for template in shuffled(other_than_last(templates, self._spoken), self._session_id, kind + claim):
                    words = wording.quoted(claim) if kind == "ownership" else claim
                    yield template.format(claim=words), f"The candidate made a claim worth testing ({kind}).", ()
        asked = find(self._bank, self._context.config, self._context.question.bank_id)
        if asked is not None and self._context.follow_ups_in_row == 0:
            missing = _still_missing(self._context)
            for deeper in _nearest_first(shuffled(asked.follow_ups, self._session_id, asked.id), missing):
                template = self._other_than_last(self._language.building_on, asked.id)
                text = template.format(question=wording.lower_first(deeper))
                yield text, "The answer leaves room to go deeper.", missing

    async def _new_question(self) -> Proposal:
        # A person's own questions stay as they are.
        passages: Passages = NoPassages() if self._context.config.questions else self._guidance.passages
        await passages.begin()
        planned = self._planned()
        hits = await passages.found()
        asked = (self._grounded(planned, find_points(hits, self._context)) if hits else None) or planned
        if asked is None:
            return self._close(EXHAUSTED, exhausted=True)
        return Proposal("new_question", asked.put(self._introduced(asked)), self._guidance.reason, SCRIPTED)

    def _planned(self) -> Askable | None:
        """The next question by the plan alone."""
        if (point := pick_point(self._context, self._guidance)) is not None:
            return self._about(point)
        return pick(self._bank, self._session_id, self._context, self._guidance)

    def _grounded(self, planned: Askable | None, found: Found) -> Askable | None:
        """A question that cites the documents, in place of the planned one or around it; None where no piece that was
        found gives anything to say."""
        phase, domain = self._guidance.phase, self._guidance.domain
        # The packaged questions are in English: elsewhere those about the documents come first.
        if planned and phase != "resume" and self._language.language == ENGLISH:
            point = found.to_lead_in(phase, planned.domain, words_of(planned.text))
            if point:
                return self._led_in(planned, point)
        about = found.to_ask_about(phase, domain)
        return self._about(about) if about else None

    def _led_in(self, planned: Askable, point: Point) -> Askable:
        """A question with what in the documents brings it up."""
        templates = getattr(self._language.leading_in, LEADS_IN_BY[point.kind])
        words = point.claim if point.is_name else wording.quoted(point.claim)
        text = self._fresh(templates, point).format(claim=words, question=planned.text)
        return replace(planned, text=text, sources=point.sources)

    def _introduced(self, asked: Askable) -> str:
        """A new question with what is said before it."""
        if self._reading.kind in {"told_already", "corrects_interviewer"}:
            words: str = getattr(self._language.remarks, self._reading.kind)
            return words.format(question=asked.text)
        if self._reading.kind == "repeats_itself":
            # Said each time it would be a repetition itself.
            around = [*self._language.reactions["repeats_itself"][self._style], "{question}"]
            return other_than_last(around, self._spoken)[0].format(question=asked.text)
        return self._other_than_last(self._openers(), asked.id) + asked.text

    def _openers(self) -> Sequence[str]:
        """What may be said before a new question."""
        kind, spoken = self._reading.kind, self._language
        if kind == "does_not_know":
            return spoken.after_not_knowing[self._style]
        return (spoken.leaving_it if kind in _GIVES_UP_ON else spoken.transitions)[self._style]

    def _about(self, point: Point) -> Askable:
        """A question about something in a document, in the words of the document."""
        templates = getattr(self._language.resume if point.document == "resume" else self._language.job, point.kind)
        words = point.claim if point.is_name else wording.quoted(point.claim)
        return Askable(
            id=point.id,
            text=self._fresh(templates, point).format(claim=words),
            domain=self._domain_of(point),
            phase=self._guidance.phase,
            difficulty=self._guidance.difficulty,
            expects=point.expects,
            sources=point.sources,
        )

    def _domain_of(self, point: Point) -> str:
        """Its document while the plan is at the documents, and later one of its own domains: the planned one if it is
        among them."""
        if self._guidance.phase == "resume":
            return point.document
        planned = self._guidance.domain
        own = [name for name in point.domains if name in self._bank.names]
        return planned if planned and (planned in own or not own) else next(iter(own), point.document)

    def _fresh(self, templates: Sequence[str], point: Point) -> str:
        """A way to speak of a point, other than the last one; where pieces are cited often, whatever opened it."""
        said = self._spoken
        if point.sources:
            said = [wording.without_openers(text, self._language) for text in said]
        return choose(other_than_last(templates, said), self._session_id, point.id)

    def _choose(self, choices: Sequence[str], what: str) -> str:
        return choose(choices, self._session_id, what)

    def _other_than_last(self, choices: Sequence[str], what: str) -> str:
        return choose(other_than_last(choices, self._spoken), self._session_id, what)


def _introduction(text: str) -> Question:
    return Question(kind="introduction", text=text, phase="intro", expects=INTRODUCTION_EXPECTS)


def _addressed(template: str, config: SessionConfig, spoken: Language) -> str:
    company = wording.name(config.company_name)
    at_company = spoken.at_company.format(company=company) if company else ""
    return template.format(role=wording.role(config.job_role, spoken), company=at_company)


def _is_english_only(config: SessionConfig) -> bool:
    """Whether the questions to come are in another language than the interview."""
    wanted = config.language.replace("_", "-").split("-", 1)[0].lower()
    return wanted != ENGLISH and len(config.questions) < config.questions_to_come


def _spoken(context: TurnContext) -> list[str]:
    """What the interviewer said, oldest first, the question that stands included."""
    said = [utterance.text for utterance in context.transcript if utterance.role == "interviewer"]
    return said if said and said[-1] == context.question.text else [*said, context.question.text]


def _worth_taking_up(kind: Claim, claim: str, context: TurnContext, spoken: list[str]) -> bool:
    """Not what the interviewer brought up, or took up before; nor the company's name, or the job's."""
    low = claim.lower()
    if any(low in text.lower() for text in spoken):
        return False
    if kind == "ownership":
        return True
    # Of a long conversation only the newest part is at hand: a name or number may have been taken up before that.
    whole = not context.transcript or context.transcript[0].turn <= 0
    names = f"{context.config.company_name} {context.config.job_role}"
    return whole and (kind == "number" or low not in words_of(names))


def _still_missing(context: TurnContext) -> tuple[Expectation, ...]:
    answer = context.answer.lower()
    return tuple(each for each in context.question.expects if not any(cue in answer for cue in each.cues))


def _nearest_first(follow_ups: Sequence[str], missing: tuple[Expectation, ...]) -> Sequence[str]:
    """Those that lead to what was left out, without saying what it is."""
    wanted = words_of(" ".join((*(each.point for each in missing), *(cue for each in missing for cue in each.cues))))
    return sorted(follow_ups, key=lambda text: -len({word for word in words_of(text) if len(word) > 3} & wanted))
