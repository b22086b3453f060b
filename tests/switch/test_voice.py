"""Digits by INFO beside those in RTP, Diversion and History-Info of trunks, and recordings that cannot be played."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from magroup.cti.events import DigitsGenerated, MessageEnded, MessageRecorded, Offered
from magroup.cti.switch import Accept
from magroup.model.groups import Group
from magroup.model.lines import Trunk
from magroup.model.recording import Recording
from magroup.rtp import telephone_event
from magroup.rtp.packet import Packet, pack
from magroup.rtp.telephone_event import TelephoneEvent
from magroup.sip.info import dialled
from magroup.sip.message import Request
from magroup.sip.sdp_relay import audio_endpoint
from magroup.switch.diversion import MOST_READ, diverted_from
from tests.switch.bench import BenchTest, Talk, company


def info(body: bytes, kind: str = "application/dtmf-relay") -> Request:
    return Request("INFO", "sip:x@127.0.0.1", {"Content-Type": [kind]}, body)


class Info(SynchronousTestCase):
    def test_digits(self) -> None:
        for body, digit in {
            b"Signal=5\r\nDuration=160\r\n": "5",
            b"Signal= * \nDuration=250": "*",
            b"signal=#": "#",
            b"Duration=100\r\nSignal=11\r\n": "#",
            b"Signal=10": "*",
            b"Signal=a": "A",
            b"Signal=16": "",
            b"Signal=55": "",
            b"": "",
            b"\xff" * 1000: "",
        }.items():
            self.assertEqual(dialled(info(body)), digit, body)

    def test_plain(self) -> None:
        self.assertEqual(dialled(info(b"7\r\n", "application/dtmf")), "7")
        self.assertEqual(dialled(info(b"77", "application/dtmf")), "")
        self.assertEqual(dialled(info(b"7", "text/plain")), "")

    @given(st.binary(max_size=300))
    def test_any_body(self, body: bytes) -> None:
        for kind in ("application/dtmf-relay", "application/dtmf"):
            self.assertLessEqual(len(dialled(info(body, kind))), 1)


class Diversion(SynchronousTestCase):
    def read(self, **headers: list[str]) -> tuple[str, ...]:
        named = {name.replace("_", "-"): values for name, values in headers.items()}
        return diverted_from(Request("INVITE", "sip:*97@127.0.0.1", named))

    def test_diversion(self) -> None:
        """The latest comes first in the header."""
        self.assertEqual(self.read(Diversion=["<sip:1047@pbx>;reason=no-answer"]), ("1047",))
        latest_first = ['"Ann" <sip:5047@pbx>;reason=unconditional, <tel:+41-31-531>;reason=user-busy;counter=1']
        self.assertEqual(self.read(Diversion=latest_first), ("+4131531", "5047"))
        self.assertEqual(self.read(Diversion=["<sip:2@pbx>", "<sip:1@pbx>"]), ("1", "2"))

    def test_history(self) -> None:
        """In its order, without where the call is now."""
        history = [
            "<sip:8973@pbx>;index=1",
            "<sip:1047@pbx?Reason=SIP%3Bcause%3D486>;index=1.1",
            "<sip:*97@magroup>;index=1.1.1;mp=1.1",
        ]
        self.assertEqual(self.read(History_Info=[", ".join(history)]), ("8973", "1047"))
        self.assertEqual(self.read(History_Info=["<sip:*97@magroup>;index=1"]), ())

    def test_both(self) -> None:
        self.assertEqual(self.read(Diversion=["<sip:1@p>"], History_Info=["<sip:2@p>;index=1"]), ("1",))

    def test_rubbish(self) -> None:
        rubbish = ["", "x", "<sip:", '"', "<mailto:a@b>", "<sip:anonymous@x>", "<sip:12;34@x>", "<sip:1@x>"]
        self.assertEqual(self.read(Diversion=rubbish), ("1", "12"))
        self.assertEqual(len(self.read(Diversion=[f"<sip:{at}@x>" for at in range(500)])), MOST_READ)

    @given(st.lists(st.text(max_size=60)))
    def test_anything(self, values: list[str]) -> None:
        self.read(Diversion=values)
        self.read(History_Info=values)


class AtThePoint(BenchTest):
    def arrived(self) -> Talk:
        """A call at the route point, answered."""
        self.switch = self.bench.switch
        self.switch.route_register(["8973"])
        self.phone = self.bench.phone("1047")
        talk = self.phone.dial("8973")
        (self.call,) = self.switch.calls()
        self.switch.accept_call(self.call.id, Accept.ANSWER)
        self.bench.run(0.1)
        return talk

    def digits(self) -> str:
        return "".join(event.digits for event in self.bench.events if isinstance(event, DigitsGenerated))

    def by_info(self, talk: Talk, digit: str) -> None:
        body = f"Signal={digit}\r\nDuration=100\r\n".encode()
        talk.session.send("INFO", body, {"Content-Type": "application/dtmf-relay"})
        self.bench.run(0.1)

    def by_rtp(self, talk: Talk, digit: int) -> None:
        there = audio_endpoint(talk.heard_sdp)
        self.sequence = getattr(self, "sequence", 0) + 1
        event = telephone_event.pack(TelephoneEvent(digit, False, 10, 800))
        wire = self.bench.wires.open(self.phone.host, self.phone.media_port, lambda data, address: None)
        wire.send(pack(Packet(101, True, self.sequence, self.sequence * 8000, 7, event)), (there.host, there.port))
        wire.close()

    def test_info(self) -> None:
        talk = self.arrived()
        for digit in "12*":
            self.by_info(talk, digit)
        self.assertEqual(self.digits(), "12*")
        talk.hang_up()

    def test_both_ways(self) -> None:
        """A phone that sends each digit twice dials it once."""
        for first, expected in (("rtp", "12"), ("info", "12")):
            self.bench.events.clear()
            talk = self.arrived()
            for digit in (1, 2):
                if first == "rtp":
                    self.by_rtp(talk, digit)
                self.by_info(talk, str(digit))
                if first == "info":
                    self.by_rtp(talk, digit)
            self.assertEqual(self.digits(), expected)
            talk.hang_up()
            self.bench.run(1.0)
            self.phone.unregister()

    def test_message_that_is_gone(self) -> None:
        """Left out like any sound that cannot be played, with a line in the log."""
        talk = self.arrived()
        self.switch.play_message(self.call.id, ["/nowhere/message.wav"], False)
        self.bench.run(0.5)
        self.assertEqual(len([event for event in self.bench.events if isinstance(event, MessageEnded)]), 1)
        talk.hang_up()

    def test_server_stops_while_recording(self) -> None:
        """What was said is complete before the end."""
        talk = self.arrived()
        self.switch.record_message(self.call.id, Recording(str(Path(self.mktemp()).absolute() / "1.wav")))
        self.bench.run(0.5)
        self.switch.end_calls()
        self.bench.run(0.5)
        self.assertEqual(len([event for event in self.bench.events if isinstance(event, MessageRecorded)]), 1)
        self.assertEqual(len(self.bench.recordings), 0)
        self.assertFalse(talk.is_up)


class FromATrunk(BenchTest):
    configuration = company(
        trunks=[Trunk(1, "pbx", "127.0.0.99", inbound_addresses=("127.0.0.99",), ping_interval=0)],
        groups=[Group(1, "Group", number="8973")],
    )

    def offered(self, talk: Talk) -> tuple[str, ...]:
        (event,) = (event for event in self.bench.events if isinstance(event, Offered))
        talk.hang_up()
        return event.diverted_from

    def test_trunk(self) -> None:
        self.bench.switch.route_register(["8973"])
        pbx = self.bench.phone("0315311111", "127.0.0.99", register=False)
        talk = pbx.dial("8973", headers={"Diversion": ["<sip:5047@pbx>;reason=no-answer"]})
        self.bench.run(0.3)
        self.assertEqual(self.offered(talk), ("5047",))

    def test_phone(self) -> None:
        """What phones say of diversions is nothing to build on."""
        self.bench.switch.route_register(["8973"])
        talk = self.bench.phone("1047").dial("8973", headers={"Diversion": ["<sip:5047@pbx>;reason=no-answer"]})
        self.bench.run(0.3)
        self.assertEqual(self.offered(talk), ())
