"""What somebody says about themselves or the conversation instead of answering. Interviewer and coach read alike."""

from parley_listening.crisis import crisis_lines
from parley_listening.heard import AN_ANSWER, Heard, certainly_heard, ends_a_pause
from parley_listening.listener import Listener
from parley_listening.rules import goes_on
from parley_listening.tongues import languages_named

__all__ = [
    "AN_ANSWER",
    "Heard",
    "Listener",
    "certainly_heard",
    "crisis_lines",
    "ends_a_pause",
    "goes_on",
    "languages_named",
]
