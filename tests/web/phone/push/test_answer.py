"""What phones answer to pushes, right and wrong."""

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from magroup.model.settings import PhonesSettings
from magroup.resources import sound
from magroup.web.phone.push.answer import LONGEST, Outcome, read_answer
from magroup.web.phone.push.documents import LARGEST_FORM, execute, form, is_tone, play, strip, text
from magroup.web.phone.push.place import place_of

ITEM = '<ResponseItem Status="{}" Data="Success" URL="Play:Chime.raw"/>'
ANSWERS = {
    (200, ""): Outcome.DONE,
    (200, "  \r\n"): Outcome.DONE,
    (200, f"<CiscoIPPhoneResponse>{ITEM.format(0)}</CiscoIPPhoneResponse>"): Outcome.DONE,
    (200, f'<?xml version="1.0"?>\n<CiscoIPPhoneResponse>{ITEM.format(0)}{ITEM.format(6)}</CiscoIPPhoneResponse>'):
        Outcome.IGNORED,
    (200, "<CiscoIPhoneResponse><ResponseItem><Status>1</Status></ResponseItem></CiscoIPhoneResponse>"):
        Outcome.IGNORED,
    (200, '<CiscoIPPhoneError Number="4"/>'): Outcome.REFUSED,
    (200, '<CiscoIPPhoneError Number="1">bad</CiscoIPPhoneError>'): Outcome.FAILED,
    (200, "<CiscoIPPhoneError/>"): Outcome.FAILED,
    (200, "<html>Welcome</html>"): Outcome.FAILED,
    (200, "\0\1\2"): Outcome.FAILED,
    (200, "x" * (LONGEST + 1)): Outcome.FAILED,
    (200, '<!DOCTYPE a [<!ENTITY b "b">]><CiscoIPPhoneResponse>&b;</CiscoIPPhoneResponse>'): Outcome.FAILED,
    (401, ""): Outcome.REFUSED,
    (403, "no"): Outcome.REFUSED,
    (302, ""): Outcome.FAILED,
    (404, ""): Outcome.FAILED,
    (500, f"<CiscoIPPhoneResponse>{ITEM.format(0)}</CiscoIPPhoneResponse>"): Outcome.FAILED,
}  # fmt: skip


class Read(SynchronousTestCase):
    def test_table(self) -> None:
        for (status, body), outcome in ANSWERS.items():
            answer = read_answer(status, body.encode())
            self.assertEqual(answer.outcome, outcome, (status, body[:60]))
            self.assertEqual(bool(answer.why), outcome is not Outcome.DONE)

    @given(st.integers(100, 999), st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode()))
    def test_anything(self, status: int, body: bytes) -> None:
        self.assertIsInstance(read_answer(status, body).outcome, Outcome)


class Documents(SynchronousTestCase):
    def test_execute(self) -> None:
        self.assertEqual(
            execute("http://10.0.0.5:8080/phone/status?device=SEP1&token=x", 2),
            b'<CiscoIPPhoneExecute><ExecuteItem Priority="2" URL="http://10.0.0.5:8080/phone/status?device=SEP1&amp;'
            b'token=x"/></CiscoIPPhoneExecute>',
        )
        self.assertRaises(ValueError, execute, "x" * 257)
        self.assertRaises(ValueError, execute, "")

    def test_tones(self) -> None:
        self.assertIn(b'URL="Play:Chime.raw"', play("Chime.raw"))
        self.assertTrue(is_tone("Harp.wav"))
        for name in ("", "x.mp3", "../x.raw", "Stop", "a b.raw", "x;y.raw", "http://x/y.raw", "ä.raw", "x.raw\n"):
            self.assertFalse(is_tone(name), name)
            self.assertRaises(ValueError, play, name)

    def test_form(self) -> None:
        self.assertEqual(form(b"<a b=\"c&d\"/>"), b"XML=%3Ca+b%3D%22c%26d%22/%3E")
        declared = b"XML=%3C?xml+version%3D%221.0%22+encoding%3D%22utf-8%22?%3E"
        self.assertEqual(form("<a>é</a>".encode()), declared + b"%3Ca%3E%C3%A9%3C/a%3E")

    def test_longest_url_fits(self) -> None:
        url = "http://192.168.100.100:8080/phone/status?device=SEP001122334455&token="
        for make in (execute, strip):
            self.assertLessEqual(len(form(make(url + "x" * (256 - len(url))))), LARGEST_FORM)

    @given(st.text(max_size=60), st.text(max_size=4000))
    def test_texts_fit(self, title: str, words: str) -> None:
        self.assertLessEqual(len(form(text(title, words))), LARGEST_FORM)

    def test_text(self) -> None:
        self.assertEqual(text("A & B", "see\n<me>\x07"),
                         b"<CiscoIPPhoneText><Title>A &amp; B</Title><Text>see &lt;me&gt;</Text></CiscoIPPhoneText>")
        self.assertLessEqual(len(form(text("Message", "ü" * 4000))), LARGEST_FORM)


class Places(SynchronousTestCase):
    def test_known(self) -> None:
        for given_, authority in {
            "192.0.2.1": "192.0.2.1",
            " 192.0.2.1:8080": "192.0.2.1:8080",
            "2001:db8::1": "[2001:db8::1]",
            "[2001:db8::1]:81": "[2001:db8::1]:81",
        }.items():
            place = place_of(given_)
            assert place is not None
            self.assertEqual(place.authority, authority)

    def test_none(self) -> None:
        for text_ in ("", "phone.example.com", "192.0.2.1:0", "192.0.2.1:x", "192.0.2.1:70000", "0.0.0.0", "224.0.0.1",
                      "192.0.2.1/x", "user@192.0.2.1", "[2001:db8::1", "::", "192.0.2.1:80:80"):  # fmt: skip
            self.assertIsNone(place_of(text_), text_)


class Tones(SynchronousTestCase):
    def test_those_that_ship_are_offered(self) -> None:
        """As they are: mu-law without a header, in whole blocks, not longer than a phone plays."""
        files = sorted(sound("phone").glob("*.raw"))
        self.assertEqual([file.name for file in files], list(PhonesSettings().tones))
        for file in files:
            size = len(file.read_bytes())
            self.assertEqual(size % 240, 0)
            self.assertTrue(240 <= size <= 16_080, file.name)
