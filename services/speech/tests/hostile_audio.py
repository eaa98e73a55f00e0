"""Audio files that nobody's browser makes: cut, damaged, lying, disguised, endless, or asking for other files."""

from __future__ import annotations

import io
import random
import struct
import zipfile
from fractions import Fraction
from functools import cache
from pathlib import Path

import av
import numpy as np

RATE = 16_000
KINDS = {
    "wav": ("wav", "pcm_s16le", RATE),
    "webm": ("webm", "libopus", 48_000),
    "ogg": ("ogg", "libopus", 48_000),
    "mp3": ("mp3", "libmp3lame", RATE),
    "m4a": ("ipod", "aac", RATE),
    "flac": ("flac", "flac", RATE),
}
"""FFmpeg's names for the container and the codec, and samples a second."""
CUTS = (4, 11, 40, 120, 400, 1500)
_HUGE = b"\x01" + b"\xff" * 6 + b"\xfe"
_SEGMENT, _CLUSTER, _TRACKS, _SIMPLE_BLOCK = b"\x18\x53\x80\x67", b"\x1f\x43\xb6\x75", b"\x16\x54\xae\x6b", b"\xa3"


@cache
def encoded(container: str, codec: str, rate: int, seconds: float = 2, loud: float = 0.5) -> bytes:
    """A tone as a file; at `loud` 0 it is silence."""
    tone = loud * np.sin(2 * np.pi * 440 * np.arange(round(rate * seconds)) / rate) * 32767
    frame = av.AudioFrame.from_ndarray(tone.astype(np.int16)[None], format="s16", layout="mono")
    frame.sample_rate = rate
    file = io.BytesIO()
    with av.open(file, "w", format=container) as written:
        stream = written.add_stream(codec, rate=rate, layout="mono")
        size = stream.codec_context.frame_size or None
        resampler = av.AudioResampler(stream.format.name, "mono", rate, frame_size=size)
        for each in [*resampler.resample(frame), *resampler.resample(None), None]:
            written.mux(stream.encode(each))
    return file.getvalue()


def good(kind: str) -> bytes:
    """One that is as it should be, of two seconds."""
    return encoded(*KINDS[kind])


def film() -> bytes:
    """With pictures beside the sound: there are people who record their screen."""
    file = io.BytesIO()
    with av.open(file, "w", format="matroska") as written:
        pictures, sound = written.add_stream("mpeg4", rate=5), written.add_stream("libopus", rate=48_000, layout="mono")
        pictures.width = pictures.height = 64
        for _ in range(5):
            picture = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")
            written.mux(pictures.encode(picture))
        frame = av.AudioFrame.from_ndarray(np.full((1, 48_000), 9000, np.int16), format="s16", layout="mono")
        frame.sample_rate = 48_000
        resampler = av.AudioResampler(sound.format.name, "mono", 48_000, frame_size=sound.codec_context.frame_size)
        for each in [*resampler.resample(frame), *resampler.resample(None), None]:
            written.mux(sound.encode(each))
        written.mux(pictures.encode(None))
    return file.getvalue()


def hour_of_silence() -> bytes:
    """In less than two megabytes: the same packet again and again."""
    with av.open(io.BytesIO(encoded("ogg", "libopus", 48_000, 1, 0.0))) as read:
        stream = read.streams.audio[0]
        private, silent = stream.codec_context.extradata, bytes(list(read.demux(stream))[9])
    file = io.BytesIO()
    with av.open(file, "w", format="ogg") as written:
        copied = written.add_stream("libopus", rate=48_000, layout="mono")
        copied.codec_context.extradata = private
        for number in range(3600 * 50):
            packet = av.Packet(silent)
            packet.stream, packet.time_base = copied, Fraction(1, 48_000)
            packet.pts = packet.dts = number * 960
            packet.duration = 960
            written.mux(packet)
    return file.getvalue()


def wav(
    data: bytes = bytes(3200), tag: int = 1, channels: int = 1, rate: int = RATE, bits: int = 16,
    *, align: int | None = None, length: int | None = None, head: int = 16,
) -> bytes:  # fmt: skip
    """A WAV file whose header may say anything."""
    align = channels * bits // 8 if align is None else align
    form = struct.pack("<HHIIHH", tag, channels, rate & 0xFFFFFFFF, rate * align & 0xFFFFFFFF, align & 0xFFFF, bits)
    size = len(data) if length is None else length
    body = b"WAVEfmt " + struct.pack("<I", head) + form + b"data" + struct.pack("<I", size) + data
    return b"RIFF" + struct.pack("<I", len(body)) + body


def floats(*values: float, kind: str = "f") -> bytes:
    """A WAV of floating point that repeats these values."""
    bits = 8 * struct.calcsize(kind)
    return wav(struct.pack(f"<{len(values)}{kind}", *values) * 2000, tag=3, bits=bits)


def lying() -> dict[str, bytes]:
    """Headers that say what cannot be."""
    m4a, flac, mp3 = good("m4a"), good("flac"), good("mp3")
    return {
        "wav without end": wav(length=0xFFFFFFFF),
        "wav of nothing": wav(length=0),
        "wav of no channels": wav(channels=0),
        "wav of 65535 channels": wav(channels=65535),
        "wav at 0 hertz": wav(rate=0),
        "wav at 1 hertz": wav(bytes(200_000), rate=1),
        "wav at four billion hertz": wav(rate=0xFFFFFFFF),
        "wav of 0 bits": wav(bits=0),
        "wav of 7 bits": wav(bits=7),
        "wav of 65535 bits": wav(bits=65535),
        "wav in blocks of 0": wav(align=0),
        "wav in blocks of 65535": wav(align=65535),
        "wav with a long head": wav(head=0x7FFFFFFF),
        "wav in a format that is none": wav(tag=0xFFFE),
        "wav with other chunks than it has": wav().replace(b"data", b"LIST" + b"\xff\xff\xff\x7f"),
        "m4a with a box of 0": m4a.replace(b"moov", b"free").replace(b"ftyp", b"ftyp" + bytes(4)),
        "m4a with a box that is too long": m4a[:4] + b"ftyp" + b"\xff\xff\xff\xff" + m4a[12:],
        "m4a with a box of 2^63": m4a[:28] + struct.pack(">I4sQ", 1, b"moov", 2**63 - 1) + m4a[28:],
        "m4a with billions of samples": _claim(m4a, b"stsz", 8, 0xFFFFFFF0),
        "m4a with billions of chunks": _claim(m4a, b"stco", 4, 0xFFFFFFF0),
        "m4a with billions of times": _claim(m4a, b"stts", 4, 0xFFFFFFF0),
        "m4a whose chunks lie elsewhere": _claim(m4a, b"stco", 8, 0x7FFFFFFF),
        "m4a with boxes in boxes": m4a[:28] + _nested(3000),
        "flac of 2^36 samples": flac[:21] + b"\x0f\xff\xff\xff\xff" + flac[26:],
        "flac with a long block": flac[:4] + b"\x04\xff\xff\xff" + flac[8:],
        "id3 of 256 megabytes": b"ID3\x04\0\0\x7f\x7f\x7f\x7f" + mp3,
        "id3 of nothing": b"ID3\x04\0\0\0\0\0\0" + mp3,
        "id3 with a frame that is too long": b"ID3\x04\0\0\0\0\x01\0APIC\x7f\x7f\x7f\x7f\0\0" + mp3,
        "id3 and no more": b"ID3\x04\0\0\0\0\x10\0" + bytes(2048),
        "a thousand id3": b"ID3\x04\0\0\0\0\0\0" * 1000 + mp3,
        "mp3 that changes its rate": b"\xff\xf3\x80\xc0".join(mp3[at : at + 400] for at in range(0, 4000, 400)),
        **_lying_webm(),
        **_lying_ogg(),
    }  # fmt: skip


def _lying_webm() -> dict[str, bytes]:
    webm = good("webm")
    head, after = webm[: webm.index(_SEGMENT)], webm[webm.index(_TRACKS) : webm.index(_CLUSTER)]
    block = webm.index(_SIMPLE_BLOCK, webm.index(_CLUSTER) + 12)
    return {
        "webm with a segment of 2^56": head + _SEGMENT + _HUGE + after + webm[webm.index(_CLUSTER) :],
        "webm with a cluster of 2^56": head + _SEGMENT + _HUGE + after + _CLUSTER + _HUGE + bytes(500),
        "webm with tracks of 2^56": head + _SEGMENT + _HUGE + _TRACKS + _HUGE + bytes(500),
        "webm with a block of 2^56": webm[: block + 1] + _HUGE + webm[block + 2 :],
        "webm with a block of 4 gigabytes": webm[: block + 1] + b"\x08\xff\xff\xff\xf0" + webm[block + 2 :],
        "webm with a head of 2^56": b"\x1a\x45\xdf\xa3" + _HUGE + webm[5:],
        "webm with segments in segments": head + (_SEGMENT + _HUGE) * 3000,
        "webm with clusters without end": head + _SEGMENT + _HUGE + after + (_CLUSTER + b"\xff") * 100_000,
        "webm with a private part of 2 gigabytes": webm.replace(b"\x63\xa2\x93", b"\x63\xa2\x08\x7f\xff\xff\xff", 1),
        "webm at no hertz": webm.replace(b"\xb5\x88", b"\xb5\x88\x7f\xf0\0\0\0\0\0\0\xec\x88", 1),
        "webm of many channels": webm.replace(b"\x9f\x81\x01", b"\x9f\x81\xff", 1),
    }


def _lying_ogg() -> dict[str, bytes]:
    ogg = good("ogg")
    first = ogg[: ogg.index(b"OggS", 4)]

    def page(serial: int, flags: int, lengths: bytes, body: bytes = b"") -> bytes:
        return b"OggS\0" + struct.pack("<BqIIIB", flags, -1, serial, 0, 0, len(lengths)) + lengths + body

    return {
        "ogg with pages without end": first + page(0, 0, b"") * 100_000,
        "ogg with a packet without end": first + page(0, 1, b"\xff" * 255, bytes(255 * 255)) * 100,
        "ogg with a stream in each page": b"".join(page(at, 2, b"\x13", first[28:47]) for at in range(30_000)),
        "ogg of 255 channels": ogg.replace(b"OpusHead\x01\x01", b"OpusHead\x01\xff", 1),
        "ogg that ends before it begins": ogg.replace(b"OggS\0\x04", b"OggS\0\x07", 1),
        "ogg with times that jump": ogg.replace(b"OggS\0\0" + bytes(8), b"OggS\0\0" + b"\x7f" * 8),
        "ogg with tags of 4 gigabytes": ogg.replace(b"OpusTags", b"OpusTags\xff\xff\xff\xff", 1),
    }


def _claim(m4a: bytes, box: bytes, offset: int, value: int) -> bytes:
    """With another number, `offset` bytes after a box's name."""
    at = m4a.rindex(box) + 4 + offset
    return m4a[:at] + struct.pack(">I", value) + m4a[at + 4 :]


def _nested(depth: int) -> bytes:
    return b"".join(struct.pack(">I4s", 8 * (depth - at), b"moov") for at in range(depth))


def disguised(canary: Path, port: int) -> dict[str, bytes]:
    """What is no audio, or is a list of other files. None of these may be read, nor what they point to."""
    targets = (canary.as_uri(), f"http://127.0.0.1:{port}/", f"tcp://127.0.0.1:{port}", str(canary))
    m3u8 = "#EXTM3U\n#EXT-X-TARGETDURATION:9\n" + "".join(f"#EXTINF:9,\n{each}\n" for each in targets)
    concat = "ffconcat version 1.0\n" + "".join(f"file '{each}'\n" for each in targets)
    svg = f'<svg xmlns="http://www.w3.org/2000/svg"><image href="{targets[1]}"/></svg>'
    html = f'<!doctype html><audio src="{targets[1]}"></audio><script src="{targets[0]}"></script>'
    dash = f'<?xml version="1.0"?><MPD><BaseURL>{targets[1]}</BaseURL></MPD>'
    sdp = f"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio {port} RTP/AVP 0\n"
    texts = {"m3u8": m3u8, "ffconcat": concat, "svg": svg, "html": html, "dash": dash, "sdp": sdp}
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as made:
        made.writestr("answer.wav", good("wav"))
    return {
        **{name: text.encode() for name, text in texts.items()},
        **{f"{name} behind a mark": b"\xef\xbb\xbf" + text.encode() for name, text in texts.items()},
        **{f"{name} that begins as wav": b"RIFF\0\0\0\0WAVE" + text.encode() for name, text in texts.items()},
        **{f"{name} that begins as ogg": b"OggS" + text.encode() for name, text in texts.items()},
        **{f"{name} in an id3": b"ID3\x03\0\0\0\0\0\0" + text.encode() for name, text in texts.items()},
        "zip": zipped.getvalue(),
        "zip that begins as wav": b"RIFF\0\0\0\0WAVE" + zipped.getvalue(),
        "a film list": f"[playlist]\nFile1={targets[0]}\n".encode(),
        "an address": f"concat:{canary}|{canary}".encode(),
        "avi": b"RIFF\x10\0\0\0AVI LIST" + bytes(500),
        "png": b"\x89PNG\r\n\x1a\n" + bytes(500),
        "nothing": b"",
        "one byte": b"R",
        "zeros": bytes(100_000),
        "ones": b"\xff" * 100_000,
    }


def pointing(canary: Path, port: int) -> dict[str, bytes]:
    """MP4 whose sound lies in another file, or at an address."""
    url = struct.pack(">I4sI", 0, b"url ", 0) + f"http://127.0.0.1:{port}/a.m4a\0".encode()
    file = struct.pack(">I4sI", 0, b"url ", 0) + canary.as_uri().encode() + b"\0"
    path = str(canary).encode() + b"\0" * (len(str(canary)) % 2)
    alias = struct.pack(">I4sI10xB27s12xB63s16xhh16x", 0, b"alis", 0, 1, b"x", 6, b"canary", 0, 0)
    alias += struct.pack(">hH", 2, len(path)) + path + struct.pack(">hH", -1, 0)
    return {
        "m4a that lies at an address": _elsewhere(url),
        "m4a that lies in a file": _elsewhere(file),
        "m4a that is an alias": _elsewhere(alias),
    }


def _elsewhere(entry: bytes) -> bytes:
    """With this as the place where the sound is; the boxes around it grow."""
    m4a, entry = good("m4a"), struct.pack(">I", len(entry)) + entry[4:]
    at = m4a.rindex(b"dref") + 12
    own = struct.unpack(">I", m4a[at : at + 4])[0]
    made = bytearray(m4a[:at] + entry + m4a[at + own :])
    for box in (b"dref", b"dinf", b"minf", b"mdia", b"trak", b"moov"):
        size = made.rindex(box, 0, at) - 4
        made[size : size + 4] = struct.pack(">I", struct.unpack(">I", made[size : size + 4])[0] + len(entry) - own)
    return bytes(made)


def others() -> dict[str, bytes]:
    """Of codecs that are not read, whatever FFmpeg can do."""
    return {
        "adpcm in wav": encoded("wav", "adpcm_ms", RATE),
        "another adpcm in wav": encoded("wav", "adpcm_ima_wav", RATE),
        "ac3 in matroska": encoded("matroska", "ac3", 48_000),
        "mp2 in wav": encoded("wav", "mp2", RATE),
        "g722 in wav": encoded("wav", "g722", RATE),
    }


def numberless() -> dict[str, bytes]:
    """Floating point that is no sound."""
    return {
        "not a number": floats(float("nan"), 0.5),
        "infinite": floats(float("inf"), float("-inf")),
        "as large as it gets": floats(3.4e38, -3.4e38),
        "as small as it gets": floats(1e-45, -1e-45),
        "not a number, twice as long": floats(float("nan"), 0.5, kind="d"),
        "as large as doubles get": floats(1.7e308, -1.7e308, kind="d"),
    }


def damaged() -> dict[str, bytes]:
    """Good ones that were cut off, and ones that something went over."""
    chance = random.Random(7)
    files = {f"{kind} cut after {cut}": good(kind)[:cut] for kind in KINDS for cut in CUTS}
    for kind in KINDS:
        data = good(kind)
        files[f"{kind} cut before the end"] = data[:-7]
        files[f"{kind} without its head"] = data[200:]
        files[f"{kind} with a wrong byte here and there"] = bytes(
            byte if at % 97 or at < 16 else chance.randrange(256) for at, byte in enumerate(data)
        )
        files[f"{kind} and then anything"] = data[:48] + chance.randbytes(30_000)
    return files
