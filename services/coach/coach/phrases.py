"""What the built-in coach says, in the language of the interview."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass

from contracts.vocabulary.listening import Remark
from parley_text.packaged import packaged

_FALLBACK = "en"
_KINDLY: dict[Remark, str] = {
    "self_harm": "hard",
    "distress": "hard",
    "wants_to_stop": "stop",
    "may_want_to_stop": "stop",
}


@dataclass(frozen=True)
class Phrases:
    """The sentences of one language, by name."""

    texts: Mapping[str, str]

    def __call__(self, name: str, **fields: object) -> str:
        """A sentence with its fields filled in. Raises KeyError for one that there is not."""
        return self.texts[name].format(**fields)

    def counted(self, name: str, count: int) -> str:
        """The same of so many; of one it may read otherwise."""
        return self(f"{name}_one") if count == 1 else self(name, count=count)

    def not_judged_because(self, remark: Remark) -> str:
        """The feedback on a turn that was no answer, by what was heard there."""
        return self(_KINDLY.get(remark, "other"))


def phrases(tag: str) -> Phrases:
    """Those in the language of a tag such as "pt-BR"; in English where there are none in it."""
    found = _by_language()
    return found.get(tag.replace("_", "-").split("-", 1)[0].lower(), found[_FALLBACK])


@functools.cache
def _by_language() -> dict[str, Phrases]:
    texts: dict[str, dict[str, str]] = packaged("coach", "phrases.yaml")
    return {code: Phrases(by_name) for code, by_name in texts.items()}
