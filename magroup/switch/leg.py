"""A leg: one end of a call. It alone knows its SIP session; the call hears call control (design rule 6)."""

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, Protocol, cast

from magroup.cti.types import Party
from magroup.sip.change import Change
from magroup.sip.hop import Hop
from magroup.sip.message import Request, Response
from magroup.sip.modify import Offer
from magroup.sip.refer import IncomingRefer
from magroup.sip.sdp_relay import Origin
from magroup.sip.session import Session
from magroup.sip.session_state import SessionState

if TYPE_CHECKING:
    from magroup.switch.media import Announcer
    from magroup.switch.stand_in import StandIn


class LegOwner(Protocol):
    """A call, or what rings one of its devices."""

    def leg_progressed(self, leg: "Leg", status: int, sdp: bytes) -> None: ...

    def leg_answered(self, leg: "Leg", sdp: bytes) -> None: ...

    def leg_rejected(self, leg: "Leg", status: int, reason: str, response: Response) -> None: ...

    def leg_acknowledged(self, leg: "Leg", sdp: bytes) -> None: ...

    def leg_cancelled(self, leg: "Leg", reason: str) -> None: ...

    def leg_offered(self, leg: "Leg", offer: Offer) -> None: ...

    def leg_referred(self, leg: "Leg", refer: IncomingRefer) -> None: ...

    def leg_informed(self, leg: "Leg", request: Request, respond: Callable[[int], None]) -> None: ...

    def leg_dialled(self, leg: "Leg", digit: str) -> None: ...

    def leg_ended(self, leg: "Leg", cause: str) -> None: ...


NOBODY = cast(LegOwner, None)
"""Who owns a leg that is over: it has nothing to say, and must not keep the call in memory, nor the call it."""


class Route(NamedTuple):
    """How a called end is reached: the Request-URI, the hop, the Route values, the trunk's id (0: none), the
    line whose contact it is.
    """

    target: str
    hop: Hop
    routes: tuple[str, ...] = ()
    trunk: int = 0
    line: str = ""


class Leg:
    """One end. ``remote_sdp`` is the last session description the peer sent, ``announcer`` what it hears from us.

    ``digits_by_info`` says how the peer sends digits, None until the first: who sends them both ways dials once.
    ``relayed`` is the other end's change that was passed on to this one and has no answer yet. ``is_held`` says that
    the end holds its call, ``is_held_here`` that the switch does so for it, by a service; ``stand_ins`` are its places
    in other calls that it holds so, the newest last.

    Each leg shows its peer one origin (o=) of its own, whose version grows when the media changes (RFC 3264 section 8).
    """

    __slots__ = ("announcer", "device", "digits_by_info", "is_held", "is_held_here", "origin", "origin_id",
                 "owner", "party", "relayed", "remote_sdp", "route", "session", "stand_ins")  # fmt: skip

    def __init__(
        self, owner: LegOwner | None, device: str, party: Party, origin: int, route: Route | None = None
    ) -> None:
        if owner is not None:
            self.owner: LegOwner = owner
        self.device = device
        self.party = party
        self.session: Session
        self.route = route
        self.remote_sdp = b""
        self.is_held = False
        self.is_held_here = False
        self.stand_ins: tuple[StandIn, ...] = ()
        self.digits_by_info: bool | None = None
        self.relayed: Change | None = None
        self.announcer: Announcer | None = None
        self.origin_id = origin
        self.origin: Origin | None = None

    @property
    def is_up(self) -> bool:
        """Whether the leg is answered and not over."""
        return self.session.state is SessionState.CONFIRMED

    @property
    def call_id(self) -> str:
        """The Call-ID of its dialog, "" before there is one."""
        dialog = self.session.dialog
        if dialog is not None:
            return dialog.call_id
        invite: Request | None = getattr(self.session, "invite", None)
        return invite.call_id if invite is not None else ""

    @property
    def local_host(self) -> str:
        """Our address towards this peer."""
        endpoint = self.session.endpoint
        dialog = self.session.dialog
        hop = dialog.hop if dialog is not None else getattr(self.session, "hop")  # noqa: B009
        return endpoint.layer.sender.shown(hop)[0]

    def own(self, sdp: bytes) -> bytes:
        """A session description from elsewhere as this leg's own: its origin, a new version when the media changed."""
        if not sdp:
            return b""
        if self.origin is None:
            self.origin = Origin(self.origin_id, self.local_host)
        return self.origin.stamp(sdp)

    def change(self, sdp: bytes, done: Callable[[int, bytes], None]) -> Change:
        """Re-INVITE with another end's description; b"" asks the peer for its offer (then ``complete``)."""

        def changed(status: int, answer: bytes) -> None:
            if status < 300 and answer:
                self.remote_sdp = answer
            done(status, answer)

        return self.session.modifier.change(self.own(sdp), changed)

    def complete(self, sdp: bytes) -> None:
        """Give the answer to the offer that a change without description brought."""
        self.session.modifier.acknowledge(self.own(sdp))

    def hang_up(self, reason: str = "") -> None:
        """End the leg whatever its state; it says nothing any more. ``reason``: a Reason header value.

        A phone that holds other calls is in the last of them again.
        """
        self.silence()
        if self.stand_ins and self.is_up:
            self.stand_ins[-1].phone_is_free()
        else:
            self.session.bye(reason)

    def silence(self) -> None:
        """Stop what plays to this leg and free its port."""
        announcer, self.announcer = self.announcer, None
        if announcer is not None:
            announcer.close()

    # what the session reports

    def progressed(self, status: int, sdp: bytes, response: Response) -> None:
        if sdp:
            self.remote_sdp = sdp
        self.owner.leg_progressed(self, status, sdp)

    def answered(self, sdp: bytes, response: Response) -> None:
        if sdp:
            self.remote_sdp = sdp
        self.owner.leg_answered(self, self.remote_sdp)

    def rejected(self, status: int, reason: str, response: Response) -> None:
        self.silence()
        self.owner.leg_rejected(self, status, reason, response)

    def acknowledged(self, sdp: bytes) -> None:
        if sdp:
            self.remote_sdp = sdp
        self.owner.leg_acknowledged(self, sdp)

    def cancelled(self, reason: str) -> None:
        self.silence()
        self.owner.leg_cancelled(self, reason)

    def offered(self, offer: Offer) -> None:
        if offer.sdp:
            self.remote_sdp = offer.sdp
        self.owner.leg_offered(self, offer)

    def referred(self, refer: IncomingRefer) -> None:
        self.owner.leg_referred(self, refer)

    def informed(self, request: Request, respond: Callable[[int], None]) -> None:
        self.owner.leg_informed(self, request, respond)

    def dialled(self, digit: str, by_info: bool) -> None:
        """The peer, who listens to us, has pressed a key."""
        if self.digits_by_info is None:
            self.digits_by_info = by_info
        if self.digits_by_info is by_info:
            self.owner.leg_dialled(self, digit)

    def ended(self, cause: str) -> None:
        self.silence()
        self.owner.leg_ended(self, cause)
        for stand_in in self.stand_ins:
            stand_in.phone_is_gone()

    def __str__(self) -> str:
        return f"{self.device} {self.session.state.name}"
