"""The process that decodes one recording: `python -m speech.decoding.child`, fed and read by `owner`.

A file may be made to crash, to stall or to take over what reads it. So this process has no secrets, a limit on
everything, and dies with its owner.
"""

from __future__ import annotations

import argparse
import ctypes
import io
import os
import resource
import signal
import sys
from collections.abc import Iterator
from typing import Any

import av

# PyAV loads these when it meets such a stream; by then nothing can be opened any more.
import av.audio.stream
import av.subtitles.codeccontext
import av.subtitles.stream
import av.video.codeccontext
import av.video.stream
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.container import InputContainer
from numpy.typing import NDArray

from speech.decoding.formats import CODECS, container
from speech.samples import SAMPLE_RATE

_PR_SET_PDEATHSIG = 1
_OPEN_FILES = 3
"""Standard input and output: all else, whatever a file asks for, cannot be opened."""
_DAMAGED = (av.FFmpegError, ValueError, OverflowError, RuntimeError)
"""What reading a damaged file raises."""


def main() -> None:
    """Decode standard input to samples of 16 bit on standard output. The exit code is 0, or why there are none: 3 for
    what is no audio that is read, 4 for more than `--seconds` of it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--owner", type=int, required=True, help="process id of the owner")
    parser.add_argument("--seconds", type=float, required=True, help="most audio that is taken")
    parser.add_argument("--processor", type=int, required=True, help="seconds of processor time")
    parser.add_argument("--megabytes", type=int, required=True, help="address space")
    options = parser.parse_args()
    confine(options.owner, options.processor, options.megabytes)
    samples = decoded(sys.stdin.buffer.read(), options.seconds)
    if samples is None:
        sys.exit(3)
    if len(samples) > options.seconds * SAMPLE_RATE:
        sys.exit(4)
    sys.stdout.buffer.write(samples.tobytes())
    sys.stdout.buffer.flush()
    os._exit(0)  # what a damaged file did to the libraries is not cleaned up, but left behind


def decoded(data: bytes, most: float) -> NDArray[np.int16] | None:
    """The samples, and a few more than `most` seconds where there are more; None where nothing can be read. Of a file
    that is damaged, all that is whole."""
    kind = container(data)
    if kind is None:
        return None
    pieces: list[NDArray[np.int16]] = []
    room = most * SAMPLE_RATE
    try:
        with av.open(
            io.BytesIO(data), "r", format=kind, options={"codec_whitelist": ",".join(CODECS), "protocol_whitelist": ""}
        ) as file:
            resampler = AudioResampler(format="flt", layout="mono", rate=SAMPLE_RATE)
            for frame in frames(file):
                for resampled in resampler.resample(frame):
                    pieces.append(whole(resampled.to_ndarray()))
                    room -= len(pieces[-1])
                if room < 0:
                    break
            pieces += [whole(each.to_ndarray()) for each in resampler.resample(None)]
    except (*_DAMAGED, IndexError):
        pass
    return np.concatenate(pieces) if pieces else None


def frames(file: InputContainer) -> Iterator[AudioFrame]:
    """The sound of a file, without what is damaged: MP3 files that were put after one another have tags in between.
    Raises IndexError where there is no sound, ValueError where its codec is none of CODECS."""
    codec = file.streams.audio[0].codec_context
    if codec.name not in CODECS:  # FFmpeg's own list is only for looking into the file
        raise ValueError(codec.name)
    codec.thread_count = 1
    for packet in file.demux(audio=0):
        try:
            yield from packet.decode()
        except _DAMAGED:
            continue


def whole(samples: NDArray[Any]) -> NDArray[np.int16]:
    """Samples of 16 bit. Floating point may hold anything, and no number at all."""
    finite = np.nan_to_num(samples.ravel(), nan=0.0, posinf=1.0, neginf=-1.0)
    return np.asarray(np.clip(np.rint(finite * 32768), -32768, 32767), dtype=np.int16)


def confine(owner: int, processor: int, megabytes: int) -> None:
    """Die with the owner, and have limits: seconds of processor time, address space, no more files to open and none to
    write."""
    if sys.platform == "linux":  # elsewhere the closed pipe ends this process
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, ctypes.c_ulong(signal.SIGKILL))
    if os.getppid() != owner:  # it died before the setting took hold
        sys.exit(1)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_OPEN_FILES, _OPEN_FILES))
    resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))
    resource.setrlimit(resource.RLIMIT_CPU, (processor, processor))


if __name__ == "__main__":
    main()
