"""What tests of transfers have in common."""

from magroup.cti.events import CallEvent
from tests.switch.bench import BenchTest, Talk


class TransferTest(BenchTest):
    """``raf`` called ``tijana``; ``ara`` is there too."""

    def setUp(self) -> None:
        super().setUp()
        self.tijana, self.raf, self.ara = (self.bench.phone(number) for number in ("1047", "1175", "1068"))
        self.bench.events.clear()

    def talking(self) -> tuple[Talk, Talk]:
        """Raf's end and Tijana's."""
        talk = self.raf.dial("1047")
        self.tijana.call.answer()
        self.bench.run()
        return talk, self.tijana.call

    def assert_joined(self, one: Talk, other: Talk) -> None:
        """Both are up, hear each other, and nobody else is in a call."""
        self.assertTrue(one.is_up and other.is_up)
        for here, there in ((one, other), (other, one)):
            self.assertIn(b"c=IN IP4 " + there.phone.host.encode(), here.heard_sdp)
            self.assertIn(b"a=sendrecv", here.heard_sdp)
        (call,) = self.bench.switch.calls()
        self.assertEqual({c.id.device for c in call.connections}, {one.phone.number, other.phone.number})
        self.assertEqual(self.bench.telephony.media.active, 0)

    def told_of(self, kind: type[CallEvent]) -> list[CallEvent]:
        return [event for event in self.bench.events if type(event) is kind]
