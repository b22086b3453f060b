"""Mailboxes that several nodes open: what is done at one is so at the others, and written once."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from magroup.cluster.memory import MemoryBus
from magroup.cluster.shared import Shared
from magroup.model.messages import MessagesWaiting
from magroup.nodes_state import SharedWriter, take_mail
from magroup.voicemail.boxes import Boxes
from magroup.voicemail.mailboxes import Mailboxes
from tests.cluster.kit import Bench
from tests.voicemail.world import ANN, ANNS, BEN, BENS, FOLDER_OF_BOXES, company, message


class Node:
    """``done`` are the lines whose lamps changed, and the files that were deleted; ``written`` went to the database."""

    def __init__(self, bench: Bench, bus: MemoryBus) -> None:
        shared = Shared(bus, bench.clock)
        self.done: list[str] = []
        self.written = 0
        database: Any = self
        writer = SharedWriter(shared, database, bench.clock)
        self.boxes = Mailboxes(
            FOLDER_OF_BOXES, writer.save_message, writer.remove_message, self.discard, Boxes(company()),
            [message(2)],
        )  # fmt: skip
        self.boxes.subscribe_lines(self.done.append)
        take_mail(shared, self.boxes)
        bus.start()

    async def run(self, work: Any, changes: Sequence[Any]) -> None:
        self.written += len(changes)

    def discard(self, path: Path) -> None:
        self.done.append(path.name)

    def ids(self, box: str = ANNS) -> list[str]:
        return [one.id for one in self.boxes.messages(box)]


class SharedMailboxes(SynchronousTestCase):
    def setUp(self) -> None:
        self.bench = Bench()
        self.a, self.b = (Node(self.bench, bus) for bus in self.bench.ends("a", "b"))
        self.bench.run()

    def test_left(self) -> None:
        """The oldest is first, whenever it is heard of; only who was told by a call writes it."""
        self.a.boxes.add(message(3))
        self.a.boxes.add(message(1))
        self.bench.run(1.0)
        self.assertEqual(self.b.ids(), ["m1", "m2", "m3"])
        self.assertEqual(self.b.done, [ANN, ANN])
        self.assertEqual((self.a.written, self.b.written), (2, 0))

    def test_heard_and_deleted(self) -> None:
        self.a.boxes.heard(ANNS, "m2")
        self.bench.run()
        self.assertEqual(self.b.boxes.waiting(ANN), MessagesWaiting(0, 1))
        self.b.boxes.delete(ANNS, "m2")
        self.bench.run()
        self.assertEqual((self.a.ids(), self.b.ids()), ([], []))
        self.assertEqual((self.a.done, self.b.done), ([ANN, ANN], [ANN, "m2.wav", ANN]))

    def test_what_is_told_twice_changes_nothing(self) -> None:
        self.b.boxes.take(message(2))
        self.b.boxes.take_away("no such message")
        self.assertEqual(self.b.done, [])

    def test_last_one_of_a_box(self) -> None:
        self.a.boxes.add(message(3, BENS))
        self.bench.run()
        self.assertEqual(self.b.boxes.waiting(BEN), MessagesWaiting(1, 0))
        self.a.boxes.delete(BENS, "m3")
        self.bench.run()
        self.assertEqual(self.b.ids(BENS), [])

    def test_greeting(self) -> None:
        self.a.boxes.greeted(ANNS)
        self.bench.run()
        self.assertEqual(self.b.boxes.greeting(ANNS), self.a.boxes.greeting(ANNS))
        self.b.boxes.no_greeting(ANNS)
        self.bench.run()
        self.assertIs(self.a.boxes.greeting(ANNS), None)
        self.assertEqual((self.a.done, self.b.done), ([], ["greeting.wav"]))
