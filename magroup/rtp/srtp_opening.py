"""The receiving half of SRTP: what is not authentic, or comes again, is refused (RFC 3711 sections 3.3 and 3.4)."""

from hmac import compare_digest

from magroup.rtp.packet import HEADER, payload_start
from magroup.rtp.srtp_keys import RTCP_LABEL, RTCP_TAG_BYTES, RTP_LABEL, SUITES, RemoteKey, SessionKeys
from magroup.rtp.srtp_sealing import ENCIPHERED
from magroup.rtp.srtp_window import Window

FIRST_ROLLOVERS = 8
"""How often the 16 bits of a source may have been through before its first packet comes here: it may have talked to
somebody else with the same key."""

MOST_SOURCES = 64
_CLEAR = 8
_LEAST_RTCP = _CLEAR + 4 + RTCP_TAG_BYTES


class Opening:
    """Opens what the other end sends; its sources are remembered as long as the key is, so that nothing comes twice."""

    __slots__ = ("_reports", "_rtcp", "_rtp", "_sources", "_tag_bytes", "remote")

    def __init__(self, remote: RemoteKey) -> None:
        self.remote = remote
        self._rtp = SessionKeys(remote.master, RTP_LABEL)
        self._rtcp = SessionKeys(remote.master, RTCP_LABEL)
        self._tag_bytes = SUITES[remote.suite]
        self._sources: dict[int, Window] = {}
        self._reports: dict[int, Window] = {}

    def rtp(self, data: bytes) -> bytes | None:
        """The RTP packet in a datagram, None where it is refused."""
        start = payload_start(data)
        end = len(data) - self._tag_bytes - len(self.remote.mki)
        if start < 0 or end < start:
            return None
        _, _, sequence, _, ssrc = HEADER.unpack_from(data)
        window = self._sources.get(ssrc)
        if window is None:
            return self._first(data, start, end, sequence, ssrc)
        index = window.index(sequence)
        if not window.is_new(index) or not self._is_authentic(data, end, index):
            return None
        window.take(index)
        return data[:start] + self._rtp.encipher(data[start:end], ssrc, index)

    def _first(self, data: bytes, start: int, end: int, sequence: int, ssrc: int) -> bytes | None:
        """A source that is not known yet."""
        if len(self._sources) >= MOST_SOURCES:
            return None
        for index in range(sequence, FIRST_ROLLOVERS << 16, 1 << 16):
            if self._is_authentic(data, end, index):
                window = self._sources[ssrc] = Window()
                window.take(index)
                return data[:start] + self._rtp.encipher(data[start:end], ssrc, index)
        return None

    def _is_authentic(self, data: bytes, end: int, index: int) -> bool:
        tag = self._rtp.authenticate(data[:end], (index >> 16).to_bytes(4))[: self._tag_bytes]
        return compare_digest(data[end:], self.remote.mki + tag)

    def rtcp(self, data: bytes) -> bytes | None:
        """The compound RTCP packet in a datagram, None where it is refused."""
        mki = self.remote.mki
        end = len(data) - RTCP_TAG_BYTES - len(mki)
        if end < _LEAST_RTCP - RTCP_TAG_BYTES:
            return None
        tag = self._rtcp.authenticate(data[:end], b"")[:RTCP_TAG_BYTES]
        if not compare_digest(data[end:], mki + tag):
            return None
        ssrc, word = int.from_bytes(data[4:_CLEAR]), int.from_bytes(data[end - 4 : end])
        index = word & ~ENCIPHERED
        window = self._reports.get(ssrc)
        if window is None:
            if len(self._reports) >= MOST_SOURCES:
                return None
            window = self._reports[ssrc] = Window()
        if not window.is_new(index):
            return None
        window.take(index)
        body = data[_CLEAR : end - 4]
        return data[:_CLEAR] + (self._rtcp.encipher(body, ssrc, index) if word & ENCIPHERED else body)
