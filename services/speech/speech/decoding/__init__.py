"""Makes samples of a recording that any browser or phone made, in a process that may be killed while it does."""

from speech.decoding.owner import Decoder, Undecodable

__all__ = ["Decoder", "Undecodable"]
