"""What only the first worker has is given to it, whoever reads it."""

from dataclasses import replace

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from magroup.model.configuration import Configuration
from magroup.model.settings import Settings
from magroup.model.settings_csta import CstaSettings
from magroup.workers.first_ones import first_ones
from magroup.workers.steering import Steering
from tests.workers.around import Around


def invite(uri: str, call_id: str, more: str = "") -> bytes:
    return (
        f"INVITE {uri} SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\nFrom: <sip:1047@pbx>;tag=1\r\n"
        f"To: <{uri}>\r\nCall-ID: {call_id}\r\nCSeq: 1 INVITE\r\n{more}\r\n"
    ).encode()


class FirstOnes(SynchronousTestCase):
    """A steering of worker 2, of two."""

    def setUp(self) -> None:
        self.csta = CstaSettings()
        around = Around()
        around.is_once = first_ones(lambda: replace(Settings(), csta=self.csta), Configuration)  # type: ignore[method-assign]
        self.steering = Steering(Clock(), 2, 2, around)
        self.steering.joined(1)

    def chosen(self, uri: str, call_id: str, more: str = "") -> int:
        return self.steering.choose(invite(uri, call_id, more))

    def test_nothing_is(self) -> None:
        self.assertEqual(self.chosen("sip:8000@pbx", "a"), 2)
        self.assertEqual(self.chosen("sip:8000@pbx", "b", "Content-Type: application/csta+xml\r\n"), 2)

    def test_numbers_of_programs(self) -> None:
        """What belongs to it goes there too."""
        self.csta = replace(self.csta, route_points=("8000", "80 01"))
        self.assertEqual([self.chosen(f"sip:{one}@pbx", one) for one in ("8000", "8001", "8002")], [1, 1, 2])
        self.assertEqual(self.chosen("sips:8000;phone-context=x@pbx", "c"), 1)
        self.assertEqual(self.chosen("urn:service:sos", "d"), 2)
        cancel = invite("sip:8000@pbx", "8000").replace(b"INVITE", b"CANCEL")
        self.assertEqual(self.steering.choose(cancel), 1)
        self.steering.left(1)
        self.assertEqual(self.chosen("sip:8000@pbx", "e"), 2)

    def test_uacsta(self) -> None:
        self.csta = replace(self.csta, uacsta=True)
        self.assertEqual(self.chosen("sip:1047@pbx", "a", "Content-Type: application/csta+xml\r\n"), 1)
        self.assertEqual(self.chosen("sip:1047@pbx", "b", "Content-Type: application/sdp\r\n"), 2)
