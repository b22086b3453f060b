"""Presence documents, read and written: PIDF (RFC 3863) with the activities of RPID (RFC 4480)."""

from lxml import etree

from magroup.model.fixed import fixed
from magroup.model.presence import Presence
from magroup.sip.errors import SipError
from magroup.switch.xml_text import xml_text

PIDF = "application/pidf+xml"
NAMESPACE = "urn:ietf:params:xml:ns:pidf"
DATA_MODEL = "urn:ietf:params:xml:ns:pidf:data-model"
RPID = "urn:ietf:params:xml:ns:pidf:rpid"
DEEPEST = 16
LONGEST_NOTE = 255
DO_NOT_DISTURB = "do-not-disturb"

_DND = frozenset((DO_NOT_DISTURB, "dnd", "donotdisturb", "do not disturb"))
_BUSY = frozenset(
    ("busy", "on-the-phone", "meeting", "appointment", "presentation", "performance", "worship", "in-call")
)  # fmt: skip
_NOTHING_SAID = frozenset(("unknown", "other", "looking-for-work", "playing", "shopping", "spectator", "tv", "working"))
"""Activities in which a person may be called. All others of RFC 4480 say that nobody is at the desk."""


@fixed
class Published:
    """What a phone says of its user."""

    presence: Presence
    message: str = ""


def read_pidf(body: bytes) -> Published:
    """The presence in a document. Raises SipError(400) for what is none, for a DTD, and for one that is nested deep."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise SipError(400, "Presence is no UTF-8") from None
    if "<!" in text.replace("<!--", "").replace("<![CDATA[", ""):
        raise SipError(400, "Presence has a DTD")
    parser = etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False,
        huge_tree=False, remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise SipError(400, "Presence is no XML") from None
    if root is None or root.tag != f"{{{NAMESPACE}}}presence":
        raise SipError(400, "Presence is no PIDF")
    if _is_deep(root):
        raise SipError(400, "Presence is nested too deep")
    return Published(_presence(root), _note(root))


def _is_deep(root: etree._Element) -> bool:
    level = [root]
    for _ in range(DEEPEST):
        level = [child for element in level for child in element]
        if not level:
            return False
    return True


def _presence(root: etree._Element) -> Presence:
    """The least available of what the activities say; without any, whether something is open."""
    said = {_word(activity) for element in root.iter("{*}activities") for activity in element}
    if said & _DND:
        return Presence.DND
    if said & _BUSY:
        return Presence.BUSY
    if said - _NOTHING_SAID - {""}:
        return Presence.AWAY
    basics = [(basic.text or "").strip().lower() for basic in root.iter(f"{{{NAMESPACE}}}basic")]
    return Presence.AWAY if basics and "open" not in basics else Presence.AVAILABLE


def _word(activity: etree._Element) -> str:
    """An activity in one word; what RPID has no word for stands in ``other``, its notes say nothing of their own."""
    name = etree.QName(activity).localname.lower()
    if name == "other":
        word = (activity.text or "").strip().lower()
        return word if word in _DND | _BUSY else "other"
    return "" if name == "note" else name


def _note(root: etree._Element) -> str:
    for note in root.iter("{*}note"):
        words = " ".join((note.text or "").split())
        message = "".join(char for char in words if char.isprintable())[:LONGEST_NOTE].strip()
        if message:
            return message
    return ""


def write_pidf(entity: str, presence: Presence, message: str) -> bytes:
    """The document that says so of ``entity``, a URI. Nobody who is on DND or Unavailable takes calls: closed."""
    root = etree.Element(f"{{{NAMESPACE}}}presence", nsmap={None: NAMESPACE, "dm": DATA_MODEL, "rpid": RPID})
    root.set("entity", xml_text(entity))
    device = etree.SubElement(root, f"{{{NAMESPACE}}}tuple", id="magroup")
    status = etree.SubElement(device, f"{{{NAMESPACE}}}status")
    is_closed = presence in (Presence.DND, Presence.UNAVAILABLE)
    etree.SubElement(status, f"{{{NAMESPACE}}}basic").text = "closed" if is_closed else "open"
    if message:
        etree.SubElement(device, f"{{{NAMESPACE}}}note").text = xml_text(message)
    if presence in (Presence.AWAY, Presence.BUSY, Presence.DND):
        person = etree.SubElement(root, f"{{{DATA_MODEL}}}person", id="person")
        activities = etree.SubElement(person, f"{{{RPID}}}activities")
        etree.SubElement(activities, f"{{{RPID}}}{'away' if presence is Presence.AWAY else 'busy'}")
        if presence is Presence.DND:
            etree.SubElement(activities, f"{{{RPID}}}other").text = DO_NOT_DISTURB
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))
