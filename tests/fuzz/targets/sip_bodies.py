"""Bodies of SIP requests: presence documents, what Cisco phones send about remotecc, in one part or several."""

from contextlib import suppress
from typing import Any

from magroup.model.presence import Presence
from magroup.sip.errors import SipError
from magroup.sip.hop import Hop
from magroup.sip.message import Request
from magroup.switch import dialog_info, pidf, xml_text
from magroup.switch.dialog_info import DialogState, ShownDialog
from magroup.switch.dialog_info import dialog_info as lamps
from magroup.switch.pidf import LONGEST_NOTE, read_pidf, write_pidf
from magroup.switch.remotecc import incoming, phone, refer, requests
from magroup.switch.remotecc.incoming import LONGEST_DATA, MOST_PARTS, IncomingRefers, parts_of
from magroup.switch.remotecc.lamp import Lamp, lamp_document
from magroup.switch.remotecc.phone import takes_presence
from magroup.switch.remotecc.refer import OBJECT, REQUEST, multipart
from magroup.switch.remotecc.requests import APPLICATION, statuslineupdatereq
from tests.fuzz.target import Target, hold, same

HOP = Hop("udp", "192.0.2.1", 5060)
_TYPES = (
    "multipart/mixed;boundary=b",
    'multipart/mixed; boundary="b b"',
    REQUEST,
    OBJECT,
    "application/x-cisco-alarm+xml",
)


class _Transaction:
    def __init__(self) -> None:
        self.statuses: list[int] = []

    def respond(self, response: Any) -> None:
        self.statuses.append(response.status)


def _check(data: bytes) -> None:
    """The first line is a Content-Type where it begins like one, all else the body."""
    with suppress(SipError):
        found = read_pidf(data)
        hold(len(found.message) <= LONGEST_NOTE and found.message.isprintable(), "note", found.message)
        again = read_pidf(write_pidf("sip:a@b", found.presence, found.message))
        same((again.presence, again.message), (found.presence, found.message), "written and read again")
    said, _, body = data.partition(b"\r\n")
    types = (said.decode("utf-8", "surrogateescape"), *_TYPES) if said.startswith(b"multipart/") else _TYPES
    for content_type in types:
        _incoming(content_type, body if said.startswith(b"multipart/") else data)
    _written(data[:300].decode("utf-8", "surrogateescape"))


def _incoming(content_type: str, body: bytes) -> None:
    headers = {"Content-Type": [content_type], "From": ["<sip:1@b>;tag=1"], "To": ["<sip:b@b>"], "Call-ID": ["c"],
               "CSeq": ["1 REFER"], "Via": ["SIP/2.0/UDP a;branch=z"], "Refer-To": ["cid:1"]}  # fmt: skip
    request = Request("REFER", "sip:b", headers, body)
    takes_presence(body)
    chosen: list[str] = []
    refers = IncomingRefers(lambda request, hop: "1047", lambda: "t")
    refers.chosen = lambda line, data: chosen.append(data)
    transaction = _Transaction()
    with suppress(SipError):
        hold(len(parts_of(request)) <= MOST_PARTS + 1, "parts")
    try:
        refers.request(transaction, request, HOP)  # type: ignore[arg-type]
    except SipError as error:
        hold(400 <= error.status < 700 and not chosen, "refused", error)
    else:
        same(transaction.statuses, [202], "answered")
    hold(all(len(data) <= LONGEST_DATA for data in chosen), "data")


def _written(text: str) -> None:
    """Whatever people are called, what phones are told can be read."""
    same(read_pidf(write_pidf(text, Presence.BUSY, text)).presence, Presence.BUSY, "written")
    shown = ShownDialog(text, DialogState.CONFIRMED, number="1", name=text)
    for made in (
        lamps(text, [(shown, text)], 1),
        lamp_document(text, text, Lamp(True, ("busy",))),
        statuslineupdatereq(text, 1),
    ):
        hold(incoming._root(made.partition(b"?>")[2] or made) is not None, "no XML", made)


PIDF = (
    b'<?xml version="1.0" encoding="UTF-8"?><presence xmlns="urn:ietf:params:xml:ns:pidf" entity="sip:1047@x" '
    b'xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model" xmlns:rpid="urn:ietf:params:xml:ns:pidf:rpid">'
    b"<tuple id=\"t\"><status><basic>open</basic></status><note>At lunch</note></tuple>"
    b"<dm:person id=\"p\"><rpid:activities><rpid:other>do-not-disturb</rpid:other><rpid:away/></rpid:activities></dm:p"
    b"erson></presence>"
)  # fmt: skip
CHOICE = b"UserCallData:7:0:0:0:1047"


def _chosen(boundary: str = "b") -> bytes:
    asked = (
        f"<x-cisco-remotecc-request><datapassthroughreq><applicationid>{APPLICATION}</applicationid>"
        "</datapassthroughreq></x-cisco-remotecc-request>"
    )
    return multipart(boundary, ((REQUEST, asked.encode()), (OBJECT, CHOICE)))[1]


SEEDS = (
    PIDF,
    _chosen(),
    _chosen("b b"),
    b"multipart/mixed ; Boundary=x'(\r\n" + _chosen("x'("),
    b"<x-cisco-remotecc-request><softkeyeventmsg><softkeyevent>Hold</softkeyevent></softkeyeventmsg></x-cisco-remotecc"
    b"-request>",
    b"--b\r\nContent-Type: application/x-cisco-remotecc-request+xml\r\n\r\n<x-cisco-remotecc-request><optionsind><pres"
    b'ence usage="blf speed dial">'
    b"<unot/><sub/></presence></optionsind></x-cisco-remotecc-request>\r\n--b--\r\n",
    (
        '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a [<!ENTITY b "c">]>'
        "<x-cisco-remotecc-request>&b;</x-cisco-remotecc-request>"
    ).encode("utf-16"),
)
TOKENS = (
    b"--b\r\n", b"\r\n--b", b"--b--", b"\r\n\r\n", b"Content-Type: ", REQUEST.encode(), OBJECT.encode(),
    b"<!DOCTYPE x [<!ENTITY b 'c'>]>", b"&b;", b"&lt;", b"&#0;",
    b"<![CDATA[x]]>", b"<!-- x -->", b"<?x y?>", b"<note>x</note>", b"<rpid:busy/>", b"<rpid:dnd/>",
    b"<basic>closed</basic>", b'encoding="UTF-16"', b'encoding="latin-1"',
    b"<presence xmlns='urn:ietf:params:xml:ns:pidf'>", b"<applicationid>", b"<x-cisco-remotecc-request>",
    b"<datapassthroughreq>", b"multipart/mixed;boundary=", b"\r\n",
)  # fmt: skip
TARGET = Target(
    "sip_bodies",
    _check,
    (pidf, dialog_info, xml_text, incoming, phone, refer, requests),
    SEEDS,
    TOKENS,
    20 << 10,
    fresh=250,
    seconds=0.3,
)
