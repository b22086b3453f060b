"""What phones with remotecc say and hear when they register: features, the time, keep-alives."""

import re
from email.utils import formatdate

from magroup.sip.message import Request, Response

LARGEST = 16_384
"""Bytes of the body of a REGISTER that are looked at."""

RESPONSE = "application/x-cisco-remotecc-response+xml"
_AGENT = re.compile(r"Cisco-CP\d{4}[A-Z]*/")
"""Enterprise firmware; that of multiplatform phones (Cisco-CP-8861-3PCC) knows no remotecc but the talk event."""

_OPTIONS = (
    b'<x-cisco-remotecc-response><response><code>200</code><optionsind><combine max="6"><remotecc><status/></remotecc>'
    b'<service-control/></combine><dialog usage="hook status"><unot/></dialog><dialog usage="shared line"><unot/>'
    b'</dialog><presence usage="blf speed dial"><unot/><sub/></presence><joinreq/>'
    b"<cfwdall-anyline>Yes</cfwdall-anyline></optionsind></response></x-cisco-remotecc-response>"
)
_KEEP_ALIVE = "cisco-keep-alive"
_PRESENCE = re.compile(rb'<presence\s+usage="blf speed dial"\s*>\s*(?:<sub\s*/>\s*)?<unot\s*/>')


def knows_remotecc(agent: str) -> bool:
    """Whether a phone with this User-Agent does."""
    return _AGENT.match(agent) is not None


def takes_presence(body: bytes) -> bool:
    """Whether a REGISTER with that body says that the phone takes presence for its busy lamps without subscribing."""
    at = body.find(b"<optionsind") if len(body) <= LARGEST else -1
    return at >= 0 and _PRESENCE.search(body, at) is not None


def switch_on(response: Response, now: float) -> None:
    """Without this in the answer to its REGISTER a phone takes no remotecc; ``now`` in UTC seconds sets its clock."""
    response.headers |= {
        "Date": [formatdate(now, usegmt=True)],
        "Supported": ["X-cisco-srtp-fallback,X-cisco-sis-8.0.0"],
        "Content-Type": [RESPONSE],
    }
    response.body = _OPTIONS


def is_keep_alive(request: Request) -> bool:
    """Whether a REGISTER only asks if we are there (``;expires=0;cisco-keep-alive``): it ends no registration.

    Raises GrammarError.
    """
    if _KEEP_ALIVE not in request.get("Contact").lower():
        return False
    contact = request.contact
    return contact is not None and _KEEP_ALIVE in contact.params and contact.params.get("expires") == "0"


def keep_alive(response: Response, now: float) -> None:
    """The answer to that."""
    response.headers["Date"] = [formatdate(now, usegmt=True)]
