"""The parsers that can be chosen: the one of this package, and Docling for those who have installed it."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Literal

from contracts.vocabulary.document import MediaType

from documents.parsed import Parsed

ParserName = Literal["builtin", "docling"]
Parse = Callable[[bytes, MediaType], Parsed]


class ParserMissing(RuntimeError):
    """The chosen parser is not installed. The message is for whoever runs the service."""


def require(name: ParserName) -> None:
    """Raise ParserMissing unless the parser can be used. Imports nothing."""
    if name == "docling" and find_spec("docling") is None:
        raise ParserMissing(
            "DOCUMENT_PARSER=docling needs Docling, which is not installed. Install it with "
            "`python -m pip install docling`, or unset DOCUMENT_PARSER."
        )


def load(name: ParserName) -> Parse:
    """The parser, with all that it needs imported. Raises ParserMissing."""
    require(name)
    if name == "docling":
        from documents.parsing.docling import parse as parse_with_docling

        return parse_with_docling
    from documents.parsing.readers import parse

    return parse
