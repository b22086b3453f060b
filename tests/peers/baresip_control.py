"""baresip's ctrl_tcp, JSON in netstrings, and its report on the audio of a call."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from twisted.internet.protocol import connectionDone
from twisted.protocols.basic import NetstringReceiver
from twisted.python.failure import Failure


class Control(NetstringReceiver):
    """The connection: `said` gets each message, `lost` is called at the end."""

    MAX_LENGTH = 1 << 20
    transport: Any

    def __init__(self, said: Callable[[dict[str, Any]], None], lost: Callable[[], None]) -> None:
        self._said = said
        self._lost = lost

    def give(self, message: dict[str, Any]) -> None:
        """Send a command."""
        self.sendString(json.dumps(message).encode())

    def stringReceived(self, string: bytes) -> None:
        """Hand a message on; baresip puts raw control characters into strings."""
        self._said(json.loads(string.decode("utf-8", "replace"), strict=False))

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """The phone is gone."""
        self._lost()


@dataclass(frozen=True)
class Media:
    """The current call's audio: the own port, where it is sent to, and the counts of RTP packets."""

    local_port: int = 0
    remote: tuple[str, int] | None = None
    sent: int = 0
    received: int = 0

    @staticmethod
    def read(text: str) -> "Media":
        """Read the output of `audio_debug`; zeros without a call."""
        ends = re.search(r"local: \S*?:(\d+), remote: (\S+):(\d+)/", text)
        sent = re.search(r"TX: packets=(\d+)", text)
        received = sum(int(count) for count in re.findall(r"\brcvd=(\d+)", text))
        if not ends:
            return Media(received=received)
        return Media(int(ends[1]), (ends[2], int(ends[3])), int(sent[1]) if sent else 0, received)
