"""Other nodes reach phones by the connections that these have made to this one: a stateless proxy between the two.

What is forwarded has a Route that this node has made (RFC 3327, in the manner of RFC 5626 section 5): from a node to
the connection, and from the connection to a node. Anything else is for the layers above (RFC 3261 section 16.11).
"""

import hashlib
import hmac
import re
from collections.abc import Callable, Sequence
from typing import Protocol

from magroup.sip.dialog import MAX_FORWARDS
from magroup.sip.errors import GrammarError
from magroup.sip.headers import Via, parse_address, parse_via
from magroup.sip.hop import Hop
from magroup.sip.message import Request, Response
from magroup.sip.resolve import hop_for
from magroup.sip.transaction import MAGIC_COOKIE, mark_source
from magroup.sip.uri import Uri

_USER = re.compile("n([0-9a-f]{1,12})-([0-9a-f]{20})")
_RECORDED = frozenset({"INVITE", "SUBSCRIBE", "REFER"})
_HANDED = frozenset({"INVITE", "ACK", "CANCEL"})
_HOST, _PORT = "received", "rport"


class Wires(Protocol):
    """What is used of the transports."""

    def send(self, data: bytes, hop: Hop) -> None: ...

    def local(self, hop: Hop) -> tuple[str, int]: ...

    def hop_of(self, flow: int) -> Hop | None: ...


def nowhere(request: Request, hop: Hop) -> tuple[str, int] | None:
    """Its route tells, or it is for the node at which it comes in."""
    return None


class Edge:
    """``place`` is where the other nodes reach this one over UDP; ``is_node`` says whether a host is one of theirs.

    ``elsewhere`` gives the place of the node for a request that has come by a connection, None: the one that its route
    names, or this one.
    ``mark`` begins what this node writes into Via.
    """

    def __init__(
        self, wires: Wires, above: Callable[[Request | Response, Hop], None], place: tuple[str, int],
        is_node: Callable[[str], bool], secret: bytes,
        elsewhere: Callable[[Request, Hop], tuple[str, int] | None] = nowhere, mark: str = "",
    ) -> None:  # fmt: skip
        self._wires = wires
        self._above = above
        self._place = place
        self._is_node = is_node
        self._secret = secret
        self._elsewhere = elsewhere
        self._cookie = f"{MAGIC_COOKIE}{mark}n"
        self._branch = re.compile(rf"{re.escape(self._cookie)}([0-9a-f]{{1,12}})-([0-9a-f]{{20}})")

    def path(self, flow: int) -> str:
        """The Path value by which other nodes reach who has made the connection."""
        host, port = self._place
        return f"<sip:{self._user(flow)}@{_bracketed(host)}:{port};lr>"

    def receive(self, message: Request | Response, hop: Hop) -> None:
        """A message from the transports: forward it, or hand it on."""
        try:
            if isinstance(message, Response):
                # Its Via is in the way of every response: nothing is read of one that this node has not forwarded.
                is_done = self._cookie in message.headers["Via"][0] and self._response(message)
            else:
                is_done = (hop.flow != 0 and self._hand(message, hop)) or (
                    "Route" in message.headers and self._request(message, hop)
                )
        except GrammarError:
            is_done = False
        if not is_done:
            self._above(message, hop)

    # requests

    def _request(self, request: Request, hop: Hop) -> bool:
        routes = request.items("Route")
        flow = self._flow_of(parse_address(routes[0]).uri)
        if not flow:
            return False
        phone, is_nodes = self._wires.hop_of(flow), hop.transport == "udp" and self._is_node(hop.host)
        if is_nodes and request.method == "CANCEL" and request.via.transport != "udp":
            # That of an INVITE which another node sent by a connection of its own that is gone with it: the phone knows
            # it by its Via, and none can be added (RFC 3261 section 17.2.3).
            if phone is not None:
                headers = {name: values for name, values in request.headers.items() if name != "Route"}
                self._wires.send(Request("CANCEL", request.target, headers).encode(), phone)
            return True
        mark_source(request, hop)
        while routes and self._flow_of(parse_address(routes[0]).uri) == flow:
            del routes[0]
        if phone is None:
            self._refuse(request, hop, 430, "Flow Failed")
        elif is_nodes:
            self._forward(request, routes, phone, phone, 0)
        elif hop.transport != "udp" and hop.host == phone.host:
            node = hop_for(parse_address(routes[0]).uri if routes else request.uri)
            if node is not None and node.transport == "udp" and self._is_node(node.host):
                self._forward(request, routes, node, phone, hop.flow)
            else:
                self._refuse(request, hop, 403, "No Node")
        else:
            self._refuse(request, hop, 403, "No Node")
        return True

    def _hand(self, request: Request, hop: Hop) -> bool:
        """A request that has come by a connection and that another node is to serve goes there, by whatever route."""
        if request.method not in _HANDED and not request.to.tag:
            return False
        place = self._elsewhere(request, hop)
        if place is None:
            return False
        if place == self._place:
            request.headers.pop("Route", None)
            self._above(request, hop)
            return True
        mark_source(request, hop)
        self._forward(request, (), Hop("udp", *place), hop, hop.flow)
        return True

    def _forward(self, request: Request, routes: Sequence[str], to: Hop, phone: Hop, back: int) -> None:
        """``back`` is the connection to which the responses go, 0 for the node that the topmost Via names."""
        forwards = request.number("Max-Forwards")
        if forwards == 0:
            self._refuse(request, self._back(request.via, back), 483, "Too Many Hops")
            return
        headers = dict(request.headers)
        headers["Max-Forwards"] = MAX_FORWARDS if forwards is None else [str(min(forwards, 255) - 1)]
        headers.pop("Route", None)
        if routes:
            headers["Route"] = list(routes)
        if request.method in _RECORDED and not request.to.tag:
            # Each side sees the transport that it speaks (RFC 5658).
            near = self.path(phone.flow)
            host, port = self._wires.local(phone)
            far = f"<sip:{self._user(phone.flow)}@{_bracketed(host)}:{port};transport={phone.transport};lr>"
            mine = [near, far] if back else [far, near]
            headers["Record-Route"] = [*mine, *request.headers.get("Record-Route", ())]
        host, port = self._wires.local(to)
        branch = f"{self._cookie}{back:x}-{self._seal(f'{request.via.branch} {request.via.sent_by} {back}')}"
        via = f"SIP/2.0/{to.transport.upper()} {_bracketed(host)}:{port};branch={branch};rport"
        headers["Via"] = [via, *request.headers["Via"]]
        self._wires.send(Request(request.method, request.target, headers, request.body).encode(), to)

    def _refuse(self, request: Request, hop: Hop | None, status: int, reason: str) -> None:
        if request.method != "ACK" and hop is not None:
            response = request.respond(status, reason, to_tag=self._seal(request.via.branch))
            self._wires.send(response.encode(), hop)

    # responses

    def _response(self, response: Response) -> bool:
        """One to a request that was forwarded: on to where that came from."""
        found = self._branch.fullmatch(response.via.branch)
        vias = response.items("Via")
        if found is None or len(vias) < 2:
            return False
        back, via = int(found[1], 16), parse_via(vias[1])
        if not hmac.compare_digest(self._seal(f"{via.branch} {via.sent_by} {back}"), found[2]):
            return False
        to = self._back(via, back)
        if to is not None:
            response.headers = {**response.headers, "Via": vias[1:]}
            self._wires.send(response.encode(), to)
        return True

    def _back(self, via: Via, back: int) -> Hop | None:
        if back:
            return self._wires.hop_of(back)
        host = via.params.get(_HOST) or via.host.strip("[]")
        port = via.params.get(_PORT) or str(via.port or 5060)
        return Hop("udp", host, int(port)) if port.isdecimal() and len(port) < 6 and self._is_node(host) else None

    # what only this node can have made

    def _user(self, flow: int) -> str:
        return f"n{flow:x}-{self._seal(f'flow {flow}')}"

    def _flow_of(self, uri: Uri) -> int:
        """The connection that a Route of this node's names; 0 for any other."""
        found = _USER.fullmatch(uri.user)
        if found is None:
            return 0
        flow = int(found[1], 16)
        return flow if hmac.compare_digest(self._seal(f"flow {flow}"), found[2]) else 0

    def _seal(self, text: str) -> str:
        return hmac.new(self._secret, text.encode("utf-8", "surrogateescape"), hashlib.sha256).hexdigest()[:20]


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
