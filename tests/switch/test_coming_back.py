"""Calls to a manager number that a PBX sends back, and those that only look like it."""

from magroup.cti.events import CallEvent
from magroup.cti.switch import Accept, Ring
from magroup.cti.types import Cause, Party
from magroup.model.groups import Group
from magroup.model.lines import Trunk
from tests.switch.bench import BenchTest, company

PBX = Trunk(1, "PBX", "127.0.0.99", is_default=True, ping_interval=0)
GROUPS = (Group(1, "MA Group", number="8973"), Group(2, "Sales", number="8974"))
BACK = {"Diversion": ["<sip:2047@pbx>;reason=unconditional"]}


class ComingBack(BenchTest):
    """2047 is a line of the PBX; it rings there for a call to 8973."""

    configuration = company(trunks=(PBX,), groups=GROUPS)

    def setUp(self) -> None:
        super().setUp()
        self.bench.switch.route_register(["8973", "8974"])
        self.pbx = self.bench.phone("pbx", "127.0.0.99", register=False)
        self.first = self.pbx.dial("8973")
        self.call_id = self.last_call()
        self.bench.switch.accept_call(self.call_id, Accept.RINGING)
        self.bench.switch.ring(self.call_id, [Ring("2047", Party("0315551234"))])
        self.bench.run()

    def tearDown(self) -> None:
        self.first.hang_up()
        self.bench.run()
        super().tearDown()

    def last_call(self) -> str:
        event = self.bench.events[-1]
        assert isinstance(event, CallEvent)
        return event.call_id

    def dialled(self, number: str, **headers: list[str]) -> list[str]:
        """What a call from the PBX with these headers comes to; one that is taken is hung up again."""
        talk = self.pbx.dial(number, headers={name.replace("_", "-"): value for name, value in headers.items()})
        log = list(talk.log)
        if not log:
            talk.hang_up()
            self.bench.run()
        return log

    def test_refused(self) -> None:
        """Whatever the spelling, and wherever in the way of the call."""
        for headers in (
            BACK,
            {"Diversion": ["<tel:20-47>"]},
            {"Diversion": ["<sip:1@pbx>, <sip:2047@pbx>"]},
            {"History_Info": ["<sip:2047@pbx>;index=1, <sip:8973@pbx>;index=1.1"]},
        ):
            self.assertEqual(self.dialled("8973", **headers), ["rejected 482"], headers)

    def test_same_call(self) -> None:
        """A proxy says nothing of who diverted it, but the Call-ID is that of our own INVITE."""
        own = [self.pbx.call.invite.call_id]
        self.assertEqual(self.dialled("8973", Call_ID=own), ["rejected 482"])
        self.assertEqual(self.dialled("8974", Call_ID=own), [])

    def test_other_calls(self) -> None:
        """Not diverted, from somewhere else, to another group, or with something that cannot be read."""
        self.assertEqual(self.dialled("8973"), [])
        for number, value in (
            ("8973", "<sip:2048@pbx>"), ("8974", "<sip:2047@pbx>"), ("8973", "<<rubbish"), ("8973", "<sip:@pbx>"),
        ):  # fmt: skip
            self.assertEqual(self.dialled(number, Diversion=[value]), [], value)

    def test_rings_no_more(self) -> None:
        """The next call that is diverted by the line is a call like others."""
        self.bench.switch.cancel_ring(self.call_id, ["2047"], Cause.CALL_NOT_ANSWERED)
        self.bench.run()
        self.pbx.call.reject(487)
        self.bench.run()
        self.assertEqual(self.dialled("8973", **BACK), [])
