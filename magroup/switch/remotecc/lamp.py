"""The busy lamps of Cisco phones: PIDF that nobody has subscribed to, with Cisco's own activities (RFC 3863, 4480)."""

from collections.abc import Hashable
from typing import NamedTuple, cast

from lxml import etree

from magroup.model.lines import LineState
from magroup.model.presence import Presence
from magroup.switch.pidf import DATA_MODEL, NAMESPACE, RPID
from magroup.switch.xml_text import xml_text

CISCO = "urn:cisco:params:xml:ns:pidf:rpid"
_IN_CALL = (LineState.BUSY, LineState.HELD)


class Lamp(NamedTuple):
    """``activities`` are those shown; ``is_open``: the line can be called."""

    is_open: bool
    activities: tuple[str, ...] = ()


def lamp_of(line: LineState, presence: Presence) -> Lamp:
    """What is shown: a phone that rings while it is in a call, or must not be disturbed, does not flash."""
    if line is LineState.OUT_OF_SERVICE:
        return Lamp(False)
    activities = ("on-the-phone", "busy") if line in _IN_CALL else ()
    if presence is Presence.DND:
        return Lamp(True, (*activities, "dnd"))
    return Lamp(True, activities or (("alerting",) if line is LineState.RINGING else ()))


def lamp_document(entity: str, number: str, state: Hashable) -> bytes:
    """The document of a lamp, for ``entity``, a URI."""
    lamp = cast(Lamp, state)
    root = etree.Element(
        f"{{{NAMESPACE}}}presence", nsmap={None: NAMESPACE, "dm": DATA_MODEL, "e": RPID, "ce": CISCO}
    )  # fmt: skip
    root.set("entity", xml_text(entity))
    person = etree.SubElement(root, f"{{{DATA_MODEL}}}person")
    activities = etree.SubElement(person, f"{{{RPID}}}activities")
    for name in lamp.activities:
        etree.SubElement(activities, f"{{{CISCO if name in ('alerting', 'dnd') else RPID}}}{name}")
    device = etree.SubElement(root, f"{{{NAMESPACE}}}tuple", id=xml_text(number))
    status = etree.SubElement(device, f"{{{NAMESPACE}}}status")
    etree.SubElement(status, f"{{{NAMESPACE}}}basic").text = "open" if lamp.is_open else "closed"
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))
