"""Forwardings of lines on a PBX: what it refuses is not in the book either; without a link it is asked later."""

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from magroup.cti.errors import Failure, ServiceError
from magroup.cti.events import ForwardingSet
from magroup.cti.fake import FakeSwitch
from magroup.groups.forwarding import ForwardingBook
from magroup.model.configuration import Configuration
from magroup.model.forwarding import NO_FORWARDING, Forwarded, Forwarding, ForwardTo
from magroup.model.lines import Line
from magroup.pbx_forwardings import PbxForwardings

LINES = ("1175", "1068")
OUT = Forwarding(ForwardTo.NUMBER, "0791112233")
ELSEWHERE = Forwarding(ForwardTo.NUMBER, "0794445566")


class Pbx(FakeSwitch):
    """``refused`` is why it sets nothing, ``silent`` that it does not say what is set either."""

    refused = ""
    silent = False

    def __init__(self, clock: Clock) -> None:
        super().__init__(clock, LINES)
        self.forwardings: dict[str, Forwarding] = {}

    async def set_forwarding(self, device: str, forwarding: Forwarding) -> None:
        if not self.is_linked or self.refused:
            raise ServiceError(Failure.NOT_SUPPORTED, self.refused)
        self.forwardings[device] = forwarding

    async def get_forwarding(self, device: str) -> Forwarding:
        if not self.is_linked or self.silent:
            raise ServiceError(Failure.NOT_SUPPORTED, "It does not say")
        return self.forwardings.get(device, NO_FORWARDING)


class PbxForwardingsTest(SynchronousTestCase):
    def setUp(self) -> None:
        clock = Clock()
        configuration = Configuration(lines=tuple(Line(number, on_pbx=True) for number in LINES))
        self.book = ForwardingBook(clock, configuration, lambda *change: None, lambda *change: None)
        self.pbx = Pbx(clock)

        def forwarded(number: str) -> Forwarded:
            by = self.book.of_line(number)
            return Forwarded(by.number, (number,), by) if by else Forwarded(number)

        self.forwardings = PbxForwardings(
            self.pbx, self.book, lambda: list(LINES), LINES.__contains__, forwarded
        )  # fmt: skip
        self.forwardings.start()
        self.addCleanup(self.forwardings.stop)

    def set(self, forwarding: Forwarding) -> str:
        """By somebody; where the book has it forwarded to afterwards."""
        self.book.set_line("1175", forwarding, "raf")
        return self.book.of_line("1175").number

    def test_both_ways(self) -> None:
        self.assertEqual(self.set(OUT), OUT.number)
        self.assertEqual(self.pbx.forwardings["1175"].number, OUT.number)
        self.assertEqual((self.set(NO_FORWARDING), self.pbx.forwardings["1175"]), ("", NO_FORWARDING))
        self.pbx._table.tell(ForwardingSet("1068", 1.0, ELSEWHERE))
        self.assertEqual(self.book.of_line("1068").number, ELSEWHERE.number)

    def test_refused(self) -> None:
        """What the PBX has stays in the book; nothing, where it has no forwardings at all."""
        self.set(ELSEWHERE)
        self.pbx.refused = "Not to numbers outside"
        self.assertEqual(self.set(OUT), ELSEWHERE.number)
        self.pbx.silent = True
        self.assertEqual(self.set(OUT), "")

    def test_without_a_link(self) -> None:
        """It is in the book until the PBX says what it has."""
        self.set(ELSEWHERE)
        self.pbx.set_linked(False)
        self.assertEqual(self.set(OUT), OUT.number)
        self.pbx.set_linked(True)
        self.assertEqual(self.book.of_line("1175").number, ELSEWHERE.number)
