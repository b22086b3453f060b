"""One end of a call: its session, its sound, holding and transferring; callers and phones add what they want of it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from magroup.load.ear import Ear
from magroup.load.keypad import Keypad
from magroup.load.referral import Referral
from magroup.load.scenario import Callers, Phones, Transfer
from magroup.load.station import Station
from magroup.load.surroundings import Surroundings, voice
from magroup.model.clock import DelayedCall
from magroup.rtp.codec import CODECS
from magroup.rtp.ports import PortError
from magroup.rtp.srtp_keys import RemoteKey
from magroup.rtp.stream import Stream
from magroup.sip import offer_answer
from magroup.sip.accept import IncomingSession
from magroup.sip.errors import SipError
from magroup.sip.info import dialled
from magroup.sip.invite import OutgoingSession
from magroup.sip.message import Request, Response
from magroup.sip.modify import Offer
from magroup.sip.refer import IncomingRefer
from magroup.sip.sdes import Policy, Sdes
from magroup.sip.sdp import Direction
from magroup.sip.sdp import Session as Description
from magroup.sip.uri import sip_uri

if TYPE_CHECKING:
    from magroup.load.consultation import Consultation

_ORIGIN = b"o=- 1 1 "


class Party(Protocol):
    """Whose call it is: a phone or a caller."""

    around: Surroundings
    station: Station
    number: str
    contact_user: str

    def authenticate(self, request: Request, response: Response) -> dict[str, list[str]] | None:
        """The answer to a challenge, None where there is none."""


class Conversation:
    """The owner of a session (see SessionUser). ``hertz`` is the tone that this end says."""

    hertz = 0.0

    def __init__(self, party: Party) -> None:
        self.party = party
        self.around = party.around
        self.station = party.station
        self.session: OutgoingSession | IncomingSession
        self.ear: Ear | None = None
        self.answered_at: float | None = None
        self.referral: Referral | None = None
        self.consultation: Consultation | None = None
        self.keypad: Keypad | None = None
        self.is_over = False
        self._stream: Stream | None = None
        self._version = 0
        self._timers: list[DelayedCall] = []

    def after(self, seconds: float, do: Callable[..., None], *arguments: object) -> None:
        """Do something later, unless the call is over then."""
        self._timers = [timer for timer in self._timers if timer.active()]
        self._timers.append(self.around.after(seconds, do, *arguments))

    # sound

    def offer(self, direction: Direction = Direction.SENDRECV) -> bytes:
        """Raises PortError."""
        host, port = self._place()
        return self._next(offer_answer.offer(host, port, self.around.sound.codecs, direction, sdes=self._keys()))

    def agree(self, offer: bytes) -> bytes:
        """The answer to an offer. Raises SipError, PortError."""
        host, port = self._place()
        offered, codecs = Description.parse(offer), self.around.sound.codecs
        answer, audio = offer_answer.answer(offered, host, port, codecs, sdes=self._keys())
        self._connect(audio)
        return self._next(answer)

    def listen(self, answer: bytes, direction: Direction = Direction.SENDRECV) -> None:
        """Take the answer to our offer. Raises SipError."""
        codecs = self.around.sound.codecs
        self._connect(offer_answer.accept(Description.parse(answer), codecs, direction, sdes=self._keys()))

    def _keys(self) -> Sdes | None:
        """How the descriptions speak of SRTP; plain sound is refused then."""
        stream = self._stream
        return Sdes(Policy.REQUIRED, stream.srtp_key) if self.around.sound.srtp and stream is not None else None

    def _next(self, description: bytes) -> bytes:
        """Each description that differs has the next version in its o= line (RFC 3264 section 8)."""
        self._version += 1
        return description.replace(_ORIGIN, b"o=- 1 %d " % self._version, 1)

    def _place(self) -> tuple[str, int]:
        address = self.station.address
        if self.around.sound.rtp == "none":
            return address, self.around.sinks[address]
        if self._stream is None:
            stream = self._stream = self.around.media.open(address)
            self.ear = Ear(self.around.now)
            stream.on_payload = self.ear.heard
            stream.on_dtmf = self._key_heard
        return self._stream.local_host, self._stream.local_port

    def _connect(self, audio: offer_answer.AgreedAudio) -> None:
        stream = self._stream
        if stream is None:
            return
        if audio.host not in self.around.hosts:
            raise SipError(488, f"Sound at {audio.host[:60]}, which is not among the hosts that may be sent to")
        key = audio.srtp
        try:
            rtcp = audio.rtcp if audio.rtcp[1] and audio.rtcp[0] in self.around.hosts and not audio.rtcp_mux else None
            stream.connect(audio.host, audio.port, CODECS[audio.codec], audio.dtmf, audio.payload,
                           rtcp_mux=audio.rtcp_mux, rtcp_address=rtcp,
                           srtp=RemoteKey(key.suite, key.master, key.mki) if key is not None else None)  # fmt: skip
        except ValueError:
            raise SipError(488) from None
        stream.hold(not audio.direction.sends)
        if self.ear is not None and not audio.direction.receives:
            self.ear.pause()

    def talk(self) -> None:
        """The call was answered: from now on something is said, if sound is sent at all."""
        self.answered_at = self.around.now()
        if self._stream is not None and self.around.sound.rtp == "both":
            self._stream.play([voice(self.hertz)], True)

    def send_event(self, key: str) -> bool:
        """Press a key; False where no telephone events were agreed on."""
        return self._stream is not None and self._stream.send_dtmf(key)

    def _key_heard(self, key: str) -> None:
        if self.ear is not None:
            # Sound waits meanwhile.
            self.ear.pause()
        if self.keypad is not None:
            self.keypad.heard(key)

    # what is done during the call

    def plan(self, table: Phones | Callers, targets: tuple[str, ...], other: str) -> None:
        """Hold, transfer, press keys, if it is one of those calls.

        ``targets`` are the numbers to transfer to, ``other`` is that of the other end.
        """
        chance, hold, transfer, digits = self.around.chance, table.hold, table.transfer, table.digits
        if hold is not None and chance.happens(hold.share):
            self.after(chance.span(hold.after), self._hold, chance.span(hold.seconds))
        if transfer is not None and chance.happens(transfer.share):
            do = self._consult if chance.happens(transfer.attended) else self._transfer
            self.after(chance.span(transfer.after), do, chance.one(targets), transfer)
        if digits is not None:
            self.keypad = Keypad(self, digits, self.party.number, other)
            if digits.send and chance.happens(digits.share):
                self.after(chance.span(digits.after), self.keypad.press)

    def _hold(self, seconds: float) -> None:
        self._change(Direction.SENDONLY, lambda: self.after(seconds, self._retrieve))

    def _retrieve(self) -> None:
        self._change(Direction.SENDRECV, lambda: None)

    def _change(self, direction: Direction, done: Callable[[], None]) -> None:
        measures, started = self.around.measures, self.around.now()
        if self.ear is not None:
            self.ear.pause()

        def changed(status: int, sdp: bytes) -> None:
            try:
                if status < 300 and sdp:
                    self.listen(sdp, direction)
            except SipError as error:
                status = error.status
            if status >= 300:
                measures.count("holds_failed")
                measures.reason("holds", str(status))
                return
            measures.count("holds")
            measures.record("hold_time", self.around.now() - started)
            done()

        try:
            self.session.modifier.change(self.offer(direction), changed)
        except PortError as error:
            measures.reason("holds", str(error))

    def _consult(self, number: str, transfer: Transfer) -> None:
        """Hold, and call the number; the two are connected later."""
        from magroup.load.consultation import Consultation

        def call() -> None:
            self.consultation = Consultation(
                self.party, self.hertz, self.around.chance.span(transfer.consult), self._refer, self._not_consulted
            )
            self.consultation.start(number)

        self._change(Direction.SENDONLY, call)

    def _not_consulted(self, why: str) -> None:
        """The call is taken back, unless the consultation ended since its other end has the call."""
        if self.is_over or self.referral is not None:
            return
        self.consultation = None
        self.around.measures.count("transfers_failed")
        self.around.measures.reason("transfers", f"consultation: {why}")
        self._retrieve()

    def _transfer(self, number: str, transfer: Transfer) -> None:
        self._refer(sip_uri(number, self.around.domain))

    def _refer(self, target: str) -> None:
        self.referral = Referral(self.session, self.around.now(), self._referred)
        self.referral.send(target, self.station)

    def _referred(self, status: int) -> None:
        """The outcome of the transfer."""
        measures, referral = self.around.measures, self.referral
        if referral is None or self.is_over:
            return
        if status >= 300:
            self.referral = None
            # 487: the other end hung up before it was sent on.
            if status != 487:
                measures.count("transfers_failed")
            measures.reason("transfers", str(status))
            if self.consultation is not None:
                self.consultation.hang_up()
                self.consultation = None
                self._retrieve()
            return
        measures.record("transfer_time", self.around.now() - referral.started)
        self.hang_up()

    def hang_up(self) -> None:
        """End the call, whatever its state."""
        raise NotImplementedError

    def close(self) -> None:
        """The call is over: forget timers and sound, and count what was heard."""
        self.is_over = True
        if self.keypad is not None:
            self.keypad.judge()
        if self.consultation is not None:
            self.consultation.hang_up()
        for timer in self._timers:
            if timer.active():
                timer.cancel()
        self._timers.clear()
        if self.referral is not None and self.referral.is_accepted:
            self.around.measures.count("transfers")
        stream, self._stream = self._stream, None
        if stream is not None:
            self._count(stream)
            stream.close()

    def _count(self, stream: Stream) -> None:
        ear, measures, statistics = self.ear, self.around.measures, stream.statistics()
        if ear is None or self.answered_at is None:
            return
        measures.count("rtp_streams")
        measures.count("rtp_refused", statistics.refused)
        if not ear.packets:
            measures.count("rtp_silent")
            return
        if not ear.is_sound:
            measures.count("rtp_no_sound")
        lost = max(statistics.packets_lost, 0)
        measures.count("rtp_packets", statistics.packets_received)
        measures.count("rtp_lost", lost)
        measures.count("rtp_misordered", ear.misordered)
        measures.record("rtp_loss", lost / (lost + statistics.packets_received))
        measures.record("rtp_jitter", statistics.jitter)
        measures.record("rtp_gap", ear.gap)

    # what the session reports, to both kinds alike

    def progressed(self, status: int, sdp: bytes, response: Response) -> None:
        """Of callers only."""

    def answered(self, sdp: bytes, response: Response) -> None:
        """Of callers only."""

    def rejected(self, status: int, reason: str, response: Response) -> None:
        """Of callers only."""

    def acknowledged(self, sdp: bytes) -> None:
        if sdp:
            try:
                self.listen(sdp)
            except SipError as error:
                self.around.measures.reason("sound", str(error))

    def cancelled(self, reason: str) -> None:
        """Of phones only."""

    def offered(self, offer: Offer) -> None:
        try:
            if offer.sdp:
                offer.accept(self.agree(offer.sdp))
            else:
                offer.accept(self.offer(), self.acknowledged)
        except (SipError, PortError) as error:
            self.around.measures.reason("sound", str(error))
            offer.reject(488)

    def referred(self, refer: IncomingRefer) -> None:
        refer.reject(603)

    def informed(self, request: Request, respond: Callable[[int], None]) -> None:
        respond(200)
        if key := dialled(request):
            self._key_heard(key)

    def ended(self, cause: str) -> None:
        """The other end hung up."""
        raise NotImplementedError
