"""The switch while there is too much: phones that are registered and calls that are up notice nothing."""

from dataclasses import replace

from magroup.model.settings_overload import OverloadSettings
from tests.switch.attacker import Attacker
from tests.switch.bench import BenchTest


class Overloaded(BenchTest):
    """Everything new is refused."""

    def press(self, pressure: float) -> None:
        """From now on."""
        shedding = self.bench.telephony.shedding
        shedding.overload.pressure = pressure
        shedding._begin(self.bench.clock.seconds())
        shedding._switch(pressure > 0)

    def test_phones_and_calls(self) -> None:
        raf, tij, maria = self.bench.phone("1175"), self.bench.phone("1047"), self.bench.phone("1068")
        talk = raf.dial("1047")
        tij.call.answer()
        self.bench.run()
        self.press(3.0)
        self.assertEqual(raf.dial("1068").log, ["rejected 503"])
        self.assertEqual(len(self.bench.switch.calls()), 1)
        tij.register()
        self.assertTrue(tij.is_registered)
        talk.hold()
        self.bench.run()
        self.assertEqual(talk.log[-1], "changed 200")
        talk.hang_up()
        self.bench.run()
        self.assertEqual((self.bench.switch.calls(), maria.calls), ((), []))
        stranger = Attacker(self.bench)
        for method, user, status in (("REGISTER", "1118", 503), ("REGISTER", "1175", 401), ("OPTIONS", "1047", 503)):
            self.assertEqual(stranger.status(method, user), status, (method, user))
        self.press(0.0)
        talk = raf.dial("1068")
        maria.call.answer()
        self.bench.run()
        self.assertTrue(talk.is_up)
        talk.hang_up()

    def test_settings(self) -> None:
        """They hold at once."""
        self.bench.telephony.apply(replace(self.bench.settings, overload=OverloadSettings(wait=0, retry_after=3)))
        shedding = self.bench.telephony.shedding
        self.assertEqual((shedding.overload.target, shedding.longest_retry), (0.0, 3))
