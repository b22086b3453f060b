"""Two that talk by one of several nodes, on a clock."""

from typing import Any

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from magroup.cti.types import ConnectionState
from tests.switch.bench import Talk, company
from tests.takeover.kit import Node, Office

WITHIN = 2.0
"""Seconds after which another node has the call."""


class Case(SynchronousTestCase):
    """Two nodes; 1047, 1175 and 1068 have registered at a."""

    names: tuple[str, ...] = ("a", "b")

    def setUp(self) -> None:
        self.office = Office(company())
        self.nodes = [self.office.node(name) for name in self.names]
        self.a, self.b = (*self.nodes, *self.nodes)[:2]
        self.office.run(4.0)
        self.anna, self.bert, self.cara = (
            self.office.phone_at(number, self.a) for number in ("1047", "1175", "1068")
        )  # fmt: skip

    def talk(self) -> tuple[Talk, Talk]:
        """Anna has called Bert by a; they talk."""
        one = self.anna.dial("1175")
        other = self.bert.call
        other.answer()
        self.office.run(1.0)
        self.assertTrue(one.is_up and other.is_up)
        return one, other

    def die(self, node: Node) -> None:
        node.die()
        self.office.run(WITHIN - 0.1)

    def served(self, what: Any) -> Any:
        """What a service gives."""
        done = Deferred.fromCoroutine(what)
        self.office.run(1.0)
        return self.successResultOf(done)

    def state(self, device: str) -> ConnectionState:
        found = self.b.call.snapshot.connection(device)
        assert found is not None
        return found.state

    def over(self, *talks: Talk) -> None:
        """Nothing is left of the call, and there is one record of it, at b."""
        self.office.run(2.5)
        self.assertFalse(any(talk.is_up for talk in talks))
        self.assertEqual((self.b.calls, self.b.telephony.endpoint.dialogs, self.b.takeover.taken), ([], {}, set()))
        self.assertEqual((len(self.b.records.finished), self.b.records.open), (1, set()))
        self.assertFalse(any(self.office.hub.kept.values()))
