"""The wire of a TCP or TLS connection: octet-counted frames (RFC 6587 3.4.1, RFC 5425 4.3), connected anew."""

import socket
from collections.abc import Callable
from typing import Any, Final

from OpenSSL import SSL, crypto
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.interfaces import IHandshakeListener, IPushProducer
from twisted.internet.protocol import Protocol, connectionDone
from twisted.internet.ssl import (
    Certificate,
    CertificateOptions,
    PrivateCertificate,
    TLSVersion,
    optionsForClientTLS,
    trustRootFromCertificates,
)
from twisted.python.failure import Failure
from zope.interface import implementer

from magroup.model.clock import Clock
from magroup.outgoing.outbox import Outbox

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
CLOSING_SECONDS: Final = 1.0
HANDSHAKE_SECONDS: Final = 10.0
UNACKNOWLEDGED_MS: Final = 30_000
"""A receiver that acknowledges nothing for so long is away (TCP_USER_TIMEOUT, RFC 5482)."""

Connect = Callable[[Protocol], Deferred[Any]]


def framed(data: bytes) -> bytes:
    """A frame: how many octets, a blank, and these."""
    return b"%d %b" % (len(data), data)


class StreamWire:
    """``connect`` makes a connection with the protocol that it is given; ``is_tls``: the first word is the handshake's.

    What the connection has taken when it breaks is lost without a trace: the framing has no acknowledgements.
    """

    def __init__(self, clock: Clock, outbox: Outbox, connect: Connect, is_tls: bool) -> None:
        self.clock = clock
        self._outbox = outbox
        self._connect = connect
        self._is_tls = is_tls
        self._connection: _Connection | None = None
        self._made: _Connection | None = None
        self._connecting: Deferred[Any] | None = None
        self._later: Any = None
        self._gone: Deferred[None] | None = None
        self._pause = FIRST_PAUSE
        self._is_stopped = self._is_busy = False

    def start(self) -> None:
        """Connect."""
        self._later = None
        made = self._made = _Connection(self, self._is_tls)
        self._connecting = self._connect(made)
        self._connecting.addErrback(self._failed)

    def wake(self) -> None:
        """Send what waits, as long as the connection takes it."""
        connection = self._connection
        if self._is_busy or connection is None:
            return
        self._is_busy = True
        try:
            while not connection.is_full and (data := self._outbox.take()) is not None:
                connection.write(framed(data))
        finally:
            self._is_busy = False

    def stop(self) -> Deferred[None] | None:
        """Close the connection once what it has taken is out, which has a second's time."""
        self._is_stopped = True
        if self._later is not None:
            self._later.cancel()
            self._later = None
        if self._connection is None:
            if self._connecting is not None:
                self._connecting.cancel()
            if self._made is not None:
                self._made.abort()
            return None
        self._connection.close()
        self._later = self.clock.callLater(CLOSING_SECONDS, self._connection.abort)
        self._gone = Deferred()
        return self._gone

    # from the connection

    def up(self, connection: "_Connection") -> None:
        """It may be written to."""
        if self._is_stopped:
            connection.close()
            return
        self._connection = connection
        self._pause = FIRST_PAUSE
        self._outbox.back()
        self.wake()

    def down(self, why: str) -> None:
        """It is gone."""
        self._connection = None
        if self._is_stopped:
            if self._later is not None and self._later.active():
                self._later.cancel()
            if self._gone is not None:
                self._gone.callback(None)
                self._gone = None
        else:
            self._outbox.away(why)
            self._later = self.clock.callLater(self._pause, self.start)
            self._pause = min(2 * self._pause, LONGEST_PAUSE)

    def _failed(self, failure: Failure) -> None:
        if failure.check(CancelledError) is None or not self._is_stopped:
            self.down(reason(failure))


@implementer(IHandshakeListener, IPushProducer)
class _Connection(Protocol):
    def __init__(self, wire: StreamWire, is_tls: bool) -> None:
        self.is_full = False
        self._wire = wire
        self._is_tls = is_tls
        self._to: Any = None
        self._shaking: Any = None

    def connectionMade(self) -> None:
        self._to = self.transport
        self._to.setTcpKeepAlive(True)
        # Below TLS is the connection that has the socket.
        handle = getattr(self._to, "transport", self._to).getHandle()
        if isinstance(handle, socket.socket):
            handle.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNACKNOWLEDGED_MS)
        self._to.registerProducer(self, True)
        if self._is_tls:
            self._shaking = self._wire.clock.callLater(HANDSHAKE_SECONDS, self.abort)
        else:
            self._wire.up(self)

    def handshakeCompleted(self) -> None:
        self._no_more_shaking()
        self._wire.up(self)

    def dataReceived(self, data: bytes) -> None:
        """Receivers have nothing to say."""

    def connectionLost(self, reason_: Failure = connectionDone) -> None:
        self._to = None
        self._no_more_shaking()
        self._wire.down(reason(reason_))

    def _no_more_shaking(self) -> None:
        if self._shaking is not None and self._shaking.active():
            self._shaking.cancel()

    def write(self, data: bytes) -> None:
        self._to.write(data)

    def close(self) -> None:
        self._to.unregisterProducer()
        self._to.loseConnection()

    def abort(self) -> None:
        if self._to is not None:
            self._to.abortConnection()

    def pauseProducing(self) -> None:
        self.is_full = True

    def resumeProducing(self) -> None:
        self.is_full = False
        self._wire.wake()

    def stopProducing(self) -> None:
        self.is_full = True


class TlsFileError(ValueError):
    """A file with certificates is of no use; ``str`` is one line that names it."""


def client_context(host: str, authorities: str, certificate: str, verify: bool) -> Any:
    """What makes the TLS side of connections to ``host`` (RFC 5425 5). Blocks. Raises TlsFileError."""
    own = _loaded(certificate, PrivateCertificate.loadPEM) if certificate else None
    if not verify:
        keys = {"privateKey": own.privateKey.original, "certificate": own.original} if own is not None else {}
        return CertificateOptions(verify=False, raiseMinimumTo=TLSVersion.TLSv1_2, **keys)
    trust = _loaded(authorities, _authorities) if authorities else None
    return optionsForClientTLS(
        host, trustRoot=trust, clientCertificate=own,
        extraCertificateOptions={"raiseMinimumTo": TLSVersion.TLSv1_2},
    )  # fmt: skip


def reason(failure: Failure) -> str:
    """Why a connection ended, in one line."""
    value = failure.value
    if isinstance(value, SSL.Error) and value.args and isinstance(value.args[0], list):
        return f"TLS: {', '.join(str(entry[-1]) for entry in value.args[0] if entry) or 'closed'}"
    return " ".join(failure.getErrorMessage().split()) or type(value).__name__


def _authorities(data: bytes) -> Any:
    end = b"-----END CERTIFICATE-----"
    parts = [part + end for part in data.split(end)[:-1]]
    if not parts:
        raise ValueError
    return trustRootFromCertificates([Certificate.loadPEM(part) for part in parts])


def _loaded(path: str, load: Callable[[bytes], Any]) -> Any:
    try:
        with open(path, "rb") as file:
            return load(file.read(1 << 20))
    except OSError as error:
        raise TlsFileError(f"cannot read {path}: {error.strerror}") from None
    except (ValueError, crypto.Error, SSL.Error):
        raise TlsFileError(f"{path} does not hold what it should in PEM form") from None
