"""Server transactions: INVITE (RFC 3261 17.2.1, Accepted state of RFC 6026) and all others (17.2.2)."""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import TYPE_CHECKING, Final

from magroup.sip.client_transaction import FORGOTTEN
from magroup.sip.hop import Hop
from magroup.sip.message import Request, Response
from magroup.sip.timers import Timer

if TYPE_CHECKING:
    from magroup.sip.transaction import TransactionLayer

TRYING_AFTER: Final = 0.2


class State(Enum):
    """Trying is Proceeding without a response sent."""

    PROCEEDING = 1
    COMPLETED = 2
    CONFIRMED = 3
    ACCEPTED = 4
    TERMINATED = 5


def forget(transaction: "ServerTransaction") -> None:
    """A time limit is over. No method of it, which would be one more thing to keep for 32 s."""
    transaction.terminate()


class ServerTransaction:
    """What both kinds share: the last response and where it goes. ``request`` is there until the final response."""

    __slots__ = ("_data", "_layer", "_limit", "call_id", "hop", "key", "method", "request", "state", "to_tag")

    def __init__(self, layer: "TransactionLayer", request: Request, hop: Hop, key: str) -> None:
        self._layer = layer
        self._data = b""
        self._limit: Timer | None = None
        self.request = request
        self.call_id = request.call_id
        self.method = request.method
        self.hop = hop
        self.key = key
        self.state = State.PROCEEDING
        self.to_tag = ""

    def respond(self, response: Response) -> None:
        """Send a response made by ``request.respond``; a second final one is ignored."""
        raise NotImplementedError

    def reject(
        self, status: int, reason: str = "", headers: Mapping[str, str | list[str]] | None = None
    ) -> None:
        """Send a final failure without a dialog, unless a final response was sent before."""
        if self.state is not State.PROCEEDING:
            return
        response = self.request.respond(status, reason, to_tag=self.to_tag or self._layer.token())
        for name, value in (headers or {}).items():
            response.headers[name] = [value] if isinstance(value, str) else value
        self.respond(response)

    def receive(self, request: Request) -> None:
        """A repeated request, or the ACK."""
        raise NotImplementedError

    def terminate(self) -> None:
        """Forget everything."""
        if self._limit is not None:
            self._limit.cancel()
            self._limit = None
        self.state = State.TERMINATED
        self._layer.servers.pop(self.key, None)

    def __str__(self) -> str:
        return f"server {self.method} {self.state.name} from {self.hop} call={self.call_id}"


class InviteServerTransaction(ServerTransaction):
    """INVITE: sends 100 when nothing is answered for 0.2 s, repeats final failures until the ACK comes.

    ``on_cancel(request)`` is called once when a CANCEL comes before a final response. A 2xx is repeated by the
    transaction user until its ACK arrives.
    """

    __slots__ = ("_interval", "_repeat", "_trying", "on_cancel")

    def start(self) -> None:
        self.on_cancel: Callable[[Request], None] | None = None
        self._repeat: Timer | None = None
        self._interval = self._layer.t1
        self._trying: Timer | None = self._layer.timers.after(TRYING_AFTER, self._send_trying)

    def _send_trying(self) -> None:
        self._trying = None
        if self.state is State.PROCEEDING and not self._data:
            self._data = self.request.respond(100).encode()
            self._layer.sender.send(self._data, self.hop)

    def respond(self, response: Response) -> None:
        if self.state is not State.PROCEEDING:
            return
        if self._trying is not None:
            self._trying.cancel()
            self._trying = None
        self._data = response.encode()
        layer, status = self._layer, response.status
        if status >= 200:
            self.on_cancel = None
            self.request = FORGOTTEN
            if status < 300:
                self.state = State.ACCEPTED
                self._limit = layer.timers.after(64 * layer.t1, forget, self)
            else:
                self.state = State.COMPLETED
                self._limit = layer.timers.after(64 * layer.t1, forget, self)
                if self.hop.transport == "udp":
                    self._repeat = layer.timers.after(self._interval, self._send_again)
        layer.sender.send(self._data, self.hop)

    def send_again(self) -> None:
        """Repeat the last response: a 2xx whose ACK has not come."""
        self._layer.sender.send(self._data, self.hop)

    def receive(self, request: Request) -> None:
        if request.method == "ACK":
            if self.state is State.COMPLETED:
                self._stop_repeating()
                if self._limit is not None:
                    self._limit.cancel()
                self.state = State.CONFIRMED
                if self.hop.transport == "udp":
                    self._limit = self._layer.timers.after(self._layer.t4, forget, self)
                else:
                    self.terminate()
            elif self.state is State.ACCEPTED:
                # Some peers reuse the INVITE's branch for the ACK to a 2xx.
                self._layer.user.ack(request, self.hop)
        elif self.state in (State.PROCEEDING, State.COMPLETED) and self._data:
            self._layer.sender.send(self._data, self.hop)

    def cancelled(self, request: Request) -> None:
        if self.state is State.PROCEEDING and self.on_cancel is not None:
            call, self.on_cancel = self.on_cancel, None
            call(request)

    def _send_again(self) -> None:
        layer = self._layer
        layer.sender.send(self._data, self.hop)
        self._interval = min(self._interval * 2, layer.t2)
        self._repeat = layer.timers.after(self._interval, self._send_again)

    def _stop_repeating(self) -> None:
        if self._repeat is not None:
            self._repeat.cancel()
            self._repeat = None

    def terminate(self) -> None:
        if self._trying is not None:
            self._trying.cancel()
            self._trying = None
        self.on_cancel = None
        self._stop_repeating()
        super().terminate()


class NonInviteServerTransaction(ServerTransaction):
    """Every other method."""

    __slots__ = ()

    def respond(self, response: Response) -> None:
        if self.state is not State.PROCEEDING:
            return
        data = response.encode()
        if response.status >= 200:
            self.answer(data)
        else:
            self._data = data
            self._layer.sender.send(data, self.hop)

    def answer(self, data: bytes) -> None:
        """Send a final response."""
        self._data = data
        self.request = FORGOTTEN
        if self.hop.transport == "udp":
            self.state = State.COMPLETED
            self._limit = self._layer.timers.after(64 * self._layer.t1, forget, self)
        else:
            self.terminate()
        self._layer.sender.send(data, self.hop)

    def receive(self, request: Request) -> None:
        if self._data:
            self._layer.sender.send(self._data, self.hop)
