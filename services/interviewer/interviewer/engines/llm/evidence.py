"""What may be said of a candidate: what stands in the documents, or was said. Everything else a model made up."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

from contracts.documents.asks import Hit
from contracts.vocabulary.document import SourceRef
from contracts.vocabulary.turn import TurnContext

from interviewer.askable import Askable
from interviewer.claims import technologies_in
from interviewer.documents import documents_of
from interviewer.languages import code_of
from interviewer.tracing import is_unspaced, plain, stands_in
from interviewer.words import words_of

_SENTENCE = re.compile(r"[^.!?。！？।]+(?:[.!?。！？।](?=\w)[^.!?。！？।]+)*[.!?。！？।]*")
_ASKED = re.compile(r"[?？؟]")
_DOCUMENT = r"\b(?:résumé|resume|cv|curriculum|currículum|lebenslauf|werdegang|hoja de vida)\b|रिज़्यूमे|बायोडाटा|简历"
_NAMES_A_DOCUMENT = re.compile(_DOCUMENT, re.IGNORECASE)
_OF_THE_CANDIDATE = re.compile(
    rf"{_DOCUMENT}|\b(?:you|your|yours|(?-i:Sie|Ihr|Ihre[mnrs]?|Ihnen)|du|dein\w*|dich|dir|usted|tú|tus?|vous|votre|vos"
    r"|toi|ton|ta|tes)\b|आप|तुम|你|您",
    re.IGNORECASE,
)
_DID = re.compile(
    rf"{_DOCUMENT}|\byou (?:have |had |also |then |\w+ly )?(?:\w+ed|led|built|wrote|ran|made|had|were|did|used|took"
    r"|chose|grew|cut|went|brought|taught|sold|won|kept|set|came|left|got|gave)\b|\b(?:did|have|had|were) you\b"
    r"|\byour (?:time|work|role|job|project|experience|team|years?) (?:at|on|with|as|of|in)\b",
    re.IGNORECASE,
)
_SUPPOSED = re.compile(
    r"^\W*say\b|\b(?:would|could|if|imagine|suppose|assume|say that|let's say|picture|wenn|angenommen|stell\w*|würde\w*"
    r"|könnte\w*|falls|si|imagin\w+|supon\w+|suppos\w+)\b|假设|假如|如果|想象|मान ली|अगर|यदि|सोचिए",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"(?<![A-Za-z\d.,])\d[\d.,]*")
_NAME = re.compile(r"(?<=[\w,;’'] )[A-ZÀ-Þ][\w+#.&-]*[\w+#]")
_SPELT_AS_A_NAME = re.compile(r"\b(?:[A-Z]{3,}\w*|[A-Za-z]*[a-z][A-Z]\w*)\b")
_QUOTED = re.compile(r'"([^"]{4,})"|“([^”]{4,})”|„([^“”]{4,})[“”]|«([^»]{4,})»')
_OWNED = re.compile(r"['’]s$")
_COMMON = frozenset(
    """
    api apis sql nosql ci cd kpi kpis roi ux ui qa hr it ai ceo cto cfo ok cv résumé resume english german french
    spanish hindi chinese
    monday tuesday wednesday thursday friday saturday sunday january february march april may june july
    august september october november december i'd i've i'm crm erp pdf http https json sla slo b2b b2c
    """.split()
)
_STEM = 5
_BEGINNING = 25


class Evidence:
    """The documents, the pieces that were found in them, and the conversation so far."""

    def __init__(self, context: TurnContext, hits: Sequence[Hit], ideas: Sequence[Askable] = (), raw: str = "") -> None:
        self.hits = hits
        self._context = context
        self._offered = (*(idea.text for idea in ideas), raw)
        self._watched = bool(documents_of(context.config))

    def made_up(self, text: str) -> list[str]:
        """Quotations, numbers and names that the text attributes to the candidate and that stand nowhere. Only where
        the session names documents: elsewhere there is nothing to compare with."""
        if not self._watched:
            return []
        return [each for sentence in _claiming(text) for each in self._specifics(sentence) if not self._is_known(each)]

    def sources(self, numbers: Iterable[int], text: str) -> tuple[SourceRef, ...]:
        """The named pieces of which something is in the text."""
        named = (self.hits[number - 1] for number in dict.fromkeys(numbers) if self.has(number))
        return tuple(
            SourceRef(document_id=hit.document_id, chunk_index=hit.chunk.chunk_index)
            for hit in named
            if _touches(hit.chunk.text, text)
        )

    def has(self, number: object) -> bool:
        """Whether there is a passage of that number."""
        return isinstance(number, int) and 1 <= number <= len(self.hits)

    def _specifics(self, sentence: str) -> Iterator[str]:
        yield from (found for match in _QUOTED.findall(sentence) for found in match if found)
        yield from _NUMBER.findall(sentence)
        yield from technologies_in(sentence)
        german = code_of(self._context.config.language) == "de"
        yield from (_OWNED.sub("", name) for name in (_SPELT_AS_A_NAME if german else _NAME).findall(sentence))

    def _is_known(self, words: str) -> bool:
        if words[0].isdigit() and not any(sign.isalpha() for sign in words):
            return _digits(words) in self._numbers
        return words.lower() in _COMMON or stands_in(words, self._plain)

    @cached_property
    def _plain(self) -> str:
        return plain(self._known)

    @cached_property
    def _numbers(self) -> frozenset[str]:
        return frozenset(map(_digits, _NUMBER.findall(self._known))) | frozenset(re.findall(r"\d+", self._known))

    @cached_property
    def _known(self) -> str:
        config, context = self._context.config, self._context
        said = (each.text for each in context.transcript)
        written = (config.resume_content, config.job_description, config.job_role, config.company_name)
        found = (hit.chunk.text for hit in self.hits)
        return "\n".join((*written, *found, *said, context.question.text, context.answer, *self._offered))


def _claiming(text: str) -> Iterator[str]:
    """The sentences that say something of the candidate, rather than ask or suppose it."""
    for sentence in map(str.strip, _SENTENCE.findall(text)):
        asks = bool(_ASKED.search(sentence))
        # A question can suppose something anywhere; what is told as a fact is one, unless it begins otherwise.
        looked_at = sentence if asks and not _NAMES_A_DOCUMENT.search(sentence) else sentence[:_BEGINNING]
        if (_DID if asks else _OF_THE_CANDIDATE).search(sentence) and not _SUPPOSED.search(looked_at):
            yield sentence


def _digits(number: str) -> str:
    return re.sub(r"\D", "", number)


def _touches(piece: str, text: str) -> bool:
    """Whether a text takes up something of a piece: a number, or a word that is not common, whatever its ending."""
    if is_unspaced(piece) and is_unspaced(text):
        return any(piece[at : at + 3] in text for at in range(len(piece) - 2))
    return bool(_stems(piece) & _stems(text))


def _stems(text: str) -> frozenset[str]:
    words = (word for word in words_of(text) if len(word) >= _STEM or any(sign.isdigit() for sign in word))
    return frozenset(word[:_STEM] for word in words) | {name.lower() for name in technologies_in(text)}
