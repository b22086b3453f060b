"""Cisco phones with remotecc on the bench: what they are told, and what they ask."""

from collections.abc import Callable
from typing import Any

from lxml import etree

from magroup.model.forwarding import Forwarding, ForwardTo
from magroup.model.groups import Group, Member
from magroup.model.lines import LineState
from magroup.model.messages import MessagesWaiting
from magroup.model.presence import Presence
from magroup.sip.hop import Hop
from magroup.sip.message import Request, Response, parse_message
from magroup.sip.transaction import Sender
from magroup.switch.remotecc.incoming import parts_of
from magroup.switch.remotecc.lamp import Lamp, lamp_of
from magroup.switch.remotecc.phone import takes_presence
from tests.switch.bench import SWITCH, Phone, company
from tests.switch.watching import WatchTest

AGENT = "Cisco-CP8861/12.8.1"
OPTIONS = (
    b"--b\r\nContent-Type: application/x-cisco-remotecc-request+xml\r\n\r\n<x-cisco-remotecc-request><bulkregisterreq/>"
    b'</x-cisco-remotecc-request>\r\n--b\r\nContent-Type: application/x-cisco-remotecc-request+xml\r\n\r\n<optionsind>'
    b'<presence usage="blf speed dial"><unot/><sub/></presence></optionsind>\r\n--b--\r\n'
)  # fmt: skip


class Asking:
    """What a phone sends through that asks something with each REGISTER."""

    def __init__(self, sender: Sender, asks: bytes) -> None:
        self._sender = sender
        self._asks = asks
        self.local, self.shown = sender.local, sender.shown

    def send(self, data: bytes, hop: Hop, failed: Callable[[str], None] | None = None) -> None:
        message = parse_message(data)
        if isinstance(message, Request) and message.method == "REGISTER":
            message.body = self._asks
            message.set("Content-Type", "multipart/mixed;boundary=b")
            data = message.encode()
        self._sender.send(data, hop, failed)


class Cisco:
    """A phone of the bench that answers REFERs and NOTIFYs with ``status``; ``told`` are their bodies in short."""

    def __init__(self, phone: Phone, asks: bytes = OPTIONS) -> None:
        self.phone = phone
        self.status = 202
        self.told: list[str] = []
        self.requests: list[Request] = []
        self.deaf_to = ""
        self.waiting: list[tuple[Any, Request]] = []
        phone.endpoint.agent = AGENT
        phone.endpoint.methods |= {"REFER": self._told, "NOTIFY": self._told}
        if asks:
            phone.layer.sender = Asking(phone.layer.sender, asks)

    def _told(self, transaction: Any, request: Request, hop: Any) -> None:
        if request.get("Event") == "message-summary":
            transaction.respond(request.respond(481, to_tag="x"))
            return
        self.requests.append(request)
        words = _words(request)
        self.told.append(words)
        if self.status:
            is_deaf = self.deaf_to and self.deaf_to in words
            transaction.respond(request.respond(481 if is_deaf else self.status, to_tag="x"))
        else:
            self.waiting.append((transaction, request))

    def answer(self) -> None:
        """What it was told while ``status`` was 0."""
        self.status = 202
        for transaction, request in self.waiting:
            transaction.respond(request.respond(202, to_tag="x"))

    def since(self) -> list[str]:
        told, self.told = self.told, []
        return told


def _words(request: Request) -> str:
    if request.method == "NOTIFY":
        root = etree.fromstring(request.body)
        number = root.findtext("{*}tuple/{*}status/{*}basic")
        names = [etree.QName(one).localname for one in root.iterfind(".//{*}activities/*")]
        return " ".join([request.to.uri.number, str(number), *names])
    parts = parts_of(request)
    (asked,) = etree.fromstring(parts["application/x-cisco-remotecc-request+xml"])
    if asked.tag == "bulkupdate":
        mail = asked.find(".//voice-msg")
        words = [asked.findtext(".//mwi"), mail.get("new"), mail.get("old"), asked.findtext(".//fwdaddress"),
                 asked.findtext(".//tovoicemail")]  # fmt: skip
        return "bulk " + " ".join(word or "-" for word in words)
    return str(asked.tag)


class CiscoTest(WatchTest):
    configuration = company(
        groups=[Group(1, "Sales", number="8973")],
    ).changed(
        members=tuple(Member(at, 1, f"user{number}", number, f"S{at}", at == 1, at)
                      for at, number in enumerate(("1047", "1175", "1068"), 1)),
    )  # fmt: skip

    def cisco(self, number: str = "1047", asks: bytes = OPTIONS) -> Cisco:
        cisco = Cisco(self.bench.phone(number, register=False), asks)
        cisco.phone.register()
        self.bench.run(1.0)
        return cisco


class Told(CiscoTest):
    def test_after_registering(self) -> None:
        """Its line, then the lamps of the others in its groups."""
        self.bench.waiting["1047"] = MessagesWaiting(2, 5)
        cisco = self.cisco()
        self.assertEqual(sorted(cisco.since()), ["1068 closed", "1175 closed", "bulk yes 2 5 - off"])
        refer = next(one for one in cisco.requests if one.method == "REFER")
        self.assertEqual(refer.get("Require"), "norefersub")
        self.assertEqual(refer.get("Refer-To"), "cid:" + refer.get("Content-Id"))
        notify = next(one for one in cisco.requests if one.method == "NOTIFY")
        self.assertEqual((notify.get("Event"), notify.content_type), ("presence", "application/pidf+xml"))

    def test_again(self) -> None:
        """Once more registered it is told nothing that it knows; started anew, everything."""
        cisco = self.cisco()
        cisco.since()
        cisco.phone.register()
        self.bench.run(1.0)
        self.assertEqual(cisco.since(), [])
        cisco.phone._registering._call_id = "anew"
        cisco.phone.register()
        self.bench.run(1.0)
        self.assertEqual(len(cisco.since()), 3)
        self.assertEqual(len(self.bench.watching.phone_updates.lamps), 1)

    def test_others(self) -> None:
        """Phones that are none of Cisco's are told nothing; those that do not take presence no lamps."""
        cisco = self.cisco(asks=b"")
        self.assertEqual(cisco.since(), ["bulk no 0 0 - off"])
        other = self.cisco("1175")
        other.since()
        other.phone.unregister()
        other.phone.endpoint.agent = "Cisco-CP-8861-3PCC/11.0"
        other.phone.register()
        self.bench.run(1.0)
        self.assertEqual(other.since(), [])

    def test_changes(self) -> None:
        cisco = self.cisco()
        cisco.since()
        self.bench.waiting["1047"] = MessagesWaiting(1)
        self.bench.watching.messages_changed("1047")
        self.bench.run(0.5)
        self.assertEqual(cisco.since(), ["bulk yes 1 0 - off"])
        self.bench.application.forwarding.set_line("1047", Forwarding(ForwardTo.NUMBER, "1118"), "test")
        self.bench.run(0.5)
        self.assertEqual(cisco.since(), ["bulk yes 1 0 1118 off"])

    def test_lamps(self) -> None:
        cisco, other = self.cisco(), self.bench.phone("1175")
        cisco.since()
        third = self.bench.phone("1118")
        self.bench.run(0.5)
        third.dial("1175")
        self.bench.run(0.5)
        other.call.ring()
        self.bench.run(0.5)
        other.call.answer()
        self.bench.run(0.5)
        other.call.hang_up()
        self.bench.run(0.5)
        told = [words for words in cisco.since() if words.startswith("1175")]
        self.assertEqual(told, ["1175 open alerting", "1175 open on-the-phone busy", "1175 open"])

    def test_do_not_disturb(self) -> None:
        cisco = self.cisco()
        self.bench.phone("1175")
        self.bench.run(0.5)
        cisco.since()
        self.bench.book.set("user1175", Presence.DND)
        self.bench.run(0.5)
        self.assertEqual(cisco.since(), ["1175 open dnd"])

    def test_last_state(self) -> None:
        """While the phone has not answered, the states in between are left out."""
        cisco = self.cisco()
        cisco.since()
        cisco.status = 0
        for new in (1, 2, 3):
            self.bench.waiting["1047"] = MessagesWaiting(new)
            self.bench.watching.messages_changed("1047")
        self.bench.run(0.2)
        cisco.answer()
        self.bench.run(0.2)
        self.assertEqual(cisco.since(), ["bulk yes 1 0 - off", "bulk yes 3 0 - off"])

    def test_deaf(self) -> None:
        """What it does not want to hear of it is not told again."""
        phone = self.bench.phone("1047", register=False)
        cisco = Cisco(phone)
        cisco.deaf_to = "1175"
        phone.register()
        self.bench.run(1.0)
        cisco.since()
        self.bench.phone("1175")
        self.bench.phone("1068")
        self.bench.run(1.0)
        self.assertEqual(cisco.since(), ["1068 open"])

    def test_gone(self) -> None:
        cisco = self.cisco()
        updates = self.bench.watching.phone_updates
        self.assertEqual((len(updates.own_lines), len(updates.lamps)), (1, 1))
        cisco.phone.unregister()
        self.assertEqual((len(updates.own_lines), len(updates.lamps)), (0, 0))
        self.assertEqual(updates._takes_presence, set())

    def test_another_group(self) -> None:
        """Who joins is watched from then on."""
        cisco = self.cisco()
        cisco.since()
        joined = Member(9, 1, "user1118", "1118", "S9", False, 4)
        configuration = self.bench.configuration
        self.bench.configure(configuration.changed(members=(*configuration.members, joined)))
        self.bench.run(0.5)
        self.assertEqual(cisco.since(), ["1118 closed"])


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
