"""Client transactions: INVITE (RFC 3261 17.1.1, Accepted state of RFC 6026) and all others (17.1.2)."""

from collections.abc import Callable
from enum import Enum
from typing import TYPE_CHECKING, Final

from magroup.sip.hop import Hop
from magroup.sip.message import Request, Response
from magroup.sip.timers import Timer

if TYPE_CHECKING:
    from magroup.sip.transaction import TransactionLayer


FORGOTTEN: Final = Request("", "", {})
"""What an answered transaction has for a request: hundreds of header lists a second would live on for 32 s."""


class State(Enum):
    """Calling and Trying are one: sent, nothing heard."""

    CALLING = 1
    PROCEEDING = 2
    COMPLETED = 3
    ACCEPTED = 4
    TERMINATED = 5


# What timers call is no method: each would be one more thing to make, and some to keep for 32 s.


def forget(transaction: "ClientTransaction") -> None:
    """A time limit is over."""
    transaction.terminate()


def time_out(transaction: "ClientTransaction") -> None:
    """No answer has come."""
    transaction.fail(408)


def send_again(transaction: "ClientTransaction") -> None:
    """It may have been lost."""
    transaction.repeat()


class ClientTransaction:
    """What both kinds share: sending, repeating, giving up."""

    __slots__ = ("_answered", "_data", "_interval", "_layer", "_limit", "_repeat", "branch", "call_id", "hop", "method",
                 "request", "state")  # fmt: skip

    def __init__(
        self, layer: "TransactionLayer", request: Request, hop: Hop, branch: str, answered: Callable[[Response], None]
    ) -> None:
        self._layer = layer
        self._answered: Callable[[Response], None] | None = answered
        self._data = b""
        self._interval = layer.t1
        self._repeat: Timer | None = None
        self._limit: Timer | None = None
        self.request = request
        self.hop = hop
        self.branch = branch
        self.call_id = request.call_id
        self.method = request.method
        self.state = State.CALLING

    @property
    def is_open(self) -> bool:
        """Whether the final answer has not come yet."""
        return self.state in (State.CALLING, State.PROCEEDING)

    def start(self) -> None:
        """Send the request (timers A and B, or E and F)."""
        layer = self._layer
        self._data = self.request.encode()
        self._limit = layer.timers.after(64 * layer.t1, time_out, self)
        if self.hop.transport == "udp":
            self._repeat = layer.timers.after(self._interval, send_again, self)
        layer.sender.send(self._data, self.hop, self._broken)

    def receive(self, response: Response) -> None:
        raise NotImplementedError

    def _next_interval(self) -> float:
        raise NotImplementedError

    def repeat(self) -> None:
        """Send the request once more, and again later."""
        layer = self._layer
        layer.sender.send(self._data, self.hop)
        self._interval = self._next_interval()
        self._repeat = layer.timers.after(self._interval, send_again, self)

    def _stop_timers(self) -> None:
        if self._repeat is not None:
            self._repeat.cancel()
            self._repeat = None
        if self._limit is not None:
            self._limit.cancel()
            self._limit = None

    def _broken(self, why: str) -> None:
        if self.state in (State.CALLING, State.PROCEEDING):
            self.fail(503, why)

    def fail(self, status: int, why: str = "") -> None:
        """Nobody will answer: report it as an answer with this status."""
        answered, request = self._answered, self.request
        self.terminate()
        if answered is not None:
            response = request.respond(status, why)
            response.headers["Via"] = []
            answered(response)

    def terminate(self) -> None:
        """Forget everything; nothing is reported any more."""
        self._stop_timers()
        self.state = State.TERMINATED
        self._answered = None
        self._layer.clients.pop((self.branch, self.method), None)

    def _forget_request(self) -> None:
        self.request = FORGOTTEN
        self._data = b""

    def __str__(self) -> str:
        return f"client {self.method} {self.state.name} to {self.hop} call={self.call_id}"


class InviteClientTransaction(ClientTransaction):
    """INVITE: acknowledges final failures itself; a 2xx is acknowledged by the transaction user, each time it comes."""

    __slots__ = ("_ack",)

    def _next_interval(self) -> float:
        return self._interval * 2

    def receive(self, response: Response) -> None:
        status, state, answered = response.status, self.state, self._answered
        if status < 200:
            if state is State.CALLING:
                self._stop_timers()
                self.state = state = State.PROCEEDING
            if state is State.PROCEEDING and answered is not None:
                answered(response)
        elif status < 300:
            if state is State.CALLING or state is State.PROCEEDING:
                self._stop_timers()
                self.state = state = State.ACCEPTED
                self._forget_request()
                self._limit = self._layer.timers.after(64 * self._layer.t1, forget, self)
            if state is State.ACCEPTED and answered is not None:
                answered(response)
        elif state is State.CALLING or state is State.PROCEEDING:
            self._stop_timers()
            self.state = State.COMPLETED
            self._ack = self._acknowledgement(response)
            self._forget_request()
            self._layer.sender.send(self._ack, self.hop)
            if self.hop.transport == "udp":
                self._limit = self._layer.timers.after(64 * self._layer.t1, forget, self)
                self._answered = None
            else:
                self.terminate()
            if answered is not None:
                answered(response)
        elif state is State.COMPLETED:
            self._layer.sender.send(self._ack, self.hop)

    def _acknowledgement(self, response: Response) -> bytes:
        """The ACK of a final failure (RFC 3261 17.1.1.3)."""
        request = self.request
        headers = request.headers
        copied = {"Via": headers["Via"][:1], "From": headers["From"], "To": response.headers["To"],
                  "Call-ID": headers["Call-ID"], "CSeq": [f"{request.cseq[0]} ACK"],
                  "Max-Forwards": ["70"]}  # fmt: skip
        if "Route" in headers:
            copied["Route"] = headers["Route"]
        return Request("ACK", request.target, copied).encode()


class NonInviteClientTransaction(ClientTransaction):
    """Every other method."""

    __slots__ = ()

    def _next_interval(self) -> float:
        return self._layer.t2 if self.state is State.PROCEEDING else min(self._interval * 2, self._layer.t2)

    def receive(self, response: Response) -> None:
        state, answered = self.state, self._answered
        if state is not State.CALLING and state is not State.PROCEEDING:
            return
        if response.status < 200:
            self.state = State.PROCEEDING
        else:
            self._stop_timers()
            self._answered = None
            self._forget_request()
            if self.hop.transport == "udp":
                self.state = State.COMPLETED
                self._limit = self._layer.timers.after(self._layer.t4, forget, self)
            else:
                self.terminate()
        if answered is not None:
            answered(response)
