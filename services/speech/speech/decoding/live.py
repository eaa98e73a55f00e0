"""The process that decodes a stream while it comes in: `python -m speech.decoding.live`, confined as `child` is."""

from __future__ import annotations

import argparse
import os
import sys

import av
from av.audio.resampler import AudioResampler

from speech.decoding.child import confine, frames, whole
from speech.decoding.formats import CODECS
from speech.samples import SAMPLE_RATE

_PROCESSOR = 120
"""Seconds, for an hour of audio and more."""
_MEGABYTES = 1024
_QUICK = {"probesize": "2048", "analyzeduration": "0"}
"""FFmpeg begins with what it has, rather than wait for half a megabyte. Not `nobuffer`: it drops what it looked at."""


class _Pipe:
    """Standard input as it comes: a reader that may read less than it is asked for."""

    def read(self, most: int) -> bytes:
        return os.read(sys.stdin.fileno(), most)


def main() -> None:
    """Decode standard input to samples of 16 bit on standard output, until it ends or cannot be read."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--owner", type=int, required=True, help="process id of the owner")
    parser.add_argument("--container", required=True, help="FFmpeg's name for the kind of file")
    options = parser.parse_args()
    confine(options.owner, _PROCESSOR, _MEGABYTES)
    whitelists = {"codec_whitelist": ",".join(CODECS), "protocol_whitelist": ""}
    resampler = AudioResampler(format="flt", layout="mono", rate=SAMPLE_RATE)
    try:
        with av.open(
            _Pipe(), "r", format=options.container, buffer_size=1024, options={**_QUICK, **whitelists}
        ) as file:
            for frame in frames(file):
                for each in resampler.resample(frame):
                    os.write(sys.stdout.fileno(), whole(each.to_ndarray()).tobytes())
    except (av.FFmpegError, ValueError, IndexError, OverflowError, RuntimeError):
        os._exit(3)
    os._exit(0)


if __name__ == "__main__":
    main()
