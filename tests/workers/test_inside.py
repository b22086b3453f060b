"""The port for other workers: messages for them leave by it, but nobody is told of it."""

from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from magroup.sip.hop import Hop
from magroup.sip.memory import MemoryNetwork
from magroup.sip.transport import Transports

INSIDE = "127.77.71.1"
WORKER = Hop("udp", "127.77.71.2", 40000)
PHONE = Hop("udp", "192.0.2.5", 5060)


class Inside(SynchronousTestCase):
    def transports(self, host: str, advertised: str = "") -> tuple[Transports, int]:
        """That listen at a host and inside; the port there."""
        made = Transports(
            Clock(), lambda message, hop: None, network=MemoryNetwork(Clock(), record=True), advertised=advertised
        )  # fmt: skip
        self.successResultOf(Deferred.fromCoroutine(made.listen_udp(host, 5062)))
        return made, made.listen_inside(INSIDE)

    def test_addresses(self) -> None:
        """Answers of another worker come by Via, which has the inner one; phones see the outer one."""
        made, port = self.transports("192.0.2.1")
        for hop in (WORKER, PHONE._replace(local_host=INSIDE, local_port=port)):
            self.assertEqual((made.local(hop), made.shown(hop)), ((INSIDE, port), ("192.0.2.1", 5062)))
        self.assertEqual((made.local(PHONE), made.shown(PHONE)), (("192.0.2.1", 5062),) * 2)
        self.assertEqual(made.listening(), [("udp", "192.0.2.1", 5062)])

    def test_advertised(self) -> None:
        """As to all others."""
        for host in ("192.0.2.1", "0.0.0.0"):
            made, _ = self.transports(host, "198.51.100.7")
            self.assertEqual((made.shown(WORKER), made.local(PHONE)), (("198.51.100.7", 5062),) * 2)

    def test_whence_it_leaves(self) -> None:
        made, port = self.transports("192.0.2.1")
        for hop, source in ((WORKER, (INSIDE, port)), (PHONE, ("192.0.2.1", 5062))):
            made.send(b"x" * 20, hop)
            network = made._network
            assert isinstance(network, MemoryNetwork)
            self.assertEqual(network.sent[-1].source, source)

    def test_not_there(self) -> None:
        """A server that is alone has none."""
        made = Transports(Clock(), lambda message, hop: None, network=MemoryNetwork(Clock()))
        self.successResultOf(Deferred.fromCoroutine(made.listen_udp("192.0.2.1", 5062)))
        self.assertEqual(made.shown(WORKER), made.local(WORKER))
