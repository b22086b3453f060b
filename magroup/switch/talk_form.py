"""What another server must know of two ends that talk, or of one that waits or hears ringing, to go on with it."""

from typing import Annotated

from msgspec import Meta

from magroup.cti.types import Party
from magroup.model.fixed import fixed
from magroup.sip.errors import GrammarError
from magroup.sip.message import Request, parse_message
from magroup.sip.session_form import Body, HopForm, Number, SessionForm, Text, Value, Values

Numbers = Annotated[tuple[Text, ...], Meta(max_length=64)]


@fixed
class PartyForm:
    """A party."""

    number: Text
    name: Text
    external: bool

    @staticmethod
    def of(party: Party) -> "PartyForm":
        return PartyForm(party.number, party.name, party.external)

    def party(self) -> Party:
        return Party(self.number, self.name, self.external)


@fixed
class RouteForm:
    """A route, as in ``Route``."""

    target: Value
    hop: HopForm
    routes: Values
    trunk: Number
    line: Text


@fixed
class LegForm:
    """One end; the fields are those of Leg. ``version`` and ``address`` are those of the o= line it was sent last."""

    device: Text
    party: PartyForm
    session: SessionForm
    remote_sdp: Body
    is_held: bool
    is_held_here: bool
    digits_by_info: bool | None
    origin: Number
    version: Number
    address: Text
    route: RouteForm | None

    def check(self) -> None:
        """Raises ValueError for what no leg can be made of."""
        self.session.check()
        if self.route is not None:
            self.route.hop.hop()


@fixed
class TalkForm:
    """A call in which two talk: the one that is served, and its peer."""

    caller: LegForm
    peer: LegForm
    forwards: Annotated[int, Meta(ge=0, le=255)]
    passed: Numbers
    came_from: Numbers
    diverted_from: Numbers

    def check(self) -> None:
        """Raises ValueError for what no call can be made of."""
        for leg in (self.caller, self.peer):
            leg.check()
        one, other = self.caller.session, self.peer.session
        if (one.call_id, one.local_tag) == (other.call_id, other.local_tag):
            raise ValueError("both ends are one")


@fixed
class CancelForm:
    """The CANCEL of an INVITE that rings somewhere, as it goes on the wire, and where to.

    ``line`` is the number of the line whose phone had made the connection there, "" where none is needed.
    """

    hop: HopForm
    message: Body
    line: Text = ""

    def check(self) -> None:
        """Raises ValueError for what is sent to nobody, or is no CANCEL."""
        self.hop.hop()
        self.request()

    def request(self) -> Request:
        """Raises ValueError."""
        return _request(self.message, "CANCEL")


@fixed
class WaitingForm:
    """A call at the route point ``number``, whose caller is answered and hears us; ``ringing`` are the phones."""

    caller: LegForm
    number: Text
    ringing: Annotated[tuple[CancelForm, ...], Meta(max_length=64)]
    forwards: Annotated[int, Meta(ge=0, le=255)]
    passed: Numbers
    came_from: Numbers
    diverted_from: Numbers

    def check(self) -> None:
        """Raises ValueError for what no call can be made of."""
        self.caller.check()
        for one in self.ringing:
            one.check()


@fixed
class RingingForm:
    """A call whose caller is not answered yet: its INVITE, where that came from, and whose credentials it had."""

    hop: HopForm
    line: Text
    invite: Body
    ringing: Annotated[tuple[CancelForm, ...], Meta(max_length=64)]

    def check(self) -> None:
        """Raises ValueError for what no call can be begun with."""
        self.hop.hop()
        self.request()
        for one in self.ringing:
            one.check()

    def request(self) -> Request:
        """Raises ValueError."""
        return _request(self.invite, "INVITE")


def _request(data: bytes, method: str) -> Request:
    """Raises ValueError for anything else."""
    try:
        message = parse_message(data)
    except GrammarError as error:
        raise ValueError(str(error)) from None
    if not isinstance(message, Request) or message.method != method:
        raise ValueError(f"no {method}")
    return message
