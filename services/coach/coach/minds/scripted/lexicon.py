"""Word lists of the rubric engine. All lower case."""

from __future__ import annotations


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


ABBREVIATIONS = _set("e.g i.e etc vs approx ca dr mr mrs ms prof no fig incl resp st u.s")

FUNCTION_WORDS = _set(
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

FILLERS = _set(
    """um uh er erm hmm hm uhm ah like basically literally honestly actually obviously anyway well okay
    ok"""
)
SPOKEN_FILLERS = _set("um uh er erm hmm hm uhm ah basically literally")
HEDGES = _set("maybe perhaps probably possibly somehow somewhat guess supposedly hopefully")
VAGUE = _set("""stuff things thing something someone whatever somehow various several etc kinda sorta lots""")

# Words of interview questions that say nothing about their subject.
ASKING = _set(
    """tell describe walk explain give example time situation talk think thought way make made use used
    using work worked working question answer people thing something would like know want good
    better best great really get got go going take took come came say said see lot new first last
    day year ever part find found mean choose decide happen look keep want start done many long
    kind one two three four five home"""
)

VERBS = _set(
    """am is are was were be been being do does did have has had can could will would shall should may
    might must i'd i'll i'm i've it's that's we'd we'll we're we've you'd they're let's don't
    doesn't didn't isn't wasn't make makes made use uses take takes took get gets got give gives
    gave go goes went keep keeps kept let lets put puts run runs ran say says said see sees saw set
    sets show shows tell tells told think thinks thought want wants need needs know knows knew find
    finds found mean means meant write writes wrote read reads build builds built send sends sent
    start starts stop stops check checks add adds move moves split splits store stores return
    returns cut cuts lose loses lost hold holds held bring brings brought choose chooses chose begin
    begins began break breaks broke grow grows grew lead leads led leave leaves left meet meets met
    spend spends spent teach taught catch catches caught drop drops ask asks ship ships fix fixes
    test tests measure measures compare compares depend depends happen happens work works help helps
    try tries look looks call calls change changes decide decides avoid avoids cause causes reduce
    reduces expect expects learn"""
)

PAST_ACTIONS = _set(
    """began broke brought built bought called caught chose came cut did drew drove fell felt fought
    found gave got grew held kept laid learnt led left let lost made met paid put ran read rebuilt
    rewrote said sat saw sent set shot showed shut sold spent split spoke stood stuck taught told
    took understood went won wrote"""
)
# After "I": a state of mind or a habit, not something that was done.
NO_ACTIONS = _set(
    """felt liked loved wanted needed hoped wished believed used tried thought enjoyed hated tend
    worked"""
)
ADVERBS = _set(
    """also then first next later finally immediately quickly personally actually therefore still even
    just soon once simply carefully eventually again already only always had have've now instead
    successfully directly"""
)

WORKPLACE = _set(
    """team teammate colleague manager boss lead director client customer user stakeholder company
    project product release launch deadline sprint meeting review feature bug incident outage
    migration deploy deployment production code test service system server database query api data
    pipeline model metric dashboard report budget cost revenue sales support ticket process plan
    design document documentation roadmap estimate scope requirement feedback conflict decision
    strategy analysis result target goal quality risk engineer developer designer analyst intern
    mentor coach onboarding hire vendor supplier contract campaign audit compliance application app
    software hardware network cloud security performance latency infrastructure platform framework
    library tool script monitor alert cache queue index schema cluster endpoint request response
    algorithm experiment prototype backlog stand-up standup retrospective postmortem demo
    presentation department office shift patient student store warehouse order delivery invoice
    account department training architecture component module repository branch merge version
    rollout rollback traffic error failure"""
)


PROFANITY = _set(
    """fuck fucking fucked shit bullshit bitch asshole bastard crap stupid idiot idiotic dumb moron
    suck sucks"""
)
OTHER_LANGUAGES = _set(
    """el la los las un una unos que de del y en por para con pero como es son estoy muy mi yo soy una
    se lo le les des du et est sont dans pour avec mais je nous vous ils elle suis une qui sur pas
    au aux ce cette der die das den dem ein eine einen und ist sind ich wir sie nicht mit auf fur
    für von zu im auch habe war il lo gli di che e sono per non ho nel della ma anche mio o os as um
    uma do da em não nao eu com mas foi meu sou het een van ik wij niet dat zijn hebben voor maar
    ook ja nie się jest na w z to że och att det jag som är på ett inte ve bir bu ile için ben ama
    yang dan di untuk dengan saya ini itu tidak"""
)

TOOLS = _set(
    """postgres postgresql mysql sqlite mongodb redis kafka rabbitmq nats elasticsearch snowflake
    bigquery spark airflow dbt hadoop hive cassandra dynamodb kubernetes docker terraform ansible
    jenkins gitlab github helm prometheus grafana datadog opentelemetry jaeger sentry splunk nginx
    envoy istio aws azure gcp lambda cloudfront cloudflare python java kotlin swift golang rust
    typescript javascript c++ c# ruby rails django flask fastapi spring react vue angular svelte
    webpack vite tailwind swiftui uikit compose flutter android ios xcode gradle pytorch tensorflow
    sklearn xgboost lightgbm pandas numpy mlflow huggingface bert shap oauth jwt tls saml openid
    vault wireshark nmap burp owasp graphql grpc websocket websockets celery sidekiq selenium
    playwright cypress jest pytest junit jira confluence figma excel tableau looker salesforce sap
    lighthouse hashmap heap trie btree bloom quicksort mergesort dijkstra"""
)
RETRACTING = _set(
    """wrong not true right correct untrue incorrect false lie made did didn't never scratch back
    forget isn't wasn't none happened"""
)
"""Without one of these nothing is taken back."""
NEGATING = _set("don't dont do didn't never not no can't cannot idk haven't")
"""Without one of these nobody says that they do not know."""
BOASTING = _set(
    """best greatest smartest brightest genius perfect amazing outstanding rockstar ninja world top
    exceptional brilliant superior unbeatable legend extremely incredibly highly exceptionally
    insanely ideal better hire hiring regret lucky always never everyone"""
)
"""Without one of these nobody boasts."""
APPEALING = _set(
    """ignore disregard forget override bypass give award grant assign rate score grade mark rating output
    evaluator grader judge assessor
    examiner model ai llm coach answer response assistant system inst im_start"""
)
"""Without one of these nobody speaks to the grader, markup aside."""
