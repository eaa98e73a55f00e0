"""The first that a service's process imports."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def imports() -> Iterator[None]:
    """For what a process imports once and keeps: no garbage is looked for meanwhile, nor in it afterwards.

    Looking takes a quarter of the time of the largest service's imports, and each full collection later on would go
    through all of it again, while everybody waits.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
