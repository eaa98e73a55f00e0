"""An endpoint that speaks OpenAI's protocol and behaves, or misbehaves, as it is told. For tests and benchmarks."""

from devkit.fake_openai.server import Behaviour, OpenAIServer, Reply
from devkit.fake_server import Hang, Status

__all__ = ["Behaviour", "Hang", "OpenAIServer", "Reply", "Status"]
