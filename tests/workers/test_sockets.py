"""Real sockets at one port: the system gives each datagram to the worker whose mark it has, and one stands in."""

import os
import socket
from typing import Any

from twisted.internet import reactor
from twisted.internet.error import CannotListenError
from twisted.trial.unittest import SynchronousTestCase, TestCase

from magroup.sip.sockets import bound_socket
from magroup.workers import kernel_steering, marks
from magroup.workers.sockets import WorkerNetwork, opened
from tests.peers import until
from tests.workers.messages import request, response

HOST = "127.0.0.1"
COUNT = 3


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
        end.bind((HOST, 0))
        return int(end.getsockname()[1])


class Sockets(SynchronousTestCase):
    """Those of three workers."""

    def setUp(self) -> None:
        self.port = free_port()
        ((self.place, self.ends),) = opened((f"udp:{HOST}:{self.port}",), COUNT)
        for end in self.ends:
            self.addCleanup(end.close)
        self.peer = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.addCleanup(self.peer.close)

    def got_by(self, data: bytes) -> int:
        """Loopback delivers before ``sendto`` comes back."""
        self.peer.sendto(data, (HOST, self.port))
        for number, end in enumerate(self.ends, 1):
            try:
                self.assertEqual(end.recv(65536), data)
            except BlockingIOError:
                continue
            return number
        self.fail("nobody got it")

    def test_marks(self) -> None:
        self.assertEqual(self.place, f"{HOST} {self.port}")
        for number in range(1, COUNT + 1):
            for data in (
                request("BYE", tag=f"w{number}.ab"),
                request("ACK", caller="1" * 200, tag=f"w{number}.ab"),
                request("INFO", more="X: " + "y" * 900 + "\r\n", tag=f"w{number}.ab"),
                response(f"z9hG4bKw{number}.abc"),
                response(f"z9hG4bKw{number}.abc", "486 Busy Here, and in other words than usual"),
            ):
                self.assertEqual(self.got_by(data), number)

    def test_call_ids(self) -> None:
        """The worker that the others take it to belong to, wherever it is, however long; or where a mark is none."""
        for end in range(1, 60):
            for call_id in ("7" * end, f"{end * 7919}@192.0.2.5", "x" * 40 + str(end), "\u00e4~!" * end):
                for data in (
                    request(call_id=call_id, caller="1" * end),
                    request(call_id=call_id, tag="w4.ab"),
                    request("OPTIONS", call_id=call_id, caller="w1.x;tag=f" * (end % 20)),
                    request("REGISTER", call_id=call_id, tag="w12.ab"),
                    request("ACK", call_id=call_id, tag="w0.ab", more="Session-ID: 12;remote=34\r\n"),
                    request("BYE", call_id=call_id, tag="w1ab"),
                ):
                    found = marks.call_id(data)
                    self.assertEqual(found, call_id.encode())
                    self.assertEqual(self.got_by(data), marks.home(found, (1, 2, 3), COUNT), data)

    def test_others(self) -> None:
        """Always the same, as the source says: too short, nothing that tells, or too far away."""
        odd = (
            b"\r\n\r\n", b"INVITE ", b"SIP/2.0 200 OK", request(call_id="").replace(b"Call-ID", b"I"),
            request(caller="2" * 900, tag="w1.ab"), request(more="Call-Info: x\r\n").replace(b"Call-ID: a", b"Call-"),
            response("z9hG4bK1.w"), response("z9hG4bKxw2.abc"), b"\0" * 2000, b"4bKw" * 400, b"Call" * 400,
        )  # fmt: skip
        by = {self.got_by(data) for data in odd}
        self.assertEqual(len(by), 1)

    def test_as_many_as_there_may_be(self) -> None:
        self.assertLess(len(kernel_steering.program(16)) // 8, kernel_steering.MOST)


class Opened(SynchronousTestCase):
    def test_taken(self) -> None:
        """Also by a server that would share the port."""
        with bound_socket(socket.SOCK_DGRAM, HOST, 0, True) as other:
            place = f"udp:{HOST}:{other.getsockname()[1]}"
            self.assertRaises(CannotListenError, opened, (place,), 2)

    def test_no_port(self) -> None:
        error = self.assertRaises(ValueError, opened, ("udp:0",), 2)
        self.assertEqual(str(error), "sip.listen udp:0: several workers need a port, not 0")

    def test_streams(self) -> None:
        """Each worker opens them for itself."""
        self.assertEqual(opened((f"tcp:{HOST}:{free_port()}",), 2), [])


class StandIn(TestCase):
    async def test_stand_in(self) -> None:
        """What has come for a worker that is gone waits, and is read by another one until it is there again."""
        port = free_port()
        ((_, ends),) = opened((f"udp:{HOST}:{port}",), 2)
        for end in ends:
            self.addCleanup(end.close)
        numbers = {(HOST, port): [end.fileno() for end in ends]}
        any_reactor: Any = reactor
        network = WorkerNetwork(any_reactor, 1, numbers)
        got: list[bytes] = []
        wire = network.open(HOST, port, lambda data, host, port: got.append(data))
        self.addCleanup(wire.close)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
            first, second = request("BYE", tag="w2.a"), request("BYE", tag="w2.b")
            peer.sendto(first, (HOST, port))
            network.stand_in({2})
            self.addCleanup(network.stand_in, set())
            await until(lambda: got == [first], what="what had come for the other one")
            network.stand_in(set())
            peer.sendto(second, (HOST, port))
            self.assertEqual(ends[1].recv(65536), second)
        self.assertEqual(got, [first])
        os.fstat(ends[1].fileno())
