"""Parses XML and HTML from strangers: no entities, nothing fetched, no endless depth."""

from __future__ import annotations

from lxml import etree

from documents.parsing.errors import broken, too_complex

Element = etree._Element


def parse_xml(data: bytes, kind: str) -> Element:
    """The root of an XML part of a `kind` of file, such as `Word`.

    Raises Unreadable: `too_complex` for XML that declares a document type (Office files never do; entities that
    multiply are declared there) or is nested too deeply, else `broken`. Raises MemoryError where memory is limited.
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        _require_memory(parser)
        raise (too_complex() if _excessive(parser) else broken(kind)) from error
    except ValueError as error:
        raise broken(kind) from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise too_complex()
    return root


def parse_html(text: str) -> Element | None:
    """The root of an HTML page, repaired where it is malformed; None when there is nothing in it.

    Raises Unreadable `too_complex` when it is nested too deeply.
    """
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)
    try:
        root = etree.fromstring(text.replace("\x00", "").encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError as error:
        _require_memory(parser)
        if _excessive(parser):
            raise too_complex() from error
        return None
    if _excessive(parser):
        raise too_complex()
    return root


def _require_memory(parser: etree.XMLParser | etree.HTMLParser) -> None:
    if any(entry.type == etree.ErrorTypes.ERR_NO_MEMORY for entry in parser.error_log):
        raise MemoryError


def _excessive(parser: etree.XMLParser | etree.HTMLParser) -> bool:
    """libxml2 stopped because of one of its limits on depth, size or entities."""
    limits = ("depth", "huge", "amplification", "entity reference loop", "too long", "limit")
    return any(limit in entry.message.lower() for entry in parser.error_log for limit in limits)
