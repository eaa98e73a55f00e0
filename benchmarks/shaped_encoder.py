"""A model of the size and arithmetic of the encoder that operators install, for measuring what it costs.

Multilingual E5 small is a BERT of twelve layers, 384 dimensions, twelve heads and 1,536 inner dimensions, with 250,037
entries in its table, quantized to eight bits dynamically (its `config.json`). How long such a model takes does not
depend on its weights: these are random, and what it says means nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path

import numpy
import onnx
from documents.encoding.e5 import E5
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from parley_meaning import Floats, WordVectors
from tokenizers import Regex, Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Split

LAYERS, WIDTH, HEADS, INNER, ENTRIES = 12, 384, 12, 1_536, 250_037
CHARACTERS = 4
"""Of a token, about as many as the real vocabulary has in English."""


class ShapedEncoder:
    """Takes as long as the installed model; gives vectors of words, so that what they are used for works."""

    name = "e5-small-shaped"

    def __init__(self, folder: Path) -> None:
        self._costs = E5(folder, self.name, cores=1)
        self._words = WordVectors()

    def rows(self, texts: Sequence[str]) -> Floats:
        """See `documents.encoding.SentenceModel`."""
        self._costs.rows(texts)
        return self._words.rows(texts)


def lay_out(folder: Path) -> Path:
    """Put such a model and a tokenizer into a folder; the folder. Takes some ten seconds."""
    folder.mkdir(parents=True, exist_ok=True)
    whole = folder / "whole"
    onnx.save(_Graph().model(), whole)
    logging.getLogger().setLevel(logging.ERROR)  # it recommends what does not concern dynamic quantization
    quantize_dynamic(whole, folder / "model_qint8.onnx", weight_type=QuantType.QInt8, per_channel=True)
    whole.unlink()
    tokenizer = Tokenizer(WordLevel({"<pad>": 0, "<unk>": 1}, unk_token="<unk>"))
    tokenizer.pre_tokenizer = Split(Regex(f".{{1,{CHARACTERS}}}"), "isolated")
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder


class _Graph:
    """The layers, one after the other. Names of tensors are those of the nodes that make them."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []
        self._random = numpy.random.default_rng(0)

    def model(self) -> onnx.ModelProto:
        words = self._norm(self._node("Gather", self._weights(ENTRIES, WIDTH), "input_ids"))
        mask = self._node("Cast", "attention_mask", to=TensorProto.FLOAT)
        mask = self._node("Unsqueeze", mask, self._constant([1, 2], numpy.int64))
        mask = self._node("Mul", self._node("Sub", self._constant(1.0), mask), self._constant(-1e4))
        for _ in range(LAYERS):
            words = self._norm(self._node("Add", words, self._attention(words, mask)))
            words = self._norm(self._node("Add", words, self._inner(words)))
        self._nodes.append(helper.make_node("Identity", [words], ["last_hidden_state"]))
        given = [
            helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "tokens"])
            for name in ("input_ids", "attention_mask")
        ]
        said = helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, ["batch", "tokens", WIDTH])
        graph = helper.make_graph(self._nodes, "encoder", given, [said], self._constants)
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)

    def _attention(self, words: str, mask: str) -> str:
        queries, keys, values = (
            self._node(
                "Transpose", self._reshaped(self._linear(words, WIDTH, WIDTH), [0, 0, HEADS, WIDTH // HEADS]), perm=perm
            )
            for perm in ([0, 2, 1, 3], [0, 2, 3, 1], [0, 2, 1, 3])
        )
        near = self._node("Mul", self._node("MatMul", queries, keys), self._constant((WIDTH // HEADS) ** -0.5))
        weights = self._node("Softmax", self._node("Add", near, mask), axis=-1)
        together = self._node("Transpose", self._node("MatMul", weights, values), perm=[0, 2, 1, 3])
        return self._linear(self._reshaped(together, [0, 0, WIDTH]), WIDTH, WIDTH)

    def _inner(self, words: str) -> str:
        wide = self._linear(words, WIDTH, INNER)
        erf = self._node("Erf", self._node("Mul", wide, self._constant(0.5**0.5)))
        gelu = self._node(
            "Mul", self._node("Mul", wide, self._constant(0.5)), self._node("Add", erf, self._constant(1.0))
        )
        return self._linear(gelu, INNER, WIDTH)

    def _norm(self, words: str) -> str:
        return self._node(
            "LayerNormalization", words, self._weights(WIDTH), self._weights(WIDTH), axis=-1, epsilon=1e-12
        )

    def _linear(self, words: str, wide: int, to: int) -> str:
        return self._node("Add", self._node("MatMul", words, self._weights(wide, to)), self._weights(to))

    def _reshaped(self, words: str, shape: list[int]) -> str:
        return self._node("Reshape", words, self._constant(shape, numpy.int64))

    def _weights(self, *shape: int) -> str:
        return self._constant(self._random.standard_normal(shape) * 0.02)

    def _constant(self, value: object, kind: type = numpy.float32) -> str:
        name = f"constant-{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(numpy.asarray(value, dtype=kind), name))
        return name

    def _node(self, operation: str, *given: str, **attributes: object) -> str:
        name = f"{operation}-{len(self._nodes)}"
        self._nodes.append(helper.make_node(operation, list(given), [name], **attributes))
        return name
