"""The live chat API: `/api/v1/interview`."""

from __future__ import annotations

from fastapi import Request, WebSocket

from gateway.dialects.dependencies import CurrentCaller, Services, created
from gateway.dialects.live_chat.shapes import Started
from gateway.dialects.live_chat.socket import hold
from gateway.dialects.messages import SessionBody
from gateway.edge.bodies import documented, read_json
from gateway.edge.operations import dialect_router, errors
from gateway.edge.sockets import serve

router = dialect_router(prefix="/api/v1/interview", tag="live chat")


@router.post("/start", openapi_extra=documented(SessionBody), responses=errors(404, 409, 504))
async def start(request: Request, caller: CurrentCaller, services: Services) -> Started:
    """Create an interview. It begins when its chat is opened."""
    wanted = await services.configuring.wanted(caller, await read_json(request), "live_chat")
    session_id = await created(services, caller, wanted)
    return Started(interview_id=str(session_id), message="The interview is ready. Open its chat to begin.")


@router.websocket("/{interview_id}/chat")
async def chat(socket: WebSocket, interview_id: str) -> None:
    """Hold the interview live. The id in the path is the key to it."""
    await serve(socket, hold(socket, interview_id))
