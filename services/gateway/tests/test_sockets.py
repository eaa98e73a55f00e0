"""How many sockets may be open at once, and whose they are."""

from __future__ import annotations

from contextlib import ExitStack
from uuid import uuid4

import pytest
from gateway.edge import sockets as sockets_module
from gateway.edge.sockets import OpenSockets
from gateway.problems import Problem


def test_a_holder_has_so_many_sessions_open_and_another_has_theirs() -> None:
    sockets = OpenSockets()
    with ExitStack() as opened:
        for _ in range(5):
            opened.enter_context(sockets.one_more("ada", uuid4(), 5))
        with pytest.raises(Problem) as refused, sockets.one_more("ada", uuid4(), 5):
            pass
        assert refused.value.status == 429
        opened.enter_context(sockets.one_more("bob", uuid4(), 5))
    with sockets.one_more("ada", uuid4(), 5):
        pass


def test_a_page_that_is_loaded_again_is_let_in_before_the_old_one_is_gone() -> None:
    sockets, session_id = OpenSockets(), uuid4()
    with ExitStack() as opened:
        for each in (session_id, *(uuid4() for _ in range(4))):
            opened.enter_context(sockets.one_more("ada", each, 5))
        with sockets.one_more("ada", session_id, 5):
            pass
        with pytest.raises(Problem), sockets.one_more("ada", uuid4(), 5):
            pass


def test_one_process_holds_so_many_of_all_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets_module, "MOST", 3)
    sockets = OpenSockets()
    with ExitStack() as opened:
        for number in range(3):
            opened.enter_context(sockets.one_more(f"holder {number}", uuid4(), 5))
        with pytest.raises(Problem) as full, sockets.one_more("another", uuid4(), 5):
            pass
        assert full.value.status == 503
    assert sockets._total == 0 and sockets._open == {}
