"""A server that speaks TLS, with a certificate made for the test."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from twisted.internet.endpoints import TCP4ClientEndpoint, connectProtocol, wrapClientTLS
from twisted.internet.ssl import CertificateOptions
from twisted.trial.unittest import TestCase

from tests.live.server import Live
from tests.peers import Authority, RawTcp
from tests.peers.waiting import reactor, within


def with_tls(server: Live, port: int = 5061) -> Authority:
    """Let a server that is not started yet listen for TLS too; its certificate is of the authority returned."""
    authority = Authority(Path(server.test.mktemp()).absolute())
    file = authority.certificate(str(server.address))
    listen = (*server.settings.sip.listen, f"tls:{server.address}:{port}:cert={file}:key={file}")
    server.settings = replace(server.settings, sip=replace(server.settings.sip, listen=listen))
    return authority


async def connect_tls(test: TestCase, server: tuple[str, int], ip: str) -> RawTcp:
    """A TLS connection that believes any certificate; what is sent and received is what is within TLS."""
    peer = RawTcp(test, ip)
    plain = TCP4ClientEndpoint(reactor, *server, bindAddress=(ip, 0))
    made: Any = wrapClientTLS(CertificateOptions(verify=False), plain)
    await within(connectProtocol(made, peer), 5.0, what="TLS connection")
    test.addCleanup(peer.close)
    return peer
