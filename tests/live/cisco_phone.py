"""A Cisco phone on a bare UDP socket: it registers as one, takes what it is told, and shows it as it came."""

from collections.abc import Callable
from itertools import count
from typing import Any

from magroup.sip.challenge import Answers, Credentials
from magroup.sip.message import Request, Response, parse_message
from tests.live.server import SECRET
from tests.peers import RawUdp, until

OPTIONS = (
    b"--b\r\nContent-Type: application/x-cisco-remotecc-request+xml\r\n\r\n<x-cisco-remotecc-request><bulkregisterreq>"
    b"<contact all=\"true\"><register/></contact></bulkregisterreq></x-cisco-remotecc-request>\r\n--b\r\n"
    b"Content-Type: application/x-cisco-remotecc-request+xml\r\n\r\n<optionsind><combine max=\"6\"/>"
    b'<presence usage="blf speed dial"><unot/><sub/></presence></optionsind>\r\n--b--\r\n'
)  # fmt: skip
_ids = count(1)


class CiscoPhone(RawUdp):
    """`phone = await CiscoPhone(self, "127.0.0.5:5060", "1175", "0123456789ab").register()`.

    ``told`` are the REFERs and NOTIFYs that it took, ``answers`` what it gets to its own requests.
    """

    def __init__(self, test: Any, registrar: str, number: str, hardware: str) -> None:
        super().__init__(test)
        host, _, port = registrar.rpartition(":")
        self.registrar = host, int(port)
        self.number = number
        self.hardware = hardware
        self.told: list[Request] = []
        self.answers: list[Response] = []
        self.status = 202
        self._credentials = Answers(Credentials(number, SECRET))
        self._sequence = count(1)

    @property
    def contact(self) -> str:
        """As these phones name themselves."""
        return (
            f"<sip:5f9f3f12-0000-4000-8000-{self.hardware}@{self.ip}:{self.port}>"
            f';+sip.instance="<urn:uuid:00000000-0000-0000-0000-{self.hardware}>"'
            f';+u.sip!devicename.ccm.cisco.com="SEP{self.hardware.upper()}";+u.sip!model.ccm.cisco.com="683"'
        )

    def datagramReceived(self, data: bytes, source: Any) -> None:
        super().datagramReceived(data, source)
        message = parse_message(data)
        if isinstance(message, Response):
            self.answers.append(message)
            return
        if message.method in ("REFER", "NOTIFY"):
            self.told.append(message)
        self.send(message.respond(self.status, to_tag="phone").encode(), source)

    async def register(self) -> "CiscoPhone":
        """Register, as after it was started."""
        self.open()
        answer = await self.ask("REGISTER", {
            "Contact": self.contact, "Expires": "3600", "Content-Type": "multipart/mixed;boundary=b",
        }, OPTIONS)  # fmt: skip
        self.test.assertEqual(answer.status, 200)
        return self

    async def ask(self, method: str, headers: dict[str, str], body: bytes = b"") -> Response:
        """The final answer to a request, with credentials where they are asked for."""
        call_id = f"cisco-{next(_ids)}@{self.ip}"
        request = self._request(method, call_id, headers, body)
        answer = await self._sent(request)
        if answer.status == 401:
            more = {name: values[0] for name, values in self._credentials.answer(answer, request).items()}
            answer = await self._sent(self._request(method, call_id, {**headers, **more}, body))
        return answer

    def _request(self, method: str, call_id: str, headers: dict[str, str], body: bytes) -> Request:
        sequence = next(self._sequence)
        me = f"<sip:{self.number}@{self.registrar[0]}>"
        return Request(method, f"sip:{self.registrar[0]}", {
            "Via": [f"SIP/2.0/UDP {self.ip}:{self.port};branch=z9hG4bKc{call_id}{sequence};rport"],
            "Max-Forwards": ["70"], "From": [f"{me};tag=c{call_id[:8]}"], "To": [me], "Call-ID": [call_id],
            "CSeq": [f"{sequence} {method}"], "User-Agent": ["Cisco-CP8861/12.8.1"],
            **{name: [value] for name, value in headers.items()},
        }, body)  # fmt: skip

    async def _sent(self, request: Request) -> Response:
        self.answers.clear()
        self.send(request.encode(), self.registrar)
        found: Response = await until(
            lambda: next((one for one in self.answers if one.status >= 200), None), what="an answer", seen=self.report
        )  # fmt: skip
        return found

    async def hears(self, wanted: Callable[[Request], bool], what: str) -> Request:
        """Wait until it was told something."""
        found: Request = await until(
            lambda: next((one for one in self.told if wanted(one)), None), 15.0, what=what, seen=self.report
        )  # fmt: skip
        return found
