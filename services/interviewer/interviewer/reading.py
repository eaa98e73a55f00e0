"""How an answer reads, before anyone judges it: is it an answer at all?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import Literal, get_args

from contracts.vocabulary.listening import Accommodation, Remark
from contracts.vocabulary.turn import TurnContext
from parley_listening.heard import PAUSING, Heard, certainly_heard
from parley_listening.rules import goes_on
from parley_text.guesses import mostly_guessed, unveiled, veiled
from parley_text.sentences import CLAUSE_MARKS, QUESTION_MARKS, SEMICOLONS, STOPS, asks, before_more

from interviewer import conduct
from interviewer.detection import detected
from interviewer.hearing import understood
from interviewer.languages import ENGLISH, Language, code_of, language
from interviewer.words import WORD, long_words_of

AnswerKind = Literal[
    Remark,
    "answer",
    "too_short",
    "does_not_know",
    "question_back",
    "unclear",
    "hardly_heard",
    "silence",
    "thinking",
    "off_topic",
    "hostile",
    "manipulation",
    "other_language",
    "repeats_itself",
    "empty",
]
Strength = Literal["strong", "weak"]

ASKING: frozenset[AnswerKind] = frozenset({"asks_process", "asks_salary"})
"""Questions of the candidate that are about more than the one that stands."""
REMARKS: frozenset[AnswerKind] = frozenset(get_args(Remark))
_A_WORD_OR_TWO = 8
MIN_WORDS = 4
SHORT = 25
"""Words up to which "I don't know" or "what do you mean" can be all that was said."""
_KIND_SHOWS_WITHIN = 100
"""Words after which what kind of answer it is has become clear."""

_REASONS: dict[AnswerKind, str] = {
    "answer": "The answer gives something to work with.",
    "too_short": "The answer is too short to work with.",
    "does_not_know": "The candidate does not know; a different question is fairer.",
    "question_back": "The candidate asked back.",
    "unclear": "The answer could not be understood.",
    "hardly_heard": "Too little of what was said could be made out for certain, so it is asked for once more.",
    "silence": "Nothing was said.",
    "thinking": "The candidate asked for a moment.",
    "off_topic": "What was said has nothing to do with the question.",
    "hostile": "The candidate is angry with the interview.",
    "manipulation": "What was said is addressed to the program, not to the question.",
    "other_language": "The answer is in another language than the interview.",
    "repeats_itself": "The same thing was said to an earlier question.",
    "empty": "The answer claims something and tells of nothing.",
    "self_harm": "The candidate speaks of ending their life, so the interview waits.",
    "distress": "The candidate is in distress, so the interview waits.",
    "wants_to_stop": "The candidate asked to end the interview.",
    "may_want_to_stop": "The candidate seems to want to stop, so the interview waits.",
    "needs_pause": "The candidate needs a break.",
    "goes_on": "The candidate wants to go on.",
    "accommodation": "The candidate needs the interview to be held in another way.",
    "protected_matter": "The candidate spoke of something that plays no part.",
    "is_it_a_person": "The candidate asked who interviews.",
    "asks_salary": "The candidate asked about pay.",
    "asks_process": "The candidate asked about the interview, or the employer.",
    "told_already": "The candidate has told that already.",
    "corrects_interviewer": "The candidate put right what the interviewer had understood.",
    "asks_for_hint": "The candidate asked for help with the question.",
    "asks_for_language": "The candidate asked for another language.",
}
_STRONG_SHARE = 0.75
_STRONG_WORDS = 40
_WEAK_WORDS = 15

_GOING_ON = before_more(STOPS + SEMICOLONS + "…")
_LETTER = re.compile(r"[^\W\d_]")
_STAGE_DIRECTION = re.compile(
    r"[\[(<*](?:silence|no answer|no response|pause|inaudible|blank|crickets)[\])>*]", re.IGNORECASE
)
_SILENCE = re.compile(rf"(?:{_STAGE_DIRECTION.pattern}|[\s.…\-–—_]){{0,1000}}", re.IGNORECASE)  # noqa: RUF001

_MASHED = re.compile(r"[bcdfghjklmnpqrstvwxz]{5}|([a-z])\1{3}|asdf|sdfg|dfgh|fghj|ghjk|hjkl|lkjh|qwer|zxcv|xcvb")

_FILLERS = r"\W*(?:(?:sorry|honestly|well|so|oh|okay|ok|wait|please|thanks|to be honest|u+m+|u+h+|h+m+)\b\W*)*"
_NOT = r"(?:do not|don['’]?t|did not|didn['’]?t)"  # noqa: RUF001
_AM = r"(?:i['’]?m|i am)"  # noqa: RUF001
_HAVE = r"(?:i have|i['’]ve)"  # noqa: RUF001
_DOES_NOT_KNOW = re.compile(
    rf"{_FILLERS}(?:"
    rf"(?:i )?(?:really |honestly |just )?{_NOT} (?:really |actually |honestly |even )?"
    r"(?:know|remember|recall|have (?:an?|any) (?:good )?(?:idea|clue|answer))"
    rf"|(?:{_AM} )?not (?:really |quite |at all |too )?(?:sure(?! that \w+ \w+ \w+)|certain|familiar)"
    rf"|(?:{_HAVE} )?(?:absolutely )?no (?:idea|clue)|(?:{_HAVE} )?never heard of"
    r"|(?:i )?dunno|idk|(?:that |it )?beats me"
    r"|i can(?:no|['’])?t (?:answer|say|think of|recall|remember)"  # noqa: RUF001
    r")\b",
    re.IGNORECASE,
)
_WANTS_ANOTHER = re.compile(
    rf"{_FILLERS}(?:(?:i(?:['’]d| would| will|['’]ll)(?: like to| rather)?|can we|let['’]?s|let us) )?"  # noqa: RUF001
    r"(?:(?:pass|skip)(?: on)?(?: (?:this|that|it|the question))?(?: (?:one|question))?"
    r"|(?:the )?next(?: question| one)?)"
    r"(?:,? please| for now)?\W*$",
    re.IGNORECASE,
)
_GOES_ON = re.compile(
    r"\b(?:but|however|although|though|still|instead|my (?:guess|understanding|approach|first)|probably|perhaps|maybe"
    r"|i(?:['’]d| would| think| guess| believe| assume| suppose| imagine))\b|" + _GOING_ON,  # noqa: RUF001
    re.IGNORECASE,
)
_GIVES_UP = re.compile(
    r"\b(?:never|sorry|next|skip|pass|move on|another (?:one|question)|something else|no (?:idea|clue|experience))\b"
    r"|\b(?:do not|don['’]t|did not|didn['’]t|have not|haven['’]t|can['’]t|cannot) (?:\w+ )?"  # noqa: RUF001
    r"(?:have|know|remember|recall|say|used|worked|answer|think)\b",
    re.IGNORECASE,
)
_GOES_ON_ELSEWHERE = re.compile(
    r"\b(?:aber|jedoch|allerdings|trotzdem|also|vielleicht|eventuell|vermutlich|wahrscheinlich|würden?|könnten?"
    r"|ich (?:denke|glaube|vermute|schätze)"
    r"|pero|aunque|sin embargo|así que|asi que|entonces|quiz[aá]s?|tal vez|probablemente|supongo|creo"
    r"|\w{2,30}ría(?:mos)?"
    r"|mais|cependant|pourtant|par contre|en revanche|donc|alors|peut-[eê]tre|probablement|sans doute"
    r"|je (?:pense|crois|suppose|\w{2,30}rais)"
    r"|lekin|magar|shayad|isliye|mujhe lagta|main)\b"
    r"|लेकिन|मगर|परंतु|किंतु|शायद|इसलिए|मुझे लगता|मेरे ख़?्?याल|(?<!\S)(?:मैं|हम)(?!\S)"
    r"|但是?|不过|所以|于是|后来|然后|可能|也许|或许|大概|应该|我觉得|我认为|我想|我猜|我会|先",
    re.IGNORECASE,
)
"""The same, inside a sentence, in the languages of which only fixed phrases are known."""
_NEXT_SENTENCE = re.compile(_GOING_ON)
_IS_SORRY = re.compile(
    r"\b(?:(?:es )?tut mir (?:wirklich |sehr )?leid|entschuldig(?:ung|en sie|e)?|sorry|lo siento|perdón|perdona"
    r"|disculpe?|(?:je suis )?d[ée]sol[ée]e?|excusez-moi|pardon|maaf (?:karna|kijiye|kijiyega|karein))\b"
    r"|माफ़?\s(?:कीजिए|कीजिएगा|कीजियेगा|करें|करना)|क्षमा (?:कीजिए|करें)|抱歉|不好意思|对不起",
    re.IGNORECASE,
)
_ASKS_BACK = re.compile(
    rf"(?:^|[{CLAUSE_MARKS}—–-])\s*"  # noqa: RUF001
    rf"(?:and |but ){{0,1}}{_FILLERS}(?:"
    r"what (?:exactly )?do you mean|what does .{1,40}? mean|what was (?:that|the question)|which .{1,30}? do you mean"
    r"|(?:can|could|would|will) you (?:please |maybe |kindly )?"
    r"(?:repeat|rephrase|clarify|explain|elaborate|reword|give|tell me|say)\b"
    rf"|(?:i )?{_NOT} (?:really |quite |fully )?(?:understand|get|follow)"
    r"(?=\W*$|[.,!?;]| (?:the|your|this|that) (?:question|task|problem)| (?:you|it|this|that|what you)\b)"
    rf"|(?:{_AM} not sure|i {_NOT} (?:really )?know) (?:what you|(?:that |if )?i (?:understand|understood|got))"
    r"|say (?:that|it) again|(?:please )?repeat (?:that|it|the question)|come again"
    r")",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(before_more(STOPS))
_TENTATIVE = re.compile(
    r"\W*(?:(?:maybe|perhaps|probably|something|an?|the|by|with|using|we|it|my|i(?:['’]d|['’]ve)?"  # noqa: RUF001
    r"|vielleicht|vermutlich|wahrscheinlich|eine?|quizás?|tal vez|probablemente|una?|peut-être|probablement|une"
    r"|शायद|shayad)\b|可能|也许|或许|大概)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Reading:
    """What kind of answer it is.

    `strength` is a first impression, for the time until the coach has judged: None where there is none.
    """

    kind: AnswerKind
    answer: str = ""
    strength: Strength | None = None
    needs: tuple[Accommodation, ...] = ()
    languages: tuple[str, ...] = ()
    """Codes of languages that were asked for."""

    @property
    def remark(self) -> Remark | None:
        """What was said instead of an answer."""
        return self.kind if self.kind in REMARKS else None  # type: ignore[return-value]

    @property
    def reason(self) -> str:
        """A sentence for the record."""
        return _REASONS[self.kind]


def read(answer: str, context: TurnContext | None = None, heard: Heard | None = None) -> Reading:
    """Read an answer, to what was asked in `context` if that is known. `heard` is what its meaning tells; None: what is
    certain without. Words are never invented: every claim is a piece of the answer, and of what was understood for
    certain."""
    heard = heard or certainly_heard(answer)
    if heard.kind == "self_harm":
        return Reading("self_harm")
    if context is not None:
        if remark := _in_a_pause(answer, context, heard):
            return Reading(remark)
        if mostly_guessed(answer, context.spoken):
            return Reading("hardly_heard")
        answer, context = veiled(answer, context.spoken.unsure if context.spoken else ()), understood(context)
    tag = context.config.language if context else ENGLISH
    kind = _kind(answer, language(tag), heard)
    if context is not None and (
        (context.question.phase == "closing" and _asks_us(kind, answer, language(tag)))
        or (kind == "question_back" != heard.kind and _asks_about_the_job(answer, context))
    ):
        kind = "asks_process"
    if kind in REMARKS:
        return Reading(kind, needs=heard.needs, languages=heard.languages)
    # Packaged questions are in English, and so may be the answers to them in any interview.
    own = code_of(tag)
    found = detected(unveiled(answer), "" if own == ENGLISH else own) if kind == "answer" else None
    if (found or ENGLISH) not in {ENGLISH, own}:
        kind = "other_language"
    if kind == "answer" and context is not None:
        kind = _kind_in_context(context)
    if kind == "answer" and heard.kind in {"off_topic", "empty"} and _asks_of_work(context):
        kind = heard.kind
    return Reading(kind, answer, _strength(kind, context))


def _asks_us(kind: AnswerKind, answer: str, spoken: Language) -> bool:
    """Whether somebody who was invited to ask does so. A few words may only ask what was meant."""
    about_ours = conduct.count(answer) <= _A_WORD_OR_TWO and bool(_ASKS_BACK.search(answer))
    asked = asks(unveiled(answer)) or conduct.begins_to_ask(unveiled(answer), spoken)
    return kind not in REMARKS | {"manipulation", "hostile", "thinking"} and asked and not about_ours


def _asks_about_the_job(answer: str, context: TurnContext) -> bool:
    """Whether a question shares a word with the job description, and none with the standing question."""
    said = long_words_of(answer)
    about_ours = bool(_ASKS_BACK.search(answer)) or bool(said & long_words_of(context.question.text))
    return not about_ours and bool(said & long_words_of(context.config.job_description))


def _asks_of_work(context: TurnContext | None) -> bool:
    put = context is not None and context.question.kind in {"question", "follow_up"}
    return put and context is not None and context.question.phase != "closing"


def _in_a_pause(answer: str, context: TurnContext, heard: Heard) -> Remark | None:
    """What somebody wants who was offered a pause, or an end; None where they say something else."""
    offered = context.remarks[-1] if context.remarks else None
    if offered not in PAUSING or conduct.count(answer) > _A_WORD_OR_TWO:
        return None
    agrees = conduct.consents(answer, language(context.config.language))
    ends = offered == "may_want_to_stop" and agrees and not goes_on(answer)
    if ends or heard.kind in {"wants_to_stop", "may_want_to_stop"}:
        return "wants_to_stop"
    declines = offered == "may_want_to_stop" and agrees is False
    return "goes_on" if goes_on(answer) or agrees or declines else None


def _kind(answer: str, spoken: Language, heard: Heard) -> AnswerKind:
    words = [match.group() for match in islice(WORD.finditer(_STAGE_DIRECTION.sub("", answer)), _KIND_SHOWS_WITHIN)]
    if not words:
        return "silence" if _SILENCE.fullmatch(answer) else "unclear"
    if _is_mashing(words):
        return "unclear"
    if heard.certain and heard.remark:
        return heard.remark
    if sum(map(conduct.size, words)) < SHORT and (kind := _kind_of_few_words(answer.strip(), words, spoken, heard)):
        return kind
    if heard.remark and not conduct.steers(answer):
        return heard.remark
    if conduct.steers(answer):
        return "manipulation"
    return "hostile" if conduct.attacks(answer) else "answer"


def _kind_in_context(context: TurnContext) -> AnswerKind:
    """What shows only against what was asked and said before."""
    answer = context.answer
    others = (each.text for each in context.transcript if each.role == "candidate" and each.turn < _turn(context))
    return "repeats_itself" if conduct.repeats(answer, others) else "answer"


def _turn(context: TurnContext) -> int:
    return context.transcript[-1].turn if context.transcript else 0


def _strength(kind: AnswerKind, context: TurnContext | None) -> Strength | None:
    if kind == "does_not_know":
        return "weak"
    if kind != "answer" or context is None or not context.question.expects:
        return None
    answer = context.answer.lower()
    points = context.question.expects
    share = sum(any(cue in answer for cue in each.cues) for each in points) / len(points)
    words = conduct.count(answer)
    if share >= _STRONG_SHARE and words >= _STRONG_WORDS:
        return "strong"
    return "weak" if not share and words < _WEAK_WORDS else None


def _kind_of_few_words(answer: str, words: list[str], spoken: Language, heard: Heard) -> AnswerKind | None:
    beginning = answer[:400]  # so few words that take more room are none
    if _WANTS_ANOTHER.match(beginning):
        return "does_not_know"
    if conduct.steers(beginning):
        return "manipulation"
    if conduct.attacks(beginning):
        return "hostile"
    if conduct.needs_a_moment(beginning, spoken):
        return "thinking"
    if heard.remark:
        return heard.remark
    if spoken.language != ENGLISH and (kind := _kind_by_phrases(beginning, spoken)):
        return kind
    if heard.kind == "question_back" or _ASKS_BACK.search(beginning) or _is_one_question(answer):
        return "question_back"
    if heard.kind == "does_not_know" or _does_not_know(beginning):
        return "does_not_know"
    return "too_short" if _length(words) < MIN_WORDS else None


def _kind_by_phrases(answer: str, spoken: Language) -> AnswerKind | None:
    """As above, in languages of which only fixed phrases are known."""
    if conduct.says_any(spoken.heard.asks_back, answer):
        return "question_back"
    unknown = (*spoken.heard.does_not_know, *spoken.heard.another)
    around = conduct.remark(unknown, _IS_SORRY.sub("", answer))
    if around is None or conduct.count(around[0]) >= MIN_WORDS or _goes_on_elsewhere(around[1], unknown):
        return None
    return "does_not_know"


def _goes_on_elsewhere(rest: str, unknown: tuple[str, ...]) -> bool:
    """As `_goes_on`, by fixed phrases."""
    same, *others = _NEXT_SENTENCE.split(rest)
    said = [*_GOES_ON_ELSEWHERE.split(same, maxsplit=1)[1:], *others]
    return any(conduct.count(each) >= MIN_WORDS - 1 and not conduct.says_any(unknown, each) for each in said)


def _is_mashing(words: list[str]) -> bool:
    """Keys hit at random: most words have no vowels where words have them. Capitals alone are an acronym."""
    if not _MASHED.search(" ".join(words).lower()):
        return False
    odd = [word for word in words if len(word) > 3 and not word.isupper() and _MASHED.search(word.lower())]
    return len(odd) * 2 > len(words)


def _is_one_question(answer: str) -> bool:
    """Whether nothing was said but a question. "A hash map?" is a careful answer."""
    if not answer.endswith(tuple(QUESTION_MARKS)) or _SENTENCE_END.search(answer):
        return False
    return not _TENTATIVE.match(answer)


def _does_not_know(answer: str) -> bool:
    admitted = _DOES_NOT_KNOW.match(answer)
    return admitted is not None and not _goes_on(answer[admitted.end() :])


def _goes_on(rest: str) -> bool:
    """Whether an attempt follows after it was admitted that something is not known."""
    turns = [*_GOES_ON.finditer(rest)]
    ends = [*(turn.start() for turn in turns[1:]), len(rest)]
    for turn, end in zip(turns, ends, strict=False):
        said = rest[turn.end() : end]
        if len(WORD.findall(said)) >= MIN_WORDS - 1 and not _GIVES_UP.search(said):
            return True
    return False


def _length(words: list[str]) -> int:
    """Different words; where a script has no spaces, two characters are taken for one."""
    spoken = {word.lower() for word in words if _LETTER.search(word)}
    return sum(map(conduct.size, spoken))
