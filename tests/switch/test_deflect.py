"""A call that leaves a route point for another number: what its caller hears until somebody answers there."""

from magroup.cti.events import CallEvent
from magroup.cti.switch import Accept, Ring
from magroup.cti.types import Party
from magroup.model.groups import Group
from tests.switch.bench import BenchTest, company


class Deflected(BenchTest):
    """Ringback from us where the caller hears us, from the caller's own phone else."""

    configuration = company(groups=(Group(1, "MA Group", number="8973"),))

    def setUp(self) -> None:
        super().setUp()
        self.bench.switch.route_register(["8973"])
        self.target = self.bench.phone("1047")
        self.talk = self.bench.phone("1175").dial("8973")
        event = self.bench.events[-1]
        assert isinstance(event, CallEvent)
        self.call_id = event.call_id

    def deflected(self, how: Accept) -> int:
        """Accept the call, send it to 1047 and let it ring there; how many packets the caller got meanwhile."""
        switch = self.bench.switch
        switch.accept_call(self.call_id, how)
        self.bench.run()
        switch.deflect(self.call_id, Ring("1047", Party("1175")))
        self.bench.run()
        self.target.call.ring()
        before = self.bench.packets()
        self.bench.run(0.5, 0.02)
        return self.bench.packets() - before

    def finish(self) -> None:
        self.target.call.answer()
        self.bench.run(0.5)
        self.assertEqual(self.bench.packets(), 0)
        self.assertIn(self.target.host.encode(), self.talk.heard_sdp)
        self.talk.hang_up()
        self.bench.run()
        self.assertEqual(self.target.call.log[-1], "ended")

    def test_answered_caller(self) -> None:
        self.assertGreater(self.deflected(Accept.ANSWER), 20)
        self.finish()

    def test_early_media(self) -> None:
        self.assertGreater(self.deflected(Accept.EARLY_MEDIA), 20)
        self.finish()

    def test_ringing(self) -> None:
        self.assertEqual(self.deflected(Accept.RINGING), 0)
        self.assertEqual(self.talk.log, ["progress 180", "progress 180"])
        self.finish()
