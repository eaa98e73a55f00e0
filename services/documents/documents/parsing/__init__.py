"""Turns an uploaded file into the text it holds.

`sniff` tells the type of a file from its content, `parse` reads it, and a `Scanner` may look at it first. Whatever
cannot be read is `Unreadable`.
"""

from documents.parsing.errors import Unreadable
from documents.parsing.readers import MAX_PAGES, parse
from documents.parsing.scanning import Scanner, scanner_from
from documents.parsing.sniffing import sniff

__all__ = ["MAX_PAGES", "Scanner", "Unreadable", "parse", "scanner_from", "sniff"]
