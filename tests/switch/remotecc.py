"""A Cisco phone with remotecc on the bench."""

from collections.abc import Callable
from typing import Any

from lxml import etree

from magroup.model.groups import Group, Member
from magroup.sip.hop import Hop
from magroup.sip.message import Request, parse_message
from magroup.sip.transaction import Sender
from magroup.switch.remotecc.incoming import parts_of
from tests.switch.bench import Phone, company
from tests.switch.watching import WatchTest

AGENT = "Cisco-CP8861/12.8.1"
OPTIONS = (
    b"--b\r\nContent-Type: application/x-cisco-remotecc-request+xml\r\n\r\n<x-cisco-remotecc-request><bulkregisterreq/>"
    b'</x-cisco-remotecc-request>\r\n--b\r\nContent-Type: application/x-cisco-remotecc-request+xml\r\n\r\n<optionsind>'
    b'<presence usage="blf speed dial"><unot/><sub/></presence></optionsind>\r\n--b--\r\n'
)  # fmt: skip


class Asking:
    """What a phone sends through that asks something with each REGISTER."""

    def __init__(self, sender: Sender, asks: bytes) -> None:
        self._sender = sender
        self._asks = asks
        self.local, self.shown = sender.local, sender.shown

    def send(self, data: bytes, hop: Hop, failed: Callable[[str], None] | None = None) -> None:
        message = parse_message(data)
        if isinstance(message, Request) and message.method == "REGISTER":
            message.body = self._asks
            message.set("Content-Type", "multipart/mixed;boundary=b")
            data = message.encode()
        self._sender.send(data, hop, failed)


class Cisco:
    """A phone of the bench that answers REFERs and NOTIFYs with ``status``; ``told`` are their bodies in short."""

    def __init__(self, phone: Phone, asks: bytes = OPTIONS) -> None:
        self.phone = phone
        self.status = 202
        self.told: list[str] = []
        self.requests: list[Request] = []
        self.deaf_to = ""
        self.waiting: list[tuple[Any, Request]] = []
        phone.endpoint.agent = AGENT
        phone.endpoint.methods |= {"REFER": self._told, "NOTIFY": self._told}
        if asks:
            phone.layer.sender = Asking(phone.layer.sender, asks)

    def _told(self, transaction: Any, request: Request, hop: Any) -> None:
        if request.get("Event") == "message-summary":
            transaction.respond(request.respond(481, to_tag="x"))
            return
        self.requests.append(request)
        words = _words(request)
        self.told.append(words)
        if self.status:
            is_deaf = self.deaf_to and self.deaf_to in words
            transaction.respond(request.respond(481 if is_deaf else self.status, to_tag="x"))
        else:
            self.waiting.append((transaction, request))

    def answer(self) -> None:
        """What it was told while ``status`` was 0."""
        self.status = 202
        for transaction, request in self.waiting:
            transaction.respond(request.respond(202, to_tag="x"))

    def since(self) -> list[str]:
        told, self.told = self.told, []
        return told


def _words(request: Request) -> str:
    if request.method == "NOTIFY":
        root = etree.fromstring(request.body)
        number = root.findtext("{*}tuple/{*}status/{*}basic")
        names = [etree.QName(one).localname for one in root.iterfind(".//{*}activities/*")]
        return " ".join([request.to.uri.number, str(number), *names])
    parts = parts_of(request)
    (asked,) = etree.fromstring(parts["application/x-cisco-remotecc-request+xml"])
    if asked.tag == "bulkupdate":
        mail = asked.find(".//voice-msg")
        words = [asked.findtext(".//mwi"), mail.get("new"), mail.get("old"), asked.findtext(".//fwdaddress"),
                 asked.findtext(".//tovoicemail")]  # fmt: skip
        return "bulk " + " ".join(word or "-" for word in words)
    return str(asked.tag)


class CiscoTest(WatchTest):
    configuration = company(
        groups=[Group(1, "Sales", number="8973")],
    ).changed(
        members=tuple(Member(at, 1, f"user{number}", number, f"S{at}", at == 1, at)
                      for at, number in enumerate(("1047", "1175", "1068"), 1)),
    )  # fmt: skip

    def cisco(self, number: str = "1047", asks: bytes = OPTIONS) -> Cisco:
        cisco = Cisco(self.bench.phone(number, register=False), asks)
        cisco.phone.register()
        self.bench.run(1.0)
        return cisco
