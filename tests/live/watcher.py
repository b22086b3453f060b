"""A phone on a bare UDP socket that registers nothing: it subscribes, is notified, and publishes."""

from itertools import count
from typing import Any, cast

from magroup.sip.challenge import Answers, Credentials
from magroup.sip.message import Request, Response, parse_message
from tests.live.server import SECRET, Live
from tests.peers import RawUdp, address, until

_serial = count(1)


class Watcher(RawUdp):
    """`watcher = Watcher(server, "1068")`, `await watcher.subscribe("dialog", "1047")`; ``told`` are the NOTIFYs.

    NOTIFYs are answered with ``status``.
    """

    status = 200

    def __init__(self, server: Live, number: str) -> None:
        super().__init__(server.test, address(server.test).ip)
        self.server = server
        self.number = number
        self.told: list[Request] = []
        self._answers: list[Response] = []
        self._credentials = Answers(Credentials(number, SECRET))
        self._dialogs: dict[tuple[str, str], Response] = {}
        self.open()

    def datagramReceived(self, data: bytes, source: Any) -> None:
        super().datagramReceived(data, source)
        message = parse_message(data)
        if isinstance(message, Response):
            self._answers.append(message)
            return
        self.told.append(message)
        self.send(message.respond(self.status, to_tag="w").encode(), source)

    async def ask(self, method: str, number: str, headers: dict[str, str], body: bytes = b"", to: str = "",
                  call_id: str = "", sequence: int = 0) -> Response:  # fmt: skip
        """Send a request, with credentials when it is challenged; the final answer."""
        refused: tuple[Request, Response] | None = None
        call_id = call_id or f"watch-{next(_serial)}@{self.ip}"
        for _ in range(2):
            sequence = sequence + 1 if sequence else next(_serial)
            request = self._request(method, number, headers, body, to, call_id, sequence)
            if refused is not None:
                request.headers.update(self._credentials.answer(refused[1], refused[0]))
            self.send(request.encode(), (str(self.server.address), 5060))
            answer = await self._answered(call_id, sequence)
            if answer.status not in (401, 407):
                break
            refused = request, answer
        return answer

    def _request(self, method: str, number: str, headers: dict[str, str], body: bytes, to: str, call_id: str,
                 sequence: int) -> Request:  # fmt: skip
        uri = f"sip:{number}@{self.server.address}"
        return Request(method, uri, {
            "Via": [f"SIP/2.0/UDP {self.ip}:{self.port};branch=z9hG4bKwatch{next(_serial)};rport"],
            "Max-Forwards": ["70"], "From": [f"<sip:{self.number}@{self.server.address}>;tag=w"],
            "To": [to or f"<{uri}>"], "Call-ID": [call_id], "CSeq": [f"{sequence} {method}"],
            "Contact": [f"<sip:{self.number}@{self.ip}:{self.port}>"],
            **{name: [value] for name, value in headers.items()},
        }, body)  # fmt: skip

    async def _answered(self, call_id: str, sequence: int) -> Response:
        def found() -> Response | None:
            for answer in self._answers:
                if (answer.call_id, answer.cseq[0]) == (call_id, sequence) and answer.status >= 200:
                    return answer
            return None

        return cast(Response, await until(found, what=f"an answer to {self.number}", seen=self.report))

    async def subscribe(self, event: str, number: str, expires: int = 600) -> Response:
        """Subscribe, refresh, or unsubscribe with 0."""
        before = self._dialogs.get((event, number))
        to, call_id, sequence = ("", "", 0) if before is None else (before.get("To"), before.call_id, before.cseq[0])
        headers = {"Event": event, "Expires": str(expires)}
        answer = await self.ask("SUBSCRIBE", number, headers, b"", to, call_id, sequence)
        if answer.status == 200 and expires:
            self._dialogs[event, number] = answer
        else:
            self._dialogs.pop((event, number), None)
        return answer

    async def publish(self, body: bytes, tag: str = "", expires: int = 600) -> Response:
        """Publish the presence of the own line."""
        headers = {"Event": "presence", "Expires": str(expires), "Content-Type": "application/pidf+xml"}
        return await self.ask("PUBLISH", self.number, {**headers, **({"SIP-If-Match": tag} if tag else {})}, body)

    async def hears(self, wanted: bytes, timeout: float = 10.0) -> Request:
        """Wait until the last NOTIFY has this in its head or body."""
        await until(
            lambda: bool(self.told) and wanted in self.told[-1].encode(), timeout, what=f"{wanted!r}", seen=self.report
        )  # fmt: skip
        return self.told[-1]
