"""Numbers of services, which nobody else may have."""

from twisted.trial.unittest import SynchronousTestCase

from magroup.model.numbers import NumberPlan
from magroup.model.service_numbers import ServiceNumbers

SERVICES = ServiceNumbers(("*8", "#9"), "031 531 11 97")


class ServiceNumbersTests(SynchronousTestCase):
    """``wrong``."""

    def test_table(self) -> None:
        plan = NumberPlan(country_code="41")
        for number, words in (
            ("*8", "code"),
            ("*-8123", "code"),
            ("#91", "code"),
            ("8*8", ""),
            ("+41315311197", "voicemail"),
            ("+41315311198", ""),
        ):
            wrong = SERVICES.wrong(number, plan)
            self.assertTrue(words in wrong if words else not wrong, (number, wrong))
        self.assertEqual(ServiceNumbers().wrong("*8", plan), "")
