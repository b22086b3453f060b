"""What a caller hears from the switch itself: announcements and tones, through one RTP stream per leg."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from twisted.internet.defer import Deferred
from twisted.logger import Logger

from magroup.model.recording import Recorded, Recording
from magroup.rtp import tone
from magroup.rtp.audio_file import SoundError
from magroup.rtp.codec import CLOCK_RATE, CODECS, Codec
from magroup.rtp.library import SoundLibrary
from magroup.rtp.media import Media
from magroup.rtp.ports import PortError
from magroup.rtp.recorder import Recorder
from magroup.rtp.recordings import Recordings
from magroup.rtp.sound import Sound
from magroup.rtp.srtp_keys import RemoteKey
from magroup.rtp.stream import Stream
from magroup.sip import offer_answer
from magroup.sip.errors import SipError
from magroup.sip.modify import Offer
from magroup.sip.sdes import Policy, Sdes
from magroup.sip.sdp import Session

if TYPE_CHECKING:
    from magroup.switch.leg import Leg

log = Logger(__name__)
PROMPTS = "prompts/"


class SwitchMedia:
    """The switch's sound: the streams, the files, the tones. ``address`` "" puts the signalling's address into SDP.

    ``dtmf`` is the payload type offered for digits, ``srtp`` says when sound is encrypted; they and the address may
    change, what is open keeps what it has.
    ``recordings`` are made here and played again; ``prompts`` has the sounds whose names begin with ``prompts/``.
    """

    def __init__(
        self, media: Media, library: SoundLibrary, recordings: Recordings, address: str = "",
        prompts: SoundLibrary | None = None,
    ) -> None:  # fmt: skip
        self.media = media
        self.library = library
        self.recordings = recordings
        self.address = address
        self.prompts = prompts
        self.dtmf = 101
        self.srtp = Policy.OPTIONAL
        self.tones: dict[str, Sound] = {"ringback": tone.ringback(), "busy": tone.busy()}
        self.silence = tone.silence(0.02)

    def sound(self, name: str) -> Sound | None:
        """A tone of the switch or a file, by name."""
        if name.startswith(PROMPTS):
            return self.prompts.get(name.removeprefix(PROMPTS)) if self.prompts is not None else None
        return self.tones.get(name) or self.library.get(name)

    async def sounds(self, names: Sequence[str]) -> list[Sound]:
        """All that can be played, in their order; what was recorded is read now."""
        found = []
        for name in names:
            sound = await self._recorded(name) if name.startswith("/") else self.sound(name)
            if sound is not None:
                found.append(sound)
        return found

    async def _recorded(self, path: str) -> Sound | None:
        try:
            return await self.recordings.read(Path(path))
        except SoundError as error:
            log.error("A message cannot be played: {error}", error=str(error))
        except Exception:
            log.failure("A message cannot be played")
        return None

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
    crypto = audio.srtp
    srtp = RemoteKey(crypto.suite, crypto.master, crypto.mki) if crypto is not None else None
    try:
        stream.connect(audio.host, audio.port, CODECS[audio.codec], audio.dtmf, audio.payload,
                       rtcp_mux=audio.rtcp_mux, rtcp_address=rtcp, srtp=srtp)  # fmt: skip
    except ValueError:
        raise SipError(488) from None
    stream.hold(not audio.direction.sends)


class Announcer:
    """One leg's stream. ``description`` is the SDP that the peer was given for it."""

    __slots__ = ("_done", "_dtmf", "_is_deaf", "_media", "_payloads", "_playing", "_rate", "_recorder", "_sdes",
                 "_stream", "description", "is_heard", "is_playing")  # fmt: skip

    def __init__(self, media: SwitchMedia, leg: "Leg") -> None:
        """Raises SipError(503) when no port is left."""
        self._media = media
        self._stream = media.open(leg.local_host)
        self._dtmf = media.dtmf
        self._sdes = Sdes(media.srtp, self._stream.srtp_key)
        self._done: Callable[[], None] | None = None
        self._is_deaf = False
        self._playing = object()
        self._payloads: dict[int, Codec] = {}
        self._rate = CLOCK_RATE
        self._recorder: Recorder | None = None
        self._stream.on_dtmf = lambda digit: leg.dialled(digit, by_info=False)
        self.description = b""
        self.is_heard = False
        self.is_playing = False

    @property
    def stream(self) -> Stream:
        return self._stream

    def describe(self, leg: "Leg") -> None:
        """Answer the leg's offer, or make an offer when it made none. Raises SipError(488) without a common codec."""
        stream = self._stream
        host = stream.local_host
        if leg.remote_sdp:
            offer = Session.parse(leg.remote_sdp)
            answer, audio = offer_answer.answer(offer, host, stream.local_port, sdes=self._sdes)
            self.description = leg.own(answer)
            self._connect(audio)
        else:
            self.description = leg.own(self._offer(leg))

    def _offer(self, leg: "Leg") -> bytes:
        stream = self._stream
        return offer_answer.offer(stream.local_host, stream.local_port, dtmf=self._dtmf, sdes=self._sdes,
                                  remote=leg.remote_sdp)  # fmt: skip

    def _connect(self, audio: offer_answer.AgreedAudio) -> None:
        connect_stream(self._stream, audio)
        self._is_deaf = False
        codec = CODECS[audio.codec]
        self._payloads[audio.receives] = codec
        self._rate = codec.sample_rate

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

        leg.change(self._offer(leg), changed)

    def accept(self, answer: bytes) -> None:
        """The peer's answer to our offer. Who can hear nothing is played nothing: it would never come to its end."""
        try:
            self._connect(offer_answer.accept(Session.parse(answer), dtmf=self._dtmf, sdes=self._sdes))
        except SipError as error:
            log.info("No audio in the answer to our offer: {error}", error=str(error))
            self._is_deaf = True
            if self.is_playing and self._done is not None:
                self.play((), False, self._done)

    def answer_offer(self, leg: "Leg", offer: Offer) -> None:
        """The peer changes its session while it listens to us (hold, another address)."""
        try:
            if offer.sdp:
                self.describe(leg)
                offer.accept(self.description)
            else:
                sdp = leg.own(self._offer(leg))
                offer.accept(sdp, self.accept)
        except SipError as error:
            offer.reject(error.status, error.reason)

    def play(self, names: Sequence[str], repeat: bool, done: Callable[[], None] | None) -> None:
        """Play sounds by name; what cannot be played is left out, with nothing left ``done`` is called soon."""
        self._stream.stop()
        self.is_playing = True
        self._done = done
        self._playing = object()
        Deferred.fromCoroutine(self._play(self._playing, names, repeat, done))

    async def _play(
        self, playing: object, names: Sequence[str], repeat: bool, done: Callable[[], None] | None
    ) -> None:  # fmt: skip
        sounds = await self._media.sounds(names)
        if playing is not self._playing:
            return
        nothing = self._media.tones["ringback"] if repeat else self._media.silence

        def played() -> None:
            self.is_playing = False
            if done is not None:
                done()

        if self._is_deaf:
            if not repeat:
                self._media.media.soon(lambda: played() if playing is self._playing else None)
            return
        self._stream.play(sounds or [nothing], repeat, played)

    def tone(self, name: str) -> None:
        self.is_playing = True
        self._done = None
        self._playing = object()
        self._stream.play([self._media.tones[name]], True)

    def record(self, recording: Recording, done: Callable[[Recorded], None]) -> None:
        """Record what the peer says, in place of what is being recorded; ``done`` hears what became of it."""
        self._stop_recording()
        recorder = self._media.recordings.start(recording, self._rate, self._payloads, done)
        self._recorder = recorder
        self._stream.on_payload = recorder.hear

    def stop(self) -> None:
        """Play nothing, record nothing."""
        self.is_playing = False
        self._done = None
        self._playing = object()
        self._stream.stop()
        self._stop_recording()

    def _stop_recording(self) -> None:
        recorder, self._recorder = self._recorder, None
        if recorder is not None:
            self._stream.on_payload = None
            recorder.stop()

    def close(self) -> None:
        self._playing = object()
        self._stop_recording()
        self._stream.close()


def capture(media: SwitchMedia, leg: "Leg") -> Announcer:
    """Let an answered leg, which talked to somebody, listen to us: what is played waits for its answer.

    Raises SipError(503) when no port is left.
    """
    announcer = leg.announcer = Announcer(media, leg)
    announcer.invite(leg)
    return announcer
