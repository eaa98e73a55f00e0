"""Word lists of the rubric engine. All lower case."""

from __future__ import annotations

from coach.vocabulary import word_set as _set

FILLERS = _set(
    """um uh er erm hmm hm uhm ah like basically literally honestly actually obviously anyway well okay
    ok"""
)
VAGUE = _set("""stuff things thing something someone whatever somehow various several etc kinda sorta lots""")

# Words of interview questions that say nothing about their subject.
ASKING = _set(
    """tell describe walk explain give example time situation talk think thought way make made use used
    using work worked working question answer people thing something would like know want good
    better best great really get got go going take took come came say said see lot new first last
    day year ever part find found mean choose decide happen look keep want start done many long
    kind one two three four five home"""
)

TELLING = _set(
    """name names describe describes explain explains state states tell tells know knows show shows
    consider considers give gives say says report reports recognise recognises cover covers let lets own"""
)
"""What the author of an expected point writes to begin it; it says nothing about the point."""

TIMES = _set(
    """second minute hour day week month quarter year morning noon afternoon evening night today tomorrow
    yesterday weekend monday tuesday wednesday thursday friday saturday sunday january february march april may
    june july august september october november december spring summer autumn winter later early late ago"""
)
EVERYDAY = _set(
    """see look watch read hear listen call walk run sit stand lie sleep wake eat drink drive ride fly swim play
    sing dance buy pay live stay leave arrive visit travel meet like love enjoy hate prefer remember forget feel
    quick quickly slow slowly late early again still instead well away back near far inside outside here there
    nice fine lovely beautiful big small little old young high low hot cold warm fast book car house room street
    town city country village world life child family friend neighbour brother sister mother father son daughter
    grow free own whole half course"""
)
"""Words of everybody's life, which make no sentence one about work."""
PRONOUNS = _set("he him his she her hers they them their theirs it its those")
"""Words that stand for somebody or something named before."""

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
    """ate became began bent bit blew bought bound bred broke brought built burnt came caught chose
    clung crept dealt did drank drew drove dug fed fell felt flew fought found froze gave got grew heard
    held hid hung kept knelt knew laid leapt learnt led left lent lit lost made meant met overcame
    paid ran rang rebuilt redid rewrote rode sang sat saw sent shook shot showed slept sold
    sought spelt spent spoke stole stood struck stuck swam swept swore taught threw told took
    tore undertook understood woke went withdrew won wore wound wrote"""
)
"""Pasts that do not end in "-ed", of the verbs that people do something by."""
SAME_IN_PAST = _set("beat bet cast cut hit hurt let put quit read set shut split spread")
NOT_PAST = _set("need feed bleed breed exceed proceed succeed speed embed shed bed red indeed")
PAST_STATES = _set(
    """was were had wasn't weren't hadn't didn't couldn't wanted needed said asked told went knew felt thought meant
    heard got liked hoped believed"""
)
NUMBER_WORDS = _set(
    """two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
    eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred hundreds thousand thousands
    million millions billion billions dozen dozens half twice percent doubled halved tripled thirds quarters"""
)
PARTS = _set("third quarter fifth tenth")
UNCOUNTED = _set("things thing ways kinds types sorts steps reasons options points sides words parts questions")
"""After a number word these make it no number that a listener could check."""
# After "I": a state of mind or a habit, not something that was done.
NO_ACTIONS = _set(
    """felt knew meant heard got liked loved wanted needed hoped wished believed used tried thought enjoyed hated
    tend worked had was seemed"""
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
COURTEOUS = _set("thank thanks question pleasure honour honor hope tell let welcome")
"""Without one of these nobody speaks about the interview itself."""
BOASTING = _set(
    """best greatest smartest brightest genius perfect amazing outstanding rockstar ninja world top
    exceptional brilliant superior unbeatable legend extremely incredibly highly exceptionally
    insanely ideal better hire hiring regret lucky always never everyone"""
)
"""Without one of these nobody boasts."""
