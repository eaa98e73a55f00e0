"""What is said and heard in each language: phrases, whole scripted interviews, and how native answers read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, get_args

import pytest
from contracts.interviewer.asks import AcknowledgeAsk
from contracts.vocabulary.configuration import SessionConfig, Style
from contracts.vocabulary.question import Question
from contracts.vocabulary.turn import Budget, TurnContext
from interviewer.conduct import consents
from interviewer.detection import detected
from interviewer.engines import wording
from interviewer.languages import Addressed, Language, language, languages
from interviewer.reading import read
from interviewer_simulation import BANK, ENGINE, SESSION, Interview, answer, begin, hold, in_turn, session
from parley_text.questions import question_of

STYLES: tuple[Style, ...] = get_args(Style)
ENGLISH = language("en")
MARKS = "?？؟"


@dataclass(frozen=True)
class Native:
    """What candidates say in a language. The first `ordinary` sentence answers anything; `figure` holds `number`."""

    ready: Sequence[str]
    not_ready: Sequence[str]
    neither: Sequence[str]
    unknown: Sequence[str]
    asking: Sequence[str]
    skipping: Sequence[str]
    thinking: Sequence[str]
    stopping: Sequence[str]
    tricky: Sequence[str]
    ordinary: Sequence[str]
    figure: str
    number: str


NATIVE = {
    "de": Native(
        ready=[
            "Ja", "Ja, klar!", "Los geht's", "Ja, ich bin bereit.", "Natürlich, fangen wir an", "Kein Problem, gern",
            "Warum nicht", "von mir aus", "Ja, im Moment passt es gut", "Yes, let's go", "Okay, wir können starten",
            "Ich bin Krankenpflegerin, arbeite seit neun Jahren auf einer Station und erzähle Ihnen gern alles davon.",
        ],
        not_ready=[
            "Nein", "Noch nicht", "Ich bin noch nicht so weit", "Ja, aber einen Moment bitte", "nicht bereit",
            "Moment", "Ich würde gern erst noch etwas trinken", "Warten Sie kurz", "Eher nicht", "No, not yet",
        ],
        neither=["Hallo", "Wie lange dauert das Ganze?"],
        unknown=[
            "Keine Ahnung.", "Das weiß ich leider nicht.", "weiss ich nicht", "Ich weiß es nicht, tut mir leid.",
            "Ehrlich gesagt weiß ich das nicht.", "Davon habe ich noch nie gehört", "Da bin ich überfragt.",
            "Keine Ahnung, damit habe ich noch nie gearbeitet.", "Da muss ich passen", "Ich passe.", "kein plan",
            "Ich weiß nicht genau, wie das im Detail funktioniert.", "I don't know.",
        ],
        asking=[
            "Was meinen Sie damit?", "Wie bitte", "Können Sie das bitte wiederholen", "Ich verstehe die Frage nicht.",
            "was meinst du mit idempotent", "Kannst du die Frage noch mal stellen", "Worauf wollen Sie hinaus",
            "Tut mir leid, das habe ich nicht verstanden.", "Could you repeat the question, please",
        ],
        skipping=[
            "Nächste Frage bitte", "Können wir die Frage überspringen?", "Überspringen.", "Weiter.", "skip",
            "Ich weiß es nicht, bitte die nächste Frage",
        ],
        thinking=[
            "Einen Moment, bitte.", "Einen Moment", "Lassen Sie mich kurz überlegen.", "Hm, lass mich nachdenken",
            "Sekunde", "Ich muss kurz nachdenken", "Give me a moment, please.",
        ],
        stopping=[
            "Ich möchte das Interview beenden.", "Können wir hier aufhören?", "Lassen Sie uns hier aufhören, danke.",
            "Bitte beenden Sie das Gespräch", "Interview abbrechen", "I want to end the interview.",
        ],
        tricky=[
            "Ich weiß nicht viel über Kubernetes, aber ich würde mit den Ereignissen des Pods anfangen.",
            "Der Kunde weiß nicht, was er will, also frage ich so lange nach, bis es klar ist.",
            "Einen Moment lang dachte ich, wir verlieren den Kunden an die Konkurrenz.",
            "Ich passe mich schnell an neue Teams an.",
            "Die nächste Frage ist für mich, ob der Cache warm ist.",
            "Ich warte einen Moment und versuche es dann noch einmal mit doppelter Pause.",
            "Wir haben das Interview mit dem Kunden beendet und danach alles ausgewertet.",
            "Keine Ahnung hatte damals niemand außer mir, vielleicht war das der Fehler im Projekt.",
            "Ich würde Redis nehmen, bin mir da aber nicht ganz sicher.",
            "Ich weiß es nicht genau. Vermutlich würde ich einen Index auf beide Spalten legen.",
        ],
        ordinary=[
            "Zuerst würde ich die Protokolle ansehen und dann alles in Ruhe messen.",
            "Wir haben die Datenbank und den Zwischenspeicher voneinander getrennt.",
            "Der Kunde war unzufrieden, deshalb habe ich ihn noch am selben Tag angerufen.",
            "In meinem letzten Team war ich für die Einarbeitung neuer Leute zuständig.",
            "Das hängt davon ab, wie oft gelesen und wie oft geschrieben wird.",
            "Ich habe den Deploy gestoppt und den letzten Commit mit Git zurückgerollt.",
            "Wir nutzen Kafka und Postgres, weil das Team beides schon kannte.",
            "Am Ende haben wir den Termin gehalten, allerdings ohne die zweite Funktion.",
            "Ich plane meine Woche am Montag und halte mir den Freitag frei.",
            "Bei der Visite spreche ich zuerst mit der Patientin und dann mit den Angehörigen.",
        ],
        figure="Mit dem neuen Index haben wir die Antwortzeit um 40 % gesenkt, und das blieb auch unter Last so.",
        number="40 %",
    ),
    "es": Native(
        ready=[
            "Sí", "si, claro", "Estoy lista.", "Por supuesto, empecemos", "¡Adelante!", "¿Por qué no?", "Dale",
            "No hay problema, podemos empezar", "No tengo preguntas, cuando quiera", "Cómo no", "vale", "Yes, ready",
            "Soy enfermera, llevo nueve años en urgencias y me encantaría contarle a fondo lo que hago.",
        ],
        not_ready=[
            "No", "Todavía no", "No estoy listo", "Sí, pero deme un minuto", "Espere un momento, por favor",
            "Ahora no puedo", "mejor más tarde", "Casi", "Aún no, un segundo",
        ],
        neither=["Hola", "¿Cuánto dura la entrevista?"],
        unknown=[
            "No sé.", "no lo se", "No lo sé, lo siento.", "Ni idea", "La verdad es que no lo sé.", "No tengo ni idea",
            "Nunca he trabajado con eso.", "No me suena de nada", "No sabría decirle", "no se", "No recuerdo.",
            "No sé muy bien cómo funciona eso por dentro.", "I have no idea.",
        ],
        asking=[
            "¿Qué quiere decir?", "¿Cómo dice?", "puede repetir la pregunta por favor", "No entiendo la pregunta.",
            "a qué te refieres con idempotente", "No entendí.", "Perdón, no he entendido la pregunta.",
            "Me puede dar un ejemplo", "What do you mean by that",
        ],
        skipping=[
            "Siguiente pregunta, por favor", "¿Podemos pasar a otra pregunta?", "Paso.", "Prefiero no responder",
            "Siguiente.", "No sé, pasemos a la siguiente", "¿Podemos saltarnos esta?",
        ],
        thinking=[
            "Un momento, por favor.", "Un momento", "Déjeme pensar.", "A ver, déjame pensarlo", "Deme un segundo",
            "Un segundito", "Hold on",
        ],
        stopping=[
            "Quiero terminar la entrevista.", "¿Podemos dejarlo aquí?", "Prefiero dejarlo aquí, gracias.",
            "Terminar la entrevista", "Ya no quiero seguir", "Please stop the interview now",
        ],
        tricky=[
            "No sé mucho de Kubernetes, pero empezaría por mirar los eventos del pod.",
            "No se puede usar un índice ahí, hay que particionar la tabla.",
            "El cliente no sabía lo que quería, así que le hice muchas preguntas.",
            "Un momento clave fue cuando perdimos al cliente más grande.",
            "El siguiente paso fue hablar con todo el equipo de ventas.",
            "No estoy seguro de que la caché sea la mejor idea en este caso.",
            "La siguiente pregunta es si la caché está caliente, y eso lo mido.",
            "Al terminar la entrevista con el candidato escribo mis notas en seguida.",
            "No lo sé con certeza. Quizás pondría un índice en las dos columnas.",
            "Paso mucho tiempo con los usuarios antes de diseñar nada.",
        ],
        ordinary=[
            "Primero miraría los registros y después las métricas del servicio.",
            "Separamos la base de datos y la caché para que cada una pudiera crecer.",
            "El cliente estaba molesto, por eso lo llamé ese mismo día.",
            "En mi último equipo me encargaba de formar a la gente nueva.",
            "Depende de cuántas lecturas y cuántas escrituras haya en el sistema.",
            "Detuve el despliegue y volví a la versión anterior con Git.",
            "Usamos Kafka y Postgres porque el equipo ya conocía los dos.",
            "Al final cumplimos con la fecha, aunque sin la segunda función.",
            "Planifico la semana el lunes y dejo libre la tarde del viernes.",
            "Durante la ronda hablo primero con la paciente y luego con su familia.",
        ],
        figure="Con el índice nuevo bajamos el tiempo de respuesta un 40 % y se mantuvo así también con mucha carga.",
        number="40 %",
    ),
    "fr": Native(
        ready=[
            "Oui", "Oui, bien sûr !", "C'est parti", "D'accord, allons-y", "Je suis prête.", "pourquoi pas", "ok",
            "Pas de problème, on peut commencer", "Quand vous voulez", "Ouais, vas-y", "Volontiers", "Sure, go ahead",
            "Je suis infirmière aux urgences depuis neuf ans et je vous raconterai volontiers tout ce que j'y fais.",
        ],
        not_ready=[
            "Non", "Pas encore", "Je ne suis pas prêt", "Oui, mais une minute s'il vous plaît", "Attendez un instant",
            "Pas tout de suite", "plus tard", "Je ne suis pas encore prête", "Presque", "No, wait",
        ],
        neither=["Bonjour", "Combien de temps cela dure ?"],
        unknown=[
            "Je ne sais pas.", "je sais pas", "Aucune idée.", "Je n'en sais rien, désolé.", "Je ne connais pas ça",
            "Honnêtement, je ne sais pas.", "Je n'ai jamais travaillé avec ça.", "Je sèche", "J’en ai aucune idée",
            "Ça ne me dit rien du tout", "Je ne me souviens plus", "Je passe.", "No idea, sorry.",
            "Je ne sais pas vraiment comment ça marche à l'intérieur.",
        ],
        asking=[
            "Que voulez-vous dire ?", "Comment ça ?", "Pouvez-vous répéter la question s'il vous plaît",
            "Je ne comprends pas la question.", "qu'est-ce que tu entends par idempotent", "Je n'ai pas compris.",
            "Excusez-moi, je n'ai pas bien compris", "Vous pouvez me donner un exemple", "Can you repeat that please",
        ],
        skipping=[
            "Question suivante, s'il vous plaît", "On peut passer à la suivante ?", "Je préfère passer.", "Suivante.",
            "Je ne sais pas, passons à la suite", "Je préfère ne pas répondre",
        ],
        thinking=[
            "Un instant, s'il vous plaît.", "Un moment", "Laissez-moi réfléchir.", "Attends, je réfléchis",
            "Donnez-moi une seconde", "Une petite minute", "Let me think.",
        ],
        stopping=[
            "Je voudrais arrêter l'entretien.", "On peut s'arrêter là ?", "Je préfère arrêter là, merci.",
            "Arrêter l'entretien", "Je ne veux plus continuer", "Let's stop here, thank you.",
        ],
        tricky=[
            "Je ne connais pas bien Kubernetes, mais je commencerais par les événements du pod.",
            "Le client ne savait pas ce qu'il voulait, alors je lui ai posé beaucoup de questions.",
            "Un moment difficile a été le départ de notre plus gros client.",
            "Je passe beaucoup de temps avec les utilisateurs avant de dessiner.",
            "La question suivante est de savoir si le cache est chaud, et je le mesure.",
            "Je ne suis pas sûr que le cache soit la meilleure idée dans ce cas.",
            "Il faut d'abord mesurer, quoi, sinon on travaille au hasard.",
            "Je ne sais pas exactement. Je dirais qu'il faut un index sur les deux colonnes.",
            "Avant d'arrêter l'entretien avec un candidat, je lui explique toujours la suite.",
            "Une seconde équipe a repris le projet au mois de mars.",
        ],
        ordinary=[
            "Je commencerais par regarder les journaux, puis je mesurerais chaque requête.",
            "Nous avons séparé la base de données du cache pour les faire évoluer.",
            "Le client était mécontent, donc je l'ai appelé le jour même.",
            "Dans ma dernière équipe, je formais les nouveaux arrivants.",
            "Cela dépend du nombre de lectures et du nombre d'écritures.",
            "J'ai arrêté le déploiement et je suis revenu à la version précédente avec Git.",
            "On utilise Kafka et Postgres parce que l'équipe connaissait déjà les deux.",
            "Finalement nous avons tenu le délai, mais sans la deuxième fonction.",
            "Je prépare ma semaine le lundi et je garde le vendredi libre.",
            "Pendant la visite, je parle d'abord à la patiente, ensuite à sa famille.",
        ],
        figure="Avec le nouvel index, nous avons réduit le temps de réponse de 40 %, et cela a tenu sous forte charge.",
        number="40 %",
    ),
    "hi": Native(
        ready=[
            "हाँ", "हां, शुरू करते हैं", "जी, मैं तैयार हूँ।", "जी हाँ", "बिल्कुल", "ठीक है, चलिए", "क्यों नहीं",
            "कोई दिक्कत नहीं, शुरू कीजिए", "haan", "haan ji, shuru karte hain", "ji bilkul", "theek hai", "taiyar hoon",
            "kyun nahi", "Yes, ready",
            "मैं नौ साल से अस्पताल की इमरजेंसी में नर्स के तौर पर काम कर रही हूँ और आपको सब कुछ बताना चाहूँगी।",
        ],
        not_ready=[
            "नहीं", "अभी नहीं", "मैं तैयार नहीं हूँ", "जी नहीं", "हाँ, पर एक मिनट रुकिए", "थोड़ी देर में", "बाद में",
            "nahi", "abhi nahi", "haan, lekin ek minute", "ruko", "nhi abhi",
        ],
        neither=["नमस्ते", "इसमें कितना समय लगेगा?"],
        unknown=[
            "मुझे नहीं पता।", "पता नहीं", "मुझे इसके बारे में नहीं पता।", "माफ़ कीजिए, मुझे नहीं पता।", "मालूम नहीं",
            "मैं नहीं जानती।", "कोई आइडिया नहीं है", "मुझे याद नहीं है", "मैंने इसके बारे में कभी नहीं सुना।",
            "nahi pata", "pata nahi", "mujhe nahi pata", "mujhe iske bare mein nahi pata", "sorry, pata nahi yaar",
            "मुझे ठीक से नहीं पता कि यह कैसे काम करता है।", "I don't know",
        ],
        asking=[
            "क्या मतलब?", "इसका क्या मतलब है", "क्या आप सवाल दोहरा सकते हैं?", "कृपया फिर से बताइए",
            "मुझे सवाल समझ नहीं आया।", "आप क्या पूछना चाहते हैं", "kya matlab", "phir se boliye",
            "mujhe question samajh nahi aaya", "kya aap repeat kar sakte hain", "समझ नहीं आया।",
        ],
        skipping=[
            "अगला सवाल", "इसे छोड़ देते हैं", "क्या हम आगे बढ़ सकते हैं?", "agla question", "skip karo", "ise chhod dijiye",
            "मुझे नहीं पता। क्या हम अगले सवाल पर चलें?",
        ],
        thinking=[
            "एक मिनट", "मुझे सोचने दीजिए।", "एक मिनट दीजिए", "ज़रा रुकिए", "ek minute", "sochne do", "ek second please",
            "मुझे थोड़ा समय चाहिए", "one second",
        ],
        stopping=[
            "इंटरव्यू ख़त्म कर दीजिए", "मैं इंटरव्यू खत्म करना चाहती हूँ।", "इंटरव्यू यहीं रोक दीजिए", "यहीं रुकते हैं",
            "interview khatam karo", "main interview band karna chahta hoon", "I would like to stop here.",
        ],
        tricky=[
            "मुझे Kubernetes के बारे में ज़्यादा नहीं पता, लेकिन मैं पॉड के इवेंट से शुरू करूँगा।",
            "टीम में किसी को असली कारण नहीं पता था, इसलिए हमने लॉग देखे।",
            "एक मिनट में पाँच सौ अनुरोध आते थे और डेटाबेस धीमा हो जाता था।",
            "अगला सवाल यह है कि कैश गरम है या नहीं, और वह मैं मापता हूँ।",
            "मुझे पक्का नहीं पता। शायद मैं दोनों कॉलम पर इंडेक्स लगाऊँगा।",
            "हमने थोड़ा समय लेकर पूरी टीम से अलग-अलग बात की।",
            "कई ग्राहक नहीं जानते कि उन्हें क्या चाहिए, वहाँ मैं सवाल पूछता हूँ।",
            "main pehle logs dekhunga aur phir query ko measure karunga",
            "pehle mujhe nahi pata tha, lekin phir maine documentation padha aur seekh liya",
        ],
        ordinary=[
            "मैं पहले लॉग देखूँगा और फिर डेटाबेस की हर क्वेरी मापूँगा।",
            "हमने डेटाबेस और कैश को अलग कर दिया ताकि दोनों अलग-अलग बढ़ सकें।",
            "ग्राहक नाराज़ था, इसलिए मैंने उसे उसी दिन फ़ोन किया।",
            "पिछली टीम में नए लोगों को सिखाना मेरी ज़िम्मेदारी थी।",
            "यह इस पर निर्भर करता है कि पढ़ना ज़्यादा है या लिखना।",
            "मैंने डिप्लॉय रोका और Git से पिछले कमिट पर वापस गई।",
            "हम Kafka और Postgres इस्तेमाल करते हैं, क्योंकि टीम को दोनों आते थे।",
            "आख़िर में हमने समय पर काम पूरा किया, पर दूसरे फ़ीचर के बिना।",
            "मैं सोमवार को पूरे हफ़्ते की योजना बनाता हूँ और शुक्रवार खाली रखता हूँ।",
            "राउंड पर मैं पहले मरीज़ से और फिर उसके परिवार से बात करती हूँ।",
        ],
        figure="नए इंडेक्स से हमने जवाब का समय 40% घटाया, और ज़्यादा लोड में भी वह वैसा ही रहा।",
        number="40%",
    ),
    "zh": Native(
        ready=[
            "是的", "好的", "好，开始吧", "准备好了", "我准备好了。", "可以", "嗯，可以开始了", "没问题", "当然可以",
            "行", "没有问题，开始吧", "是", "不好意思，可以开始了", "Yes, I'm ready",
            "我在急诊室做了九年护士，很想跟您好好讲一讲我每天都在做些什么事情。",
        ],
        not_ready=[
            "不", "还没有", "还没准备好", "等一下", "不行", "好的，不过请等我一分钟", "稍等", "现在不方便", "不可以",
            "可以先问个问题吗", "可不可以晚一点开始", "没有准备好",
        ],
        neither=["您好", "大概要多长时间？", "但是我是第一回"],
        unknown=[
            "不知道", "我不知道。", "不太清楚", "没用过", "这个我不会", "我不太了解。", "没听说过，抱歉", "想不起来了",
            "抱歉，这个我真的不知道", "没有思路", "我不知道怎么回答这个问题", "答不上来", "I have no idea",
        ],
        asking=[
            "什么意思？", "你是什么意思", "能再说一遍吗？", "请再说一遍", "没听懂", "我不明白您的意思",
            "您指的是哪一种", "可以解释一下吗", "不好意思，没听清", "What do you mean?",
        ],
        skipping=["跳过", "下一题", "换一个问题吧", "可以跳过这个问题吗？", "下一个问题", "我不知道，跳过吧"],
        thinking=["让我想想", "等一下", "稍等", "给我一分钟", "我想一下", "嗯，让我想一想。", "Give me a second"],
        stopping=[
            "我想结束面试", "结束面试吧", "就到这里吧", "我不想继续了", "我想退出面试。", "I want to end the interview",
        ],
        tricky=[
            "我对这个工具不太熟，不过我会先从日志和监控入手，一步一步缩小范围。",
            "一开始我不知道原因，后来看了日志才发现是连接池太小。",
            "客户不知道自己要什么，所以我会先做访谈，再画出流程给他们看。",
            "用队列来削峰，不会丢数据，失败的消息会进入死信队列。",
            "举个例子，我们曾经把一个大表按照用户拆成了十六个小表。",
            "可以跳过已经处理过的数据，这样重跑的时候就不会重复写入。",
            "我需要考虑成本和性能，然后在两者之间做一个取舍。",
            "结束面试之后，我会当天把反馈写给候选人和招聘团队。",
            "下一个问题是缓存有没有预热，这一点我会先去测量。",
            "等一下再重试，每次把间隔加倍，这样不会把下游打垮。",
            "我不清楚具体的数字。我觉得大概是每秒三千个请求，分布在三个机房。",
        ],
        ordinary=[
            "我会先检查日志，然后比较两个版本之间的差别。",
            "我们把数据库和缓存分开，这样两边可以各自扩容。",
            "客户很不满意，所以我当天就给他打了电话。",
            "在上一个团队里，我负责带新人熟悉业务。",
            "这取决于读得多还是写得多，要看具体的比例。",
            "我停止了发布，并且用 Git 回退到上一个版本。",
            "我们用了 Kafka 和 Postgres，因为团队对这两个都很熟。",
            "最后我们按时交付了，只是少了第二个功能。",
            "我每周一做计划，把周五下午留出来处理杂事。",
            "查房的时候，我先和病人沟通，再和家属说明情况。",
        ],
        figure="加了新的索引以后，响应时间降低了 40%，在高负载的情况下也一直保持得很稳定。",
        number="40%",
    ),
}  # fmt: skip
SPOKEN = [each for each in languages() if each.language in NATIVE]
BY_LANGUAGE = pytest.mark.parametrize("spoken", SPOKEN, ids=lambda spoken: spoken.language)
EVERY_LANGUAGE = pytest.mark.parametrize("spoken", languages(), ids=lambda spoken: spoken.language)


def cases(*fields: str) -> Any:
    """Every text of these fields, with its language."""
    found = [(code, text) for code, native in NATIVE.items() for field in fields for text in getattr(native, field)]
    return pytest.mark.parametrize(("code", "text"), found, ids=[f"{code}: {text[:40]}" for code, text in found])


# --- the phrases themselves ---


def by_style(spoken: Language) -> dict[str, dict[Style, tuple[str, ...]]]:
    tables = {name: value for name, value in spoken if isinstance(value, dict) and name != "reactions"}
    return tables | {f"reactions.{kind}": table for kind, table in spoken.reactions.items()}


def without_style(spoken: Language) -> dict[str, tuple[str, ...]]:
    """What is said alike in every style."""
    tables = {
        f"{name}.{kind}": texts for name in ("resume", "job", "leading_in") for kind, texts in getattr(spoken, name)
    }
    return tables | {
        "building_on": spoken.building_on,
        "rephrasings": spoken.rephrasings,
        "acknowledgements": spoken.acknowledgements,
        "fillers": spoken.fillers,
        "questions_in_english": (spoken.questions_in_english, spoken.some_questions_in_english),
    }


def addressed(spoken: Addressed) -> dict[str, tuple[str, ...]]:
    """What speaks to the candidate in whole sentences, politely or on familiar terms."""
    words = spoken.taking_up
    return {f"taking_up.{kind}": texts for kind, texts in words.questions.items()} | {
        "quoting": words.quoting,
        "against": (words.earlier, words.in_resume),
        "of_the_trade": spoken.of_the_trade,
        "asked_for": (*spoken.asked_for, spoken.deeper),
    }


def phrases(spoken: Language) -> Iterator[str]:
    for texts in (*addressed(spoken).values(), *(addressed(spoken.familiar) if spoken.familiar else {}).values()):
        yield from texts
    for table in by_style(spoken).values():
        yield from (text for texts in table.values() for text in texts)
    for texts in without_style(spoken).values():
        yield from texts


def test_there_are_five_languages_beside_english() -> None:
    assert {each.language for each in languages()} == {"en", *NATIVE}


@BY_LANGUAGE
def test_there_is_as_much_to_choose_from_as_in_english(spoken: Language) -> None:
    for style in STYLES:
        assert len(spoken.transitions[style]) >= len(ENGLISH.transitions[style])
        assert spoken.transitions[style].count("") == 1
    assert len(spoken.acknowledgements) >= len(ENGLISH.acknowledgements)
    for each in (spoken, *([spoken.familiar] if spoken.familiar else [])):
        for name, texts in addressed(ENGLISH).items():
            assert len(addressed(each)[name]) == len(texts), name
    for name, _ in ENGLISH.heard:
        assert len(getattr(spoken.heard, name)) >= 15


@EVERY_LANGUAGE
def test_no_phrase_is_there_twice(spoken: Language) -> None:
    for table in by_style(spoken).values():
        said = [text for style in STYLES for text in table[style] if text]
        assert len(set(said)) == len(said), "styles do not share their phrases"
    for texts in without_style(spoken).values():
        assert len(set(texts)) == len(texts)
    for _, heard in spoken.heard:
        assert len(set(heard)) == len(heard)
        assert all(phrase == phrase.lower().strip() for phrase in heard)


@BY_LANGUAGE
def test_one_choice_can_be_told_from_the_other_by_how_it_begins(spoken: Language) -> None:
    tables = [table[style] for table in by_style(spoken).values() for style in STYLES]
    tables += [texts for name, texts in without_style(spoken).items() if "{" in texts[0]]
    for texts in tables:
        begins = sorted(text.split("{")[0] for text in texts if text and "{role}" not in text)
        assert all(begins)
        assert not [first for first, second in pairwise(begins) if second.startswith(first)]


@BY_LANGUAGE
def test_the_sentences_are_put_together_well(spoken: Language) -> None:
    spaced = spoken.language != "zh"
    for style in STYLES:
        for table in (spoken.transitions, spoken.after_not_knowing, spoken.leaving_it):
            assert all(text.endswith(" ") == spaced for text in table[style] if text)
    around = [text for table in spoken.reactions.values() for style in STYLES for text in table[style]]
    for text in (*around, *spoken.rephrasings):
        assert text.endswith(" {question}" if spaced else "{question}")
    for text in phrases(spoken):
        assert "  " not in text and "\n" not in text and text.strip() == text.rstrip(" ")
        assert not re.search(r" [?!;:»]|« ", text), "a space that breaks"
        assert "?" not in text or spoken.language != "zh"
        assert "？" not in text or spoken.language == "zh"


@EVERY_LANGUAGE
def test_an_introduction_ends_with_a_question_that_can_stand_alone(spoken: Language) -> None:
    for table in (spoken.introductions, spoken.welcomes, spoken.self_introductions):
        for text in (text for style in STYLES for text in table[style]):
            question = question_of(text)
            assert question[-1] in MARKS and "{" not in question
            inserted = wording.before_last_sentence(text, spoken.questions_in_english)
            assert inserted.endswith(f"{spoken.questions_in_english} {question}")


FAMILIAR = {
    "de": r"\b(?:du|dich|dir|dein\w*|deine\w*|denk|nimm|erzähl|lass|sag|überleg)\b",
    "es": r"\b(?:tú|te|ti|tu|tus|contigo|cuéntame|dime|avísame|has|puedes|quieras|eliges)\b",
    "fr": r"\b(?:tu|te|toi|ton|ta|tes)\b|\bt'",
    "hi": r"तुम|तू\b|तेर",
    "zh": "你",
}
POLITE = {
    "de": r"(?<![.:!] )(?<!^)\b(?:Sie|Ihnen|Ihr|Ihre\w*)\b|\bSie\b",
    "es": r"\b(?:usted|su|sus|suyo)\b",
    "fr": r"\b(?:vous|votre|vos)\b",
    "hi": r"(?!)",
    "zh": "您",
}


@BY_LANGUAGE
def test_everybody_is_addressed_as_the_style_has_it(spoken: Language) -> None:
    familiar, polite = (re.compile(table[spoken.language]) for table in (FAMILIAR, POLITE))
    for name, table in by_style(spoken).items():
        for style in STYLES:
            for text in table[style]:
                other = polite if style == "casual" else familiar
                if spoken.language == "zh" and style != "casual":
                    other = familiar if style == "formal" else polite
                assert not other.search(text), (name, style, text)
    for texts in without_style(spoken).values():
        for text in texts:
            assert not familiar.search(text) and not polite.search(text), text
    if spoken.familiar:
        for texts in addressed(spoken.familiar).values():
            assert not any(polite.search(text) for text in texts), texts
    for texts in addressed(spoken).values():
        assert not any(familiar.search(text) for text in texts), texts


HOSTILE = ["{", "}", "{claim}", "{question}", "{0}", "%s", '"', "'", "\\", "<script>", "Kafka", "“x”", "40 %", "¿", "»"]


@EVERY_LANGUAGE
@pytest.mark.parametrize("hostile", HOSTILE)
def test_every_phrase_holds_whatever_is_put_in(spoken: Language, hostile: str) -> None:
    values = {"role": hostile, "company": f" {hostile} ", "claim": hostile, "question": f"{hostile}?"}
    values |= {"earlier": hostile, "tool": hostile, "moved": hostile}
    for text in phrases(spoken):
        fields = re.findall(r"\{(\w*)\}", text)
        assert set(fields) <= set(values)
        if not fields:  # a plain phrase is said as it is
            continue
        said = text.format(**values)
        assert all(values[field] in said for field in fields)
        assert sum(map(said.count, MARKS)) == sum(map(text.replace("{question}", "?").count, MARKS))
        rest = said
        for value in values.values():
            rest = rest.replace(value, "") if value in rest else rest
        assert len(said) == len(re.sub(r"\{\w*\}", "", text)) + sum(len(values[field]) for field in fields)
    assert hostile in spoken.at_company.format(company=hostile)


@EVERY_LANGUAGE
def test_the_question_is_found_again_in_what_was_said_around_it(spoken: Language) -> None:
    asked = Question(kind="question", text="How would you find out why it is slow?", phase="technical")
    stock = [text for table in spoken.reactions.values() for style in STYLES for text in table[style]]
    for text in (*stock, *spoken.rephrasings):
        around = asked.model_copy(update={"text": text.format(question=asked.text)})
        assert wording.bare(around, spoken) == asked.text
    for opener in spoken.openers:
        assert wording.bare(asked.model_copy(update={"text": opener + asked.text}), spoken) == asked.text


# --- whole interviews ---


def is_of(text: str, templates: Sequence[str]) -> bool:
    """Whether the text was made from one of the templates."""
    patterns = (re.sub(r"\\\{\w+\\\}", "(?s:.*)", re.escape(template)) for template in templates)
    return any(re.fullmatch(pattern, text) for pattern in patterns)


async def asked_in(spoken: Language, style: Style, *texts: str, **config: Any) -> Interview:
    """An interview in a language, with the first question asked, and these answers to it and what follows."""
    fields = {"job_role": "Backend Engineer", "target_question_count": 20, "style": style}
    interview = await begin(SessionConfig(language=spoken.language, **(fields | config)))
    for text in (NATIVE[spoken.language].unknown[0], *texts):
        await answer(interview, text)
    return interview


@BY_LANGUAGE
@pytest.mark.parametrize("style", STYLES)
async def test_an_interview_is_held_in_its_language(spoken: Language, style: Style) -> None:
    native = NATIVE[spoken.language]
    said = in_turn(
        *native.ordinary[:2], native.figure, native.unknown[0], native.asking[0], native.ordinary[2], "...",
        *native.ordinary[3:5], native.thinking[0], native.ordinary[5], native.skipping[0], *native.ordinary[6:],
    )  # fmt: skip
    interview = await hold(
        said,
        language=f"{spoken.language}-XX",
        style=style,
        job_role="Backend Engineer",
        company_name="Zebra",
        target_question_count=16,
        resume_content="Led the migration of the billing monolith to three services\n- Reduced payouts by 40 percent",
        job_description="You have experience with Kafka. Knowledge of payment regulations is a plus.",
    )
    introduction = interview.introduction.text
    assert introduction.count(spoken.questions_in_english) == 1
    plain = introduction.replace(f"{spoken.questions_in_english} ", "")
    names = {"role": "Backend Engineer", "company": spoken.at_company.format(company="Zebra")}
    assert re.sub(r"\s", "", plain) in {re.sub(r"\s", "", text.format(**names)) for text in spoken.introductions[style]}
    documents = [text for table in (spoken.resume, spoken.job) for _, texts in table for text in texts]
    words = spoken.to(style).taking_up
    taken_up = [f"{said} {text}" for said in words.quoting for texts in words.questions.values() for text in texts]
    follow_ups = [*taken_up, *spoken.building_on]
    documents += spoken.to(style).asked_for
    around = [text for table in spoken.reactions.values() for text in table[style]]
    plain_openers = (spoken.transitions, spoken.after_not_knowing, spoken.leaving_it)
    openers = [text for table in plain_openers for text in table[style]]
    openers += [text.removesuffix("{question}") for text in spoken.reactions["repeats_itself"][style]]
    kinds = set()
    for question in interview.asked[1:]:
        text, kind = question.text, question.kind
        kinds.add(kind)
        assert sum(map(text.count, MARKS)) == (kind != "closing")
        assert text == text.strip() and "  " not in text
        if kind == "closing":
            assert text in spoken.closings[style]
        elif kind == "clarification":
            assert is_of(text, around)
        elif kind == "follow_up":
            assert is_of(text, follow_ups)
        else:
            bare = wording.bare(question, spoken)
            assert text.removesuffix(bare) in openers
            from_bank = BANK.question(question.bank_id or "").text if question.phase != "resume" else ""
            assert bare == from_bank or is_of(bare, documents)
    assert kinds == {"question", "follow_up", "clarification", "closing"}


@BY_LANGUAGE
@pytest.mark.parametrize("style", STYLES)
async def test_introductions_are_in_the_style(spoken: Language, style: Style) -> None:
    said = set()
    for number in range(12):
        config = SessionConfig(language=spoken.language, style=style, job_role="Chef")
        said.add((await begin(config, session(number))).introduction.text)
    assert len(said) == len(spoken.introductions[style])
    assert all("Chef" in text for text in said)


@BY_LANGUAGE
@pytest.mark.parametrize("style", STYLES)
async def test_a_question_back_is_answered_in_the_language(spoken: Language, style: Style) -> None:
    for text in NATIVE[spoken.language].asking:
        interview = await asked_in(spoken, style, text)
        reaction = interview.asked[-1]
        assert reaction.kind == "clarification" and is_of(reaction.text, spoken.reactions["question_back"][style])
        assert reaction.text.endswith(BANK.question(reaction.bank_id or "").text)


@BY_LANGUAGE
@pytest.mark.parametrize("style", STYLES)
async def test_other_reactions_are_in_the_language(spoken: Language, style: Style) -> None:
    native = NATIVE[spoken.language]
    foreign = NATIVE["fr" if spoken.language == "de" else "de"].ordinary[0]
    reacted = {"...": "silence", "asdf asdf": "unclear", foreign: "other_language", native.ready[0]: "too_short"}
    reacted |= dict.fromkeys(native.thinking, "thinking")
    for text, kind in reacted.items():
        interview = await asked_in(spoken, style, text)
        templates = spoken.reactions[kind][style]  # type: ignore[index]
        assert is_of(interview.asked[-1].text, templates), (text, interview.asked[-1].text)
        assert (await answer(interview, text + " ")).question.kind == "question", "once only"


@BY_LANGUAGE
@pytest.mark.parametrize("style", STYLES)
async def test_who_does_not_know_gets_another_question(spoken: Language, style: Style) -> None:
    native = NATIVE[spoken.language]
    for text in (*native.unknown, *native.skipping):
        question = (await asked_in(spoken, style, text)).asked[-1]
        assert question.kind == "question"
        assert question.text.removesuffix(BANK.question(question.bank_id or "").text) in spoken.after_not_knowing[style]


@BY_LANGUAGE
@pytest.mark.parametrize("style", STYLES)
async def test_a_figure_is_taken_up_in_the_language(spoken: Language, style: Style) -> None:
    """The whole sentence, and a question about what changed."""
    native = NATIVE[spoken.language]
    question = (await asked_in(spoken, style, native.figure)).asked[-1]
    assert question.kind == "follow_up" and native.figure.rstrip(".。।")[1:] in question.text
    assert spoken.to(style).taking_up.moved.down in question.text
    assert question.expects, "it has points of its own"


@BY_LANGUAGE
@pytest.mark.parametrize("style", STYLES)
async def test_who_wants_to_stop_may(spoken: Language, style: Style) -> None:
    for text in NATIVE[spoken.language].stopping:
        closing = (await asked_in(spoken, style, text)).asked[-1]
        assert closing.kind == "closing" and closing.text in spoken.closings_on_wish[style]


@BY_LANGUAGE
@pytest.mark.parametrize("style", STYLES)
async def test_the_interview_waits_until_the_candidate_is_ready(spoken: Language, style: Style) -> None:
    native = NATIVE[spoken.language]
    config = SessionConfig(language=spoken.language, style=style, ask_consent=True, job_role="Chef")
    for ready in native.ready:
        interview = await begin(config)
        assert interview.introduction.phase == "welcome" and "Chef" in interview.introduction.text
        for text in native.not_ready[:3]:
            waiting = (await answer(interview, text)).question
            assert waiting.phase == "welcome" and waiting.text in spoken.not_ready[style]
        introduction = (await answer(interview, ready)).question
        assert introduction.phase == "intro" and introduction.text in spoken.self_introductions[style]
        assert (await answer(interview, native.unknown[0])).question.kind == "question"


@BY_LANGUAGE
async def test_a_sign_of_life_is_in_the_language(spoken: Language) -> None:
    for thinking, words in ((False, spoken.acknowledgements), (True, spoken.fillers)):
        asked = {"style": "formal", "language": spoken.language, "question": "Why?", "words": ""}
        ask = AcknowledgeAsk.model_validate({"session_id": SESSION, "thinking": thinking} | asked)
        assert (await ENGINE.acknowledge(ask)).text in words


# --- what is heard ---


def kind_of(text: str, code: str) -> str:
    return read(
        text,
        TurnContext(
            config=SessionConfig(language=code),
            question=Question(kind="question", text="How do you find a slow query?", phase="technical"),
            answer=text,
            transcript=(),
            budget=Budget(asked=1, target=5, elapsed=0, duration=600, time_based=False),
        ),
    ).kind


def test_there_are_enough_cases() -> None:
    for native in NATIVE.values():
        assert len(native.ready) + len(native.not_ready) + len(native.neither) >= 8
        assert len(native.tricky) >= 5 and len(native.ordinary) >= 10


@cases("ready")
def test_a_yes_is_heard(code: str, text: str) -> None:
    assert consents(text, language(code)) is True


@cases("not_ready")
def test_not_yet_is_heard(code: str, text: str) -> None:
    assert consents(text, language(code)) is False


@cases("neither")
def test_what_is_neither_begins_nothing(code: str, text: str) -> None:
    assert consents(text, language(code)) is None


@cases("unknown", "skipping")
def test_not_knowing_is_heard(code: str, text: str) -> None:
    assert kind_of(text, code) == "does_not_know"


@cases("asking")
def test_a_question_back_is_heard(code: str, text: str) -> None:
    assert kind_of(text, code) == "question_back"


@cases("thinking")
def test_a_wish_for_a_moment_is_heard(code: str, text: str) -> None:
    assert kind_of(text, code) == "thinking"


@cases("stopping")
def test_a_wish_to_end_is_heard(code: str, text: str) -> None:
    assert kind_of(text, code) == "wants_to_stop"


@cases("ordinary", "tricky")
def test_an_answer_is_read_as_one(code: str, text: str) -> None:
    assert kind_of(text, code) == "answer"


HEARD = {
    "does_not_know": "does_not_know",
    "another": "does_not_know",
    "asks_back": "question_back",
    "thinking": "thinking",
}


@BY_LANGUAGE
def test_every_phrase_alone_is_what_it_is_listed_as(spoken: Language) -> None:
    for name, kind in HEARD.items():
        for phrase in getattr(spoken.heard, name):
            assert kind_of(phrase.removesuffix("."), spoken.language) == kind, (name, phrase)
    for phrase in spoken.heard.ready:
        assert consents(phrase.removesuffix("."), spoken), phrase
    for phrase in spoken.heard.not_ready:
        assert consents(phrase.removesuffix("."), spoken) is False, phrase


@BY_LANGUAGE
def test_typographic_signs_and_accents_may_be_written_in_any_way(spoken: Language) -> None:
    written = {
        "de": "weiß ich nicht",
        "es": "no se\u0301 que\u0301 decir",
        "fr": "J’en sais rien",
        "hi": "ज़रा सोचने दीजिए",
        "zh": "不知道！",
    }
    assert kind_of(written[spoken.language], spoken.language) in {"does_not_know", "thinking"}


# --- which language it is ---


@cases("ordinary")
def test_an_ordinary_sentence_is_of_its_language(code: str, text: str) -> None:
    assert detected(text) == code
    assert kind_of(text, code) == "answer"
    assert kind_of(text, "en") == "other_language"
    assert kind_of(text, "es" if code == "fr" else "fr") == "other_language"


ROMANISED = [
    "main pehle logs dekhunga phir query ko measure karunga",
    "humne production mein Kafka aur Redis use kiya tha",
    "mujhe lagta hai ki index lagane se query tez ho jayegi",
    "maine client se baat ki aur ek naya plan banaya",
    "yeh load par depend karta hai, isliye pehle measure karna chahiye",
]


@pytest.mark.parametrize("text", ROMANISED)
def test_hindi_in_latin_letters_is_hindi(text: str) -> None:
    assert kind_of(text, "hi") == "answer"
    assert kind_of(text, "en") == "other_language"


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("es", "No se trata de velocidad, sino de calidad."),
        ("es", "Se trata de comparar dos alternativas."),
        ("hi", "मैं React, Redux, TypeScript, Next.js और Tailwind में काम करता हूँ"),
        ("hi", "Docker और Kubernetes के साथ AWS पर।"),
        ("zh", "我们用 React, Redux, TypeScript, Next.js, Tailwind 和 GraphQL 做前端"),
    ],
)
def test_what_may_well_be_the_language_of_the_interview_is_taken_for_it(code: str, text: str) -> None:
    assert kind_of(text, code) == "answer"


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("es", "Não se trata de velocidade, mas de qualidade do produto."),
        ("es", "Depende da carga de trabalho do sistema."),
        ("fr", "Lavoro con i dati di vendita a livello regionale."),
        ("de", "Ik zou eerst naar de logs kijken en dan meten."),
        ("zh", "まずログを確認してから、クエリを計測します。"),
        ("hi", "Сначала я бы посмотрел логи и метрики сервиса."),
    ],
)
def test_a_neighbouring_language_is_another_one(code: str, text: str) -> None:
    assert kind_of(text, code) == "other_language"


@pytest.mark.parametrize(
    "text",
    [
        "I moved to Maine, and the team grew with me over the years.",
        "Hai fatto bene a misurare prima di cambiare qualcosa nel sistema.",
        "We ran Kafka, Redis and Postgres next to each other in production.",
    ],
)
def test_other_languages_are_not_taken_for_hindi(text: str) -> None:
    assert detected(text) != "hi"
