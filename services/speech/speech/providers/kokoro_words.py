"""What Kokoro's dictionary of English gets wrong, and the voices that stand for those of other services. Only data."""

from __future__ import annotations

PHONEMES = {
    "Ansible": "ˈænsəbᵊl",
    "async": "ˈAsˌɪŋk",
    "AWS": "ˌAdˌʌbᵊljuˈɛs",
    "café": "kæfˈA",
    "Databricks": "dˈATəbɹˌɪks",
    "Datadog": "dˈATədˌɔɡ",
    "dbt": "dˌibˌitˈi",
    "deque": "dˈɛk",
    "DevOps": "dˈɛvˌɑps",
    "FastAPI": "fˈæst ˌApˌiˈI",
    "GitHub": "ɡˈɪthˌʌb",
    "GitLab": "ɡˈɪtlˌæb",
    "Golang": "ɡˈOlæŋ",
    "GraphQL": "ɡɹˈæf kjˌuˈɛl",
    "JSON": "ʤˈAsən",
    "kubectl": "kjˈub kəntɹˈOl",
    "Kubernetes": "kˌubəɹnˈɛTiz",
    "LinkedIn": "lˌɪŋktˈɪn",
    "MLOps": "ˌɛmˈɛl ˌɑps",
    "MySQL": "mˌI sˌikjˌuˈɛl",
    "NATS": "nˈæts",
    "nginx": "ˌɛnʤɪnˈɛks",
    "Node.js": "nˈOd ʤˌAˈɛs",
    "NoSQL": "nˌO sˌikwᵊl",
    "NumPy": "nˈʌmpˌI",
    "PostgreSQL": "pˈOstɡɹɛs kjˌuˈɛl",
    "PyTorch": "pˈItˌɔɹʧ",
    "RabbitMQ": "ɹˈæbɪt ˌɛmkjˈu",
    "Redis": "ɹˈɛdɪs",
    "résumé": "ɹˈɛzəmˌA",
    "SQLite": "ˌɛskjˌuˈɛl lˌIt",
    "Tableau": "tæblˈO",
    "TypeScript": "tˈIpskɹˌɪpt",
    "Vue.js": "vjˈu ʤˌAˈɛs",
    "YAML": "jˈæmᵊl",
}
"""In the phonemes of misaki, American."""

SAID = {"C#": "C sharp", "F#": "F sharp", "CI/CD": "C I C D", ".NET": "dot net"}
"""By words."""

VOICES = {
    # OpenAI
    "ash": "am_michael",
    "ballad": "bm_george",
    "cedar": "am_michael",
    "coral": "af_bella",
    "marin": "af_heart",
    "sage": "af_sarah",
    "shimmer": "af_bella",
    "verse": "am_puck",
    # Amazon Polly
    "amy": "bf_emma",
    "arthur": "bm_george",
    "brian": "bm_george",
    "danielle": "af_bella",
    "gregory": "am_fenrir",
    "ivy": "af_sky",
    "joanna": "af_heart",
    "joey": "am_puck",
    "justin": "am_puck",
    "kendra": "af_sarah",
    "kevin": "am_puck",
    "kimberly": "af_nova",
    "matthew": "am_michael",
    "ruth": "af_nova",
    "salli": "af_bella",
    "stephen": "am_fenrir",
    # Deepgram Aura
    "asteria": "af_heart",
    "athena": "bf_emma",
    "helios": "bm_george",
    "hera": "af_sarah",
    "luna": "af_sky",
    "orion": "am_michael",
    "stella": "af_nova",
    "thalia": "af_bella",
    "zeus": "am_onyx",
}
"""By the names of other services; Kokoro's own are also known without what stands before the "_", as is "alloy"."""
