"""What another server must know of two ends that talk, so as to go on with their call."""

from typing import Annotated

from msgspec import Meta

from magroup.cti.types import Party
from magroup.model.fixed import fixed
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
