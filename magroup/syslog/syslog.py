"""Syslog while the server runs: what is sent, where to, as the settings say; they may change at any time."""

import os
import socket
from collections.abc import Awaitable, Callable
from typing import Any, Final

from twisted.internet.defer import Deferred
from twisted.internet.endpoints import HostnameEndpoint, connectProtocol, wrapClientTLS
from twisted.internet.protocol import Protocol
from twisted.logger import ILogObserver, LogEvent, Logger, globalLogPublisher
from twisted.python.threadable import isInIOThread
from zope.interface import implementer

from magroup.log import is_let_through, order_of, without_secrets
from magroup.model.audit import Change
from magroup.model.receivers import FACILITIES, SyslogPlace
from magroup.model.settings import SyslogSettings
from magroup.outgoing.datagrams import DatagramWire, udp, unix
from magroup.outgoing.outbox import Outbox, Wire
from magroup.outgoing.streams import Connect, StreamWire, client_context
from magroup.syslog.message import Said, Sender, as_local, as_rfc5424
from magroup.syslog.words import of_change, of_event

CONNECT_SECONDS: Final = 10
_log: Any = globalLogPublisher


@implementer(ILogObserver)
class Syslog:
    """``apply`` the settings, also again; without a place to send to nothing is done. ``stop`` it.

    ``in_thread`` does what takes time. It may be called, and ``audited``, in any thread.
    """

    log = Logger()

    def __init__(self, reactor: Any, in_thread: Callable[[Callable[[], Any]], Awaitable[Any]]) -> None:
        self._reactor = reactor
        self._in_thread = in_thread
        self._settings = SyslogSettings()
        self.outbox: Outbox | None = None
        self._take(self._settings)

    async def begin(self, settings: SyslogSettings) -> None:
        """Look whether the files of TLS are good, then ``apply``. Raises TlsFileError."""
        if settings.to.startswith("tls:"):
            await self._in_thread(self._context(SyslogPlace.parse(settings.to), settings))
        self.apply(settings)

    def apply(self, settings: SyslogSettings) -> None:
        """Take over the settings; a receiver that stays the same keeps what waits for it."""
        before, outbox = self._settings, self.outbox
        self._take(settings)
        if outbox is not None and settings.to == before.to:
            outbox.limit = settings.queue_limit
            return
        self.stop()
        if settings.to:
            place = SyslogPlace.parse(settings.to)
            self._form = as_local if place.way == "unix" else as_rfc5424
            self.outbox = Outbox(f"syslog receiver {place}", settings.queue_limit)
            _log.addObserver(self)
            self.outbox.attach(self._wire(place, self.outbox))

    def stop(self) -> Deferred[None] | None:
        """Send nothing more; wait for what is returned until all is out."""
        if self.outbox is None:
            return None
        _log.removeObserver(self)
        outbox, self.outbox = self.outbox, None
        return outbox.stop()

    def __call__(self, event: LogEvent) -> None:
        if self._settings.log and is_let_through(event, self._least):
            self._say(of_event(without_secrets(event), self._facility))

    def audited(self, change: Change) -> None:
        """An entry of the audit trail is committed."""
        if self.outbox is not None and self._settings.audit:
            self._say(of_change(change, self._audit_facility))

    def _take(self, settings: SyslogSettings) -> None:
        self._settings = settings
        self._least = order_of(settings.level)
        self._facility = FACILITIES[settings.facility]
        self._audit_facility = FACILITIES[settings.audit_facility]
        self._sender = Sender(settings.host_name or socket.gethostname(), os.getpid(), settings.enterprise)

    def _say(self, said: Said) -> None:
        data = self._form(said, self._sender, self._settings.message_limit)
        if isInIOThread():
            self._put(data)
        else:
            self._reactor.callFromThread(self._put, data)

    def _put(self, data: bytes) -> None:
        if self.outbox is not None:
            self.outbox.put(data)

    def _wire(self, place: SyslogPlace, outbox: Outbox) -> Wire:
        if place.way == "unix":
            return DatagramWire(self._reactor, outbox, unix(place.path))
        if place.way == "udp":
            return DatagramWire(self._reactor, outbox, udp(self._in_thread, place.host, place.port))
        return StreamWire(self._reactor, outbox, self._connect(place), place.way == "tls")

    def _connect(self, place: SyslogPlace) -> Connect:
        """The files of TLS are read for each connection: certificates are renewed."""
        settings = self._settings
        endpoint: Any = HostnameEndpoint(self._reactor, place.host, place.port, CONNECT_SECONDS)

        async def connect(protocol: Protocol) -> None:
            if place.way == "tls":
                context = await self._in_thread(self._context(place, settings))
                await connectProtocol(wrapClientTLS(context, endpoint), protocol)
            else:
                await connectProtocol(endpoint, protocol)

        return lambda protocol: Deferred.fromCoroutine(connect(protocol))

    @staticmethod
    def _context(place: SyslogPlace, settings: SyslogSettings) -> Callable[[], Any]:
        return lambda: client_context(
            place.host, settings.tls_authorities, settings.tls_certificate, settings.tls_verify
        )
