"""The SIP messages that come and go, sent to a reader of HEP without what is secret in them."""

import socket
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Final

from magroup.hep.packet import packet
from magroup.model.clock import Clock, utc
from magroup.model.receivers import HepPlace
from magroup.model.settings import HepSettings
from magroup.model.trace import Address
from magroup.outgoing.datagrams import DatagramWire, udp
from magroup.outgoing.outbox import Outbox
from magroup.sip.hop import Hop
from magroup.sip.redaction import redacted

AT_ONCE: Final = 10
BYTES_AT_ONCE: Final = 16 << 10
"""Messages, and about how many bytes of them, in a turn of the reactor: taking secrets out takes 0.3 ms a KiB."""

MOST_KNOWN: Final = 4096

Seen = Callable[[bool, Hop, bytes, bytes], None]
"""Told of each message: whether it was sent, the hop, its bytes and its Call-ID."""


class Capture:
    """``apply`` the settings, also again; ``watch`` is told what to call for each message, None for nothing.

    ``local`` gives our own address towards a hop.
    """

    def __init__(
        self, clock: Clock, in_thread: Callable[[Callable[[], Any]], Awaitable[Any]], local: Callable[[Hop], Address],
        watch: Callable[[Seen | None], None],
    ) -> None:  # fmt: skip
        self._clock = clock
        self._in_thread = in_thread
        self._local = local
        self._watch = watch
        self._settings = HepSettings()
        self._node = socket.gethostname()
        self._waiting: deque[tuple[float, bool, Hop, bytes, bytes]] = deque()
        self._own: dict[Hop, Address] = {}
        self._later: Any = None
        self.outbox: Outbox | None = None

    def apply(self, settings: HepSettings) -> None:
        """Take over the settings; a reader that stays the same keeps what waits for it."""
        before, self._settings = self._settings, settings
        if self.outbox is not None and settings.to == before.to:
            self.outbox.limit = settings.queue_limit
            return
        self.stop()
        if settings.to:
            place = HepPlace.parse(settings.to)
            self.outbox = Outbox(f"reader of HEP {place}", settings.queue_limit)
            self.outbox.attach(DatagramWire(self._clock, self.outbox, udp(self._in_thread, place.host, place.port)))
            self._watch(self.seen)

    def stop(self) -> None:
        """Send nothing more."""
        self._watch(None)
        if self._later is not None:
            self._later.cancel()
            self._later = None
        if self.outbox is not None:
            while self._waiting:
                self._send()
            self.outbox.stop()
            self.outbox = None
        self._waiting.clear()

    def seen(self, is_sent: bool, hop: Hop, data: bytes, call_id: bytes) -> None:
        """A message came or goes: it is looked at in another turn."""
        if self.outbox is None:
            return
        if len(self._waiting) >= self._settings.queue_limit:
            self.outbox.lose()
            return
        self._waiting.append((utc(self._clock), is_sent, hop, data, call_id))
        if self._later is None:
            self._later = self._clock.callLater(0, self._turn)

    def _turn(self) -> None:
        self._later = None
        self._send()
        if self._waiting:
            self._later = self._clock.callLater(0, self._turn)

    def _send(self) -> None:
        assert self.outbox is not None
        room = BYTES_AT_ONCE
        for _ in range(min(AT_ONCE, len(self._waiting))):
            if room <= 0:
                break
            at, is_sent, hop, data, call_id = self._waiting.popleft()
            ours, theirs = self._own_end(hop), (hop.host, hop.port)
            room -= len(data)
            source, target = (ours, theirs) if is_sent else (theirs, ours)
            self.outbox.put(
                packet(redacted(data), at, hop.transport, source, target, call_id, self._settings.agent, self._node)
            )

    def _own_end(self, hop: Hop) -> Address:
        found = self._own.get(hop)
        if found is None:
            if len(self._own) >= MOST_KNOWN:
                self._own.clear()
            found = self._own[hop] = self._local(hop)
        return found
