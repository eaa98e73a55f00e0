"""What is heard for certain, and what must never be."""

from __future__ import annotations

import time

import pytest
from parley_listening import certainly_heard, crisis_lines, ends_a_pause, goes_on, languages_named

HEARD = {
    "self_harm": [
        "I'm going to kill myself if I don't get this job.",
        "honestly i want to kill myself",
        "Ich möchte mir das Leben nehmen.",
        "Quiero quitarme la vida.",
        "J'ai envie de mourir.",
        "मैं अपनी जान देना चाहता हूँ।",
        "我想自杀。",
    ],
    "distress": [
        "I'm sorry, I'm crying, I can't do this right now.",
        "Ich weine gerade, tut mir leid.",
        "Estoy llorando, perdón.",
        "Je pleure, excusez-moi.",
        "मैं रो रही हूँ, माफ़ कीजिए।",
        "对不起，我在哭。",
    ],
    "wants_to_stop": [
        "Can we end here? I need to pick up my kid.",
        "I have to go, sorry, bye",
        "I'd rather stop here, I've got a board call.",
        "Können wir hier aufhören?",
        "Tengo que irme.",
        "Je dois y aller.",
        "मुझे जाना होगा।",
        "我得走了。",
    ],
    "needs_pause": [
        "give me five minutes",
        "someone is at the door",
        "Ich brauche eine Pause.",
        "Necesito un descanso.",
        "J'ai besoin d'une pause.",
        "मुझे ब्रेक चाहिए।",
        "我需要休息一下。",
    ],
    "answer": [
        "I would stop the deployment.",
        "My patient wanted to die, so I called the doctor.",
        "We killed the process.",
        "That deadline nearly killed me.",
        'A caller said "I want to kill myself", and I kept her on the line.',
        "The patient said I want to die, and I stayed.",
        "I have to go through the logs first.",
        "We had to stop the line and call maintenance.",
        "",
        "?!",
    ],
}


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in HEARD.items() for text in texts])
def test_what_is_heard(kind: str, text: str) -> None:
    assert certainly_heard(text).kind == kind


def test_self_harm_is_heard_in_the_middle_of_a_long_answer_and_a_wish_to_stop_is_not() -> None:
    long = "I looked at the logs and found that the index was missing. " * 8
    assert certainly_heard(f"{long} I want to kill myself. {long}").kind == "self_harm"
    assert certainly_heard(f"{long} Can we stop here. {long}").kind == "answer"


@pytest.mark.parametrize("text", ["I’M GOING TO KILL MYSELF", "i  am going  to kill\nmyself", "Je veux mourir…"])
def test_writing_makes_no_difference(text: str) -> None:
    assert certainly_heard(text).kind == "self_harm"


@pytest.mark.parametrize("unit", ["i want to ", "ich ", "我", "a ", ", ", ". ", "मैं ", "to to ", "i'm going to "])
def test_the_longest_answers_are_read_at_once(unit: str) -> None:
    begun = time.thread_time()
    certainly_heard((unit * 20_000)[:20_000])
    assert time.thread_time() - begun < 2


def test_a_pause_ends_by_saying_so() -> None:
    assert goes_on("I'm back") and goes_on("Ich bin wieder da") and goes_on("我回来了") and not goes_on("I cried")
    assert ends_a_pause("yes", ("distress",)) == "goes_on"
    assert ends_a_pause("yes", ()) is None and ends_a_pause("I would look at the plan first.", ("distress",)) is None


def test_lines_are_those_of_the_country_or_of_where_the_language_is_spoken() -> None:
    assert [line.number for line in crisis_lines("de-AT")] == ["142"]
    assert {"988", "116 123"} <= {line.number for line in crisis_lines("en")}
    assert [line.number for line in crisis_lines("hi")] == ["14416"]
    assert crisis_lines("sw"), "somebody is named in every language"


def test_languages_are_known_by_their_names_in_any_other() -> None:
    assert languages_named("Können wir auf Englisch oder Französisch?") == ("en", "fr")
    assert languages_named("能用德语吗") == ("de",)
    assert languages_named("I polished the report.") == ()


GRIEVING = [
    "Sorry, my dad died in March and I find that one hard.",
    "I lost my husband in spring, sorry, I can't talk about that.",
    "This one is hard for me, my brother passed away.",
    "Entschuldigung, mein Vater ist im März gestorben, und die Frage fällt mir schwer.",
    "Das geht mir nahe, meine Mutter ist dieses Jahr verstorben.",
    "Perdone, mi padre murió en marzo y esta pregunta me cuesta.",
    "Perdí a mi hermana y no puedo hablar de eso.",
    "Excusez-moi, mon père est mort en mars et c'est difficile pour moi.",
    "J'ai perdu ma mère, je n'arrive pas à en parler.",
    "माफ़ कीजिए, मेरे पिता का मार्च में निधन हुआ और यह सवाल मेरे लिए कठिन है।",
    "对不起，我爸爸三月去世了，这个问题对我来说很难。",
]
TELLING_OF_A_LOSS = [
    "My grandmother died of cancer, that is why I became a nurse.",
    "We lost a patient that night and I sat with the family.",
    "My dad died when I was six, so I learned early to run a household.",
    "When my mother died I found it hard to focus, so I told my manager and we moved the deadline.",
    "My father passed away in 2019, and running the shop alone was hard, so I hired a manager and kept every customer.",
    "I lost my best friend to a competitor, and this is hard to admit, but I learned to delegate.",
    "Meine Oma ist an Krebs gestorben, deshalb bin ich Pflegerin geworden.",
    "Als mein Vater gestorben ist, fiel mir die Arbeit schwer, also habe ich es meinem Chef gesagt.",
    "Mi abuela murió de cáncer, por eso soy enfermera.",
    "Mon père est mort quand j'avais dix ans, et j'ai appris à tenir une maison.",
    "我爸爸去世以后，我学会了自己管理店铺，那时候很难。",
    "मेरे पिता का निधन हुआ तो मैंने दुकान सँभाली और वह समय मुश्किल था।",
    "My patient's wife died and he finds this very hard, so I sat with him.",
    "A student told me that my brother died and this is hard",
]


@pytest.mark.parametrize("said", GRIEVING)
def test_a_loss_that_hurts_is_heard_without_any_encoder(said: str) -> None:
    assert certainly_heard(said).kind == "distress"


@pytest.mark.parametrize("said", TELLING_OF_A_LOSS)
def test_a_loss_that_is_part_of_an_answer_is_not(said: str) -> None:
    assert certainly_heard(said).kind == "answer"
