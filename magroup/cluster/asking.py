"""One node asks another to do something, and hears what came of it, or that nothing was heard."""

from collections.abc import Callable, Coroutine
from itertools import count
from typing import Any

from twisted.internet.defer import Deferred, TimeoutError
from twisted.logger import Logger

from magroup.cluster.bus import Bus
from magroup.cluster.wire import read, written
from magroup.cti.errors import ChangingError, Failure, ServiceError
from magroup.model.clock import Clock

TOPIC = "ask"
ANSWER_TOPIC = "answer"
PATIENCE = 5.0
"""Seconds until the other node counts as gone for this question."""

MOST_OPEN = 1000

Service = Callable[..., Coroutine[Deferred[Any], Any, Any]]


class Asking:
    """``serve`` says what others may ask for; what is asked raises ServiceError here as it did there."""

    log = Logger()

    def __init__(self, bus: Bus, clock: Clock) -> None:
        self._bus = bus
        self._clock: Any = clock
        self._ids = count(1)
        self._open: dict[int, tuple[str, Deferred[Any]]] = {}
        self._services: dict[str, Service] = {}
        bus.listen(TOPIC, self._asked)
        bus.listen(ANSWER_TOPIC, self._answered)
        bus.watch(lambda node: None, self._left, lambda node: None)

    def __len__(self) -> int:
        """How many questions are open."""
        return len(self._open)

    def serve(self, name: str, service: Service) -> None:
        """``service`` is given the texts that came with the question."""
        self._services[name] = service

    async def ask(self, node: str, service: str, *arguments: str) -> Any:
        """What the service of that node gives. Raises ServiceError."""
        if node not in self._bus.nodes or len(self._open) >= MOST_OPEN:
            raise _gone(node)
        number = next(self._ids)
        waiting: Deferred[Any] = Deferred()
        self._open[number] = node, waiting
        waiting.addTimeout(PATIENCE, self._clock)
        self._bus.send(TOPIC, written([node, number, service, list(arguments)]))
        try:
            return await waiting
        except TimeoutError:
            raise _gone(node) from None
        finally:
            self._open.pop(number, None)

    def _left(self, node: str) -> None:
        for number, (asked, waiting) in tuple(self._open.items()):
            if asked == node:
                del self._open[number]
                waiting.errback(_gone(node))

    def _asked(self, node: str, body: bytes) -> None:
        to, number, name, arguments = read(body, tuple[str, int, str, list[str]])
        if to == self._bus.node:
            Deferred.fromCoroutine(self._serve(node, number, name, arguments))

    async def _serve(self, node: str, number: int, name: str, arguments: list[str]) -> None:
        result: Any = None
        failure, why, is_changing = "", "", False
        try:
            service = self._services.get(name)
            if service is None:
                raise ServiceError(Failure.NOT_SUPPORTED, "The node of the call does not know how to do this")
            result = await service(*arguments)
        except ServiceError as error:
            failure, why, is_changing = error.failure.value, str(error), isinstance(error, ChangingError)
        except Exception:
            self.log.failure("Node {node} asked for {name}, which failed", node=node, name=name)
            failure, why = Failure.GENERIC.value, "The node of the call could not do this"
        self._bus.send(ANSWER_TOPIC, written([node, number, result, failure, why, is_changing]))

    def _answered(self, node: str, body: bytes) -> None:
        to, number, result, failure, why, is_changing = read(body, tuple[str, int, Any, str, str, bool])
        if to != self._bus.node or number not in self._open or self._open[number][0] != node:
            return
        _, waiting = self._open.pop(number)
        if is_changing:
            waiting.errback(ChangingError(why))
        elif failure:
            waiting.errback(ServiceError(Failure(failure), why))
        else:
            waiting.callback(result)


def _gone(node: str) -> ServiceError:
    return ServiceError(Failure.INVALID_CALL, f"Node {node}, which has the call, cannot be reached")
