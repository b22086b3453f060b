"""REFERs of phones outside of dialogs: alarms, answers, softkeys, what was chosen in an object that they were shown."""

import re
from collections.abc import Callable, Mapping

from lxml import etree
from twisted.logger import Logger

from magroup.sip.endpoint import ALLOW
from magroup.sip.errors import SipError
from magroup.sip.hop import Hop
from magroup.sip.message import Request
from magroup.sip.server_transaction import ServerTransaction
from magroup.switch.remotecc.phone import LARGEST, RESPONSE
from magroup.switch.remotecc.refer import OBJECT, REQUEST
from magroup.switch.remotecc.requests import APPLICATION

ALARM = "application/x-cisco-alarm+xml"
TOKEN = "urn:x-cisco-remotecc:token-registration"
MOST_PARTS = 8
LONGEST_DATA = 2000
_BOUNDARY = re.compile(r';\s*boundary\s*=\s*("?)([A-Za-z0-9\'()+_,./:=? -]{1,70})\1', re.IGNORECASE)

Chosen = Callable[[str, str], None]
"""Gets the line of a phone and what was sent from there (the text of ``UserCallData:7:0:0:0:TEXT``)."""


class IncomingRefers:
    """``line_of`` gives the line whose phone has sent a request, and challenges it (SipError).

    ``chosen`` hears what was chosen in one of our objects; what nobody here knows is declined.
    """

    log = Logger()

    def __init__(self, line_of: Callable[[Request, Hop], str], token: Callable[[], str]) -> None:
        self.chosen: Chosen = _noted
        self._line_of = line_of
        self._token = token

    def request(self, transaction: ServerTransaction, request: Request, hop: Hop) -> None:
        """A REFER outside of dialogs. Raises SipError: 405 for what is none of a phone with remotecc."""
        if not _is_remotecc(request):
            raise SipError(405, headers={"Allow": ALLOW})
        line = self._line_of(request, hop)
        if len(request.body) > LARGEST:
            raise SipError(413)
        self._take(line, request)
        response = request.respond(202, to_tag=self._token())
        response.headers["Refer-Sub"] = ["false"]
        transaction.respond(response)

    def _take(self, line: str, request: Request) -> None:
        if request.content_type in (ALARM, RESPONSE) or TOKEN in request.get("Refer-To"):
            return
        parts = parts_of(request)
        asked = _root(parts.get(REQUEST, b""))
        element = asked[0] if asked is not None and len(asked) else None
        if asked is None or element is None or etree.QName(asked).localname != "x-cisco-remotecc-request":
            raise SipError(400, "No remotecc request")
        name = etree.QName(element).localname
        application = (element.findtext("{*}applicationid") or "").strip()
        if name != "datapassthroughreq" or application != str(APPLICATION):
            self.log.debug("The phone of line {line} asks for {name}: not known here", line=line, name=name[:40])
            raise SipError(603)
        data = parts.get(OBJECT, b"").decode("utf-8", "replace").strip()
        if len(data) > LONGEST_DATA:
            raise SipError(413)
        self.chosen(line, data)


def _noted(line: str, data: str) -> None:
    IncomingRefers.log.debug("The phone of line {line} has chosen {data}", line=line, data=data[:80])


def _is_remotecc(request: Request) -> bool:
    kind = request.content_type
    return (
        kind in (ALARM, RESPONSE, REQUEST) or TOKEN in request.get("Refer-To")
        or (kind.startswith("multipart/") and REQUEST.encode() in request.body[:LARGEST])
    )  # fmt: skip


def parts_of(request: Request) -> Mapping[str, bytes]:
    """The parts of the body by their type, the first one of each; one part is the body itself. Raises SipError."""
    if not request.content_type.startswith("multipart/"):
        return {request.content_type: request.body}
    found = _BOUNDARY.search(request.get("Content-Type"))
    if found is None:
        raise SipError(400, "No boundary")
    lines = (b"\r\n" + request.body).split(b"\r\n--" + found[2].encode())
    if len(lines) < 2 or len(lines) > MOST_PARTS + 2:
        raise SipError(400, "Bad multipart")
    parts: dict[str, bytes] = {}
    for text in lines[1:]:
        if text.startswith(b"--"):
            break
        head, _, content = text.partition(b"\r\n\r\n")
        for field in head.split(b"\r\n"):
            name, _, value = field.partition(b":")
            if name.strip().lower() == b"content-type":
                kind = value.partition(b";")[0].strip().lower().decode("ascii", "replace")
                parts.setdefault(kind, content)
    return parts


def _root(text: bytes) -> etree._Element | None:
    if b"<!" in text:
        return None
    # Whatever encoding the declaration names: every other reading could hide a document type.
    parser = etree.XMLParser(encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False,
                             remove_comments=True, remove_pis=True)  # fmt: skip
    try:
        return etree.fromstring(text.strip(), parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
