"""A phone that rings is told to answer (answercallreq)."""

from collections.abc import Callable
from xml.sax.saxutils import escape

from magroup.switch.leg import Leg
from magroup.switch.remotecc.refer import REQUEST, refer


def answer_by_remotecc(leg: Leg, refused: Callable[[int], None]) -> None:
    """Let the phone of ``leg``, which rings, answer; ``refused`` hears the status when it will not."""
    session, route = leg.session, leg.route
    dialog = session.confirmed_dialog
    assert route is not None

    def heard(status: int) -> None:
        if status >= 300:
            refused(status)

    body = _answercallreq(dialog.call_id, dialog.remote_tag, dialog.local_tag)
    refer(session.endpoint, route.hop, route.target, REQUEST, body, heard, route.routes)


def _answercallreq(call_id: str, local_tag: str, remote_tag: str) -> bytes:
    """The body; the tags are those that are local and remote to the phone."""
    return (
        "<x-cisco-remotecc-request><answercallreq><dialogid>"
        f"<callid>{escape(call_id)}</callid><localtag>{escape(local_tag)}</localtag>"
        f"<remotetag>{escape(remote_tag)}</remotetag>"
        "</dialogid></answercallreq></x-cisco-remotecc-request>"
    ).encode()
