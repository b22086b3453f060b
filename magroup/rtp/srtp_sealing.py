"""The sending half of SRTP: packets are enciphered and get their tags (RFC 3711 sections 3.3 and 3.4)."""

from magroup.rtp.srtp_keys import RTCP_LABEL, RTCP_TAG_BYTES, RTP_LABEL, SUITES, SessionKeys

ENCIPHERED = 1 << 31
_CLEAR = 8


class Sealing:
    """Seals what one source sends. A master key and salt (30 bytes) must be used by one of these only, ever: what two
    packets of the same index are enciphered with is the same."""

    __slots__ = ("_reports", "_rtcp", "_rtp", "_tag_bytes", "master", "suite")

    def __init__(self, suite: str, master: bytes) -> None:
        self.suite = suite
        self.master = master
        self._rtp = SessionKeys(master, RTP_LABEL)
        self._rtcp = SessionKeys(master, RTCP_LABEL)
        self._tag_bytes = SUITES[suite]
        self._reports = 0

    def rtp(self, header: bytes, payload: bytes, ssrc: int, index: int) -> bytes:
        """The packet to send. ``index`` counts all packets of the source; the header has its low 16 bits."""
        packet = header + self._rtp.encipher(payload, ssrc, index)
        return packet + self._rtp.authenticate(packet, (index >> 16).to_bytes(4))[: self._tag_bytes]

    def rtcp(self, data: bytes) -> bytes:
        """The compound packet to send."""
        index = self._reports
        self._reports = index + 1
        ssrc = int.from_bytes(data[4:_CLEAR])
        packet = data[:_CLEAR] + self._rtcp.encipher(data[_CLEAR:], ssrc, index)
        packet += (ENCIPHERED | index).to_bytes(4)
        return packet + self._rtcp.authenticate(packet, b"")[:RTCP_TAG_BYTES]
