"""Presence documents: what phones write, what is made of rubbish, what is written for phones."""

from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from twisted.trial.unittest import SynchronousTestCase

from magroup.model.presence import Presence
from magroup.sip.errors import SipError
from magroup.switch.pidf import Published, read_pidf, write_pidf

LINPHONE = """<?xml version="1.0" encoding="UTF-8"?>
<presence xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model" xmlns:rpid="urn:ietf:params:xml:ns:pidf:rpid" \
xmlns:pidfonline="http://www.linphone.org/xsds/pidfonline.xsd" entity="sip:1047@127.0.9.1" \
xmlns="urn:ietf:params:xml:ns:pidf">
 <tuple id="j08-z7">
  <status>
   <basic>open</basic>
   <pidfonline:online/>
  </status>
  <contact priority="0.8">sip:1047@127.0.9.1</contact>
  <timestamp>2026-11-28T07:46:54Z</timestamp>
 </tuple>
</presence>"""
"""As linphone 5.1 sends it when it has registered."""


def document(activities: str = "", basic: str = "open", note: str = "") -> bytes:
    """A document as RFC 4480 shows it."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
      <presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model"
          xmlns:rpid="urn:ietf:params:xml:ns:pidf:rpid" entity="pres:1047@magroup">
        <tuple id="t"><status>{f"<basic>{basic}</basic>" if basic else ""}</status>{note}</tuple>
        <dm:person id="p"><rpid:activities>{activities}</rpid:activities></dm:person>
      </presence>""".encode()


class Reading(SynchronousTestCase):
    def test_linphone(self) -> None:
        self.assertEqual(read_pidf(LINPHONE.encode()), Published(Presence.AVAILABLE))

    def test_activities(self) -> None:
        for activities, basic, presence in (
            ("", "open", Presence.AVAILABLE), ("", "closed", Presence.AWAY), ("", "", Presence.AVAILABLE),
            ("", "OPEN ", Presence.AVAILABLE), ("<rpid:unknown/>", "closed", Presence.AWAY),
            ("<rpid:away/>", "open", Presence.AWAY), ("<rpid:away/>", "closed", Presence.AWAY),
            ("<rpid:meal/>", "open", Presence.AWAY), ("<rpid:vacation/>", "open", Presence.AWAY),
            ("<rpid:busy/>", "open", Presence.BUSY), ("<rpid:busy/>", "closed", Presence.BUSY),
            ("<rpid:on-the-phone/>", "open", Presence.BUSY), ("<rpid:meeting/>", "open", Presence.BUSY),
            ("<rpid:away/><rpid:busy/>", "open", Presence.BUSY),
            ("<rpid:other>do-not-disturb</rpid:other>", "open", Presence.DND),
            ("<rpid:busy/><rpid:other>DND</rpid:other>", "closed", Presence.DND),
            ("<x:dnd xmlns:x='urn:cisco:params:xml:ns:pidf:rpid'/>", "open", Presence.DND),
            ("<rpid:do-not-disturb/>", "open", Presence.DND), ("<rpid:working/>", "open", Presence.AVAILABLE),
            ("<rpid:other>gardening</rpid:other>", "open", Presence.AVAILABLE),
            ("<rpid:other/>", "open", Presence.AVAILABLE), ("<rpid:note>busy</rpid:note>", "open", Presence.AVAILABLE),
        ):  # fmt: skip
            self.assertEqual(read_pidf(document(activities, basic)).presence, presence, (activities, basic))

    def test_notes(self) -> None:
        for note, message in (
            ("<note>Back at noon</note>", "Back at noon"), ("<note>  \n </note><note xml:lang='de'>zu Tisch</note>",
            "zu Tisch"), (f"<note>{'x' * 300}</note>", "x" * 255), ("<note>a\n  b\u200ec&amp;&lt;</note>", "a bc&<"),
            ("<note/>", ""), ("<note><![CDATA[<b>]]></note>", "<b>"),
        ):  # fmt: skip
            self.assertEqual(read_pidf(document("<rpid:away/>", note=note)).message, message)

    def test_two_devices(self) -> None:
        one_open = document().replace(b"<tuple", b'<tuple id="u"><status><basic>closed</basic></status></tuple><tuple')
        self.assertEqual(read_pidf(one_open).presence, Presence.AVAILABLE)

    def test_refused(self) -> None:
        entity = '<!DOCTYPE presence [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
        laughs = '<!DOCTYPE presence [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
        text = document(note="<note>&x;</note>").decode()
        for body in (
            b"", b"hello", b"<presence/>", b"<presence xmlns='urn:other'/>", b"\xff\xfe<", b"\x00" * 40,
            text.replace("?>", f"?>{entity}").encode(), text.replace("?>", f"?>{laughs}").encode(), text.encode(),
            LINPHONE.replace("UTF-8", "UTF-16").encode("utf-16"), LINPHONE.encode()[:-4],
            b"<presence xmlns='urn:ietf:params:xml:ns:pidf'>" + b"<a>" * 200 + b"</a>" * 200 + b"</presence>",
            b"<presence xmlns='urn:ietf:params:xml:ns:pidf'>" + b"<a>" * 1500 + b"</a>" * 1500 + b"</presence>",
        ):  # fmt: skip
            with self.assertRaises(SipError) as caught:
                read_pidf(body)
            self.assertEqual(caught.exception.status, 400, body[:60])

    @settings(max_examples=300, deadline=None)
    @given(st.one_of(st.binary(max_size=200), st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace"))))
    def test_rubbish(self, body: bytes) -> None:
        with self.assertRaises(SipError):
            read_pidf(body)

    @settings(max_examples=300, deadline=None)
    @given(st.integers(0, len(LINPHONE) - 1), st.binary(max_size=8), st.integers(0, 30))
    def test_damaged(self, at: int, put: bytes, drop: int) -> None:
        """A good document with something else in it is read, or refused in good order."""
        body = LINPHONE.encode()
        try:
            read = read_pidf(body[:at] + put + body[at + drop :])
        except SipError as error:
            self.assertEqual(error.status, 400)
        else:
            self.assertIn(read.presence, (Presence.AVAILABLE, Presence.AWAY))


class Writing(SynchronousTestCase):
    def test_read_again(self) -> None:
        for presence in (Presence.AVAILABLE, Presence.AWAY, Presence.BUSY, Presence.DND):
            message = "" if presence is Presence.AVAILABLE else "Back <soon> & \"well\""
            written = write_pidf("sip:1047@magroup", presence, message)
            self.assertEqual(read_pidf(written), Published(presence, message))

    def test_basic(self) -> None:
        for presence in Presence:
            basic = b"closed" if presence in (Presence.DND, Presence.UNAVAILABLE) else b"open"
            self.assertIn(b"<basic>" + basic + b"</basic>", write_pidf("sip:1047@magroup", presence, ""))

    @settings(max_examples=200, deadline=None)
    @given(st.text(st.characters(codec=None), max_size=40), st.text(st.characters(codec=None), max_size=40))
    def test_any_text(self, entity: str, message: str) -> None:
        root = etree.fromstring(write_pidf(entity, Presence.AWAY, message))
        self.assertEqual(root.tag, "{urn:ietf:params:xml:ns:pidf}presence")
