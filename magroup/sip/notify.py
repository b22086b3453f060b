"""A NOTIFY that nobody has subscribed to, outside of dialogs: for phones that know no other (RFC 3842 section 3)."""

from collections.abc import Callable, Sequence

from magroup.sip.dialog import MAX_FORWARDS
from magroup.sip.endpoint import Endpoint
from magroup.sip.hop import Hop
from magroup.sip.message import Request, Response


def notify(
    endpoint: Endpoint, hop: Hop, target: str, to: str, package: str, content_type: str, body: bytes,
    answered: Callable[[Response], None], routes: Sequence[str] = (),
) -> None:  # fmt: skip
    """Send ``body`` to ``target``; ``to`` is the URI whose state it is. ``answered`` gets the final response."""
    layer = endpoint.layer
    request = Request(
        "NOTIFY",
        target,
        {"Max-Forwards": MAX_FORWARDS, "From": [f"<{to}>;tag={layer.token()}"], "To": [f"<{to}>"],
         "Call-ID": [layer.token() + layer.token()], "CSeq": ["1 NOTIFY"], "Contact": [endpoint.contact(hop)],
         "Event": [package], "Subscription-State": ["active"], "User-Agent": [endpoint.agent],
         "Content-Type": [content_type]},
        body,
    )  # fmt: skip
    if routes:
        request.headers["Route"] = list(routes)

    def heard(response: Response) -> None:
        if response.status >= 200:
            answered(response)

    layer.request(request, hop, heard)
