"""The XML answers: ``<Callisto>`` with the word in ``<Request>`` and what there is to say in ``<Response>``."""

import re
from collections.abc import Iterable

from lxml import etree

from magroup.model.groups import Overflow

CONTENT_TYPE = b"text/xml; charset=utf-8"
_DECLARATION = b'<?xml version="1.0" encoding="utf-8"?>\n'
_IMPOSSIBLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

Value = str | int | bool | Overflow


def document(request_word: str, content: str | Iterable[etree._Element]) -> bytes:
    """The whole answer; ``content`` is a status word or elements."""
    root = etree.Element("Callisto")
    etree.SubElement(root, "Request").text = request_word
    response = etree.SubElement(root, "Response")
    if isinstance(content, str):
        response.text = content
    else:
        response.extend(list(content))
    made: bytes = etree.tostring(root, encoding="utf-8", xml_declaration=False)
    return _DECLARATION + made


def element(tag: str, *children: etree._Element) -> etree._Element:
    made = etree.Element(tag)
    made.extend(children)
    return made


def leaf(tag: str, value: Value) -> etree._Element:
    """An element with a text."""
    made = etree.Element(tag)
    made.text = _text(value)
    return made


def leaves(tag: str, **values: Value) -> etree._Element:
    """An element with a child for each value, in their order."""
    made = etree.Element(tag)
    for name, value in values.items():
        etree.SubElement(made, name).text = _text(value)
    return made


def _text(value: Value) -> str:
    """What stands in an element; characters that XML cannot hold are replaced."""
    text = value if isinstance(value, str) else str(int(value) if isinstance(value, bool) else value)
    return text if text.isprintable() else _IMPOSSIBLE.sub("\ufffd", text)
