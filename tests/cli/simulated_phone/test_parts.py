"""Whatever is sent, a phone takes it or refuses it; and objects held against a schema."""

from pathlib import Path
from xml.sax.saxutils import escape

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from magroup.cli.simulated_phone import MODELS, Page, Refusal, Rule, read_page, read_pushed, schema
from magroup.cli.simulated_phone.exchange import Answer
from magroup.cli.simulated_phone.fetching import Refresh, is_expired, refresh_of
from magroup.cli.simulated_phone.keypad import can_type
from magroup.cli.simulated_phone.uris import Place, check_uri
from tests.cli.simulated_phone.kit import SAMPLES, XML, document, item, softkey

MODEL = st.sampled_from(sorted(MODELS)).map(MODELS.__getitem__)
SAMPLE = st.sampled_from(sorted(SAMPLES.glob("*.xml"))).map(Path.read_bytes)
LETTERS = st.characters(min_codepoint=32, max_codepoint=0x2FF, exclude_categories=("Cc", "Cn", "Cs", "Co"))

XSD = """<xsd:schema xmlns:xsd="http://www.w3.org/2001/XMLSchema">
<xsd:element name="CiscoIPPhoneText"><xsd:complexType><xsd:sequence>
<xsd:element name="Title" minOccurs="0"/>
<xsd:element name="SoftKeyItem" minOccurs="0" maxOccurs="8"><xsd:complexType><xsd:sequence>
<xsd:element name="Name"/><xsd:element name="Position"/><xsd:element name="URL"/>
</xsd:sequence></xsd:complexType></xsd:element>
<xsd:element name="Text"/>
</xsd:sequence></xsd:complexType></xsd:element></xsd:schema>"""


def page_or_none(content: bytes, kind: str = XML, model: str = "8845") -> Page | None:
    try:
        return read_page(content, kind, MODELS[model])
    except Refusal:
        return None


class Anything(SynchronousTestCase):
    """Only Refusal is raised."""

    @settings(deadline=None)
    @given(st.binary(max_size=300), st.text(max_size=40), MODEL)
    def test_bytes(self, content: bytes, kind: str, model: object) -> None:
        self.assertIsNone(page_or_none(content, kind))
        self.assertIsNone(page_or_none(content))

    @settings(deadline=None)
    @given(SAMPLE, st.integers(0, 900), st.integers(0, 20), st.binary(max_size=12))
    def test_damaged_samples(self, content: bytes, place: int, gone: int, more: bytes) -> None:
        damaged = content[:place] + more + content[place + gone :]
        for model in ("7945", "7841", "9971"):
            page_or_none(damaged, model=model)
            try:
                read_pushed(damaged, MODELS[model])
            except Refusal as refusal:
                self.assertTrue(refusal.reason)

    @settings(deadline=None)
    @given(st.text(LETTERS, min_size=1, max_size=70).filter(str.strip))
    def test_texts_of_items(self, name: str) -> None:
        found = page_or_none(document("Menu", item(escape(name), "Dial:1")))
        self.assertEqual(found is not None, len(name) <= 64)
        if found is not None:
            self.assertEqual(found.items[0].name, name)

    @settings(deadline=None)
    @given(st.integers(0, 110))
    def test_number_of_items(self, count: int) -> None:
        self.assertEqual(page_or_none(document("Menu", item("A", "Dial:1") * count)) is not None, count <= 100)

    @settings(deadline=None)
    @given(st.lists(st.integers(-1, 10), max_size=10))
    def test_positions(self, positions: list[int]) -> None:
        keys = "".join(softkey("A", position, "SoftKey:Exit") for position in positions)
        is_good = all(1 <= position <= 8 for position in positions) and len(set(positions)) == len(positions)
        self.assertEqual(page_or_none(document("Text", f"<Text/>{keys}")) is not None, is_good)

    @settings(deadline=None)
    @given(st.text(max_size=300), st.sampled_from(Place), MODEL)
    def test_uris(self, text: str, place: Place, model: object) -> None:
        for scheme in ("", "http://h/", "Dial:", "App:", "Notify:", "RTPRx:", "Display:", "QueryStringParam:"):
            try:
                check_uri(scheme + text, place, MODELS["8845"], "Menu")
            except Refusal as refusal:
                self.assertTrue(refusal.reason)

    @settings(deadline=None)
    @given(st.text(max_size=40))
    def test_typing(self, text: str) -> None:
        if can_type(text, "N"):
            self.assertTrue(can_type(text, "T") and can_type(text, "A") and can_type(text, "U"))
        if can_type(text, "T"):
            self.assertTrue(set(text) <= set("0123456789#*") and len(text) <= 32)

    @settings(deadline=None)
    @given(st.text(max_size=60))
    def test_header_fields(self, text: str) -> None:
        answer = Answer(200, {"refresh": [text], "expires": [text], "date": [text]})
        for question in (lambda: refresh_of(answer, "http://h/"), lambda: is_expired(answer)):
            try:
                question()
            except Refusal as refusal:
                self.assertIn(refusal.rule, (Rule.REFRESH, Rule.EXPIRES, Rule.URL, Rule.DEVICE_NAME))


class HeaderFields(SynchronousTestCase):
    """Refresh."""

    def test_refresh(self) -> None:
        for text, seconds, url in (
            ("3; url=http://x/y?z=1", 3, "http://x/y?z=1"),
            ("0;URL=http://x/", 0, "http://x/"),
            ("url=http://x/", 0, "http://x/"),
            ("5", 5, "http://h/"),
            ("0", 0, "http://h/"),
        ):
            self.assertEqual(refresh_of(Answer(200, {"refresh": [text]}), "http://h/"), Refresh(seconds, url))
        self.assertIsNone(refresh_of(Answer(200), "http://h/"))


class Schema(SynchronousTestCase):
    """Objects with softkeys where the XSD does not have them."""

    def test_moved(self) -> None:
        file = Path(self.mktemp())
        file.write_text(XSD)
        validate = schema(file)
        key = "<SoftKeyItem><URL>SoftKey:Exit</URL><Name>A</Name><Position>1</Position></SoftKeyItem>"
        for body in (f"<Text>a</Text>{key}{key}", f"{key}<Text>a</Text>", f"<Title>a</Title>{key}<Text>a</Text>"):
            validate(document("Text", body))
        validate(document("Text", "<Text>a</Text>", WindowMode="Wide"))
        for body in ("<Text>a</Text><Title>a</Title>", f"<Text/>{key.replace('Name', 'Label')}", key):
            self.assertIs(self.assertRaises(Refusal, validate, document("Text", body)).rule, Rule.SCHEMA)
