"""Who listens to the switch: all hear each event before what any of them does in turn."""

from collections.abc import Iterable
from typing import ClassVar

from twisted.logger import Logger

from magroup.cti.events import CallEvent, Event, LinkChanged
from magroup.cti.switch import Listener
from magroup.cti.turns import Turns


class AmiMonitor:
    """A listener for all devices ("") or one: what happens at it and in the calls it takes part in."""

    def __init__(self, listener: Listener, device: str) -> None:
        self.listener: Listener | None = listener
        self.device = device

    def stop(self) -> None:
        self.listener = None

    def concerns(self, event: Event) -> bool:
        if not self.device or event.device == self.device or isinstance(event, LinkChanged):
            return True
        if not isinstance(event, CallEvent):
            return False
        return any(call is not None and call.connection(self.device) for call in (event.call, event.old))


class Monitors:
    """All listeners."""

    log: ClassVar = Logger()

    def __init__(self) -> None:
        self._turn = Turns("link to Asterisk")
        self._monitors: list[AmiMonitor] = []

    def start(self, listener: Listener, device: str) -> AmiMonitor:
        monitor = AmiMonitor(listener, device)
        self._monitors = [*(other for other in self._monitors if other.listener is not None), monitor]
        return monitor

    def tell(self, events: Iterable[Event]) -> None:
        """Tell them in this order."""
        for event in events:
            self._turn(self._tell, event)

    def _tell(self, event: Event) -> None:
        for monitor in self._monitors:
            if monitor.listener is not None and monitor.concerns(event):
                try:
                    monitor.listener(event)
                except Exception:
                    self.log.failure("A listener failed on {event}", event=type(event).__name__)
