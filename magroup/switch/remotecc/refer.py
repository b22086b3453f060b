"""A REFER outside of dialogs that carries a request to a phone (RFC 3515, 4488; Cisco's SIP line messaging)."""

from collections.abc import Callable, Sequence

from magroup.sip.dialog import MAX_FORWARDS
from magroup.sip.endpoint import Endpoint
from magroup.sip.hop import Hop
from magroup.sip.message import Request, Response
from magroup.sip.uri import sip_uri

REQUEST = "application/x-cisco-remotecc-request+xml"
OBJECT = "application/x-cisco-remotecc-cm+xml"


def refer(
    endpoint: Endpoint, hop: Hop, target: str, content_type: str, body: bytes, heard: Callable[[int], None],
    routes: Sequence[str] = (),
) -> None:  # fmt: skip
    """Send it to ``target``, a phone's contact; ``heard`` gets the final status."""
    layer = endpoint.layer
    host, port = layer.sender.shown(hop)
    me = sip_uri("", host, port, hop.transport)
    content_id = layer.token()[-8:]
    request = Request(
        "REFER",
        target,
        {"Max-Forwards": MAX_FORWARDS, "From": [f"<{me}>;tag={layer.token()}"], "To": [f"<{target}>"],
         "Call-ID": [layer.token() + layer.token()], "CSeq": ["1 REFER"], "Contact": [endpoint.contact(hop)],
         "User-Agent": [endpoint.agent], "Require": ["norefersub"], "Referred-By": [f"<{me}>"],
         "Refer-To": [f"cid:{content_id}"], "Content-Id": [content_id], "Expires": ["0"],
         "Content-Type": [content_type]},
        body,
    )  # fmt: skip
    if routes:
        request.headers["Route"] = list(routes)

    def answered(response: Response) -> None:
        if response.status >= 200:
            heard(response.status)

    layer.request(request, hop, answered)


def multipart(boundary: str, parts: Sequence[tuple[str, bytes]]) -> tuple[str, bytes]:
    """The Content-Type and the body of several parts, each with its type (RFC 2046 section 5.1)."""
    lines: list[bytes] = []
    for content_type, content in parts:
        lines += [f"--{boundary}".encode(), f"Content-Type: {content_type}".encode(), b"", content]
    return f"multipart/mixed;boundary={boundary}", b"\r\n".join([*lines, f"--{boundary}--".encode(), b""])
