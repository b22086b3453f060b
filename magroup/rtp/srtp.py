"""Secure RTP of one stream: its own keys, and those of the other end, which signalling brings (RFC 3711)."""

from collections.abc import Callable

from magroup.rtp.srtp_keys import MASTER_BYTES, RemoteKey
from magroup.rtp.srtp_opening import Opening
from magroup.rtp.srtp_sealing import Sealing


class Srtp:
    """``sealing`` and ``opening`` are None while what is sent and received is plain RTP.

    The own key for a suite stays the same for the life of the stream, and so do its numbers of packets.
    """

    def __init__(self, random_bytes: Callable[[int], bytes]) -> None:
        self._random_bytes = random_bytes
        self._own: dict[str, Sealing] = {}
        self.sealing: Sealing | None = None
        self.opening: Opening | None = None

    @property
    def suite(self) -> str:
        """What is in use, "" for plain RTP."""
        return self.sealing.suite if self.sealing is not None else ""

    def key(self, suite: str) -> bytes:
        """Our master key and salt for that suite, to be told the other end."""
        if suite not in self._own:
            self._own[suite] = Sealing(suite, self._random_bytes(MASTER_BYTES))
        return self._own[suite].master

    def agree(self, remote: RemoteKey | None) -> None:
        """Both ends use the suite of that key from now on, with ``key`` here; None: plain RTP."""
        if remote is None:
            self.sealing = self.opening = None
            return
        self.key(remote.suite)
        self.sealing = self._own[remote.suite]
        if self.opening is None or self.opening.remote != remote:
            self.opening = Opening(remote)
