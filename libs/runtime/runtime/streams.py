"""Single messages of a stream."""

from __future__ import annotations

from nats.js import JetStreamContext
from nats.js.errors import APIError, NotFoundError

_NO_SUCH_SEQUENCE, _NOT_DELETED = 10043, 10057
"""What the server answers, with status 400 or 500, where the message is gone; the second may mean other things too."""


async def delete_message(js: JetStreamContext, stream: str, sequence: int) -> None:
    """Delete a message; nothing happens when it is gone, since somebody else may be deleting the same ones.

    Raises what nats-py raises when it is still there.
    """
    try:
        await js.delete_msg(stream, sequence)
    except NotFoundError:
        return
    except APIError as error:
        if error.err_code not in (_NO_SUCH_SEQUENCE, _NOT_DELETED) or await _is_there(js, stream, sequence):
            raise


async def _is_there(js: JetStreamContext, stream: str, sequence: int) -> bool:
    try:
        await js.get_msg(stream, seq=sequence)
    except NotFoundError:
        return False
    return True
