"""Objects held against Cisco's XSD, which wants softkeys before what is shown; Cisco's examples have them last."""

from collections.abc import Callable
from pathlib import Path

from lxml import etree

from magroup.cli.simulated_phone.refusal import Refusal, Rule

Validate = Callable[[bytes], None]
"""Raises Refusal for a document that is not valid."""

_SOFTKEY_ORDER = ("Name", "Position", "URL", "URLDown")
_AFTER = ("Title", "Prompt")


def schema(path: Path) -> Validate:
    """Reads the XSD at once."""
    against = etree.XMLSchema(etree.parse(path))

    def validate(content: bytes) -> None:
        root = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))
        _as_in_the_xsd(root)
        if not against.validate(root):
            raise Refusal(Rule.SCHEMA, "; ".join(str(error.message) for error in against.error_log)[:500])

    return validate


def _as_in_the_xsd(root: etree._Element) -> None:
    """Softkeys to the place they have there; without the attributes that phones of today have more."""
    root.attrib.pop("WindowMode", None)
    for url in root.findall("URL"):
        url.attrib.pop("method", None)
    keys = [*root.findall("SoftKeyItem"), *root.findall("KeyItem")]
    for key in keys:
        root.remove(key)
        key[:] = sorted(key, key=lambda child: _SOFTKEY_ORDER.index(child.tag) if child.tag in _SOFTKEY_ORDER else -1)
    place = max((index + 1 for index, child in enumerate(root) if child.tag in _AFTER), default=0)
    root[place:place] = keys
