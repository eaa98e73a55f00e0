"""Which audio files are read, told by how they begin and never by their names.

FFmpeg is told which one it is and is left no choice: among what it would recognise by itself are playlists, which open
other files and addresses.
"""

from __future__ import annotations

CODECS = (
    "aac", "alac", "amrnb", "amrwb", "flac", "libopencore_amrnb", "libopencore_amrwb", "libopus", "libvorbis", "mp3",
    "mp3float", "opus", "pcm_alaw", "pcm_f32le", "pcm_f64le", "pcm_mulaw", "pcm_s16be", "pcm_s16le", "pcm_s24le",
    "pcm_s32le", "pcm_u8", "vorbis",
)  # fmt: skip
"""What is decoded, by FFmpeg's names for its decoders."""
_ID3 = b"ID3"


def container(data: bytes) -> str | None:
    """FFmpeg's name for the kind of file; None for all that is not read."""
    head = data[:12]
    if head.startswith(b"RIFF") and head[8:] == b"WAVE":
        return "wav"
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return "matroska"
    if head.startswith(b"OggS"):
        return "ogg"
    if head.startswith(b"fLaC"):
        return "flac"
    if head[4:8] in (b"ftyp", b"styp", b"moof"):
        return "mov"
    if head.startswith(_ID3):
        return _after_tag(data)
    return _frames(head)


def _after_tag(data: bytes) -> str:
    """ID3 tags stand before MP3 and, at times, before AAC. Their length has seven bits in each of four bytes."""
    length = 0
    for byte in data[6:10]:
        length = length << 7 | byte & 0x7F
    return _frames(data[10 + length : 12 + length]) or "mp3"


def _frames(head: bytes) -> str | None:
    """MPEG audio begins with eleven set bits; what follows them says which layer it is, and AAC has none."""
    if len(head) < 2 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    return "aac" if head[1] & 0x16 == 0x10 else "mp3"
