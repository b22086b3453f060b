"""The registration of one virtual line, each REGISTER of which is measured (RFC 3261 section 10.2)."""

from magroup.load.station import Station
from magroup.load.surroundings import Surroundings
from magroup.model.clock import DelayedCall
from magroup.sip.challenge import Answers
from magroup.sip.dialog import MAX_FORWARDS
from magroup.sip.errors import SipError
from magroup.sip.message import Request, Response
from magroup.sip.uri import sip_uri

RETRY = 5.0
SHORTEST = 1.0


class Registration:
    """``again`` is the seconds after which it registers again, 0: when four fifths of what was granted are over.

    ``problem`` is why it could not register the last time, "" if it could.
    """

    def __init__(
        self, around: Surroundings, station: Station, number: str, contact_user: str, answers: Answers, expires: int,
        again: float,
    ) -> None:  # fmt: skip
        self.number = number
        self.is_registered = False
        self.problem = ""
        self._station = station
        self._around = around
        self._measures = around.measures
        self._contact_user = contact_user
        self._registrar = sip_uri("", around.domain)
        self._address = sip_uri(number, around.domain)
        self._answers = answers
        self._expires = expires
        self._again = again
        self._is_wanted = False
        self._timer: DelayedCall | None = None
        self._due = 0.0
        self._started = 0.0
        self._sequence = 0
        token = station.endpoint.layer.token
        self._call_id, self._tag = token() + token(), token()

    def start(self, due: float = 0.0) -> None:
        """Register, which was ``due`` at that time: it is registered again so long after that.

        What comes late together does not stay together.
        """
        self._is_wanted = True
        self._due = due or self._around.now()
        self._begin(self._expires)

    def stop(self) -> None:
        """Unregister, if it is registered."""
        self._is_wanted = False
        timer, self._timer = self._timer, None
        if timer is not None and timer.active():
            timer.cancel()
        if self.is_registered:
            self._begin(0)

    def _begin(self, expires: int) -> None:
        self._timer = None
        self._started = self._around.now()
        self._send(expires, 0, None)

    def _send(self, expires: int, attempt: int, refused: tuple[Request, Response] | None) -> None:
        endpoint, hop = self._station.endpoint, self._station.server
        self._sequence += 1
        contact = endpoint.contact(hop, self._contact_user)
        request = Request(
            "REGISTER",
            self._registrar,
            {"Max-Forwards": MAX_FORWARDS, "From": [f"<{self._address}>;tag={self._tag}"],
             "To": [f"<{self._address}>"], "Call-ID": [self._call_id], "CSeq": [f"{self._sequence} REGISTER"],
             "Contact": [f"{contact};expires={expires}"], "Expires": [str(expires)], "User-Agent": [endpoint.agent]},
        )  # fmt: skip
        try:
            if refused is None:
                request.headers.update(self._answers.repeat(request))
            else:
                request.headers.update(self._answers.answer(refused[1], refused[0], attempt - 1))
        except SipError as error:
            self._failed(str(error))
            return

        def heard(response: Response) -> None:
            if response.status in (401, 407):
                self._send(expires, attempt + 1, (request, response))
            elif response.status >= 300:
                why = f"{response.status} {response.reason}"
                self._failed(why if response.headers.get("Via") else f"{why} (no answer)")
            elif response.status >= 200:
                self._accepted(response, expires)

        endpoint.layer.request(request, hop, heard)

    def _accepted(self, response: Response, expires: int) -> None:
        now = self._around.now()
        if expires:
            self._measures.count("registrations")
            self._measures.record("register_time", now - self._started)
        self.is_registered = bool(expires)
        self.problem = ""
        if self._is_wanted:
            granted = response.number("Expires") or expires
            self._due = max(self._due + (self._again or granted * 0.8), now)
            self._timer = self._around.after(max(self._due - now, SHORTEST), self._begin, self._expires)
        elif expires:
            # It was given up while this was under way.
            self._begin(0)

    def _failed(self, why: str) -> None:
        self._measures.count("registrations_failed")
        self._measures.reason("registrations", why if self._is_wanted else f"unregistering: {why}")
        self.is_registered = False
        self.problem = why
        if self._is_wanted:
            self._timer = self._around.after(RETRY, self._begin, self._expires)
