"""XML as a phone reads it: its encoding told twice, and nothing but elements (Development Notes, "XML Encoding")."""

import re
from dataclasses import dataclass, field
from typing import NoReturn
from xml.parsers import expat

from magroup.cli.simulated_phone.models import PhoneModel
from magroup.cli.simulated_phone.refusal import Refusal, Rule

DEEPEST = 8
_CHARSET = re.compile(r';\s*charset\s*=\s*"?([A-Za-z0-9._-]+)"?\s*\Z', re.IGNORECASE)


@dataclass
class Element:
    """``text`` is what is directly in it."""

    name: str
    attributes: dict[str, str]
    children: list["Element"] = field(default_factory=list)
    text: str = ""


def charset_of(content_type: str) -> str:
    """The charset of ``text/xml; charset=...`` in lower case. Raises Refusal."""
    kind, _, _ = content_type.partition(";")
    if kind.strip().lower() != "text/xml":
        raise Refusal(Rule.CONTENT_TYPE, f"Content-Type is {content_type[:100]!r}, not text/xml")
    found = _CHARSET.search(content_type)
    if found is None:
        raise Refusal(Rule.ENCODING, "Content-Type tells no charset")
    return found.group(1).lower()


def read_xml(content: bytes, charset: str | None, model: PhoneModel) -> Element:
    """The root. Raises Refusal for what a phone's parser does not take.

    What is pushed has no ``charset`` beside that of the XML, which may be left out where it makes no difference.
    """
    reader = _Reader(charset, model)
    try:
        reader.parser.Parse(content, True)
    except expat.ExpatError as error:
        raise Refusal(Rule.WELL_FORMED, f"the XML is broken: {error}") from None
    if not reader.is_declared and not (charset is None and content.isascii()):
        raise Refusal(Rule.ENCODING, "there is no XML declaration with an encoding")
    return reader.root


class _Reader:
    def __init__(self, charset: str | None, model: PhoneModel) -> None:
        self.root: Element
        self.is_declared = False
        self._charset = charset
        self._charsets = model.charsets
        self._open: list[Element] = []
        self.parser = parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.XmlDeclHandler = self._declared
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.StartDoctypeDeclHandler = lambda *_: self._no("a document type")
        parser.ProcessingInstructionHandler = lambda *_: self._no("a processing instruction")
        parser.CommentHandler = lambda *_: self._no("a comment")
        parser.StartCdataSectionHandler = lambda: self._no("a CDATA section")

    def _no(self, what: str) -> NoReturn:
        raise Refusal(Rule.ELEMENT, f"line {self.parser.CurrentLineNumber}: {what}, the parser knows elements only")

    def _declared(self, version: str, encoding: str | None, standalone: int) -> None:
        if encoding is None:
            raise Refusal(Rule.ENCODING, "the XML declaration tells no encoding: the phone takes that of its locale")
        if self._charset is not None and encoding.lower() != self._charset:
            raise Refusal(Rule.ENCODING, f"the XML is said to be {encoding[:40]}, the Content-Type {self._charset}")
        if encoding.lower() not in self._charsets:
            raise Refusal(Rule.ENCODING, f"{encoding[:40]} is not in Accept-Charset")
        self.is_declared = True

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._open) == DEEPEST:
            raise Refusal(Rule.ELEMENT, f"elements are nested more than {DEEPEST} deep")
        element = Element(name, attributes)
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element
        self._open.append(element)

    def _end(self, name: str) -> None:
        self._open.pop()

    def _characters(self, text: str) -> None:
        self._open[-1].text += text
