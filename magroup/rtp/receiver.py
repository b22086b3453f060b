"""The receiving half of a stream: who is listened to, what is counted, payloads and digits for whoever wants them."""

from collections.abc import Callable

from twisted.logger import Logger

from magroup.rtp.arrivals import Arrivals
from magroup.rtp.codec import CLOCK_RATE
from magroup.rtp.dtmf import DtmfDetector
from magroup.rtp.latch import Latch
from magroup.rtp.packet import HEADER, HEADER_BYTES, MARKER_BIT, VERSION_BITS, is_rtcp, payload_place
from magroup.rtp.wire import Address, Received

log = Logger()

OnDtmf = Callable[[str], None]
OnPayload = Callable[[bytes, int, int], None]
Unseal = Callable[[bytes], bytes | None]


class Receiver:
    """Takes the datagrams of the RTP port. ``moved`` is called when the source of the media is another than before,
    ``rtcp_received`` with RTCP that comes in between (RFC 5761). ``unseal`` gives the plain packet of a sealed one,
    None where it is to be refused."""

    def __init__(
        self, seconds: Callable[[], float], moved: Callable[[], None], rtcp_received: Received
    ) -> None:
        self._seconds = seconds
        self._moved = moved
        self._rtcp_received = rtcp_received
        self.latch = Latch()
        self.unseal: Unseal | None = None
        self.dtmf_payload_type: int | None = None
        self.on_dtmf: OnDtmf | None = None
        self.on_payload: OnPayload | None = None
        self.arrivals: Arrivals | None = None
        self.packets = 0
        self.octets = 0
        self.malformed = 0
        self.strangers = 0
        self.refused = 0
        self._lost_before = 0
        self._detector = DtmfDetector()
        self._heard = 0.0

    @property
    def lost(self) -> int:
        """Packets that did not arrive, of all sources there were."""
        return self._lost_before + (self.arrivals.lost if self.arrivals is not None else 0)

    def received(self, data: bytes, address: Address) -> None:
        """A datagram came: up to 50 times a second for each stream, every line counts."""
        if is_rtcp(data):
            self._rtcp_received(data, address)
            return
        if len(data) < HEADER_BYTES:
            self.malformed += 1
            return
        if self.unseal is not None:
            opened = self.unseal(data)
            if opened is None:
                if data[0] >> 6 == 2:
                    self.refused += 1
                else:
                    self.malformed += 1
                return
            data = opened
        first, second, sequence, timestamp, ssrc = HEADER.unpack_from(data)
        start, end = (HEADER_BYTES, len(data)) if first == VERSION_BITS else payload_place(data)
        if start < 0:
            self.malformed += 1
            return
        now = self._seconds()
        if address != self.latch.source:
            if not self.latch.accept(address, sequence, now, self._heard):
                self.strangers += 1
                return
            self._moved()
        self._heard = now
        arrivals = self.arrivals
        if arrivals is None or arrivals.ssrc != ssrc:
            arrivals = self._new_source(ssrc, sequence)
        if not arrivals.count(sequence):
            return
        self.packets += 1
        self.octets += end - start
        payload_type = second & 0x7F
        if payload_type == self.dtmf_payload_type:
            self._hear_dtmf(data[start:end], second >= MARKER_BIT, timestamp)
            return
        arrivals.time(timestamp, int(now * CLOCK_RATE))
        if self.on_payload is not None:
            try:
                self.on_payload(data[start:end], payload_type, timestamp)
            except Exception:
                log.failure("What takes the sound of a caller failed and gets no more")
                self.on_payload = None

    def _new_source(self, ssrc: int, sequence: int) -> Arrivals:
        self._lost_before = self.lost
        self.arrivals = Arrivals(ssrc, sequence)
        self._detector = DtmfDetector()
        return self.arrivals

    def _hear_dtmf(self, payload: bytes, marker: bool, timestamp: int) -> None:
        digit = self._detector.digit(payload, marker, timestamp)
        if digit and self.on_dtmf is not None:
            try:
                self.on_dtmf(digit)
            except Exception:
                log.failure("What was to follow a DTMF digit failed")
