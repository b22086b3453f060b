"""Requests written as text, for peers that understand nothing themselves."""

from itertools import count

from tests.peers import RawTcp, RawUdp, SipText

_serial = count(1)

OFFER = b"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0 8\r\n"


def request(
    method: str, target: str, sent_by: str, *, transport: str = "UDP", caller: str = "", body: bytes = b"",
    extra: str = "", call_id: str = "", length: int | None = None,
) -> bytes:  # fmt: skip
    """A good request with a Call-ID and branch of its own; ``caller`` is From, ``extra`` whole header lines."""
    number = next(_serial)
    caller = caller or f"<sip:peer@{sent_by}>"
    lines = [
        f"{method} {target} SIP/2.0",
        f"Via: SIP/2.0/{transport} {sent_by};branch=z9hG4bKlive{number};rport",
        "Max-Forwards: 70",
        f"From: {caller};tag=t{number}",
        f"To: <{target}>",
        f"Call-ID: {call_id or f'live-{number}@{sent_by}'}",
        f"CSeq: 1 {method}",
        f"Contact: <sip:peer@{sent_by};transport={transport.lower()}>",
    ]
    if body:
        lines.append("Content-Type: application/sdp")
    head = "\r\n".join([*lines, f"Content-Length: {len(body) if length is None else length}"]) + "\r\n" + extra + "\r\n"
    return head.encode("utf-8", "surrogateescape") + body


def read(data: bytes) -> SipText:
    """A message received, to be asked for its parts."""
    return SipText(data.decode("utf-8", "surrogateescape"))


def call_id(data: bytes) -> str:
    """The Call-ID of a message."""
    return read(data).header("Call-ID")


async def ask(peer: RawUdp | RawTcp, data: bytes, server: tuple[str, int], timeout: float = 15.0) -> SipText:
    """Send a request over UDP, and give the final answer to it."""
    assert isinstance(peer, RawUdp)
    wanted = call_id(data)
    peer.send(data, server)

    def is_final(datagram: bytes) -> bool:
        found = read(datagram)
        return found.status >= 200 and found.header("Call-ID") == wanted

    return read((await peer.receive(is_final, timeout)).data)


def acknowledge(data: bytes, answer: SipText) -> bytes:
    """The ACK of a refusal of an INVITE (RFC 3261 section 17.1.1.3)."""
    invite = read(data)
    names = ("Via", "From", "Call-ID")
    lines = [f"ACK {invite.first_line.split()[1]} SIP/2.0", *(f"{name}: {invite.header(name)}" for name in names)]
    number = invite.header("CSeq").split()[0]
    lines += [f"To: {answer.header('To')}", f"CSeq: {number} ACK", "Max-Forwards: 70", "Content-Length: 0", "", ""]
    return "\r\n".join(lines).encode("utf-8", "surrogateescape")
