"""Takes x264 and x265 out of an installed PyAV: they are GPL and encode video, and its FFmpeg is linked to them.

`python without_gpl.py <site-packages>`; needs `patchelf`. What FFmpeg calls them by becomes a function of the C library
that answers 0, which to FFmpeg means that the encoder is not there.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path


def main() -> None:
    """Raises CalledProcessError, or StopIteration where PyAV looks otherwise than expected."""
    folder = Path(sys.argv[1]) / "av.libs"
    codecs = next(folder.glob("libavcodec*"))
    for library in folder.glob("libx26*"):
        subprocess.run(["patchelf", "--remove-needed", library.name, codecs], check=True)
        library.unlink()
    names = set(re.findall(rb"(?<=\0)x26[45]_\w+(?=\0)", codecs.read_bytes()))
    with tempfile.NamedTemporaryFile("w", suffix=".map") as renamed:
        renamed.write("".join(f"{name.decode()} sched_yield\n" for name in sorted(names)))
        renamed.flush()
        subprocess.run(["patchelf", "--rename-dynamic-symbols", renamed.name, codecs], check=True)


if __name__ == "__main__":
    main()
