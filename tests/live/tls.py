"""A server that speaks TLS, with a certificate made for the test."""

from dataclasses import replace
from pathlib import Path

from tests.live.server import Live
from tests.peers import Authority


def with_tls(server: Live, port: int = 5061) -> Authority:
    """Let a server that is not started yet listen for TLS too; its certificate is of the authority returned."""
    authority = Authority(Path(server.test.mktemp()).absolute())
    file = authority.certificate(str(server.address))
    listen = (*server.settings.sip.listen, f"tls:{server.address}:{port}:cert={file}:key={file}")
    server.settings = replace(server.settings, sip=replace(server.settings.sip, listen=listen))
    return authority
