"""Who keeps the status of a phone, and the port of the web server that it is told."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from magroup.phone_pushes import hear_of_others, http_port, keeper
from magroup.process import ALONE, Process
from tests.switch.bench import BenchTest


class PortTests(SynchronousTestCase):
    def test_table(self) -> None:
        for listen, port in (
            (("tcp:8080",), 8080),
            (("tcp:port=8081:interface=10.0.0.5",), 8081),
            (("ssl:8443:privateKey=k.pem:certKey=c.pem", "tcp6:8082"), 8082),
            (("unix:/run/magroup.sock",), 0),
            (("tcp:0",), 0),
            ((), 0),
        ):
            self.assertEqual(http_port(listen), port, listen)


class Keeper(BenchTest):
    """Who keeps the status of a phone."""

    def setUp(self) -> None:
        super().setUp()
        self.registrar = self.bench.telephony.registrar
        self.bench.phone("1047")
        (self.phone,) = self.registrar.bindings.contacts("1047")
        self.heard: list[str] = []

    def kept(self, node: str, process: Process = ALONE, beside: tuple[str, ...] = ()) -> list[bool]:
        """The phone, and each of three that have not registered."""
        nodes: Any = SimpleNamespace(
            node=node, bus=SimpleNamespace(nodes={"aw1", "aw2", "b"} - {node}),
            is_of_this_server=lambda one: one in (node, *beside),
        )  # fmt: skip
        is_ours = keeper(nodes, self.registrar, process)
        return [is_ours("sep1", self.phone), *(is_ours(f"sep{number}", None) for number in "234")]

    def test_one_node(self) -> None:
        self.assertTrue(keeper(None, self.registrar, ALONE)("sep1", self.phone))

    def test_nodes(self) -> None:
        """Each phone at exactly one."""
        kept = [self.kept(node) for node in ("aw1", "aw2", "b")]
        self.assertEqual([sum(column) for column in zip(*kept, strict=True)], [3, 1, 1, 1])
        self.registrar.elsewhere["1047", self.phone.contact] = "b"
        self.assertEqual([self.kept(node)[0] for node in ("aw1", "aw2", "b")], [False, False, True])

    def test_workers(self) -> None:
        """The first one keeps those of all of them, and none of another server's."""
        second = self.kept("aw2", Process(2, 2, "w2.", b"x"), ("aw1",))
        self.assertEqual(second, [False] * 4)
        self.registrar.elsewhere["1047", self.phone.contact] = "aw2"
        first = self.kept("aw1", Process(1, 2, "w1.", b"x"), ("aw2",))
        self.assertTrue(first[0])
        other = self.kept("b")
        self.assertEqual([sum(pair) for pair in zip(first, other, strict=True)], [1] * 4)

    def test_appears_elsewhere(self) -> None:
        """Told once, until it is gone."""
        hear_of_others(self.registrar, lambda registration: self.heard.append(registration.number))
        there = replace(self.phone, number="1175", contact="sip:1175@127.0.0.77")
        self.registrar.take(there, "aw2", False)
        self.registrar.take(there, "aw2", False)
        self.assertEqual(self.heard, ["1175"])
        self.registrar.take_away("1175", there.contact)
        self.registrar.take(there, "aw2", False)
        self.assertEqual(self.heard, ["1175", "1175"])
        self.registrar.take_away("1175", there.contact)
