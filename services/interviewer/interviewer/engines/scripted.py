"""The scripted interviewer: a curated bank, the documents, and the candidate's own words. Deterministic, needs
nothing."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from uuid import UUID

from contracts.interviewer.asks import AcknowledgeAsk, Acknowledgement
from contracts.vocabulary.configuration import SessionConfig
from contracts.vocabulary.provenance import Provenance
from contracts.vocabulary.question import Expectation, Question
from contracts.vocabulary.turn import TurnContext
from parley_meaning import Encoder
from parley_text.guesses import unveiled
from parley_text.sentences import sentences

from interviewer.askable import OWN, Askable, FollowUp
from interviewer.bank import QuestionBank
from interviewer.claims import Kind
from interviewer.director import asks_us, may_invite, wants_to_ask
from interviewer.documents import KNOWS_THE_TRADE, Point, digest_of, documents_of
from interviewer.engine import Draft, Guidance, NoPassages, Passages, Proposal
from interviewer.engines import remarking, wording
from interviewer.engines.answering import known_of
from interviewer.engines.choice import choose, other_than_last, shuffled
from interviewer.engines.picking import candidates, find, points_to_ask
from interviewer.grounding import LEADS_IN_BY, Found, find_points
from interviewer.languages import ENGLISH, Language, Reaction, language
from interviewer.likeness import SAME_SUBJECT, Likeness
from interviewer.planning import JOB, TRADE, phase_of_follow_up
from interviewer.sayable import sayable
from interviewer.telling import Telling, tellings

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
WORTH_ASKING = 2.0
"""The weight of a sentence from which it is asked about rather than left."""
_NEAR = 0.7
_COMPARED = 8
"""Questions, or points of a document, that are compared with what was said before one is chosen."""
_REMEMBERED = 40
"""Sentences of the candidate that they are compared with."""
_MUST_BE_ASKED: frozenset[Kind] = frozenset({"contradiction", "boast", "change"})
_NOT_IN_AN_INTRODUCTION: frozenset[Kind] = frozenset({"intention", "opinion"})
_GIVES_UP_ON: frozenset[str] = frozenset(
    {"off_topic", "empty", "hostile", "manipulation", "silence", "unclear", "too_short", "thinking"}
)


class ScriptedEngine:
    """Every choice is made by the session's id and the turn, so a redelivered turn is said alike."""

    def __init__(self, bank: QuestionBank, encoder: Encoder | None = None) -> None:
        self._bank = bank
        self._likeness = Likeness(bank.texts, encoder)

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
        proposal = await _Turn(self._bank, self._likeness, session_id, context, guidance).proposal()
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

    def __init__(
        self, bank: QuestionBank, likeness: Likeness, session_id: UUID, context: TurnContext, guidance: Guidance
    ) -> None:
        self._bank = bank
        self._likeness = likeness
        self._session_id = session_id
        self._context = context
        self._guidance = guidance
        self._reading = guidance.reading
        self._style = context.config.style
        self._language = language(context.config.language)
        self._addressed = self._language.to(self._style)
        self._spoken = _spoken(context)

    async def proposal(self) -> Proposal:
        """What is said, by what the rules suggest."""
        allowed = self._guidance.allowed
        if "rephrase" in allowed:
            return self._rephrase()
        if self._guidance.phase == "closing":
            return await self._at_the_end()
        if "conclude" in allowed:
            return self._close(self._guidance.reason)
        if "introduce" in allowed:
            return self._introduce()
        if "clarify" in allowed:
            return self._clarify()
        follow_up = await self._follow_up() if "follow_up" in allowed else None
        return follow_up or await self._new_question()

    def _close(self, reason: str, *, exhausted: bool = False) -> Proposal:
        wished = self._reading.kind == "wants_to_stop"
        closings = self._language.closings_on_wish if wished else self._language.closings
        text = self._choose(closings[self._style], "closing")
        return Proposal("conclude", Question(kind="closing", text=text, phase="closing"), reason, SCRIPTED, exhausted)

    async def _at_the_end(self) -> Proposal:
        """It is the candidate who asks, until nothing is asked any more."""
        words = self._language.inviting
        if "new_question" in self._guidance.allowed:
            return self._invite()
        invited = self._context.question.phase == "closing"
        told = await self._told_of() if asks_us(self._reading) and invited else ""
        if "conclude" in self._guidance.allowed:
            if not invited or self._reading.kind == "wants_to_stop":
                return self._close(self._guidance.reason)
            question = Question(kind="closing", text=f"{told} {words.closing}".strip(), phase="closing")
            return Proposal("conclude", question, self._guidance.reason, SCRIPTED)
        if told:
            fresh = [each for each in words.anything_else if each not in self._spoken[-1]]
            text = f"{told} {self._choose(fresh, told)}"
        elif wants_to_ask(self._context):
            text = words.go_ahead
        else:
            return self._clarify()
        question = self._context.question.model_copy(update={"kind": "clarification", "text": text})
        return Proposal("clarify", question, self._guidance.reason, SCRIPTED)

    def _invite(self) -> Proposal:
        text = self._choose(self._language.inviting.invitations, "invitation")
        question = Question(kind="question", text=text, phase="closing")
        return Proposal("new_question", question, "Before the end the candidate may ask questions.", SCRIPTED)

    async def _told_of(self) -> str:
        """What is known of what was asked."""
        return await known_of(self._context, self._reading, self._language, self._likeness)

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
        template = self._other_than_last(self._language.rephrasings, self._context.question.text)
        text = template.format(question=self._plainer())
        question = self._context.question.model_copy(update={"kind": "clarification", "text": text})
        return Proposal("rephrase", question, self._guidance.reason, SCRIPTED)

    def _plainer(self) -> str:
        """The question that stands in simpler words where there are such, and else without all that led to it."""
        standing = self._context.question
        asked = find(self._bank, self._context.config, standing.bank_id)
        bare = wording.bare(standing, self._language)
        if (
            asked is not None
            and asked.plainer
            and standing.kind != "follow_up"
            and asked.plainer not in self._spoken[-1]
        ):
            return asked.plainer
        if asked is not None and asked.plainer and asked.plainer in bare:
            return asked.text  # once more, and the other way round
        return next(self._others(bare), None) or wording.simplified(bare)

    def _others(self, bare: str) -> Iterator[str]:
        """What else may be asked about the same sentence of the candidate, or the same line of a document."""
        words = self._addressed
        for asked in words.taking_up.questions.values():
            yield from wording.in_other_words(bare, asked)
        for _, templates in (*self._language.resume, *self._language.job):
            yield from wording.in_other_words(bare, (*templates, *words.asked_for))

    def _around(self, templates: Sequence[str]) -> str:
        template = self._other_than_last(templates, self._context.question.text)
        return template.format(question=wording.bare(self._context.question, self._language))

    async def _follow_up(self) -> Proposal | None:
        """About the most telling sentence of the answer, or else a prepared one that is near to what was said."""
        found = await tellings(self._context, self._reading.answer, self._likeness)
        for telling in found:
            if self._is_worth_asking(telling) and (text := self._taken_up(telling)):
                return self._deeper(text, f"What was said is worth asking about ({telling.kind}).", telling.expects)
        if (prepared := await self._prepared()) is not None:
            template = self._other_than_last(self._language.building_on, prepared.text)
            text = template.format(question=wording.lower_first(prepared.text))
            return self._deeper(text, "The answer leaves room to go deeper.", prepared.expects)
        return None

    def _is_worth_asking(self, telling: Telling) -> bool:
        introduced = self._context.question.phase == "intro"
        return telling.weight >= WORTH_ASKING and not (introduced and telling.kind in _NOT_IN_AN_INTRODUCTION)

    def _taken_up(self, telling: Telling) -> str | None:
        """A question about it, in words that were not used yet where there are such."""
        asked = telling.open_questions(self._addressed.taking_up.questions[telling.kind])
        fresh = [each for each in asked if not self._was_said(each.split("{")[0])]
        if not asked or (not fresh and telling.kind not in _MUST_BE_ASKED):
            return None
        question = self._choose(fresh or asked, telling.words)
        quoting = self._other_than_last(self._addressed.taking_up.quoting, telling.words)
        return wording.taken_up(telling, question, quoting, self._addressed)

    async def _prepared(self) -> FollowUp | None:
        """The one of the bank's that is nearest to what was said, if any is near and nobody has answered it yet."""
        asked = find(self._bank, self._context.config, self._context.question.bank_id)
        if asked is None or self._context.follow_ups_in_row > 0:
            return None
        fresh = [each for each in asked.follow_ups if not self._was_said(wording.lower_first(each.text))]
        answer = sayable(self._reading.answer, english=self._language.language == ENGLISH)
        near = await self._likeness.nearest([each.text for each in fresh], answer)
        fitting = [(score, each) for score, each in zip(near, fresh, strict=True) if _NEAR <= score < SAME_SUBJECT]
        return max(fitting, key=lambda each: each[0])[1] if fitting else None

    def _was_said(self, words: str) -> bool:
        return bool(words.strip()) and any(words in text for text in self._spoken)

    def _deeper(self, text: str, reasoning: str, expects: tuple[Expectation, ...]) -> Proposal:
        standing = self._context.question
        update = {"kind": "follow_up", "text": text, "expects": expects, "sources": ()}
        question = standing.model_copy(update=update | {"phase": phase_of_follow_up(standing)})
        return Proposal("follow_up", question, reasoning, SCRIPTED)

    async def _new_question(self) -> Proposal:
        # A person's own questions stay as they are.
        passages: Passages = NoPassages() if self._context.config.questions else self._guidance.passages
        await passages.begin()
        planned = await self._planned()
        hits = await passages.found()
        asked = (await self._grounded(planned, find_points(hits, self._context)) if hits else None) or planned
        if asked is None:
            return self._invite() if may_invite(self._context) else self._close(EXHAUSTED, exhausted=True)
        return Proposal("new_question", asked.put(self._introduced(asked)), self._guidance.reason, SCRIPTED)

    async def _planned(self) -> Askable | None:
        """The next question by the plan alone."""
        if (about := await self._about_one_of(points_to_ask(self._context, self._guidance))) is not None:
            return about
        ranked = candidates(self._bank, self._session_id, self._context, self._guidance)
        best = [*islice(ranked, _COMPARED)]
        if not best or best[0].id.startswith(OWN):
            return next(iter(best), None)
        if self._guidance.phase == "technical" and self._guidance.domain in {JOB, TRADE}:
            trade = [each for each in self._of_the_trade() if each.id not in self._asked]
            if trade:
                return trade[0]
        near = await self._likeness.nearest([each.text for each in best], self._told)
        fresh = (each for each, score in zip(best, near, strict=True) if score < SAME_SUBJECT)
        return next(fresh, best[0])

    async def _about_one_of(self, points: Sequence[Point]) -> Askable | None:
        """A question about the first of the points that the candidate has not spoken about; where all were spoken
        about, one that goes deeper into the first."""
        some = points[:_COMPARED]
        near = await self._likeness.nearest([each.claim for each in some], self._told)
        for point, score in zip(some, near, strict=True):
            if score < SAME_SUBJECT:
                return self._about(point)
        # Deeper once: who has told of everything in a document is asked about something else.
        went_deeper = self._was_said(self._addressed.deeper.split("{claim}")[-1])
        return self._about(some[0], deeper=True) if some and not went_deeper else None

    @functools.cached_property
    def _told(self) -> list[str]:
        """All that the candidate has said, by answers and by sentences."""
        answers = [each.text for each in self._context.transcript if each.role == "candidate"]
        if self._context.answer not in answers:
            answers.append(self._context.answer)
        whole = [unveiled(each) for each in answers]
        return [*whole, *(sentence for each in whole for sentence in sentences(each))][-_REMEMBERED:]

    @property
    def _asked(self) -> frozenset[str]:
        return frozenset((*self._context.asked_ids, *self._context.asked_before))

    def _of_the_trade(self) -> Sequence[Askable]:
        """Questions about a job by its title, where the bank has none."""
        title = wording.a_role(self._context.config.job_role, self._language)
        texts = [each.format(role=title) for each in self._addressed.of_the_trade]
        asked = [
            Askable(
                id=f"trade-{digest_of(text)}",
                text=text,
                domain=TRADE,
                phase=self._guidance.phase,
                difficulty=self._guidance.difficulty,
                expects=KNOWS_THE_TRADE,
            )
            for text in texts
        ]
        return shuffled(asked, self._session_id, "trade")

    async def _grounded(self, planned: Askable | None, found: Found) -> Askable | None:
        """A question that cites the documents, in place of the planned one or around it; None where no piece that was
        found gives anything to say. A piece and a question are put together only where they share a subject."""
        phase, domain = self._guidance.phase, self._guidance.domain
        # The packaged questions are in English: elsewhere those about the documents come first.
        if planned and phase != "resume" and self._language.language == ENGLISH:
            if (point := await self._shares_a_subject(found.to_lead_in(planned.domain), planned)) is not None:
                return self._led_in(planned, point)
            if not self._may_cite:
                return None
        return await self._about_one_of(found.to_ask_about(phase, domain))

    async def _shares_a_subject(self, points: Sequence[Point], planned: Askable) -> Point | None:
        near = await self._likeness.alike([each.claim for each in points], [planned.text])
        told = await self._likeness.nearest([each.claim for each in points], self._told)
        fitting = [
            (score, each)
            for each, (score,), spoken in zip(points, near, told, strict=True)
            if score >= SAME_SUBJECT > spoken
        ]
        return max(fitting, key=lambda each: each[0])[1] if fitting else None

    @property
    def _may_cite(self) -> bool:
        """Whether a question of the field may give way to one about the documents: two in a row do while those about
        documents are at most two thirds, so that they are the larger part of an interview of any length."""
        asked = self._context.asked_ids
        cited = sum("." in each for each in asked)
        return not self._context.question.sources or 3 * (cited + 1) <= 2 * (len(asked) + 1)

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

    def _about(self, point: Point, *, deeper: bool = False) -> Askable:
        """A question about something in a document, in the words of the document."""
        templates = getattr(self._language.resume if point.document == "resume" else self._language.job, point.kind)
        if point.kind in {"requirement", "line"}:
            templates = (*templates, *self._addressed.asked_for)
        if deeper:
            templates = (self._addressed.deeper,)
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
            said = [wording.without_openers(text) for text in said]
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
