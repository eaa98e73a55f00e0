"""Small words that every reading of English needs. All lower case."""

from __future__ import annotations


def word_set(text: str) -> frozenset[str]:
    """The words of a text that are parted by white space."""
    return frozenset(text.split())


VOCAL = word_set("um umm uh uhh er err erm hmm hm mm mhm uhm ah eh basically literally")
"""What is said while one looks for the next word."""

NUMBER_WORDS = word_set(
    """two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
    eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred hundreds thousand thousands
    million millions billion billions dozen dozens half twice percent doubled halved tripled thirds quarters"""
)

PROFANITY = word_set(
    """fuck fucking fucked shit bullshit bitch asshole bastard crap stupid idiot idiotic dumb moron
    suck sucks"""
)
OTHER_LANGUAGES = word_set(
    """el la los las un una unos que de del y en por para con pero como es son estoy muy mi yo soy una
    se lo le les des du et est sont dans pour avec mais je nous vous ils elle suis une qui sur pas
    au aux ce cette der die das den dem ein eine einen und ist sind ich wir sie nicht mit auf fur
    für von zu im auch habe war il lo gli di che e sono per non ho nel della ma anche mio o os as um
    uma do da em não nao eu com mas foi meu sou het een van ik wij niet dat zijn hebben voor maar
    ook ja nie się jest na w z to że och att det jag som är på ett inte ve bir bu ile için ben ama
    yang dan di untuk dengan saya ini itu tidak"""
)
"""Small words of other languages that are written in Latin letters."""

FUNCTION_WORDS = word_set(
    """a about after again all also although am an and another any are aren't as at be because been
    before being both but by can can't cannot could couldn't did didn't do does doesn't doing don't
    down during each either else even every for from further had hadn't has hasn't have haven't
    having he he'd he'll he's her here hers him his how i i'd i'll i'm i've if in into is isn't it
    it'd it'll it's its itself just let's me might more most much must my myself need no nor not now
    of off on once one only or other our ours out over own same shall she she'd she's should
    shouldn't since so some such than that that's the their them then there there's these they
    they'd they'll they're they've this those through to too under until up upon us very was wasn't
    we we'd we'll we're we've were weren't what what's when where which while who whom whose why
    will with within without won't would wouldn't yes yet you you'd you'll you're you've your yours"""
)


def _bases(table: str) -> dict[str, str]:
    """The base of each irregular form; a line's first word is the base of the others on it."""
    rows = (line.split() for line in table.replace("|", "\n").splitlines() if line.strip())
    return {form: base for base, *forms in rows for form in forms}


IRREGULAR = _bases(
    """become became | begin began begun | bend bent | bind bound | bite bit bitten | blow blew blown
    break broke broken | bring brought | build built | burn burnt | buy bought | catch caught | choose chose chosen
    cling clung | come came | creep crept | deal dealt | dig dug | do did done does | draw drew drawn
    drink drank drunk | drive drove driven | eat ate eaten | fall fell fallen | feed fed | feel felt
    fight fought | find found | fly flew flown | forget forgot forgotten | freeze froze frozen
    get got gotten | give gave given | go went gone | grow grew grown | hang hung | have had has | hear heard
    hide hid hidden | hold held | keep kept | know knew known | lay laid | lead led | learn learnt | leave left
    lend lent | lie lain | light lit | lose lost | make made | mean meant | meet met | overcome overcame
    pay paid | prove proven | rebuild rebuilt | redo redid redone | ride rode ridden | ring rang rung
    rise rose risen | run ran | say said | see saw seen | seek sought | sell sold | send sent | shake shook shaken
    shine shone | shoot shot | show shown | shrink shrank shrunk | sing sang sung | sink sank sunk | sit sat
    sleep slept | speak spoke spoken | speed sped | spend spent | spin spun | stand stood | steal stole stolen
    stick stuck | strike struck | swear swore sworn | sweep swept | swim swam swum | take took taken
    teach taught | tear tore torn | tell told | think thought | throw threw thrown | undergo underwent
    understand understood | undertake undertook undertaken | wake woke woken | wear wore worn | weep wept
    win won | withdraw withdrew withdrawn | write wrote written | rewrite rewrote rewritten
    child children | person persons | man men | woman women | life lives | criterion criteria
    analysis analyses | hypothesis hypotheses | crisis crises | basis bases | index indices indexes"""
)
"""Irregular verbs and nouns by their forms."""
