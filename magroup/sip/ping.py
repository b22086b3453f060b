"""Asking a peer whether it is there: OPTIONS outside of a dialog (RFC 3261 section 11)."""

from collections.abc import Callable, Sequence

from magroup.sip.dialog import MAX_FORWARDS
from magroup.sip.endpoint import Endpoint
from magroup.sip.hop import Hop
from magroup.sip.message import Request, Response
from magroup.sip.uri import sip_uri


def ping(
    endpoint: Endpoint, hop: Hop, target: str, to: str, answered: Callable[[bool, Response], None],
    routes: Sequence[str] = (),
) -> None:  # fmt: skip
    """Send OPTIONS to ``target``, ``to`` being a URI; ``answered(is_there, response)`` is called once.

    Any answer of the peer's own shows that it lives; a time-out and a broken transport are made here, without Via.
    """
    layer = endpoint.layer
    host, port = layer.sender.shown(hop)
    me = sip_uri("", host, port, hop.transport)
    request = Request(
        "OPTIONS",
        target,
        {"Max-Forwards": MAX_FORWARDS, "From": [f"<{me}>;tag={layer.token()}"], "To": [f"<{to}>"],
         "Call-ID": [layer.token() + layer.token()], "CSeq": ["1 OPTIONS"], "Contact": [endpoint.contact(hop)],
         "User-Agent": [endpoint.agent]},
    )  # fmt: skip
    if routes:
        request.headers["Route"] = list(routes)

    def heard(response: Response) -> None:
        if response.status >= 200:
            answered(bool(response.headers.get("Via")), response)

    layer.request(request, hop, heard)
