"""The sending half of a stream: sounds and digits become RTP packets, one in each tick."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import chain, cycle, islice

from twisted.logger import Logger

from magroup.rtp.codec import FRAME_TICKS, Codec
from magroup.rtp.dtmf import EventFrame, spell
from magroup.rtp.packet import HEADER, MARKER_BIT, VERSION_BITS
from magroup.rtp.sound import Sound
from magroup.rtp.wire import Address, is_unspecified

log = Logger()

NEVER = 1 << 62

Done = Callable[[], None]
Seal = Callable[[bytes, bytes, int, int], bytes]


class Sender:
    """Sends what is played. ``packets`` and ``octets`` (payload only) count what went out. ``seal`` makes the datagram
    of header, payload, SSRC and number of the packet, where it is not the first two as they are.

    ``due`` is the number of the tick in which ``housekeep`` is called; it answers with the next one.
    """

    def __init__(
        self,
        send: Callable[[bytes, Address], None],
        housekeep: Callable[[int], int],
        ssrc: int,
        first_sequence: int,
        first_timestamp: int,
    ) -> None:
        self._send = send
        self._housekeep = housekeep
        self.ssrc = ssrc
        self.due = NEVER
        self.packets = 0
        self.octets = 0
        self.held = False
        self.codec: Codec | None = None
        self.dtmf_payload_type: int | None = None
        self.address: Address = ("", 0)
        self.seal: Seal | None = None
        self._payload_type = 0
        self._muted = True
        self._sequence = first_sequence
        self._first_timestamp = first_timestamp
        self._expected = -1
        self._sounds: tuple[Sound, ...] = ()
        self._repeat = False
        self._done: Done | None = None
        self._playing = False
        self._frames: Iterator[bytes] = iter(())
        self._position = 0
        self._digits: deque[str] = deque()
        self._events: Iterator[EventFrame | None] | None = None
        self._event_timestamp = 0

    @property
    def playing(self) -> tuple[str, ...]:
        """The names of the sounds that are played."""
        return tuple(sound.name for sound in self._sounds)

    def use(self, codec: Codec, payload_type: int, dtmf_payload_type: int | None) -> None:
        """From now on packets are of that kind; what is played goes on where it is."""
        changed = codec is not self.codec
        self.codec = codec
        self._payload_type = payload_type
        self.dtmf_payload_type = dtmf_payload_type
        self._expected = -1
        if changed:
            self._wind()

    def send_to(self, address: Address) -> None:
        """From now on packets go there."""
        self.address = address
        self.hold(self.held)

    def hold(self, held: bool) -> None:
        """Held: time goes on and so does what is played, but nothing is sent."""
        self.held = held
        self._muted = held or is_unspecified(self.address)

    def play(self, sounds: Sequence[Sound], repeat: bool, done: Done | None) -> None:
        """Plays that instead of what was played; begins with the next tick, or once there is a codec."""
        self._sounds = tuple(sounds)
        self._repeat = repeat
        self._done = done
        self._playing = True
        self._position = 0
        self._wind()

    def stop(self) -> None:
        """Plays nothing."""
        self._sounds = ()
        self._done = None
        self._playing = False
        self._frames = iter(())

    def dial(self, digits: str) -> None:
        """Sends digits after those that are being sent; what is played waits meanwhile."""
        self._digits.extend(digits)
        if self._events is None:
            self._events = spell(self._next_digits())

    def close(self) -> None:
        """Sends nothing any more."""
        self.stop()
        self.codec = None
        self._events = None
        self.due = NEVER

    def timestamp(self, ticks: float) -> int:
        """The RTP time of a time in ticks, with fractions."""
        return (self._first_timestamp + int(ticks * FRAME_TICKS)) & 0xFFFFFFFF

    def tick(self, number: int) -> None:
        """Sends what belongs into the tick ``number``: called 50 times a second for each stream, every line counts."""
        if number >= self.due:
            self.due = self._housekeep(number)
        if self._events is not None and self._send_event(number):
            return
        frame = next(self._frames, None)
        if frame is None:
            frame = self._finish()
            if frame is None:
                return
        self._position += 1
        if self._muted:
            return
        second = self._payload_type
        if number != self._expected:
            second |= MARKER_BIT
        self._expected = number + 1
        sequence = self._sequence
        self._sequence = sequence + 1
        self.packets += 1
        self.octets += len(frame)
        timestamp = (self._first_timestamp + number * FRAME_TICKS) & 0xFFFFFFFF
        header = HEADER.pack(VERSION_BITS, second, sequence & 0xFFFF, timestamp, self.ssrc)
        seal = self.seal
        self._send(header + frame if seal is None else seal(header, frame, self.ssrc, sequence), self.address)

    def _finish(self) -> bytes | None:
        """The sounds are through: the first frame of what ``done`` begins to play, if it does."""
        if not self._playing or self.codec is None or self._repeat:
            return None
        done = self._done
        self.stop()
        if done is not None:
            try:
                done()
            except Exception:
                log.failure("What was to follow a sound failed")
        return next(self._frames, None)

    def _wind(self) -> None:
        """Begins or goes on at ``_position``, with the payloads of the present codec."""
        if self.codec is None:
            return
        lists = [sound.frames[self.codec.name] for sound in self._sounds]
        length = sum(map(len, lists))
        if self._repeat and length:
            self._frames = chain.from_iterable(cycle(lists))
            self._position %= length
        else:
            self._frames = chain.from_iterable(lists)
        if self._position:
            self._frames = islice(self._frames, self._position, None)

    def _next_digits(self) -> Iterator[str]:
        while self._digits:
            yield self._digits.popleft()

    def _send_event(self, number: int) -> bool:
        """Sends what belongs into this tick of the digits; False: they are all sent."""
        if self._events is None or self.dtmf_payload_type is None:
            self._digits.clear()
            self._events = None
            return False
        for frame in self._events:
            if frame is not None and not self._muted:
                self._send_event_frame(number, frame, self.dtmf_payload_type)
            return True
        self._events = None
        return False

    def _send_event_frame(self, number: int, frame: EventFrame, payload_type: int) -> None:
        if frame.begins:
            self._event_timestamp = self.timestamp(number)
        second = payload_type | (MARKER_BIT if frame.begins else 0)
        sequence, seal = self._sequence, self.seal
        self._sequence = sequence + 1
        self.packets += 1
        self.octets += len(frame.payload)
        header = HEADER.pack(VERSION_BITS, second, sequence & 0xFFFF, self._event_timestamp, self.ssrc)
        data = header + frame.payload if seal is None else seal(header, frame.payload, self.ssrc, sequence)
        self._send(data, self.address)
