"""A demo phone: a real SIP user agent on loopback with one line, sound in both directions, and a will of its own."""

from collections.abc import Callable
from random import Random
from uuid import NAMESPACE_URL, uuid5

from twisted.logger import Logger

from magroup.rtp.media import Media
from magroup.rtp.ports import PortError
from magroup.rtp.sound import Sound
from magroup.rtp.stream import Stream
from magroup.sip import offer_answer
from magroup.sip.accept import IncomingSession
from magroup.sip.challenge import Answers, Credentials
from magroup.sip.endpoint import Endpoint
from magroup.sip.errors import SipError
from magroup.sip.headers import format_address
from magroup.sip.hop import Hop
from magroup.sip.invite import OutgoingSession
from magroup.sip.message import Request, Response
from magroup.sip.modify import Offer
from magroup.sip.refer import IncomingRefer
from magroup.sip.register import Registering
from magroup.sip.sdp import Session as Description
from magroup.sip.server_transaction import InviteServerTransaction, ServerTransaction
from magroup.sip.session import Session
from magroup.sip.timers import Timer
from magroup.sip.uri import sip_uri
from magroup.switch.media import connect_stream

log = Logger()
ANSWERS_AFTER = (3.0, 9.0)
TALKS_FOR = (8.0, 25.0)
STEERED = 60.0
"""Seconds for which a call goes on once somebody has held it, taken it back or sent it on."""


class DemoPhone:
    """One phone of the demo company. ``registrar`` is the switch, ``sound`` what its people say."""

    def __init__(
        self, endpoint: Endpoint, media: Media, registrar: Hop, number: str, name: str, secret: str, sound: Sound,
        random: Random,
    ) -> None:  # fmt: skip
        self.number = number
        self.name = name
        self.call: DemoCall | None = None
        self.endpoint = endpoint
        self.media = media
        self.sound = sound
        self.random = random
        self.registrar = registrar
        self.answers = Answers(Credentials(number, secret))
        self.domain = registrar.host
        self._registering = Registering(
            endpoint, registrar, sip_uri("", registrar.host, registrar.port), sip_uri(number, registrar.host), number,
            Credentials(number, secret), self._registered, 300, f"urn:uuid:{uuid5(NAMESPACE_URL, number)}",
        )  # fmt: skip
        endpoint.methods["INVITE"] = self._invited

    def start(self) -> None:
        self._registering.start()

    def stop(self) -> None:
        """Hang up and unregister."""
        if self.call is not None:
            self.call.hang_up()
        self._registering.stop()

    @property
    def is_idle(self) -> bool:
        return self.call is None and self._registering.is_registered

    def dial(self, number: str) -> None:
        """Call a number, talk for a while, hang up."""
        call = DemoCall(self)
        session = OutgoingSession(self.endpoint, call, self.registrar, self.number)
        call.session = session
        session.authenticator = self._authenticate
        target = sip_uri(number, self.registrar.host, self.registrar.port)
        me = format_address(self.name, sip_uri(self.number, self.registrar.host))
        try:
            offer = call.offer()
        except PortError as error:
            log.warn("Demo phone {number}: {error}", number=self.number, error=str(error))
            return
        self.call = call
        session.call(target, me, f"<{target}>", offer, {})
        call.after(60.0, call.hang_up)

    def _registered(self, is_registered: bool, what: str) -> None:
        if not is_registered:
            log.warn("Demo phone {number} is not registered: {what}", number=self.number, what=what)

    def _authenticate(self, request: Request, response: Response) -> dict[str, list[str]] | None:
        try:
            return self.answers.answer(response, request)
        except SipError:
            return None

    def _invited(self, transaction: ServerTransaction, request: Request, hop: Hop) -> None:
        if self.call is not None or not isinstance(transaction, InviteServerTransaction):
            raise SipError(486)
        call = DemoCall(self)
        session = IncomingSession(self.endpoint, call, transaction, request, hop, self.number)
        call.session = session
        self.call = call
        session.progress(180)
        call.after(self.random.uniform(*ANSWERS_AFTER), call.answer)


class DemoCall:
    """The phone's one call, as the session's user."""

    def __init__(self, phone: DemoPhone) -> None:
        self.session: Session
        self._phone = phone
        self._stream: Stream | None = None
        self._timer: Timer | None = None

    def after(self, seconds: float, do: Callable[[], None]) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._phone.endpoint.layer.timers.after(seconds, do)

    def _open(self) -> Stream:
        if self._stream is None:
            self._stream = self._phone.media.open(self._phone.registrar.host)
        return self._stream

    def offer(self) -> bytes:
        """Raises PortError."""
        stream = self._open()
        return offer_answer.offer(stream.local_host, stream.local_port)

    def answer(self) -> None:
        session = self.session
        if isinstance(session, IncomingSession):
            try:
                session.answer(self._agree(session.offer) if session.offer else self.offer())
            except (SipError, PortError):
                session.reject(488)
                self._over()
                return
            self._talk()

    def _agree(self, offer: bytes) -> bytes:
        stream = self._open()
        answer, audio = offer_answer.answer(Description.parse(offer), stream.local_host, stream.local_port)
        connect_stream(stream, audio)
        return answer

    def _listen(self, answer: bytes) -> None:
        connect_stream(self._open(), offer_answer.accept(Description.parse(answer)))

    def _talk(self) -> None:
        self._open().play([self._phone.sound], True)
        self.after(self._phone.random.uniform(*TALKS_FOR), self.hang_up)

    def hang_up(self) -> None:
        self.session.bye()
        self._over()

    def _over(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._stream is not None:
            self._stream.close()
            self._stream = None
        if self._phone.call is self:
            self._phone.call = None

    # what the session reports

    def progressed(self, status: int, sdp: bytes, response: Response) -> None:
        """The other end rings."""

    def answered(self, sdp: bytes, response: Response) -> None:
        try:
            self._listen(sdp)
        except SipError:
            self.hang_up()
            return
        self._talk()

    def rejected(self, status: int, reason: str, response: Response) -> None:
        self._over()

    def acknowledged(self, sdp: bytes) -> None:
        if sdp:
            try:
                self._listen(sdp)
            except SipError:
                self.hang_up()

    def cancelled(self, reason: str) -> None:
        self._over()

    def offered(self, offer: Offer) -> None:
        try:
            if offer.sdp:
                offer.accept(self._agree(offer.sdp))
            else:
                offer.accept(self.offer(), self.acknowledged)
        except (SipError, PortError):
            offer.reject(488)
        else:
            self.after(STEERED, self.hang_up)

    def referred(self, refer: IncomingRefer) -> None:
        refer.reject(603)

    def informed(self, request: Request, respond: Callable[[int], None]) -> None:
        respond(200)

    def ended(self, cause: str) -> None:
        self._over()
