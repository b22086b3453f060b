"""Cisco phones with remotecc on the bench: what they ask, and their lamps."""

from magroup.model.lines import LineState
from magroup.model.presence import Presence
from magroup.sip.message import Request, Response
from magroup.switch.remotecc.incoming import parts_of
from magroup.switch.remotecc.lamp import Lamp, lamp_of
from magroup.switch.remotecc.phone import takes_presence
from tests.switch.bench import SWITCH
from tests.switch.remotecc import OPTIONS, Cisco, CiscoTest


class Control(CiscoTest):
    """What others let it do."""

    def test_all(self) -> None:
        cisco = self.cisco()
        cisco.since()
        (registration,) = self.bench.telephony.bindings.contacts("1047")
        remote = self.bench.telephony.remote
        statuses: list[int] = []
        remote.dial(registration, "0<31", statuses.append)
        remote.show_text(registration, "From 2017 & Anna\x00", statuses.append)
        remote.show(registration, "<CiscoIPPhoneText><Text>ü</Text></CiscoIPPhoneText>".encode(), 2, statuses.append)
        self.bench.run(1.0)
        self.assertEqual(cisco.since(), ["initiatecallreq", "statuslineupdatereq", "datapassthroughreq"])
        self.assertEqual(statuses, [202, 202, 202])
        dial, text, thing = cisco.requests[-3:]
        self.assertIn(b"<dialstring>0&lt;31</dialstring>", dial.body)
        self.assertIn("<statustext>From 2017 &amp; Anna\ufffd</statustext>".encode(), text.body)
        parts = parts_of(thing)
        self.assertEqual(
            parts["application/x-cisco-remotecc-cm+xml"].decode(),
            '<?xml version="1.0" encoding="utf-8"?><CiscoIPPhoneText><Text>ü</Text></CiscoIPPhoneText>',
        )
        self.assertIn(b"<displaypriority>2</displaypriority>", thing.body)
        self.assertRaises(ValueError, remote.show, registration, b"x" * 40_000, 0, statuses.append)

    def test_no_answer(self) -> None:
        cisco = self.cisco()
        cisco.status = 0
        (registration,) = self.bench.telephony.bindings.contacts("1047")
        statuses: list[int] = []
        self.bench.telephony.remote.dial(registration, "1175", statuses.append)
        self.bench.run(40.0, 1.0)
        self.assertEqual(statuses, [408])


class Asked(CiscoTest):
    """What it asks."""

    def ask(self, cisco: Cisco, headers: dict[str, str], body: bytes = b"", method: str = "REFER") -> Response:
        """The final answer, credentials given."""
        answers: list[Response] = []

        def send(more: dict[str, list[str]], sequence: int) -> None:
            request = Request(method, "sip:127.0.0.1", {
                "Max-Forwards": ["70"], "From": ["<sip:1047@127.0.0.1>;tag=r"], "To": ["<sip:1047@127.0.0.1>"],
                "Call-ID": ["refer-1"], "CSeq": [f"{sequence} {method}"], "Contact": ["<sip:1047@127.0.0.11>"],
                **{name: [value] for name, value in headers.items()}, **more,
            }, body)  # fmt: skip
            cisco.phone.layer.request(request, SWITCH, lambda response: heard(request, response))

        def heard(request: Request, response: Response) -> None:
            if response.status == 401 and "Authorization" not in request.headers:
                send(cisco.phone._answers.answer(response, request), 2)
            elif response.status >= 200:
                answers.append(response)

        send({}, 1)
        self.bench.run(1.0)
        return answers[-1]

    def refer(self, content_type: str, body: bytes, refer_to: str = "cid:1234") -> int:
        cisco = Cisco(self.bench.phone("1047"))
        try:
            return self.ask(cisco, {"Refer-To": refer_to, "Content-Type": content_type}, body).status
        finally:
            self.bench.run(40, 1.0)

    def multipart(self, *parts: tuple[str, str]) -> bytes:
        text = "".join(f"--uniqueBoundary\r\nContent-Type: {kind}\r\n\r\n{body}\r\n" for kind, body in parts)
        return (text + "--uniqueBoundary--\r\n").encode()

    def data(self, application: int, text: str = "Dial") -> bytes:
        return self.multipart(
            ("application/x-cisco-remotecc-request+xml",
             "<x-cisco-remotecc-request><datapassthroughreq><applicationid>"
             f"{application}</applicationid></datapassthroughreq></x-cisco-remotecc-request>"),
            ("application/x-cisco-remotecc-cm+xml", text),
        )  # fmt: skip

    def test_taken(self) -> None:
        self.assertEqual(self.refer("text/plain", b"", "<urn:x-cisco-remotecc:token-registration>"), 202)

    def test_alarms_and_answers(self) -> None:
        self.assertEqual(self.refer("application/x-cisco-alarm+xml", b"<x-cisco-alarm/>"), 202)

    def test_answer(self) -> None:
        self.assertEqual(self.refer("application/x-cisco-remotecc-response+xml", b"<x/>"), 202)

    def test_data(self) -> None:
        chosen: list[tuple[str, str]] = []
        self.bench.telephony.refers.chosen = lambda line, data: chosen.append((line, data))
        self.assertEqual(self.refer("multipart/mixed;boundary=uniqueBoundary", self.data(7)), 202)
        self.assertEqual(chosen, [("1047", "Dial")])

    def test_data_of_others(self) -> None:
        self.assertEqual(self.refer("multipart/mixed; boundary=\"uniqueBoundary\"", self.data(8)), 603)

    def test_softkeys(self) -> None:
        body = (b"<x-cisco-remotecc-request><softkeyeventmsg><softkeyevent>Park</softkeyevent></softkeyeventmsg>"
                b"</x-cisco-remotecc-request>")  # fmt: skip
        self.assertEqual(self.refer("application/x-cisco-remotecc-request+xml", body), 603)

    def test_of_other_phones(self) -> None:
        """A REFER that is none of Cisco's is refused as ever."""
        self.assertEqual(self.refer("", b"", "sip:1175@127.0.0.1"), 405)

    def test_rubbish(self) -> None:
        kind = "application/x-cisco-remotecc-request+xml"
        for content_type, body, status in (
            (kind, b"<rubbish", 400),
            (kind, b"<x-cisco-remotecc-request/>", 400),
            (kind, b'<!DOCTYPE a [<!ENTITY b "b">]><x-cisco-remotecc-request>&b;</x-cisco-remotecc-request>', 400),
            (kind, b"<x-cisco-remotecc-request>" + b" " * 20_000 + b"</x-cisco-remotecc-request>", 413),
            ("multipart/mixed", self.data(7), 400),
            ("multipart/mixed;boundary=other", self.data(7), 400),
            ("multipart/mixed;boundary=uniqueBoundary", self.multipart(*[(kind, "<a/>")] * 20), 400),
            ("multipart/mixed;boundary=uniqueBoundary", self.data(7, "x" * 3000), 413),
        ):
            cisco = Cisco(self.bench.phone("1047"))
            headers = {"Refer-To": "cid:1", "Content-Type": content_type}
            self.assertEqual(self.ask(cisco, headers, body).status, status, body[:60])
            self.bench.run(40, 1.0)
            cisco.phone.unplug()

    def test_without_credentials(self) -> None:
        phone = self.bench.phone("1047")
        answers: list[int] = []
        request = Request("REFER", "sip:127.0.0.1", {
            "Max-Forwards": ["70"], "From": ["<sip:1047@127.0.0.1>;tag=r"], "To": ["<sip:1047@127.0.0.1>"],
            "Call-ID": ["refer-1"], "CSeq": ["1 REFER"], "Refer-To": ["cid:1"],
            "Content-Type": ["application/x-cisco-alarm+xml"],
        })  # fmt: skip
        phone.layer.request(request, SWITCH, lambda response: answers.append(response.status))
        self.bench.run(1.0)
        self.assertEqual(answers, [401])

    def test_keep_alive(self) -> None:
        """It asks whether we are there; its registration stays."""
        cisco = self.cisco()
        (registration,) = self.bench.telephony.bindings.contacts("1047")
        contact = f"<{registration.contact}>;expires=0;cisco-keep-alive"
        answer = self.ask(cisco, {"Contact": contact}, method="REGISTER")
        self.assertEqual(answer.status, 200)
        self.assertIn("GMT", answer.get("Date"))
        self.assertEqual(len(self.bench.telephony.bindings.contacts("1047")), 1)
        answer = self.ask(cisco, {"Contact": f"<{registration.contact}>;expires=0", "Call-ID": "other"},
                          method="REGISTER")  # fmt: skip
        self.assertEqual(len(self.bench.telephony.bindings.contacts("1047")), 0)


class LampTable(CiscoTest):
    def test_states(self) -> None:
        for line, presence, lamp in (
            (LineState.IDLE, Presence.AVAILABLE, Lamp(True)),
            (LineState.RINGING, Presence.AWAY, Lamp(True, ("alerting",))),
            (LineState.RINGING, Presence.DND, Lamp(True, ("dnd",))),
            (LineState.BUSY, Presence.AVAILABLE, Lamp(True, ("on-the-phone", "busy"))),
            (LineState.HELD, Presence.DND, Lamp(True, ("on-the-phone", "busy", "dnd"))),
            (LineState.OUT_OF_SERVICE, Presence.DND, Lamp(False)),
        ):
            self.assertEqual(lamp_of(line, presence), lamp)

    def test_takes_presence(self) -> None:
        def asks(body: bytes) -> bool:
            return takes_presence(body)

        self.assertTrue(asks(OPTIONS))
        self.assertTrue(asks(b'<optionsind><presence usage="blf speed dial" ><sub/><unot/></presence></optionsind>'))
        for body in (
            b"", b"<optionsind/>", b'<presence usage="blf speed dial"><unot/></presence>', OPTIONS + b" " * 20_000,
            b"<optionsind>" * 1000, b"<optionsind>" + b"<presence " * 1500,
        ):  # fmt: skip
            self.assertFalse(asks(body))
