"""A worker's end over a real pair of sockets: what it is told, and that it notices the end of who has started it."""

import socket

from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.logger import capturedLogs, formatEvent
from twisted.trial.unittest import SynchronousTestCase, TestCase

from magroup.workers.frames import ALIVE, READY
from magroup.workers.hub import Hub
from magroup.workers.kept_memory import KeptMemory
from magroup.workers.link import Link
from magroup.workers.worker import NONCE_SECRET, SECRET, Begin, Worker, new_secret
from tests.peers import until


class Told(SynchronousTestCase):
    def test_begin(self) -> None:
        here, there = socket.socketpair()
        with here, there:
            begin = Begin(2, 3, "aw2", "7", new_secret(), ("0.0.0.0 5060", ":: 5062"))
            here.sendall(begin.packed() + b"more")
            self.assertEqual(Begin.read(there), begin)
            self.assertEqual(there.recv(10), b"more")
            self.assertEqual(begin.sockets(), {("0.0.0.0", 5060): [6, 7, 8], ("::", 5062): [9, 10, 11]})

    def test_who_has_started_it_is_gone(self) -> None:
        here, there = socket.socketpair()
        with there:
            here.sendall(Begin(2, 3, "aw2", "7", new_secret(), ("0.0.0.0 5060", ":: 5062")).packed()[:-1])
            here.close()
            self.assertRaises(EOFError, Begin.read, there)


class Two(TestCase):
    timeout = 20

    def setUp(self) -> None:
        self.hub = Hub(reactor)  # type: ignore[arg-type]
        self.hub.start()
        self.told: list[tuple[str, bytes]] = []
        self.secret = new_secret()
        self.addCleanup(self.hub.stop)

    def worker(self, number: int) -> Worker:
        node = f"aw{number}"
        memory, file = KeptMemory.made()
        end = self.hub.end(node, "1", memory, lambda kind: self.told.append((node, kind)))
        here, there = socket.socketpair()
        Link(reactor, here, end.frames)
        worker = Worker(reactor, Begin(number, 2, node, "1", self.secret, ()), there, KeptMemory(file))
        self.addCleanup(worker.stop)
        return worker

    async def test_goodbye(self) -> None:
        """What one says last comes to the others before its end is noticed: that is nothing to warn of."""
        one, two = self.worker(1), self.worker(2)
        for worker in (one, two):
            worker.bus.start()
        await until(lambda: one.bus.nodes and two.bus.nodes, what="they know each other")
        with capturedLogs() as events:
            await one.bus.stop()
            await one.stop()
            await until(lambda: not two.bus.nodes, what="the end of the first one")
        self.assertEqual([formatEvent(event) for event in events],
                         ["Node aw2 is out of reach", "Node aw1 has stopped"])  # fmt: skip

    async def test_together(self) -> None:
        """They hear each other, ask the hub, and notice when one ends."""
        one, two = self.worker(1), self.worker(2)
        ended: Deferred[None] = Deferred()
        two.lost = lambda: ended.callback(None)
        for worker in (one, two):
            worker.start()
            worker.bus.start()
            worker.ready()
        await until(lambda: one.bus.nodes and two.bus.nodes, what="they know each other")
        self.assertTrue(await one.bus.take("daily", 60.0))
        self.assertFalse(await two.bus.take("daily", 60.0))
        await until(lambda: len(self.told) >= 4, what="signs of life")
        self.assertEqual({kind for _, kind in self.told}, {ALIVE, READY})
        self.assertEqual((one.is_first, one.is_new, one.mark, two.mark), (True, True, "w1.", "w2."))
        self.assertEqual((len(one.hands_by), len(one.nonces_by)), (SECRET, NONCE_SECRET))
        self.assertEqual(two.process.secret, one.nonces_by)
        one.stop()
        await until(lambda: not two.bus.nodes, what="the end of the first one")
        self.hub.stop()
        await ended
        self.assertFalse(two.bus.is_up)
