"""A virtual phone that is called: it rings, and then does what its table says."""

from magroup.load.conversation import Conversation
from magroup.load.numbers import filled
from magroup.load.scenario import Answer, Phones
from magroup.load.station import Station
from magroup.load.surroundings import PHONES_HERTZ, Surroundings
from magroup.rtp.ports import PortError
from magroup.sip.accept import IncomingSession
from magroup.sip.challenge import Answers, Credentials
from magroup.sip.errors import SipError
from magroup.sip.hop import Hop
from magroup.sip.message import Request, Response
from magroup.sip.server_transaction import InviteServerTransaction
from magroup.sip.uri import sip_uri

REFUSALS: dict[Answer, int] = {"busy": 486, "decline": 603, "absent": 480}


class Phone:
    """``targets`` are the numbers that it transfers to."""

    def __init__(
        self, around: Surroundings, station: Station, number: str, table: Phones, targets: tuple[str, ...]
    ) -> None:  # fmt: skip
        self.around = around
        self.station = station
        self.number = number
        self.table = table
        self.targets = targets
        self.answers = Answers(Credentials(filled(table.login, number), filled(table.secret, number)))
        self.calls: set[PhoneCall] = set()
        self.contact_user = station.add(number, self)

    def invited(self, transaction: InviteServerTransaction, request: Request, hop: Hop) -> None:
        """Called by the station. Raises SipError."""
        around = self.around
        around.measures.count("phone_rings")
        since = around.times.take(request.from_.uri.number, around.now())
        if since is not None:
            around.measures.record("ring_delay", since)
        answer: Answer = around.chance.answer(self.table.answer)
        if len(self.calls) >= self.table.calls:
            answer = "busy"
        if answer in REFUSALS:
            raise SipError(REFUSALS[answer])
        call = PhoneCall(self, request.from_.uri.number)
        call.session = call.incoming = IncomingSession(
            self.station.endpoint, call, transaction, request, hop, self.contact_user
        )
        call.session.authenticator = self.authenticate
        self.calls.add(call)
        call.ring(answer)

    def authenticate(self, request: Request, response: Response) -> dict[str, list[str]] | None:
        """The answer to a challenge, None where there is none."""
        try:
            return self.answers.answer(response, request)
        except SipError:
            return None

    def hang_up(self) -> None:
        """End all calls."""
        for call in tuple(self.calls):
            call.hang_up()


class PhoneCall(Conversation):
    """A call at a phone."""

    hertz = PHONES_HERTZ

    def __init__(self, phone: Phone, from_: str) -> None:
        super().__init__(phone)
        self._from = from_
        self.incoming: IncomingSession
        self._phone = phone

    def ring(self, answer: Answer) -> None:
        """Ring, then do this."""
        self.incoming.progress(180)
        seconds = self.around.chance.span(self._phone.table.after)
        if answer == "answer":
            self.after(seconds, self._answer)
        elif answer == "redirect":
            self.after(seconds, self._redirect)

    def _answer(self) -> None:
        session, table = self.incoming, self._phone.table
        try:
            sdp = self.agree(session.offer) if session.offer else self.offer()
        except (SipError, PortError) as error:
            self.around.measures.reason("sound", str(error))
            session.reject(488)
            self._over()
            return
        session.answer(sdp)
        self.around.measures.count("phone_answers")
        self.talk()
        if self.ear is not None:
            answered = self.around.now()
            self.ear.when_heard(lambda now: self.around.measures.record("phone_audio", now - answered))
        if table.talk is not None:
            self.after(self.around.chance.span(table.talk), self.hang_up)
        self.plan(table, self._phone.targets, self._from)

    def _redirect(self) -> None:
        target = sip_uri(self._phone.table.redirect_to, self.around.domain)
        self.incoming.reject(302, headers={"Contact": f"<{target}>"})
        self._over()

    def hang_up(self) -> None:
        self.session.bye()
        self._over()

    def cancelled(self, reason: str) -> None:
        self._over()

    def ended(self, cause: str) -> None:
        self._over()

    def _over(self) -> None:
        self._phone.calls.discard(self)
        self.close()
