"""Asking language models: any OpenAI-compatible endpoints, one after another, within a budget.

Importing it does not import the SDK; that happens when models are configured.
"""

from models.briefing import language_name, without_contact
from models.call import Answer
from models.chain import Chain, Models
from models.deadline import Deadline
from models.errors import Kind, ModelRefused, NoModel, Rejected
from models.formats import alpaca
from models.prompts import Prompt, PromptLibrary, fenced, parse_weights
from models.reading import OnText, Watch
from models.settings import ModelSettings, Role
from models.usage import Usage

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
