"""Callers and phones on a task.Clock, calling each other over networks in memory."""

from itertools import count
from pathlib import Path
from random import Random

import msgspec
from twisted.internet.task import Clock
from twisted.trial.unittest import TestCase

from magroup.load.call_times import CallTimes
from magroup.load.caller import Caller
from magroup.load.chance import Chance
from magroup.load.conversation import Conversation
from magroup.load.measures import Measures
from magroup.load.phone import Phone, PhoneCall
from magroup.load.scenario import Callers, Media, Phones
from magroup.load.station import Station
from magroup.load.surroundings import Surroundings
from magroup.rtp.media import Media as Streams
from magroup.rtp.memory import MemoryWires
from magroup.rtp.ports import Ports
from magroup.sip.hop import Hop
from magroup.sip.memory import MemoryNetwork
from magroup.sip.refer import IncomingRefer, Replaces
from magroup.sip.timers import Timers
from magroup.sip.tls import ClientTls

CALLER, PHONE = "192.0.2.1", "192.0.2.2"
PHONES = {"numbers": "200", "register": False, "after": 1.0}
CALLERS = {"numbers": "100", "dial": "200", "rate": 1.0, "talk": 3.0}


class CallCase(TestCase):
    """One caller, who sends straight to one phone."""

    async def begin(self, phone: dict[str, object], caller: dict[str, object], **media: object) -> None:
        clock = self.clock = Clock()
        clock.advance(1000.0)
        self.network = MemoryNetwork(clock)
        self.wires = MemoryWires()
        self.timers = Timers(clock)
        self.measures = Measures()
        path = Path(self.mktemp())
        CallTimes.prepare(path, 1)
        times = CallTimes(path, ["100"])
        self.addCleanup(times.close)
        self.streams = Streams(
            clock, Ports(clock, self.wires, 20000, 20999, rng=Random(1)), wall_clock=clock.seconds, rng=Random(1)
        )  # fmt: skip
        around = Surroundings(
            self.timers, self.measures, Chance(1, 0), times, self.streams, msgspec.convert(media, Media),
            {CALLER, PHONE}, {CALLER: 9, PHONE: 9}, PHONE,
        )  # fmt: skip
        table = msgspec.convert({**PHONES, **phone}, Phones)
        callers = msgspec.convert({**CALLERS, **caller}, Callers)
        self.stations = [
            Station(clock, self.timers, host, Hop("udp", other, 5060), {CALLER, PHONE}, ClientTls(), "load",
                    lambda: self.measures.count("repeated"), 5060, self.network)
            for host, other in ((CALLER, PHONE), (PHONE, CALLER))
        ]  # fmt: skip
        for station in self.stations:
            await station.open()
        self.phone = Phone(around, self.stations[1], "200", table, ("300",))
        self.free: list[Caller] = []
        self.caller = Caller(around, self.stations[0], "100", callers, ("300",), self.free.append)

    def pass_time(self, seconds: float) -> None:
        self.clock.pump([0.005] * round(seconds * 200))

    async def call(self, phone: dict[str, object], caller: dict[str, object], seconds: float, **media: object) -> None:
        """Call, let the time pass, and find nothing left."""
        await self.begin(phone, caller, **media)
        self.caller.dial("200")
        self.pass_time(seconds)
        await self.over()

    async def over(self) -> None:
        self.assertEqual(self.free, [self.caller])
        self.assertIsNone(self.caller.call)
        self.assertEqual(self.phone.calls, set())
        self.assertEqual(self.streams.active, 0)
        self.pass_time(40)
        for station in self.stations:
            self.assertEqual(station.endpoint.dialogs, {})
            self.assertEqual((station.endpoint.sessions, station.endpoint.layer.clients), (set(), {}))
            await station.stop()
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def counted(self, *names: str) -> list[int]:
        return [self.measures.number(name) for name in names]


class Answered(CallCase):
    """Calls that are answered."""

    async def test_sound(self) -> None:
        """Both hear each other; times are those of the clock."""
        await self.call({}, {}, 6)
        self.assertEqual(self.counted("calls_offered", "calls_answered", "calls_served", "calls_failed"), [1, 1, 1, 0])
        self.assertEqual(self.counted("phone_rings", "phone_answers", "rtp_streams", "rtp_lost"), [1, 1, 2, 0])
        self.assertEqual(self.counted("rtp_silent", "rtp_no_sound", "rtp_misordered", "repeated"), [0, 0, 0, 0])
        self.assertGreater(self.measures.number("rtp_packets"), 290)
        values = self.measures.values
        self.assertAlmostEqual(values["answer_delay"].mean, 1.0, 1)
        self.assertLess(values["ring_delay"].high, 0.02)
        self.assertLess(values["answer_to_audio"].high, 0.05)
        self.assertLess(values["rtp_gap"].high, 0.05)
        self.assertEqual(values["rtp_loss"].high, 0)

    async def test_without_sound(self) -> None:
        await self.call({}, {}, 6, rtp="none")
        self.assertEqual(self.counted("calls_served", "rtp_streams"), [1, 0])

    async def test_every_codec(self) -> None:
        for codec in ("PCMA", "G722"):
            await self.call({}, {}, 6, codecs=[codec])
            self.assertEqual(self.counted("calls_served", "rtp_no_sound"), [1, 0])

    async def test_encrypted(self) -> None:
        """Both ends take encrypted sound only, also after a hold; digits go the same way."""
        await self.call({"digits": {"hear": "5"}}, {"digits": {"send": "5", "after": 1.5}, "talk": 4.0,
                        "hold": {"after": 0.2, "seconds": 0.5}}, 7, srtp=True)  # fmt: skip
        self.assertEqual(self.counted("calls_served", "holds", "digits_right", "rtp_refused"), [1, 2, 1, 0])
        self.assertEqual(self.counted("rtp_streams", "rtp_silent", "rtp_no_sound", "rtp_lost"), [2, 0, 0, 0])
        self.assertGreater(self.measures.number("rtp_packets"), 290)

    async def test_not_encrypted(self) -> None:
        """An end that knows no encryption refuses; one that answers with plain sound is not listened to."""
        self.patch(PhoneCall, "_keys", lambda call: None)
        await self.call({}, {}, 6, srtp=True)
        self.assertEqual(self.counted("calls_served", "calls_failed"), [0, 1])
        self.assertEqual(self.measures.reasons["calls"], {"488 Not Acceptable Here": 1})
        self.patch(PhoneCall, "agree", lambda call, offer: call.offer())
        await self.call({}, {}, 6, srtp=True)
        self.assertEqual(self.counted("calls_served", "calls_failed", "rtp_packets"), [0, 1, 0])
        self.assertEqual(self.measures.reasons["calls"], {"488 Incompatible transport protocol": 1})

    async def test_nothing_heard(self) -> None:
        """Nobody says anything: the call has failed, unless that does not matter."""
        await self.call({}, {}, 6, rtp="receive")
        self.assertEqual(self.counted("calls_answered", "calls_failed", "rtp_silent"), [1, 1, 2])
        self.assertEqual(self.measures.reasons, {"calls": {"answered, but nothing was heard": 1}})
        await self.call({}, {}, 6, rtp="receive", must_hear=False)
        self.assertEqual(self.counted("calls_served", "calls_failed"), [1, 0])

    async def test_phone_hangs_up(self) -> None:
        await self.call({"talk": 1.5}, {}, 6)
        self.assertEqual(self.counted("calls_answered", "calls_failed"), [1, 1])
        self.assertEqual(self.measures.reasons, {"calls": {"hung up by the other end": 1}})
        await self.call({"talk": 1.5}, {"expect": ["ended"]}, 6)
        self.assertEqual(self.counted("calls_served", "calls_failed"), [1, 0])

    async def test_hold(self) -> None:
        """Either side holds: the other end is silent meanwhile, which is no gap."""
        hold = {"hold": {"after": 0.5, "seconds": 1.0}}
        for phone, caller in ((hold, {}), ({}, hold)):
            await self.call(phone, caller, 6)
            self.assertEqual(self.counted("calls_served", "holds", "holds_failed"), [1, 2, 0])
            self.assertLess(self.measures.values["rtp_gap"].high, 0.05)
            self.assertTrue(230 < self.measures.number("rtp_packets") < 270, self.measures.counts)

    async def test_transfer_refused(self) -> None:
        """The phone does not let itself be sent on: the call goes on."""
        await self.call({}, {"transfer": {"to": "300", "after": 0.5}}, 6)
        self.assertEqual(self.counted("calls_served", "transfers", "transfers_failed"), [1, 0, 1])
        self.assertEqual(self.measures.reasons, {"transfers": {"603": 1}})

    async def test_digits(self) -> None:
        """What one end presses comes to the other, by events and by INFO; what should have come is judged."""
        for by in ("rtp", "info"):
            sent = {"send": "1,{number}#", "after": 0.2, "by": by}
            await self.call({"digits": {"hear": "1{other}#"}}, {"digits": sent, "talk": 4.0}, 6)
            self.assertEqual(self.counted("digits_sent", "digits_right", "digits_wrong", "digits_failed"), [5, 1, 0, 0])
            self.assertEqual(self.counted("calls_served", "rtp_misordered"), [1, 0])
            self.assertLess(self.measures.values["rtp_gap"].high, 0.05)
        await self.call({"digits": {"send": "A", "hear": "12"}}, {"digits": {"send": "1", "hear": "A"}}, 6)
        self.assertEqual(self.counted("digits_right", "digits_wrong"), [1, 1])
        self.assertEqual(self.measures.reasons, {"digits": {"1 came in place of 12": 1}})

    async def test_digits_without_sound(self) -> None:
        """INFO needs none; events cannot be sent."""
        await self.call({"digits": {"hear": "5"}}, {"digits": {"send": "5", "by": "info"}}, 6, rtp="none")
        self.assertEqual(self.counted("digits_sent", "digits_right"), [1, 1])
        await self.call({}, {"digits": {"send": "5"}}, 6, rtp="none")
        self.assertEqual(self.counted("digits_sent", "digits_failed"), [0, 1])
        self.assertEqual(self.measures.reasons, {"digits": {"no telephone events were agreed on": 1}})

    async def test_attended_transfer(self) -> None:
        """The number is asked while the call is held; what REFER names is that dialog. Who refuses is refused: the
        caller takes the call back and goes on."""
        asked: list[Replaces | None] = []
        transfer = {"to": "200", "after": 0.5, "attended": 1.0, "consult": 0.5}
        await self.begin({"calls": 2}, {"transfer": transfer, "talk": 6.0})

        def referred(call: Conversation, refer: IncomingRefer) -> None:
            asked.append(refer.replaces)
            refer.reject(603)

        self.patch(Conversation, "referred", referred)
        self.caller.targets = ("200",)
        self.caller.dial("200")
        self.pass_time(2.8)
        consultation = self.caller.call and self.caller.call.consultation
        assert consultation is not None
        dialog = consultation.session.confirmed_dialog
        expected = Replaces(dialog.call_id, dialog.remote_tag, dialog.local_tag)
        self.pass_time(8)
        self.assertEqual(asked, [expected])
        self.assertEqual(self.counted("calls_served", "consultations", "transfers", "transfers_failed"), [1, 1, 0, 1])
        self.assertEqual(self.counted("calls_offered", "holds", "holds_failed"), [1, 2, 0])
        self.assertEqual(self.measures.reasons, {"transfers": {"603": 1}})
        await self.over()

    async def test_consultation_not_answered(self) -> None:
        """The number is busy: the call is taken back."""
        transfer = {"to": "200", "after": 0.5, "attended": 1.0}
        await self.call({}, {"transfer": transfer}, 6)
        self.assertEqual(self.counted("calls_served", "consultations", "transfers_failed", "holds"), [1, 0, 1, 2])
        self.assertEqual(self.measures.reasons, {"transfers": {"consultation: 404 Not Found": 1}})

    async def test_hung_up_while_consulting(self) -> None:
        """The other end does not wait: the consultation ends, too, ringing or answered."""
        for talk in (1.2, 2.5):
            transfer = {"to": "200", "after": 0.5, "attended": 1.0, "consult": 5.0}
            await self.begin({"calls": 2, "talk": talk}, {"transfer": transfer, "expect": ["ended"]})
            self.caller.targets = ("200",)
            self.caller.dial("200")
            self.pass_time(6)
            self.assertEqual(self.counted("calls_served", "transfers", "transfers_failed"), [1, 0, 0], talk)
            await self.over()

    async def test_lost_packets(self) -> None:
        """What does not come is counted."""
        await self.begin({}, {})
        opened = self.wires.open

        def lossy(host: str, port: int, received: object) -> object:
            wire = opened(host, port, received)  # type: ignore[arg-type]
            send, numbers = wire.send, count(1)

            def some(data: bytes, address: tuple[str, int]) -> None:
                if next(numbers) % 10:
                    send(data, address)

            wire.send = some  # type: ignore[assignment, method-assign]
            return wire

        self.wires.open = lossy  # type: ignore[assignment, method-assign]
        self.caller.dial("200")
        self.pass_time(6)
        lost = self.measures.number("rtp_lost")
        self.assertTrue(20 < lost < 40, lost)
        self.assertTrue(0.05 < self.measures.values["rtp_loss"].high < 0.15)
        self.assertEqual(self.counted("calls_served"), [1])
        await self.over()

    async def test_sound_elsewhere(self) -> None:
        """Sound goes to the hosts that are allowed only, whatever a description says."""
        await self.begin({}, {})
        self.phone.around.hosts.discard(PHONE)  # type: ignore[attr-defined]
        self.caller.dial("200")
        self.pass_time(6)
        self.assertEqual(self.counted("calls_failed"), [1])
        (reason,) = self.measures.reasons["calls"]
        self.assertIn("not among the hosts", reason)
        await self.over()


class NotAnswered(CallCase):
    """Calls that are not."""

    async def test_outcomes(self) -> None:
        for answer, expect, reason in (
            ("busy", "busy", "486 Busy Here"),
            ("decline", "declined", "603 Decline"),
            ("absent", "unavailable", "480 Temporarily Unavailable"),
            ("redirect", "redirected", "302 Moved Temporarily"),
            ("ring", "gave up", "the caller gave up"),
        ):
            phone = {"answer": answer, "redirect_to": "300"}
            await self.call(phone, {"patience": 4.0, "expect": [expect]}, 6)
            self.assertEqual(self.counted("calls_offered", "calls_served", "calls_failed"), [1, 1, 0], answer)
            self.assertEqual(self.measures.reasons, {})
            await self.call(phone, {"patience": 4.0}, 6)
            self.assertEqual(self.counted("calls_served", "calls_failed"), [0, 1], answer)
            self.assertEqual(self.measures.reasons, {"calls": {reason: 1}})

    async def test_no_answer_at_all(self) -> None:
        await self.begin({}, {"patience": 60.0})
        self.network.loss = 1.0
        self.caller.dial("200")
        self.pass_time(34)
        self.assertEqual(self.measures.reasons, {"calls": {"408 Request Timeout (no answer)": 1}})
        self.assertIn(self.measures.number("repeated"), (5, 6))
        await self.over()

    async def test_busy_with_another(self) -> None:
        await self.begin({}, {})
        self.caller.dial("200")
        self.pass_time(2)
        other = Caller(self.caller.around, self.stations[0], "101", self.caller.table, (), lambda caller: None)
        other.dial("200")
        self.pass_time(4)
        self.assertEqual(self.counted("calls_served", "calls_failed"), [1, 1])
        self.assertEqual(self.measures.reasons, {"calls": {"486 Busy Here": 1}})
        await self.over()

    async def test_unknown(self) -> None:
        await self.begin({}, {"expect": ["refused"]})
        self.caller.dial("999")
        self.pass_time(2)
        self.assertEqual(self.counted("calls_served"), [1])
        await self.over()

    async def test_cut(self) -> None:
        """The load ends: a call that rings is cut off and neither served nor failed, one that is up is hung up."""
        for seconds, counted in ((0.5, [1, 0, 0]), (2.0, [0, 1, 0])):
            await self.begin({}, {})
            self.caller.dial("200")
            self.pass_time(seconds)
            self.caller.cut()
            self.pass_time(2)
            self.assertEqual(self.counted("calls_cut", "calls_served", "calls_failed"), counted)
            await self.over()
