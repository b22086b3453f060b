"""Questions from node to node: the answer, the same refusal, or that nobody answers."""

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase

from magroup.cluster.asking import PATIENCE, Asking
from magroup.cti.errors import ChangingError, Failure, ServiceError
from tests.cluster.kit import Bench


class Questions(SynchronousTestCase):
    def setUp(self) -> None:
        self.bench = Bench()
        a, b, c = self.bench.ends("a", "b", "c")
        self.a, self.b, self.c = (Asking(bus, self.bench.clock) for bus in (a, b, c))
        for bus in (a, b, c):
            bus.start()
        self.bench.run()
        self.bus = b

        async def service(word: str) -> list[str]:
            match word:
                case "refuse":
                    raise ServiceError(Failure.NO_HELD_CALL, "Nothing is held")
                case "change":
                    raise ChangingError("Something is under way")
                case "break":
                    raise ZeroDivisionError
                case "wait":
                    await Deferred()
            return [word, "done"]

        self.b.serve("work", service)

    def ask(self, node: str, service: str, *arguments: str) -> Deferred[object]:
        asked = Deferred.fromCoroutine(self.a.ask(node, service, *arguments))
        self.bench.run()
        return asked

    def test_answered(self) -> None:
        self.assertEqual(self.successResultOf(self.ask("b", "work", "0100")), ["0100", "done"])
        self.assertEqual(len(self.a), 0)

    def test_refused(self) -> None:
        error = self.failureResultOf(self.ask("b", "work", "refuse"), ServiceError).value
        self.assertEqual((error.failure, str(error)), (Failure.NO_HELD_CALL, "Nothing is held"))
        self.failureResultOf(self.ask("b", "work", "change"), ChangingError)

    def test_broken(self) -> None:
        """What fails there, is not known there, or has other arguments there."""
        for arguments in (("work", "break"), ("play", "x"), ("work",)):
            error = self.failureResultOf(self.ask("b", *arguments), ServiceError).value
            self.assertIn(error.failure, (Failure.GENERIC, Failure.NOT_SUPPORTED))
        self.flushLoggedErrors(ZeroDivisionError, TypeError)

    def test_nobody_there(self) -> None:
        """One that there is not, one that does not answer, one that goes meanwhile."""
        self.failureResultOf(self.ask("x", "work", "y"), ServiceError)
        slow = self.ask("b", "work", "wait")
        self.assertNoResult(slow)
        self.bench.run(PATIENCE)
        self.failureResultOf(slow, ServiceError)
        gone = self.ask("b", "work", "wait")
        self.successResultOf(Deferred.fromCoroutine(self.bus.stop()))
        self.bench.run()
        self.assertIn("Node b", str(self.failureResultOf(gone, ServiceError).value))
        self.assertEqual(len(self.a), 0)
