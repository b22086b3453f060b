"""A trunk that is dead: the call goes by the next one that may carry the number, and how long its caller waits."""

from dataclasses import replace

from magroup.model.lines import Trunk
from tests.switch.bench import Phone, company
from tests.switch.test_trunks import PBX, TrunkTest, refusing

FIRST = Trunk(2, "first", "127.0.0.98", prefix="0", ping_interval=0)
SECOND = Trunk(3, "second", "127.0.0.97", prefix="0", ping_interval=0)


class NextTrunk(TrunkTest):
    """Two trunks of one prefix beside the default one, to which the same number would be sent."""

    configuration = company(trunks=(PBX, FIRST, SECOND))

    def setUp(self) -> None:
        super().setUp()
        self.first, self.second = self.outside("127.0.0.98"), self.outside("127.0.0.97")

    def tearDown(self) -> None:
        self.bench.telephony.trunks.stop()
        super().tearDown()

    def counts(self) -> list[int]:
        """How many calls each has got: the first, the second, the default one."""
        return [len(one.calls) for one in (self.first, self.second, self.pbx)]

    def answers(self, phone: Phone) -> None:
        phone.call.answer()
        self.bench.run()

    def test_it_cannot_take_the_call(self) -> None:
        """502, 503 and 504 say so; the caller hears of it only when nobody is left."""
        for status in (502, 503, 504):
            talk = self.raf.dial("0315551234")
            self.first.call.reject(status)
            self.bench.run()
            self.answers(self.second)
            self.assertEqual(talk.log, ["answered"])
            talk.hang_up()
            self.bench.run(70, 0.5)
        self.assertEqual(self.counts(), [3, 3, 0])
        talk = self.raf.dial("0315551234")
        for phone in (self.first, self.second, self.pbx):
            self.assertEqual(talk.log, [])
            self.assertEqual(phone.call.invite.uri.number, "0315551234")
            phone.call.reject(503)
            self.bench.run()
        self.assertEqual(talk.log, ["rejected 503"])

    def test_its_own_refusals(self) -> None:
        """Who is busy there is busy by any trunk."""
        for status in (404, 408, 480, 486, 500, 603):
            talk = self.raf.dial("0315551234")
            self.first.call.reject(status)
            self.bench.run()
            self.assertEqual(talk.log, [f"rejected {status}"])
        self.assertEqual(self.counts(), [6, 0, 0])

    def test_silent(self) -> None:
        """Four seconds without a word; later callers wait no more, and after a minute it is tried again.

        Told once in the log, both times, although it is silent once more in between.
        """
        self.first.unplug()
        talk = self.raf.dial("0315551234")
        self.bench.run(3.5)
        self.assertEqual((self.counts(), talk.log), ([0, 0, 0], []))
        self.bench.run(0.7)
        self.answers(self.second)
        self.assertEqual(talk.log, ["answered"])
        talk.hang_up()
        talk = self.raf.dial("0315551234")
        self.answers(self.second)
        self.assertEqual(talk.log, ["answered"])
        talk.hang_up()
        self.bench.run(70, 0.5)
        talk = self.raf.dial("0315551234")
        self.bench.run(4.2)
        self.answers(self.second)
        talk.hang_up()
        self.bench.run(70, 0.5)
        first = self.outside("127.0.0.98")
        talk = self.raf.dial("0315551234")
        self.assertEqual(self.told(), (1, 0))
        self.answers(first)
        self.assertEqual(talk.log, ["answered"])
        self.assertEqual(self.told(), (1, 1))
        self.assertEqual(self.lines("Trunk first takes no calls: nothing came to a call"), 1)
        talk.hang_up()

    def told(self) -> tuple[int, int]:
        """How often the log says that the first one takes no calls, and that it does again."""
        return self.lines("Trunk first takes no calls"), self.lines("Trunk first takes calls again")

    def test_takes_some(self) -> None:
        """One that has no line free now and then is tried each time, and told of once a minute, not with each call."""
        self.reconfigure(PBX, replace(FIRST, ping_interval=3000), SECOND)
        for is_taken in (False, True) * 4:
            talk = self.raf.dial("0315551234")
            self.first.call.reject(486 if is_taken else 503)
            self.bench.run()
            if not is_taken:
                self.answers(self.second)
                talk.hang_up()
                self.bench.run()
        self.assertEqual(self.counts(), [8, 4, 0])
        self.assertEqual(self.told(), (1, 1))
        self.bench.run(70, 0.5)
        talk = self.raf.dial("0315551234")
        self.first.call.reject(503)
        self.bench.run()
        talk.hang_up()
        self.assertEqual(self.told(), (2, 1))
        self.assertEqual(self.lines("Trunk first takes no calls: 503 Service Unavailable"), 2)

    def test_answers_late(self) -> None:
        """The first one wakes up after the second was asked: its call is cancelled."""
        self.first.unplug()
        talk = self.raf.dial("0315551234")
        self.bench.run(4.2)
        self.second.call.ring()
        first = self.outside("127.0.0.98")
        self.bench.run(4.0)
        self.assertEqual(first.call.log, ["cancelled"])
        self.answers(self.second)
        self.assertEqual(talk.log, ["progress 180", "answered"])
        talk.hang_up()

    def test_slow_but_there(self) -> None:
        """It says that it tries: nothing else is done."""
        talk = self.raf.dial("0315551234")
        self.first.call.ring()
        self.bench.run(20)
        self.assertEqual(self.counts(), [1, 0, 0])
        talk.hang_up()

    def test_the_caller_gives_up(self) -> None:
        """No other trunk is asked for nobody."""
        self.first.unplug()
        talk = self.raf.dial("0315551234")
        self.bench.run(2)
        talk.hang_up()
        self.bench.run(40, 0.5)
        self.assertEqual(self.counts(), [0, 0, 0])

    def test_down_and_up(self) -> None:
        """While it does not answer OPTIONS the second has its calls at once, and it has them again when it does."""
        self.reconfigure(PBX, replace(FIRST, ping_interval=30), SECOND)
        self.first.unplug()
        self.bench.run(70, 0.5)
        self.assertEqual(self.lines("Trunk first does not answer"), 1)
        talk = self.raf.dial("0315551234")
        self.answers(self.second)
        self.assertEqual(talk.log, ["answered"])
        talk.hang_up()
        first = self.outside("127.0.0.98")
        self.bench.run(70, 0.5)
        self.assertEqual(self.lines("Trunk first answers again"), 1)
        talk = self.raf.dial("0315551234")
        self.answers(first)
        self.assertEqual(talk.log, ["answered"])
        talk.hang_up()

    def test_asked_at_once(self) -> None:
        """Who takes no call is asked whether it is there: the next call may go there, or it counts as down soon."""
        self.reconfigure(PBX, replace(FIRST, ping_interval=3000), SECOND)
        talk = self.raf.dial("0315551234")
        pings = self.first.pings
        self.first.call.reject(503)
        self.bench.run()
        self.assertEqual(self.first.pings, pings + 1)
        talk.hang_up()
        self.bench.run()
        self.raf.dial("0315551234").hang_up()
        self.assertEqual(self.counts(), [2, 1, 0])
        self.first.endpoint.methods["OPTIONS"] = refusing(503)
        talk = self.raf.dial("0315551234")
        self.first.call.reject(503)
        self.bench.run()
        self.assertEqual(self.lines("Trunk first does not answer"), 1)
        talk.hang_up()

    def test_gone_while_it_rings(self) -> None:
        """What rang behind it rings behind the next one."""
        self.reconfigure(PBX, replace(FIRST, ping_interval=30), SECOND)
        talk = self.raf.dial("0315551234")
        self.first.call.ring()
        self.bench.run()
        self.first.unplug()
        self.bench.run(65, 0.5)
        self.answers(self.second)
        self.assertEqual(talk.log, ["progress 180", "answered"])
        talk.hang_up()

    def test_another_number(self) -> None:
        """A trunk that would be sent another number does not stand in, unless it has the same prefix."""
        self.reconfigure(PBX, replace(FIRST, strip=1), replace(SECOND, strip=2))
        talk = self.raf.dial("0315551234")
        self.assertEqual(self.first.call.invite.uri.number, "315551234")
        self.first.call.reject(503)
        self.bench.run()
        self.assertEqual(self.second.call.invite.uri.number, "15551234")
        self.second.call.reject(503)
        self.bench.run()
        self.assertEqual((self.counts(), talk.log), ([1, 1, 0], ["rejected 503"]))

    def test_not_back(self) -> None:
        """A call that comes from a trunk does not go back to it in place of the one that is dead."""
        talk = self.second.dial("0315551234")
        self.first.call.reject(503)
        self.bench.run()
        self.assertEqual(self.counts()[1], 0)
        self.answers(self.pbx)
        self.assertEqual(talk.log, ["answered"])
        talk.hang_up()
