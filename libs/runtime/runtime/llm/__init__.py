"""Asking language models: any OpenAI-compatible endpoints, one after another, within a budget.

Importing it does not import the SDK; that happens when models are configured.
"""

from runtime.llm.briefing import language_name, without_contact
from runtime.llm.call import Answer
from runtime.llm.chain import Chain, Models
from runtime.llm.deadline import Deadline
from runtime.llm.errors import Kind, ModelRefused, NoModel, Rejected
from runtime.llm.formats import alpaca
from runtime.llm.prompts import Prompt, PromptLibrary, fenced, parse_weights
from runtime.llm.reading import OnText, Watch
from runtime.llm.settings import ModelSettings, Role
from runtime.llm.usage import Usage

__all__ = [
    "Answer",
    "Chain",
    "Deadline",
    "Kind",
    "ModelRefused",
    "ModelSettings",
    "Models",
    "NoModel",
    "OnText",
    "Prompt",
    "PromptLibrary",
    "Rejected",
    "Role",
    "Usage",
    "Watch",
    "alpaca",
    "fenced",
    "language_name",
    "parse_weights",
    "without_contact",
]
