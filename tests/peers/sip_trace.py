"""SIP messages read back from a phone's own trace."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class SipText:
    """One SIP message as text, with where it came from and went to where the trace tells."""

    text: str
    source: str = ""
    destination: str = ""

    @property
    def first_line(self) -> str:
        """Request or status line."""
        return self.text.partition("\n")[0].strip()

    @property
    def status(self) -> int:
        """The status code, 0 for a request."""
        words = self.first_line.split()
        return int(words[1]) if words and words[0] == "SIP/2.0" else 0

    @property
    def method(self) -> str:
        """The method of a request, or the one a response belongs to."""
        cseq = self.header("CSeq").split()
        return cseq[-1] if cseq else ""

    def header(self, name: str) -> str:
        """The first header of that name, or nothing."""
        head = re.split(r"\r?\n\r?\n", self.text, maxsplit=1)[0]
        found = re.search(rf"^{re.escape(name)}[ \t]*:[ \t]*(.*?)\r?$", head, re.M | re.I)
        return found[1].strip() if found else ""

    @property
    def body(self) -> str:
        """What follows the headers."""
        parts = re.split(r"\r?\n\r?\n", self.text, maxsplit=1)
        return parts[1] if len(parts) > 1 else ""

    def media(self) -> tuple[str, int] | None:
        """The address and port of the audio in a session description; None without one."""
        line = re.search(r"^m=audio (\d+)", self.body, re.M)
        if not line:
            return None
        after = re.search(r"^c=IN IP[46] (\S+)", self.body[line.start() :], re.M)
        before = re.search(r"^c=IN IP[46] (\S+)", self.body, re.M)
        found = after or before
        return (found[1] if found else "", int(line[1]))

    def direction(self) -> str:
        """sendrecv, sendonly, recvonly or inactive; sendrecv when nothing is said (RFC 8866 section 6.7)."""
        found = re.search(r"^a=(sendrecv|sendonly|recvonly|inactive)\s*$", self.body, re.M)
        return found[1] if found else "sendrecv"


_BARESIP = re.compile(r"\x1b\[36;1m#\n(UDP|TCP|TLS|WS) (\S+) -> (\S+)\n(.*?)\x1b\[;m", re.S)


def from_baresip(output: str) -> list[SipText]:
    """The messages that baresip printed with `-s`."""
    return [SipText(text, source, destination) for _, source, destination, text in _BARESIP.findall(output)]


_LINPHONE = re.compile(
    r"belle-sip-message-channel \[\w+\]: (?:message (sent) to|(received) \[\d+\] new bytes from)"
    r" \[\w+://([^\]]+)\](?:, size: \[\d+\] bytes)?:?\n(.*?)(?=^\d{4}-\d\d-\d\d \d\d:)",
    re.S | re.M,
)


def from_linphone(log: str, own: str) -> list[SipText]:
    """The messages in a log of linphone, whose own address is `own`."""
    return [
        SipText(text, *((own, other) if sent else (other, own)))
        for sent, _, other, text in _LINPHONE.findall(log + "\n0000-00-00 00:")
        if text.strip()
    ]
