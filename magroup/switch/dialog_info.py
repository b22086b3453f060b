"""Dialog information for busy lamps, application/dialog-info+xml (RFC 4235 section 4)."""

from collections.abc import Iterable
from enum import StrEnum

from lxml import etree

from magroup.model.fixed import fixed
from magroup.switch.xml_text import xml_text

DIALOG_INFO = "application/dialog-info+xml"
NAMESPACE = "urn:ietf:params:xml:ns:dialog-info"


class DialogState(StrEnum):
    """The states of a dialog (section 3.7.1)."""

    TRYING = "trying"
    PROCEEDING = "proceeding"
    EARLY = "early"
    CONFIRMED = "confirmed"
    TERMINATED = "terminated"


@fixed
class ShownDialog:
    """One dialog of a lamp: ``is_caller`` says that the lamp's own side called; ``number`` and ``name`` are the other
    side, empty where that is not to be seen.
    """

    id: str
    state: DialogState
    is_caller: bool = False
    is_held: bool = False
    number: str = ""
    name: str = ""


def dialog_info(own: str, uri_of_other: Iterable[tuple[ShownDialog, str]], version: int) -> bytes:
    """The full state of what is at the URI ``own``; each dialog comes with the URI of its other side if shown."""
    root = etree.Element(f"{{{NAMESPACE}}}dialog-info", nsmap={None: NAMESPACE})
    root.set("version", str(version))
    root.set("state", "full")
    root.set("entity", xml_text(own))
    for shown, other in uri_of_other:
        dialog = _sub(root, "dialog")
        dialog.set("id", xml_text(shown.id))
        dialog.set("direction", "initiator" if shown.is_caller else "recipient")
        _sub(dialog, "state").text = shown.state.value
        local = _sub(dialog, "local")
        _sub(local, "identity").text = xml_text(own)
        target = _sub(local, "target")
        target.set("uri", xml_text(own))
        if shown.state is DialogState.CONFIRMED:
            # What is on hold is not rendered (section 4.1.6.2, RFC 4235 with RFC 3840's sip.rendering).
            param = _sub(target, "param")
            param.set("pname", "+sip.rendering")
            param.set("pval", "no" if shown.is_held else "yes")
        if other:
            remote = _sub(dialog, "remote")
            identity = _sub(remote, "identity")
            identity.text = xml_text(other)
            if shown.name:
                identity.set("display", xml_text(shown.name))
            _sub(remote, "target").set("uri", xml_text(other))
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


def _sub(parent: etree._Element, name: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
