"""What somebody was asked in their last interviews is known when the next one begins."""

from __future__ import annotations

from contracts.session.events import AnswerRecorded, Started
from session.application import REMEMBERED_INTERVIEWS
from session_helpers.intents import replies, says, starts
from session_helpers.replica import BEGUN, Interview, Replica, an_interview, is_requested


async def an_interview_of(replica: Replica, user: Interview | None, *ids: str, anonymous: bool = False) -> Interview:
    """An interview of the same user, in which these questions of the bank are asked."""
    interview = Interview(replica=replica)
    if user is not None:
        interview.user_id = user.user_id
    if anonymous:
        interview.user_id = None
    await interview.tell(is_requested(), *BEGUN)
    for id in ids:
        await interview.tell(says(f"An answer before {id}."), replies(text=f"What about {id}?", bank_id=id))
    await interview.tell(says("An answer after all."))
    return interview


async def asked_before(interview: Interview) -> tuple[str, ...]:
    (started,) = (await interview.refresh()).all(Started)
    return started.data.asked_before


async def test_an_interview_knows_the_last_five_of_the_same_user(replica: Replica) -> None:
    first = await an_interview_of(replica, None, "a-0", "a-1")
    assert await asked_before(first) == ()
    for number in range(1, REMEMBERED_INTERVIEWS + 1):
        await an_interview_of(replica, first, f"b-{number}")
    last = await an_interview_of(replica, first, "c-0")
    assert await asked_before(last) == tuple(f"b-{number}" for number in range(REMEMBERED_INTERVIEWS, 0, -1))
    said = replica.outbox.of(AnswerRecorded)[-1].data
    assert isinstance(said, AnswerRecorded) and said.context is not None
    assert said.context.asked_ids == ("c-0",) and said.context.asked_before == await asked_before(last)


async def test_nobody_else_is_remembered(replica: Replica) -> None:
    first = await an_interview_of(replica, None, "a-0")
    assert await asked_before(await an_interview_of(replica, None, "a-0")) == ()
    assert await asked_before(await an_interview_of(replica, None, "a-0", anonymous=True)) == ()
    assert await asked_before(await an_interview_of(replica, None, anonymous=True)) == ()
    assert await asked_before(await an_interview_of(replica, first)) == ("a-0",)


async def test_an_interview_that_never_began_and_a_follow_up_are_not_remembered(replica: Replica) -> None:
    first = await an_interview(replica, *BEGUN, says(), replies("follow_up", text="And then?", bank_id="a-9"))
    later = Interview(replica=replica)
    later.user_id = first.user_id
    await later.tell(is_requested())
    await later.tell(starts())
    assert await asked_before(later) == ()
