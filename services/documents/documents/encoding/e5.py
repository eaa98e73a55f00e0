"""Multilingual E5 as an ONNX model, with its own tokenizer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy
from onnxruntime import InferenceSession, SessionOptions
from parley_meaning import Floats, unit
from tokenizers import Tokenizer

LONGEST = 512
"""Tokens that the model reads of a text; the rest is left out."""
_PREFIX = "query: "
"""What the model was trained to read before each of two texts that are compared as equals."""
_PADDING = "<pad>"
_PADDED = 0.25
"""The share of a text that may be padding, which costs as much as words: a sentence beside a whole answer would be more
padding than text, and together they take twice as long as one after the other."""


class E5:
    """The model in `folder`: an `.onnx` file and a `tokenizer.json`. It runs on `cores`, which are not kept warm
    while it does not. Raises what its libraries do where the folder holds none."""

    def __init__(self, folder: Path, name: str, cores: int) -> None:
        self.name = name
        options = SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = cores, 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        # It would keep what the largest batch so far has taken.
        options.enable_cpu_mem_arena = False
        file = next(iter(sorted(folder.glob("*.onnx"))), folder / "model.onnx")
        self._session = InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
        self._inputs = {each.name for each in self._session.get_inputs()}
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(LONGEST)
        self._tokenizer.enable_padding(pad_id=self._tokenizer.token_to_id(_PADDING) or 0, pad_token=_PADDING)

    def rows(self, texts: Sequence[str]) -> Floats:
        """The mean of what the model says of each token."""
        groups = [*_of_like_length(texts)]
        made = numpy.concatenate([self._means([texts[at] for at in group]) for group in groups])
        # They were made from the shortest to the longest; a text's row goes back to its place.
        return made[numpy.argsort([at for group in groups for at in group])]

    def _means(self, texts: Sequence[str]) -> Floats:
        read = self._tokenizer.encode_batch([_PREFIX + text for text in texts])
        ids = numpy.array([each.ids for each in read], dtype=numpy.int64)
        mask = numpy.array([each.attention_mask for each in read], dtype=numpy.int64)
        given = {"input_ids": ids, "attention_mask": mask, "token_type_ids": numpy.zeros_like(ids)}
        [tokens, *_] = self._session.run(None, {name: each for name, each in given.items() if name in self._inputs})
        weights = mask[:, :, None].astype(numpy.float32)
        return unit((tokens * weights).sum(axis=1) / weights.sum(axis=1))


def _of_like_length(texts: Sequence[str]) -> Iterator[list[int]]:
    """Places of texts, from the shortest to the longest, in groups that are padded little."""
    group: list[int] = []
    for at in sorted(range(len(texts)), key=lambda at: len(texts[at])):
        if group and len(texts[group[0]]) < (1 - _PADDED) * len(texts[at]):
            yield group
            group = []
        group.append(at)
    yield group
