"""Cisco's remote call control: a REFER outside of a dialog tells a phone what to do with a call (x-cisco-remotecc)."""

import re
from collections.abc import Callable
from email.utils import formatdate
from xml.sax.saxutils import escape

from magroup.sip.dialog import MAX_FORWARDS
from magroup.sip.message import Request, Response
from magroup.sip.uri import sip_uri
from magroup.switch.leg import Leg

CONTENT_TYPE = "application/x-cisco-remotecc-request+xml"
_AGENT = re.compile(r"Cisco-CP\d{4}[A-Z]*/")
"""Enterprise firmware; that of multiplatform phones (Cisco-CP-8861-3PCC) knows no remotecc but the talk event."""
_OPTIONS = (
    b'<x-cisco-remotecc-response><response><code>200</code><optionsind><combine max="6"><remotecc><status/></remotecc>'
    b"<service-control/></combine></optionsind></response></x-cisco-remotecc-response>"
)


def knows_remotecc(agent: str) -> bool:
    """Whether a phone with this User-Agent does."""
    return _AGENT.match(agent) is not None


def switch_on(response: Response, now: float) -> None:
    """Without this in the answer to its REGISTER a phone takes no remotecc; ``now`` in UTC seconds sets its clock."""
    response.headers |= {
        "Date": [formatdate(now, usegmt=True)],
        "Supported": ["X-cisco-srtp-fallback,X-cisco-sis-8.0.0"],
        "Content-Type": ["application/x-cisco-remotecc-response+xml"],
    }
    response.body = _OPTIONS


def answer_by_remotecc(leg: Leg, refused: Callable[[int], None]) -> None:
    """Let the phone of ``leg``, which rings, answer; ``refused`` hears the status when it will not."""
    session, route = leg.session, leg.route
    dialog = session.confirmed_dialog
    assert route is not None
    endpoint = session.endpoint
    layer = endpoint.layer
    host, port = layer.sender.local(route.hop)
    me = sip_uri("", host, port, route.hop.transport)
    content_id = layer.token()[:8]
    request = Request(
        "REFER",
        route.target,
        {"Max-Forwards": MAX_FORWARDS, "From": [f"<{me}>;tag={layer.token()}"], "To": [f"<{route.target}>"],
         "Call-ID": [layer.token() + layer.token()], "CSeq": ["1 REFER"], "Contact": [endpoint.contact(route.hop)],
         "User-Agent": [endpoint.agent], "Require": ["norefersub"], "Referred-By": [f"<{me}>"],
         "Refer-To": [f"cid:{content_id}"], "Content-Id": [content_id], "Expires": ["0"],
         "Content-Type": [CONTENT_TYPE]},
        _answercallreq(dialog.call_id, dialog.remote_tag, dialog.local_tag),
    )  # fmt: skip
    if route.routes:
        request.headers["Route"] = list(route.routes)

    def heard(response: Response) -> None:
        if response.status >= 300:
            refused(response.status)

    layer.request(request, route.hop, heard)


def _answercallreq(call_id: str, local_tag: str, remote_tag: str) -> bytes:
    """The body; the tags are those that are local and remote to the phone."""
    return (
        "<x-cisco-remotecc-request><answercallreq><dialogid>"
        f"<callid>{escape(call_id)}</callid><localtag>{escape(local_tag)}</localtag>"
        f"<remotetag>{escape(remote_tag)}</remotetag>"
        "</dialogid></answercallreq></x-cisco-remotecc-request>"
    ).encode()
