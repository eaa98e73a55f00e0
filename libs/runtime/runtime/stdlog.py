"""What libraries log through the standard library, in our format: never the text of an exception, never a traceback."""

from __future__ import annotations

import logging

import structlog

from runtime.telemetry import failure

log = structlog.get_logger()
LONGEST = 200


class OurLog(logging.Handler):
    """Passes records on to structlog."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line."""
        error = record.exc_info[1] if record.exc_info else None
        details = {"logger": record.name, "said": _said(record, error), **(failure(error) if error else {})}
        if record.levelno >= logging.ERROR:
            log.error("a library failed", **details)
        else:
            log.warning("a library warned", **details)


def _said(record: logging.LogRecord, error: BaseException | None) -> str:
    """The first line of the message as it stands in the library's code: arguments, and what asyncio appends in further
    lines, may quote somebody."""
    if not isinstance(record.msg, str):
        return type(record.msg).__name__
    line = record.msg.strip().partition("\n")[0]
    if error is not None and str(error):
        line = line.replace(str(error), type(error).__name__)
    return line[:LONGEST]


def install() -> None:
    """Take the place of the root logger's plain handlers. Harmless when it is done twice."""
    root = logging.getLogger()
    others = [each for each in root.handlers if type(each) is not logging.StreamHandler and type(each) is not OurLog]
    root.handlers = [*others, OurLog()]
