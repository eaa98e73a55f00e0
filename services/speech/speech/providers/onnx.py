"""Opens ONNX models so that several of them share a machine."""

from __future__ import annotations

from pathlib import Path

from onnxruntime import InferenceSession, SessionOptions


def open_model(file: Path) -> InferenceSession:
    """On one core, which is not kept warm while nothing runs. Raises FileNotFoundError."""
    if not file.is_file():
        raise FileNotFoundError(file)
    options = SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
