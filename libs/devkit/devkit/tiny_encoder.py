"""An encoder whose vectors one can work out, in the files that a real one has. It needs the packages of development."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import WhitespaceSplit

WORDS = {"<pad>": 0, "<unk>": 1, "query:": 2, "garden": 3, "payments": 4}
TABLE = numpy.array([[9, 9, 9], [1, 1, 0], [0, 0, 2], [4, 0, 0], [0, 4, 0]], dtype=numpy.float32)
"""What the model says of each of them; of padding, what would be noticed."""


def lay_out(folder: Path, *, token_types: bool = True, table: Any = TABLE) -> Path:
    """Put a model that looks words up into a folder; the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    names = ["input_ids", "attention_mask", *(["token_type_ids"] if token_types else [])]
    given = [helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "tokens"]) for name in names]
    said = helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, ["batch", "tokens", 3])
    node = helper.make_node("Gather", ["table", "input_ids"], ["last_hidden_state"])
    graph = helper.make_graph([node], "words", given, [said], [numpy_helper.from_array(table, "table")])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, folder / "model_qint8_avx512_vnni.onnx")
    tokenizer = Tokenizer(WordLevel(WORDS, unk_token="<unk>"))
    tokenizer.pre_tokenizer = WhitespaceSplit()
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder
