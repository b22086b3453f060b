"""The reports of a stream: what it says in RTCP and what it learns from it (RFC 3550 section 6)."""

import random

from magroup.rtp import rtcp
from magroup.rtp.arrivals import Arrivals
from magroup.rtp.codec import CLOCK_RATE
from magroup.rtp.sender import Sender

INTERVAL_SECONDS = 5.0


class Reports:
    """Builds and reads the RTCP of a stream. ``round_trip`` (s), ``remote_jitter`` (s), ``remote_lost`` (packets) and
    ``remote_fraction_lost`` (0.0-1.0) are what the other end last said of our packets; None: nothing so far."""

    def __init__(self, sender: Sender, cname: str) -> None:
        self._sender = sender
        self._cname = cname
        self._packets_before = (0, 0)
        self.sent = 0
        self.received = 0
        self.round_trip: float | None = None
        self.remote_jitter: float | None = None
        self.remote_lost: int | None = None
        self.remote_fraction_lost: float | None = None

    @staticmethod
    def interval(rng: random.Random) -> float:
        """Seconds until the next report, 5 s on average."""
        return INTERVAL_SECONDS * (0.5 + rng.random())

    def build(self, wall: float, ticks: float, now: float, arrivals: Arrivals | None, *, bye: bool = False) -> bytes:
        """The compound packet that is due: ``wall`` in seconds since 1970, ``ticks`` and ``now`` on the stream's
        clock."""
        sender = self._sender
        reports: list[rtcp.Report] = []
        receptions = () if arrivals is None else (arrivals.report(now),)
        if sender.packets != self._packets_before[0]:
            sent = (sender.timestamp(ticks), sender.packets, sender.octets)
            reports.append(rtcp.SenderReport(sender.ssrc, rtcp.ntp_time(wall), *sent, receptions))
        else:
            reports.append(rtcp.ReceiverReport(sender.ssrc, receptions))
        self._packets_before = (self._packets_before[1], sender.packets)
        self.sent += 1
        reports.append(rtcp.SourceDescription(sender.ssrc, self._cname))
        if bye:
            reports.append(rtcp.Goodbye((sender.ssrc,)))
        return rtcp.pack(reports)

    def read(self, data: bytes, wall: float, now: float, arrivals: Arrivals | None) -> None:
        """A compound packet of the other end."""
        self.received += 1
        for report in rtcp.unpack(data):
            if isinstance(report, rtcp.SenderReport) and arrivals is not None and report.ssrc == arrivals.ssrc:
                arrivals.heard_report(report.ntp, now)
            if isinstance(report, rtcp.SenderReport | rtcp.ReceiverReport):
                for reception in report.receptions:
                    if reception.ssrc == self._sender.ssrc:
                        self._learn(reception, wall)

    def _learn(self, reception: rtcp.Reception, wall: float) -> None:
        self.remote_lost = reception.lost
        self.remote_fraction_lost = reception.fraction_lost / 256
        self.remote_jitter = reception.jitter / CLOCK_RATE
        if reception.last_report:
            now = (rtcp.ntp_time(wall) >> 16) & 0xFFFFFFFF
            round_trip = (now - reception.last_report - reception.delay) & 0xFFFFFFFF
            # Half the range and above: a clock that runs apart makes it less than nothing.
            self.round_trip = 0.0 if round_trip >= 0x80000000 else round_trip / 65536
