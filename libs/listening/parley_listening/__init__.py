"""What somebody says about themselves or the conversation instead of answering. Interviewer and coach read alike."""

from parley_listening.crisis import crisis_lines
from parley_listening.listener import Heard, Listener
from parley_listening.tongues import languages_named

__all__ = ["Heard", "Listener", "crisis_lines", "languages_named"]
