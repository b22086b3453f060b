"""REGISTER requests in their usual form, served without what others take (RFC 3261 sections 8.2.7, 10.3 and 22)."""

from collections.abc import Callable, Set
from typing import Final
from zlib import crc32

from twisted.logger import Logger

from magroup.model.configuration import Configuration
from magroup.sip.auth import Authenticator
from magroup.sip.endpoint import Endpoint
from magroup.sip.errors import SipError
from magroup.sip.hop import Hop
from magroup.sip.message import Request
from magroup.sip.server_transaction import NonInviteServerTransaction
from magroup.sip.usual import Usual, read_given, read_usual
from magroup.switch.registrar import Registrar
from magroup.switch.remotecc import knows_remotecc

log: Final = Logger(__name__)
_PORTS: Final = {"udpUDP": 5060, "tcpTCP": 5060, "tlsTLS": 5061}
"""Where nothing is said, by how a request came and how its Via says that it did."""

_AND: Final = "\r\nWWW-Authenticate: "


class UsualRegisters:
    """Challenges phones, without a transaction, and refreshes what is registered, in less than half the time.

    All that is odd, or wrong, or of somebody unknown, is left to those who serve other requests: they answer it, and
    hold it against whoever sent it. ``heard(data, hop, call_id)`` is told of what is served; ``harmless`` are the
    User-Agents that may register, ``takes_all`` says whether there is no overload in which some may not.
    """

    def __init__(
        self, endpoint: Endpoint, registrar: Registrar, authenticator: Authenticator, seconds: Callable[[], float],
        configuration: Callable[[], Configuration], heard: Callable[[bytes, Hop, str], None], harmless: Set[str],
        takes_all: Callable[[], bool],
    ) -> None:  # fmt: skip
        self._endpoint = endpoint
        self._layer = endpoint.layer
        self._registrar = registrar
        self._authenticator = authenticator
        self._seconds = seconds
        self._configuration = configuration
        self._heard = heard
        self._harmless = harmless
        self._takes_all = takes_all
        self._salt = crc32(endpoint.layer.token().encode())

    def serve(self, data: bytes, hop: Hop) -> bool:
        """A message that begins as a REGISTER does; False where nothing was done, and it is to be read."""
        usual = read_usual(data)
        if usual is None or (self._layer.sheds is not None and not self._takes_all()):
            return False
        agent = usual.agent
        line = self._configuration().line(usual.to_user)
        if line is None or line.on_pbx or (agent and agent not in self._harmless):
            return False
        port = _PORTS.get(hop.transport + usual.transport, 0)
        if not port:
            return False
        if usual.port:
            port = int(usual.port)
        has_rport = usual.early != usual.late
        back = hop if port == hop.port or (has_rport and hop.transport == "udp") else hop._replace(port=port)
        if not usual.credentials:
            self._heard(data, hop, usual.call_id)
            self._challenge(usual, hop, back, has_rport)
            return True
        key = f"{usual.branch} {usual.host.lower()}:{port} REGISTER"
        given = read_given(usual.credentials)
        if given is None or key in self._layer.servers or not usual.contact or knows_remotecc(agent):
            return False
        if self._configuration().line(given.user) is not line:
            return False
        now = self._seconds()
        phone = (usual.from_user[:64], hop.host, agent[:64])
        if not self._authenticator.is_right(given, "REGISTER", usual.target, now, phone):
            return False
        self._heard(data, hop, usual.call_id)
        way = (hop, usual.port, has_rport)
        found = self._registrar.refresh(usual, line.number, now, way)
        if found is None:
            self._register(usual, hop, back, key, line.number, now, way)
            return True
        registration, contact = found
        self._layer.answered(
            f"SIP/2.0 200 OK\r\nVia: {_via(usual, hop, has_rport)}\r\nFrom: {usual.from_}\r\n"
            f"To: {usual.to};tag={self._layer.token()}\r\nCall-ID: {usual.call_id}\r\nCSeq: {usual.cseq} REGISTER\r\n"
            f"Contact: {contact}\r\nServer: {self._endpoint.agent}\r\nContent-Length: 0\r\n\r\n".encode(),
            back, key, "REGISTER", usual.call_id,
        )  # fmt: skip
        self._registrar.refreshed(registration)
        return True

    def _challenge(self, usual: Usual, hop: Hop, back: Hop, has_rport: bool) -> None:
        """Without state: who repeats the request gets another nonce, but the same tag."""
        phone = (usual.from_user[:64], hop.host, usual.agent[:64])
        asked = self._authenticator.first_challenges(phone, usual.branch, self._seconds())
        tag = crc32(usual.branch.encode(), self._salt)
        self._layer.sender.send(
            f"SIP/2.0 401 Unauthorized\r\nVia: {_via(usual, hop, has_rport)}\r\nFrom: {usual.from_}\r\n"
            f"To: {usual.to};tag={tag:08x}\r\nCall-ID: {usual.call_id}\r\nCSeq: {usual.cseq} REGISTER\r\n"
            f"WWW-Authenticate: {_AND.join(asked)}\r\nContent-Length: 0\r\n\r\n".encode(),
            back,
        )  # fmt: skip

    def _register(
        self, usual: Usual, hop: Hop, back: Hop, key: str, number: str, now: float, way: tuple[Hop, str, bool]
    ) -> None:  # fmt: skip
        """Who may register does so for the first time, or otherwise than before."""
        headers = {
            "Via": [_via(usual, hop, way[2])], "From": [usual.from_], "To": [usual.to], "Call-ID": [usual.call_id],
            "CSeq": [f"{usual.cseq} REGISTER"], "Contact": [usual.contact],
        }  # fmt: skip
        for name, value in (
            ("Expires", usual.expires), ("User-Agent", usual.agent), ("Allow-Events", usual.packages),
        ):  # fmt: skip
            if value:
                headers[name] = [value]
        request = Request("REGISTER", usual.target, headers)
        transaction = self._layer.servers[key] = NonInviteServerTransaction(self._layer, request, back, key)
        try:
            self._registrar.register(transaction, request, hop, number, now)
            self._registrar.bindings.came_by(number, usual.contact, way)
        except SipError as error:
            transaction.reject(error.status, error.reason, error.headers)
        except Exception:
            log.failure("REGISTER failed", call=usual.call_id)
            transaction.reject(500)


def _via(usual: Usual, hop: Hop, has_rport: bool) -> str:
    """The only Via with where the request came from (RFC 3261 18.2.1, RFC 3581)."""
    if has_rport:
        return f"{usual.via.replace(';rport', f';rport={hop.port}')};received={hop.host}"
    return usual.via if usual.host == hop.host else f"{usual.via};received={hop.host}"
