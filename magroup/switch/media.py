"""What a caller hears from the switch itself: announcements and tones, through one RTP stream per leg."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from twisted.logger import Logger

from magroup.rtp import tone
from magroup.rtp.codec import CODECS
from magroup.rtp.library import SoundLibrary
from magroup.rtp.media import Media
from magroup.rtp.ports import PortError
from magroup.rtp.sound import Sound
from magroup.rtp.stream import Stream
from magroup.sip import offer_answer
from magroup.sip.errors import SipError
from magroup.sip.modify import Offer
from magroup.sip.sdp import Session

if TYPE_CHECKING:
    from magroup.switch.leg import Leg

log = Logger()


class SwitchMedia:
    """The switch's sound: the streams, the files, the tones. ``address`` "" puts the signalling's address into SDP."""

    def __init__(self, media: Media, library: SoundLibrary, address: str = "") -> None:
        self.media = media
        self.library = library
        self.address = address
        self.tones: dict[str, Sound] = {"ringback": tone.ringback(), "busy": tone.busy()}
        self.silence = tone.silence(0.02)

    def sound(self, name: str) -> Sound | None:
        """A tone of the switch or a file, by name."""
        return self.tones.get(name) or self.library.get(name)

    def open(self, local_host: str) -> Stream:
        """A stream. Raises SipError(503) when no port is left."""
        try:
            return self.media.open(self.address or local_host)
        except PortError as error:
            log.error("No media port: {error}", error=str(error))
            raise SipError(503, headers={"Retry-After": "5"}) from None


def connect_stream(stream: Stream, audio: offer_answer.AgreedAudio) -> None:
    """Let the stream go where both sides agreed. Raises SipError(488) for an address of another family."""
    rtcp = audio.rtcp if audio.rtcp[1] and not audio.rtcp_mux else None
    try:
        stream.connect(audio.host, audio.port, CODECS[audio.codec], audio.dtmf, audio.payload,
                       rtcp_mux=audio.rtcp_mux, rtcp_address=rtcp)  # fmt: skip
    except ValueError:
        raise SipError(488) from None
    stream.hold(not audio.direction.sends)


class Announcer:
    """One leg's stream. ``description`` is the SDP that the peer was given for it."""

    __slots__ = ("_done", "_media", "_stream", "description", "is_heard", "is_playing")

    def __init__(self, media: SwitchMedia, leg: "Leg") -> None:
        """Raises SipError(503) when no port is left."""
        self._media = media
        self._stream = media.open(leg.local_host)
        self._done: Callable[[], None] | None = None
        self.description = b""
        self.is_heard = False
        self.is_playing = False

    def describe(self, leg: "Leg") -> None:
        """Answer the leg's offer, or make an offer when it made none. Raises SipError(488) without a common codec."""
        stream = self._stream
        host = stream.local_host
        if leg.remote_sdp:
            answer, audio = offer_answer.answer(Session.parse(leg.remote_sdp), host, stream.local_port)
            self.description = leg.own(answer)
            connect_stream(stream, audio)
        else:
            self.description = leg.own(offer_answer.offer(host, stream.local_port))

    def invite(self, leg: "Leg") -> None:
        """Offer the stream to an answered leg; one that refuses goes on without."""

        def changed(status: int, answer: bytes) -> None:
            if leg.announcer is not self:
                return
            if status < 300 and answer:
                self.accept(answer)
                return
            log.info("{device} refused to listen to us ({status})", device=leg.device, status=status)
            leg.silence()
            if self._done is not None:
                self._done()

        leg.change(offer_answer.offer(self._stream.local_host, self._stream.local_port), changed)

    def accept(self, answer: bytes) -> None:
        """The peer's answer to our offer."""
        try:
            connect_stream(self._stream, offer_answer.accept(Session.parse(answer)))
        except SipError as error:
            log.info("No audio in the answer to our offer: {error}", error=str(error))

    def answer_offer(self, leg: "Leg", offer: Offer) -> None:
        """The peer changes its session while it listens to us (hold, another address)."""
        try:
            if offer.sdp:
                self.describe(leg)
                offer.accept(self.description)
            else:
                sdp = leg.own(offer_answer.offer(self._stream.local_host, self._stream.local_port))
                offer.accept(sdp, self.accept)
        except SipError as error:
            offer.reject(error.status, error.reason)

    def play(self, names: Sequence[str], repeat: bool, done: Callable[[], None] | None) -> None:
        """Play sounds by name; what cannot be played is left out, with nothing left ``done`` is called soon."""
        sounds = [sound for sound in map(self._media.sound, names) if sound is not None]
        nothing = self._media.tones["ringback"] if repeat else self._media.silence

        def played() -> None:
            self.is_playing = False
            if done is not None:
                done()

        self.is_playing = True
        self._done = done
        self._stream.play(sounds or [nothing], repeat, played)

    def tone(self, name: str) -> None:
        self.is_playing = True
        self._done = None
        self._stream.play([self._media.tones[name]], True)

    def stop(self) -> None:
        self.is_playing = False
        self._done = None
        self._stream.stop()

    def close(self) -> None:
        self._stream.close()


def capture(media: SwitchMedia, leg: "Leg") -> Announcer:
    """Let an answered leg, which talked to somebody, listen to us: what is played waits for its answer.

    Raises SipError(503) when no port is left.
    """
    announcer = leg.announcer = Announcer(media, leg)
    announcer.invite(leg)
    return announcer
