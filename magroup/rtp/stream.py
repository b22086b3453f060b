"""One media stream: plays sounds to a caller and takes what the caller says and dials (RFC 3550)."""

import base64
import random
from collections.abc import Callable, Sequence

from magroup.model.clock import Clock
from magroup.model.fixed import fixed
from magroup.rtp.codec import CLOCK_RATE, Codec
from magroup.rtp.packet import is_rtcp
from magroup.rtp.ports import Ports
from magroup.rtp.receiver import OnDtmf, OnPayload, Receiver
from magroup.rtp.report import Reports
from magroup.rtp.sender import NEVER, Done, Sender
from magroup.rtp.sound import Sound
from magroup.rtp.srtp import Srtp
from magroup.rtp.srtp_keys import RemoteKey
from magroup.rtp.telephone_event import DIGITS
from magroup.rtp.tick import TICK_SECONDS, Tick
from magroup.rtp.wire import Address, is_unspecified, numeric_address


@fixed
class Statistics:
    """Counts of a stream so far; octets are those of payloads, times are in seconds, None is not known.

    ``packets_dropped`` found the socket's buffer full, ``packets_failed`` the network refused. ``packets_lost`` and
    ``jitter`` are those of the caller's packets, ``remote_*`` and ``round_trip`` what the caller's end reports.
    ``strangers`` and ``malformed`` packets were not used, nor ``refused`` ones, which should have been sealed but were
    not authentic or came again. ``late_ticks`` came more than 5 ms late, or not at all.
    """

    packets_sent: int
    octets_sent: int
    packets_dropped: int
    packets_failed: int
    packets_received: int
    octets_received: int
    packets_lost: int
    jitter: float
    malformed: int
    strangers: int
    refused: int
    late_ticks: int
    remote_lost: int | None
    remote_fraction_lost: float | None
    remote_jitter: float | None
    round_trip: float | None


class Stream:
    """A pair of local ports and what goes through them. ``Media.open`` makes one; ``close`` must be called in the end.

    ``local_host`` and ``local_port`` are for the session description; RTCP is one port above. After ``close`` all
    methods do nothing.
    """

    def __init__(
        self,
        clock: Clock,
        wall_clock: Callable[[], float],
        tick: Tick,
        ports: Ports,
        local_host: str,
        rng: random.Random,
        closed: Callable[["Stream"], None],
    ) -> None:
        self._clock = clock
        self._wall_clock = wall_clock
        self._tick = tick
        self._rng = rng
        self._closed = closed
        self._receiver = Receiver(clock.seconds, self._source_moved, self._rtcp_received)
        self._pair = ports.open(local_host, self._receiver.received, self._rtcp_received)
        self.local_host = local_host
        self.local_port = self._pair.rtp.address[1]
        self._sender = Sender(
            self._pair.rtp.send,
            self._report,
            rng.getrandbits(32),
            rng.getrandbits(15),
            rng.getrandbits(32),
        )
        self._reports = Reports(self._sender, base64.b64encode(rng.randbytes(12)).decode())
        self._srtp = Srtp(rng.randbytes)
        self._rtcp_mux = False
        self._rtcp_signalled: Address | None = None
        self._rtcp_source: Address | None = None
        self._open = True
        self._late_ticks = 0
        tick.add(self, self._sender.tick)
        self._late_before = tick.late(self)

    @property
    def on_dtmf(self) -> OnDtmf | None:
        """Called with each digit (0-9 * # A-D) that the caller dials, once, as it begins."""
        return self._receiver.on_dtmf

    @on_dtmf.setter
    def on_dtmf(self, on_dtmf: OnDtmf | None) -> None:
        self._receiver.on_dtmf = on_dtmf

    @property
    def on_payload(self) -> OnPayload | None:
        """Called with payload, payload type and RTP timestamp of each packet of sound, in the order of arrival."""
        return self._receiver.on_payload

    @on_payload.setter
    def on_payload(self, on_payload: OnPayload | None) -> None:
        self._receiver.on_payload = on_payload

    def connect(
        self,
        remote_host: str,
        remote_port: int,
        codec: Codec,
        dtmf_payload_type: int | None = None,
        payload_type: int | None = None,
        *,
        rtcp_mux: bool = False,
        rtcp_address: tuple[str, int] | None = None,
        srtp: RemoteKey | None = None,
    ) -> None:
        """What signalling agreed on, also when it changes: what is played goes on, in the same RTP session.

        ``payload_type``: the codec's own if not given. ``rtcp_mux``: RTCP goes through the RTP port (RFC 5761);
        ``rtcp_address``: it goes there (RFC 3605), otherwise to the port above. ``srtp``: all is sealed, by
        the other end with that key, here with ``srtp_key``. Port 0 or an unspecified address is as good as ``hold``.
        Raises ValueError, and changes nothing, where a host is no IP address of the family of ``local_host`` or a
        number is out of range.
        """
        address = self._same_family(remote_host, remote_port)
        rtcp = None if rtcp_address is None else self._same_family(*rtcp_address)
        number = codec.payload_type if payload_type is None else payload_type
        if not 0 <= number <= 127 or (dtmf_payload_type is not None and not 0 <= dtmf_payload_type <= 127):
            raise ValueError(f"{number} or {dtmf_payload_type} is no RTP payload type")
        if not self._open:
            return
        now = self._clock.seconds()
        self._receiver.latch.expect(address, now)
        self._receiver.dtmf_payload_type = dtmf_payload_type
        self._seal(srtp)
        self._rtcp_mux, self._rtcp_signalled, self._rtcp_source = rtcp_mux, rtcp, None
        if self._sender.codec is None:
            self._sender.due = self._due(Reports.interval(self._rng) / 2)
        self._sender.use(codec, number, dtmf_payload_type)
        self._sender.send_to(self._receiver.latch.target)

    def srtp_key(self, suite: str) -> bytes:
        """Our master key and salt, 30 bytes, for the description in which that suite is offered or accepted."""
        return self._srtp.key(suite)

    def play(self, sounds: Sequence[Sound], repeat: bool = False, done: Done | None = None) -> None:
        """Plays ``sounds`` one after another instead of what is played now, whose ``done`` is not called any more.

        ``repeat``: over and over. ``done`` is called once, when the last packet has had its 20 ms; what it begins to
        play follows without a gap. Before ``connect`` it waits for that.
        """
        if self._open:
            self._sender.play(sounds, repeat, done)

    def stop(self) -> None:
        """Plays nothing; the ``done`` of what was played is not called."""
        self._sender.stop()

    def send_dtmf(self, digits: str) -> bool:
        """Sends digits (0-9 * # A-D) as telephone events, after those under way; what is played waits meanwhile.

        False: no payload type for them was agreed on, nothing is sent. Raises ValueError for any other character.
        """
        if any(digit.upper() not in DIGITS for digit in digits):
            raise ValueError(f"{digits!r} has characters that are no DTMF digits")
        if not self._open or self._sender.dtmf_payload_type is None:
            return False
        self._sender.dial(digits)
        return True

    def hold(self, held: bool) -> None:
        """The other end does not want to receive: time and what is played go on, no packets are sent."""
        self._sender.hold(held)

    def close(self) -> None:
        """Says goodbye in RTCP and gives the ports back. Closing twice does no harm."""
        if not self._open:
            return
        if self._sender.packets or self._reports.sent:
            self._send_rtcp(bye=True)
        self._late_ticks = self.statistics().late_ticks
        self._open = False
        self._tick.remove(self)
        self._sender.close()
        self._receiver.on_dtmf = self._receiver.on_payload = None
        self._pair.close()
        self._closed(self)

    def statistics(self) -> Statistics:
        """The counts so far."""
        sender, receiver, reports, wire = self._sender, self._receiver, self._reports, self._pair.rtp
        late = self._late_ticks if not self._open else max(0, self._tick.late(self) - self._late_before)
        return Statistics(
            sender.packets,
            sender.octets,
            wire.dropped,
            wire.failed,
            receiver.packets,
            receiver.octets,
            receiver.lost,
            0.0 if receiver.arrivals is None else receiver.arrivals.jitter / CLOCK_RATE,
            receiver.malformed,
            receiver.strangers,
            receiver.refused,
            late,
            reports.remote_lost,
            reports.remote_fraction_lost,
            reports.remote_jitter,
            reports.round_trip,
        )

    def describe(self) -> dict[str, object]:
        """What is going on, as plain values."""
        sender = self._sender
        return {
            "local": f"{self.local_host} {self.local_port}",
            "remote": f"{sender.address[0]} {sender.address[1]}",
            "latched": self._receiver.latch.source is not None,
            "codec": None if sender.codec is None else sender.codec.name,
            "srtp": self._srtp.suite,
            "ssrc": f"{sender.ssrc:08x}",
            "playing": list(sender.playing),
            "held": sender.held,
            "open": self._open,
        } | {name: value for name, value in vars(self.statistics()).items()}

    def _same_family(self, host: str, port: int) -> Address:
        address = numeric_address(host, port)
        if len(address) != len(self._pair.rtp.address):
            raise ValueError(f"{host} cannot be reached from {self.local_host}")
        return address

    def _seal(self, remote: RemoteKey | None) -> None:
        self._srtp.agree(remote)
        sealing, opening = self._srtp.sealing, self._srtp.opening
        self._sender.seal = None if sealing is None else sealing.rtp
        self._receiver.unseal = None if opening is None else opening.rtp

    def _source_moved(self) -> None:
        self._rtcp_source = None
        self._sender.send_to(self._receiver.latch.target)

    def _due(self, seconds: float) -> int:
        return int(self._tick.now() + seconds / TICK_SECONDS)

    def _report(self, number: int) -> int:
        self._send_rtcp()
        return self._due(Reports.interval(self._rng)) if self._open else NEVER

    def _send_rtcp(self, *, bye: bool = False) -> None:
        target = self._rtcp_target()
        if is_unspecified(target):
            return
        wire = self._pair.rtp if self._rtcp_mux else self._pair.rtcp
        arrivals, now = self._receiver.arrivals, self._clock.seconds()
        data = self._reports.build(self._wall_clock(), self._tick.now(), now, arrivals, bye=bye)
        sealing = self._srtp.sealing
        wire.send(data if sealing is None else sealing.rtcp(data), target)

    def _rtcp_target(self) -> Address:
        rtp = self._sender.address
        if self._rtcp_mux:
            return rtp
        if self._rtcp_source is not None:
            return self._rtcp_source
        if self._rtcp_signalled is not None:
            return self._rtcp_signalled
        port = rtp[1] + 1 if 0 < rtp[1] < 65535 else 0
        return (rtp[0], port) if len(rtp) == 2 else (rtp[0], port, rtp[2], rtp[3])

    def _rtcp_received(self, data: bytes, address: Address) -> None:
        signalled = self._rtcp_signalled
        known = address[0] == self._sender.address[0] or (signalled is not None and address[0] == signalled[0])
        if not is_rtcp(data) or not known or not self._open:
            self._receiver.strangers += 1
            return
        if self._srtp.opening is not None:
            opened = self._srtp.opening.rtcp(data)
            if opened is None:
                self._receiver.refused += 1
                return
            data = opened
        if not self._rtcp_mux:
            self._rtcp_source = address
        self._reports.read(data, self._wall_clock(), self._clock.seconds(), self._receiver.arrivals)
