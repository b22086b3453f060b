"""Bytes to messages and back: the examples, what peers get wrong, what nobody may send."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from twisted.trial.unittest import SynchronousTestCase

from magroup.csta.call_control_messages import DeflectCall, MakeCall
from magroup.csta.codec import DEEPEST, LARGEST, build, parse
from magroup.csta.edition import Edition, Profile, edition_of
from magroup.csta.errors import INVALID_PARAMETER, MISSING_PARAMETER, NOT_SUPPORTED, OUT_OF_RANGE, CstaError, ErrorValue
from magroup.csta.event_messages import DeliveredEvent, EstablishedEvent
from magroup.csta.message import MESSAGES
from magroup.csta.system_messages import CSTAErrorCode, SystemStatus
from magroup.csta.values import ConnectionID, DeviceId, Subject, number_in, subject
from tests.csta.examples import EXAMPLES, example

D = '<deviceID typeOfNumber="dialingNumber">2001</deviceID>'
ANSWER = "<AnswerCall{0}><callToBeAnswered>{1}</callToBeAnswered></AnswerCall>"
NAMES = st.sampled_from(sorted({part.name for kind in MESSAGES.values() for part in kind.parts if part.name}))
TREES = st.recursive(
    st.text(max_size=8), lambda inner: st.lists(st.tuples(NAMES, inner), max_size=4), max_leaves=12
)  # fmt: skip
DAMAGES = st.lists(st.tuples(st.integers(0, 2000), st.binary(max_size=4)), max_size=4)


class ExampleTests(SynchronousTestCase):
    def test_there_and_back(self) -> None:
        """Every example is read, and written again byte by byte."""
        self.assertGreater(len(EXAMPLES), 80)
        for name, data in EXAMPLES.items():
            parsed = parse(data)
            self.assertEqual(parsed.message.root, name.partition(".")[0])
            edition = parsed.edition or Edition.ED4
            self.assertEqual(build(parsed.message, edition), data, name)
            self.assertEqual(parse(build(parsed.message, edition)), parsed, name)

    def test_editions(self) -> None:
        for edition in Edition:
            for name, data in EXAMPLES.items():
                message = parse(data).message
                again = parse(build(message, edition))
                self.assertEqual(again.message, message, name)
                self.assertIs(again.edition, None if message.is_session else edition)

    def test_without_namespace_or_with_a_prefix(self) -> None:
        for name, data in EXAMPLES.items():
            text = data.decode()
            expected = parse(data).message
            self.assertEqual(parse(re.sub(' xmlns="[^"]*"', "", text).encode()).message, expected, name)
            prefixed = re.sub(r"(</?)(?=\w)", r"\1x:", text).replace("xmlns=", "xmlns:x=")
            self.assertEqual(parse(prefixed.encode()).message, expected, name)

    def test_order_does_not_matter(self) -> None:
        """Children back to front, and unknown ones between them, everywhere."""
        for name, data in EXAMPLES.items():
            root = etree.fromstring(data)
            for element in root.iter():
                if len(element) > 1 and not element.tag.endswith(("List", "State", "Data", "Versions", "Connections")):
                    children = list(element)
                    for one in children:
                        element.remove(one)
                    for one in reversed(children):
                        element.append(one)
                        etree.SubElement(element, "{urn:vendor}somethingElse").text = "1"
            self.assertEqual(parse(etree.tostring(root)).message, parse(data).message, name)


class WrittenTests(SynchronousTestCase):
    """What is written is read the same by others."""

    texts = st.text(max_size=30)

    @settings(max_examples=150, deadline=None)
    @given(texts, texts, texts)
    def test_xpath(self, calling: str, called: str, call_id: str) -> None:
        event = DeliveredEvent(
            monitor_cross_ref_id="1", connection=ConnectionID(f"C{call_id}", DeviceId(called)),
            alerting_device=subject(called), calling_device=subject(calling), local_connection_info="alerting",
            cause="newCall", last_redirection_device=Subject(status="notRequired"),
        )  # fmt: skip
        data = build(event, Edition.ED3)
        self.assertTrue(data.isascii())
        root = etree.fromstring(data)
        self.assertEqual(etree.QName(root).namespace, Edition.ED3.namespace)
        n = {"c": Edition.ED3.namespace}

        def text(path: str) -> str:
            return str(root.xpath(f"string({path})", namespaces=n))

        self.assertEqual(text("/c:DeliveredEvent/c:connection/c:callID"), shown(f"C{call_id}"))
        self.assertEqual(text("c:connection/c:deviceID[@typeOfNumber='dialingNumber']"), shown(called))
        for path, value in ("alertingDevice", called), ("callingDevice", calling):
            if value:
                self.assertEqual(text(f"c:{path}/c:deviceIdentifier"), shown(value))
            else:
                self.assertEqual(root.xpath(f"count(c:{path}/c:notKnown)", namespaces=n), 1)
        self.assertEqual(root.xpath("count(c:lastRedirectionDevice/c:notRequired)", namespaces=n), 1)
        self.assertEqual([etree.QName(one).localname for one in root], [
            "monitorCrossRefID", "connection", "alertingDevice", "callingDevice", "lastRedirectionDevice",
            "localConnectionInfo", "cause",
        ])  # fmt: skip

    def test_newer_than_the_peer(self) -> None:
        call = MakeCall(calling_device=DeviceId("1"), called_directory_number=DeviceId("2"), reason="why")
        self.assertNotIn(b"reason", build(call, Edition.ED3))
        self.assertIn(b"<reason>why</reason>", build(call, Edition.ED4))

    def test_destination(self) -> None:
        """A device to ed5, a list in ed6; either is read in any edition."""
        message = parse(example("DeflectCall.ed3")).message
        self.assertEqual(message, parse(example("DeflectCall.ed6")).message)
        assert isinstance(message, DeflectCall)
        self.assertEqual(message.new_destination, DeviceId("2001"))
        self.assertEqual(build(message, Edition.ED3), example("DeflectCall.ed3"))
        self.assertEqual(build(message, Edition.ED6), example("DeflectCall.ed6"))

    def test_odd_words(self) -> None:
        """What the code hands in never breaks the document."""
        event = EstablishedEvent(
            monitor_cross_ref_id="1", established_connection=ConnectionID("C1"), answering_device=Subject(status="a b"),
        )  # fmt: skip
        parsed = parse(build(event, Edition.ED4)).message
        self.assertEqual(getattr(parsed, "answering_device", None), Subject(status="notKnown"))
        error = CSTAErrorCode(error=ErrorValue("no category", "<"))
        self.assertEqual(parse(build(error, Edition.ED4)).message, CSTAErrorCode(error=ErrorValue("unspecified", "<")))


def shown(text: str) -> str:
    """As XML can hold it."""
    return re.sub("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "\ufffd", text)


class ReadTests(SynchronousTestCase):
    def refused(self, data: str | bytes) -> ErrorValue:
        error = self.assertRaises(CstaError, parse, data if isinstance(data, bytes) else data.encode())
        self.assertTrue(str(error))
        return error.error

    def test_namespaces(self) -> None:
        for namespace, edition in (
            (Edition.ED3.namespace, Edition.ED3),
            ("http://www.ecma.ch/standards/ecma-323/csta/ed6", Edition.ED6),
            ("http://www.avaya.example/standards/ecma-323/csta/ed3/priv5", Edition.ED3),
            ("http://www.ecma-international.org/standards/ecma-323/csta/ed33", None),
            ("urn:other", None),
        ):
            parsed = parse(ANSWER.format(f' xmlns="{namespace}"', D).encode())
            self.assertIs(parsed.edition, edition, namespace)
            self.assertIs(edition_of(namespace), edition)

    def test_no_status(self) -> None:
        self.assertEqual(parse(b"<SystemStatus/>").message, SystemStatus())
        self.assertEqual(parse(b'<ns3:SystemStatus xmlns:ns3="urn:x"> </ns3:SystemStatus>').message, SystemStatus())

    def test_parties(self) -> None:
        def calling(inside: str) -> Subject | None:
            message = parse(
                f"<OriginatedEvent><monitorCrossRefID>1</monitorCrossRefID><originatedConnection><callID>C</callID>"
                f"</originatedConnection><callingDevice>{inside}</callingDevice></OriginatedEvent>".encode()
            ).message
            found: Subject | None = message.calling_device  # type: ignore[attr-defined]
            return found

        self.assertEqual(calling("<restricted/>"), Subject(status="restricted"))
        self.assertEqual(calling("<numberDialed>5</numberDialed>"), Subject(DeviceId("5", "")))
        self.assertEqual(calling("2001"), Subject(DeviceId("2001", "")))
        self.assertEqual(calling(""), Subject(status="notKnown"))

    def test_numbers(self) -> None:
        for text, number in (
            ("2001", "2001"),
            ("N<302118840101>;displayNumber=302118840101;noa=nk", "302118840101"),
            ("N<>;displayNumber=77", "77"),
            ("N<>", ""),
            ("N<41;ext=3>Somebody", "41"),
            ("tel:73124;phone-context=dialstring;partition=BE_BRS_INT", "73124"),
            ("SIP:2001@pbx.example;user=phone", "2001"),
            ("+41 31 5311111", "+41 31 5311111"),
            ("*97;x", "*97"),
        ):
            self.assertEqual(number_in(text), number)
            self.assertEqual(DeviceId(text, "").number, number)

    def test_errors_of_peers(self) -> None:
        """Both spellings of both words, and none."""
        for text, error in (
            ("<systemResourceAvailability>resourceBusy</systemResourceAvailability>",
             ErrorValue("systemResourceAvailibility", "resourceBusy")),
            ("<subscribedResourceAvailibility>trunkLimitExceeded</subscribedResourceAvailibility>",
             ErrorValue("subscribedResourceAvailability", "trunkLimitExceeded")),
            ("<unspecified/>", ErrorValue("unspecified", "")),
            ("", ErrorValue("unspecified", "")),
            ("<somethingElse>1</somethingElse>", ErrorValue("unspecified", "")),
        ):  # fmt: skip
            message = parse(f"<CSTAErrorCode>{text}</CSTAErrorCode>".encode()).message
            self.assertEqual(message, CSTAErrorCode(error=error))

    def test_private_data(self) -> None:
        """Kept as it is, and written again; or passed over."""
        private = '<v:secret xmlns:v="urn:v" v:at="1">x &amp; <v:y/></v:secret>'
        text = ANSWER.format("", D).replace(
            "</AnswerCall>",
            f"<extensions><privateData><private>{private}</private></privateData></extensions></AnswerCall>",
        )
        kept = parse(text.encode()).message
        self.assertIn("<v:secret", kept.extensions)
        again = etree.fromstring(build(kept, Edition.ED4))
        (found,) = again.xpath("//v:secret", namespaces={"v": "urn:v"})
        self.assertEqual(found.text, "x & ")
        self.assertEqual(parse(text.encode(), Profile()).message.extensions, "")

    def test_refused(self) -> None:
        for text, error in (
            ("", INVALID_PARAMETER),
            ("hello", INVALID_PARAMETER),
            ("<AnswerCall>", INVALID_PARAMETER),
            ("<DropTheBomb/>", NOT_SUPPORTED),
            ("<AnswerCall/>", MISSING_PARAMETER),
            ("<AnswerCall><callToBeAnswered/></AnswerCall>", INVALID_PARAMETER),
            (ANSWER.format("", f"<callID>{'1' * 3000}</callID>"), OUT_OF_RANGE),
            ("<SetDoNotDisturb><device>1</device><doNotDisturbOn>perhaps</doNotDisturbOn></SetDoNotDisturb>",
             INVALID_PARAMETER),
            ("<ResetApplicationSessionTimer><sessionID>1</sessionID><requestedSessionDuration>-1"
             "</requestedSessionDuration></ResetApplicationSessionTimer>", INVALID_PARAMETER),
            ('<!DOCTYPE x [<!ENTITY a "b">]><AnswerCall>&a;</AnswerCall>', INVALID_PARAMETER),
            ('<?xml version="1.0"?><!DOCTYPE AnswerCall SYSTEM "file:///etc/passwd"><AnswerCall/>', INVALID_PARAMETER),
            ("<AnswerCall>&undefined;</AnswerCall>", INVALID_PARAMETER),
            (f"<AnswerCall>{'<a>' * DEEPEST}{'</a>' * DEEPEST}</AnswerCall>", OUT_OF_RANGE),
            (f"<AnswerCall>{'<a>' * 20000}{'</a>' * 20000}</AnswerCall>", INVALID_PARAMETER),
            ("<AnswerCall>" + " " * LARGEST + "</AnswerCall>", OUT_OF_RANGE),
        ):  # fmt: skip
            self.assertEqual(self.refused(text), error, text[:80])

    def test_other_encodings(self) -> None:
        """UTF-8 whatever is declared: no other reading can hide a document type."""
        self.refused(ANSWER.format("", D).encode("utf-16"))
        self.refused(b'<?xml version="1.0" encoding="UTF-7"?>+ADwAIQ-DOCTYPE x><AnswerCall/>')
        self.refused(b"<AnswerCall>\xff\xfe</AnswerCall>")
        parsed = parse(b'<?xml version="1.0" encoding="ISO-8859-1"?>' + ANSWER.format("", D).encode())
        self.assertEqual(parsed.message.root, "AnswerCall")

    @settings(max_examples=150, deadline=None)
    @given(st.binary(max_size=300))
    def test_any_bytes(self, data: bytes) -> None:
        self.message_or_error(data)

    @settings(max_examples=150, deadline=None)
    @given(st.sampled_from(sorted(EXAMPLES)), DAMAGES)
    def test_damaged(self, name: str, changes: list[tuple[int, bytes]]) -> None:
        data = EXAMPLES[name]
        for at, put in changes:
            at %= len(data)
            data = data[:at] + put + data[at + len(put) :]
        self.message_or_error(data)

    @settings(max_examples=150, deadline=None)
    @given(st.sampled_from(sorted(MESSAGES)), TREES)
    def test_any_tree(self, root: str, inside: object) -> None:
        """Known names, anywhere."""

        def put(element: etree._Element, what: object) -> None:
            if isinstance(what, str):
                element.text = shown(what)
            elif isinstance(what, list):
                for name, inner in what:
                    put(etree.SubElement(element, name), inner)

        made = etree.Element(root)
        put(made, inside)
        self.message_or_error(etree.tostring(made))

    def message_or_error(self, data: bytes) -> None:
        """A message, which is then the same when it has been there and back; or one error."""
        try:
            parsed = parse(data, Profile())
        except CstaError:
            return
        self.assertEqual(parse(build(parsed.message, Edition.ED6)).message, parsed.message)
