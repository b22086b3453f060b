"""Forwardings of lines on the PBX: set there when they are set here, and known here when they are set there."""

from collections.abc import Callable
from typing import Any

from twisted.internet.defer import CancelledError, Deferred
from twisted.logger import Logger

from magroup.cti.errors import ServiceError
from magroup.cti.events import Event, ForwardingSet, LinkChanged
from magroup.cti.switch import Monitor, Switch
from magroup.groups.forwarding import ForwardingBook, ForwardingChange, ForwardingError
from magroup.model.forwarding import NO_FORWARDING, Forwarded, Forwarding, ForwardTo

BY_PBX = "PBX"


class PbxForwardings:
    """``lines`` gives the numbers of the PBX's lines, ``forwarded`` where a call to one goes by the book.

    ``is_line`` says whether a number is one of them. What the PBX says counts: it is asked for each line when the link
    is up again.
    """

    log = Logger()

    def __init__(
        self, pbx: Switch, book: ForwardingBook, lines: Callable[[], list[str]], is_line: Callable[[str], bool],
        forwarded: Callable[[str], Forwarded],
    ) -> None:  # fmt: skip
        self._pbx = pbx
        self._book = book
        self._lines = lines
        self._is_line = is_line
        self._forwarded = forwarded
        self._monitor: Monitor | None = None
        self._unsubscribe: Callable[[], None] = lambda: None
        self._asking: Deferred[None] | None = None
        self._fresh: set[str] = set()

    def start(self) -> None:
        self._monitor = self._pbx.monitor_start(self._heard)
        self._unsubscribe = self._book.subscribe(self._changed)

    def stop(self) -> None:
        if self._monitor is not None:
            self._monitor.stop()
        self._unsubscribe()
        if self._asking is not None:
            self._asking.cancel()

    def _changed(self, change: ForwardingChange) -> None:
        """In the book: by a member, or by us since the PBX said so."""
        if self._is_line(change.number) and change.forwarding.changed_by != BY_PBX:
            self._fresh.add(change.number)
            self._run(self._set(change.number))

    async def _set(self, number: str) -> None:
        to = self._target(number)
        try:
            await self._pbx.set_forwarding(number, Forwarding(ForwardTo.NUMBER, to) if to else NO_FORWARDING)
        except ServiceError as error:
            self.log.warn("The forwarding of {line} on the PBX is not set: {why}", line=number, why=str(error))
            await self._take_back(number, to)

    async def _take_back(self, number: str, to: str) -> None:
        """The book is not to say what is not so. Without a link nobody knows: it is asked when the link is up again."""
        if not self._pbx.is_linked:
            return
        try:
            forwarding = await self._pbx.get_forwarding(number)
        except ServiceError:
            forwarding = NO_FORWARDING
        if self._target(number) == to:
            self._learn(number, forwarding)

    def _target(self, number: str) -> str:
        to = self._forwarded(number)
        return to.number if to.by and not to.is_loop else ""

    def _heard(self, event: Event) -> None:
        if isinstance(event, ForwardingSet):
            self._learn(event.device, event.forwarding)
        elif isinstance(event, LinkChanged) and event.is_linked:
            self._asking = self._run(self._ask())

    async def _ask(self) -> None:
        for number in self._lines():
            self._fresh.discard(number)
            try:
                forwarding = await self._pbx.get_forwarding(number)
            except ServiceError as error:
                if not self._pbx.is_linked:
                    raise
                self.log.warn("The forwarding of {line} on the PBX: {why}", line=number, why=str(error))
                continue
            if number not in self._fresh:
                self._learn(number, forwarding)

    def _learn(self, number: str, forwarding: Forwarding) -> None:
        if not self._is_line(number) or forwarding.number == self._target(number):
            return
        try:
            self._book.set_line(number, forwarding, BY_PBX)
        except ForwardingError as error:
            self.log.warn("The forwarding of {line} on the PBX is not taken over: {why}", line=number, why=str(error))

    def _run(self, work: Any) -> Deferred[None]:
        done: Deferred[None] = Deferred.fromCoroutine(work)
        return done.addErrback(self._failed)

    def _failed(self, failure: Any) -> None:
        if failure.check(ServiceError):
            self.log.warn("A forwarding on the PBX: {why}", why=failure.getErrorMessage())
        elif not failure.check(CancelledError):
            self.log.failure("A forwarding on the PBX", failure=failure)
