"""Bytes to messages and back (ECMA-323): any namespace is read, what is written is ASCII and in the peer's edition.

There is no I/O here, and no state.
"""

from typing import NamedTuple

from lxml import etree

from magroup.csta import (
    call_control_messages,
    event_messages,
    feature_messages,
    monitoring_messages,
    routeing_messages,
    session_messages,
    system_messages,
)
from magroup.csta.edition import SESSION_NAMESPACE, Edition, Profile, edition_of
from magroup.csta.errors import INVALID_PARAMETER, NOT_SUPPORTED, OUT_OF_RANGE, CstaError
from magroup.csta.kinds import Element, local_name
from magroup.csta.message import EXTENSIONS, MESSAGES, Message

__all__ = ["LARGEST", "PARTS", "Parsed", "build", "parse"]

PARTS = (
    session_messages, system_messages, monitoring_messages, call_control_messages, feature_messages,
    routeing_messages, event_messages,
)  # fmt: skip
"""Where the messages are; all are known to ``parse`` from the start."""

LARGEST = 1 << 20
DEEPEST = 24
_PROLOG = '<?xml version="1.0" encoding="UTF-8"?>'
_TOO_DEEP = etree.XPath(f"boolean(/{'/'.join('*' * (DEEPEST + 1))})")
_WHOLE = Profile(keeps_extensions=True)


class Parsed(NamedTuple):
    """A message, and the edition in whose namespace it was; None for no namespace, or another one."""

    message: Message
    edition: Edition | None


def parse(data: bytes, profile: Profile = _WHOLE) -> Parsed:
    """The message in ``data``. Raises CstaError, with the error that is to be answered, for everything else."""
    root = _root(data)
    name = local_name(root)
    kind = MESSAGES.get(name)
    if kind is None:
        raise CstaError(NOT_SUPPORTED, f"{name[:60]!r} is no message that is known here")
    message = kind.read(root, "" if profile.keeps_extensions else EXTENSIONS)
    return Parsed(message, edition_of(str(root.tag)[1:].partition("}")[0]))


def _root(data: bytes) -> Element:
    """The document's root: UTF-8 only, without document types and entities of its own, neither large nor deep."""
    if len(data) > LARGEST:
        raise CstaError(OUT_OF_RANGE, "The message is too large")
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise CstaError(INVALID_PARAMETER, "A message has no document type")
    try:
        # Whatever encoding the declaration names: every other reading could hide a document type.
        parser = etree.XMLParser(
            encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False,
            remove_comments=True, remove_pis=True, strip_cdata=True,
        )  # fmt: skip
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        raise CstaError(INVALID_PARAMETER, f"Not well-formed: {str(error)[:200]}") from None
    if _TOO_DEEP(root):
        raise CstaError(OUT_OF_RANGE, "The message is nested too deep")
    return root


def build(message: Message, edition: Edition) -> bytes:
    """The message in an edition; what is newer than it is left out."""
    namespace = SESSION_NAMESPACE if message.is_session else edition.namespace
    inside = message.write(edition)
    root = message.root
    text = f'{_PROLOG}<{root} xmlns="{namespace}"' + (f">{inside}</{root}>" if inside else "/>")
    # Characters beyond ASCII by their numbers: there are peers that count characters where bytes are meant.
    return text.encode("ascii", "xmlcharrefreplace")
