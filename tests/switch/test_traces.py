"""The trace of a call has the messages of all its legs, whatever way they came into it, and no others."""

from magroup.cti.events import CallEvent
from magroup.cti.types import ConnectionId
from magroup.model.trace import CallTrace
from magroup.sip.message import parse_message
from tests.switch.bench import BenchTest, Phone, run

HERE = ("127.0.0.1", 5060)


class Traced(BenchTest):
    """Tijana has two phones; whatever was on the wire of a call is in a trace at the end."""

    def setUp(self) -> None:
        super().setUp()
        self.tijana, self.raf, self.ara, self.four = map(self.bench.phone, ("1047", "1175", "1068", "1118"))
        self.other = self.bench.phone("1047")
        self.bench.events.clear()
        self.bench.network.record = True

    def tearDown(self) -> None:
        self.bench.run(70.0, 0.5)
        traced = [self.seen(trace) for trace in map(self.trace, self.call_ids()) if trace]
        sent = [(one.source, one.target, one.data) for one in self.bench.network.sent]
        calls = {parse_message(data).call_id for *_, data in sent if data.startswith(b"INVITE ")}
        wanted = {one for one in sent if parse_message(one[2]).call_id in calls}
        self.assertEqual({ends[:2] for trace in traced for ends in trace}, {ends[:2] for ends in wanted})
        self.assertEqual({one for trace in traced for one in trace}, {(a, b, self.start(c)) for a, b, c in wanted})
        self.bench.network.record = False
        super().tearDown()

    def start(self, data: bytes) -> bytes:
        """What tells one message from another, without what is hidden."""
        message = parse_message(data)
        return f"{data.splitlines()[0].decode()} {message.call_id} {message.get('CSeq')}".encode()

    def seen(self, trace: CallTrace) -> list[tuple[tuple[str, int], tuple[str, int], bytes]]:
        return [(one.source, one.target, self.start(one.data)) for one in trace.messages]

    def call_ids(self) -> list[str]:
        """Of all calls there were, in their order."""
        return list(dict.fromkeys(event.call_id for event in self.bench.events if isinstance(event, CallEvent)))

    def trace(self, call_id: str) -> CallTrace | None:
        read = self.bench.telephony.traces.find(call_id)
        return read() if read is not None else None

    def parties(self, at: int = -1) -> list[str]:
        """Who is in the trace of a call, the newest without ``at``, in the order of its legs."""
        trace = self.trace(self.call_ids()[at])
        assert trace is not None
        hosts = {phone.host: phone for phone in self.bench.phones}
        for leg in trace.legs:
            self.assertEqual(hosts[leg.address[0]].number, leg.number)
        return [self.name(hosts[leg.address[0]]) for leg in trace.legs]

    def name(self, phone: Phone) -> str:
        return "other" if phone is self.other else phone.number

    def test_fork(self) -> None:
        talk = self.raf.dial("1047")
        for phone in (self.tijana, self.other):
            phone.call.ring()
        self.bench.run()
        self.assertEqual(self.parties(), ["1175", "1047", "other"])
        self.other.call.answer()
        self.bench.run()
        talk.hang_up()
        self.bench.run()
        self.assertEqual(self.parties(), ["1175", "1047", "other"])
        trace = self.trace(self.call_ids()[0])
        assert trace is not None
        titles = [one.title for one in trace.messages if trace.legs[one.leg].address[0] == self.tijana.host]
        self.assertEqual(titles, ["INVITE", "180 Ringing", "CANCEL", "200 OK", "487 Request Terminated", "ACK"])
        self.assertEqual([leg.calls for leg in trace.legs], [True, False, False])

    def test_refused(self) -> None:
        talk = self.raf.dial("4711")
        self.assertEqual(talk.log, ["rejected 404"])
        self.assertEqual(self.parties(), ["1175"])

    def test_own_phone(self) -> None:
        """Of who makes a call by a click: whether it answers or not."""
        for answers in (False, True):
            run(self.bench.switch.make_call("1175", "1068"))
            self.bench.run()
            if not answers:
                self.raf.call.reject(486)
                self.bench.run()
                self.assertEqual(self.parties(), ["1175"])
                continue
            self.raf.call.answer()
            self.bench.run()
            self.ara.call.answer()
            self.bench.run()
            self.assertEqual(self.parties(), ["1175", "1068"])
            self.ara.call.hang_up()
            self.bench.run()

    def test_transferred(self) -> None:
        """Blind: the target's leg; attended: that of the other call too, while the call is up and after it."""
        talk = self.raf.dial("1068")
        self.ara.call.answer()
        self.bench.run()
        self.ara.call.refer("<sip:1118@127.0.0.1>")
        self.bench.run()
        self.four.call.answer()
        self.bench.run()
        self.assertEqual(self.parties(0), ["1175", "1068", "1118"])
        second = self.ara.dial("1175")
        self.raf.call.answer()
        self.bench.run()
        self.four.call.hold()
        self.bench.run()
        third = self.four.dial("1068")
        self.ara.call.answer()
        self.bench.run()
        self.four.calls[0].refer(f"<sip:1068@127.0.0.1?Replaces={third.replaces()}>")
        self.bench.run()
        self.assertEqual(self.parties(0), ["1175", "1068", "1118", "1068"])
        self.assertEqual(self.parties(1), ["1068", "1175"])
        self.assertEqual(self.parties(2), ["1118", "1068"])
        for one in (talk, second):
            one.hang_up()
        self.bench.run()
        self.assertEqual(self.parties(0), ["1175", "1068", "1118", "1068"])

    def test_picked_up(self) -> None:
        self.bench.switch.pickup_code = "*8"
        self.bench.switch.pickup = lambda by, at: ConnectionId(self.bench.switch.calls()[0].id, "1068")
        talk = self.raf.dial("1068")
        self.ara.call.ring()
        self.bench.run()
        picker = self.four.dial("*8")
        self.assertTrue(picker.is_up)
        self.assertEqual(self.parties(), ["1175", "1068", "1118"])
        talk.hang_up()
        self.bench.run()
        self.assertEqual(self.parties(), ["1175", "1068", "1118"])

    def test_consulted(self) -> None:
        """The phone's one dialog is in both calls."""
        talk = self.raf.dial("1068")
        self.ara.call.answer()
        self.bench.run()
        (call,) = self.bench.switch.calls()
        run(self.bench.switch.consultation_call(ConnectionId(call.id, "1068"), "1118"))
        self.bench.run(0.5)
        self.four.call.answer()
        self.bench.run(0.5)
        self.assertEqual(self.parties(1), ["1068", "1118"])
        self.four.call.hang_up()
        self.bench.run(0.5)
        talk.hang_up()
        self.bench.run(0.5)
        self.assertEqual((self.parties(0), self.parties(1)), (["1175", "1068"], ["1068", "1118"]))

    def test_switched_off(self) -> None:
        """While calls are up: what was kept is gone, and the call goes on."""
        talk = self.raf.dial("1068")
        self.bench.telephony.trace.limit(0, 500)
        self.bench.telephony.transports.trace = None
        self.ara.call.answer()
        self.bench.run()
        talk.hang_up()
        self.bench.run()
        self.assertIsNone(self.trace(self.call_ids()[0]))
        self.assertEqual(self.bench.telephony.traces.figures()[:2], (0, 0))
        self.bench.network.sent.clear()
