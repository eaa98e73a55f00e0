"""A server that speaks Deepgram's protocol and behaves, or misbehaves, as it is told. For tests and benchmarks."""

from devkit.fake_deepgram.server import DeepgramServer, Garbled, Refusing, Silent, Stuck

__all__ = ["DeepgramServer", "Garbled", "Refusing", "Silent", "Stuck"]
