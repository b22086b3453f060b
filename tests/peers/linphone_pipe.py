"""The unix socket of a linphone-daemon: one command, one response, and no mark where a response ends."""

import re
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure

from tests.peers.events import Event

# Each command is followed by one whose whole answer is known.
_END = re.compile(rb"Status: Ok\n\nVersion: [^\n]*\n\Z")


class Pipe(Protocol):
    """Asks one thing at a time."""

    transport: Any

    def __init__(self) -> None:
        self._buffer = b""
        self._answered: Deferred[str] | None = None
        self._ending = False

    def ask(self, command: str) -> "Deferred[str]":
        """Give a command; fires with the whole response."""
        self._buffer, self._ending = b"", False
        self._answered = Deferred()
        self.transport.write(command.encode() + b"\n")
        return self._answered

    def dataReceived(self, data: bytes) -> None:
        """Collect the response, and ask for the version to know where it ends."""
        self._buffer += data
        if not self._ending:
            self._ending = True
            self.transport.write(b"version\n")
            return
        end = _END.search(self._buffer)
        if end and self._answered is not None:
            answered, self._answered = self._answered, None
            answered.callback(self._buffer[: end.start()].decode("utf-8", "replace"))

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """The daemon is gone: what was asked fails."""
        answered, self._answered = self._answered, None
        if answered is not None:
            answered.errback(reason)


def fields(text: str, what: str) -> dict[str, str]:
    """The `Name: value` lines of a response; AssertionError when its status is not Ok."""
    found = dict(re.findall(r"^([\w -]+): (.*)$", text, re.M))
    if found.get("Status") != "Ok":
        raise AssertionError(f"{what}: {found.get('Reason') or text!r}")
    return found


def read_event(text: str) -> Event | None:
    """An event out of the answer to `pop-event`; None when the queue is empty."""
    found = dict(re.findall(r"^([\w -]+): (.*)$", text, re.M))
    kind = found.get("Event-type")
    if kind is None:
        return None
    state = found.get("Event", "").removeprefix("LinphoneCall")
    event: Event = {"type": state if kind == "call-state-changed" else kind, "from": found.get("From", "")}
    event |= {name.lower(): value for name, value in found.items() if name not in ("Status", "Size", "From")}
    if "Id" in found:
        event["call"] = int(found["Id"])
    return event
