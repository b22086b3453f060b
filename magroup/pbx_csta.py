"""A PBX beside the embedded switch that speaks CSTA: its link, its lines, and which of its calls are ours already."""

from collections.abc import Callable
from random import random
from typing import Any, Final

from twisted.internet.endpoints import HostnameEndpoint, SSL4ClientEndpoint, connectProtocol
from twisted.internet.task import deferLater

from magroup.csta.client_session import Peer
from magroup.csta.edition import Edition, LoginForm, Profile
from magroup.csta.link import Link
from magroup.csta.switch import CstaSwitch
from magroup.cti.errors import Failure, ServiceError
from magroup.cti.switch import Switch
from magroup.cti.trunk_legs import TrunkLegs
from magroup.cti.types import ConnectionId, ConnectionState, Party
from magroup.model.configuration import Configuration
from magroup.model.forwarding import Forwarding
from magroup.model.numbers import LONGEST_LOCAL_EXTENSION
from magroup.model.pbx import CstaPlace
from magroup.model.settings import CstaLinkSettings
from magroup.model.standing import LinkStanding
from magroup.pbx_lines import lines_on_pbx
from magroup.sip.tls import ClientTls

NODE: Final = "csta"
"""What the ids of the PBX's calls begin with."""

CONNECT_SECONDS = 10
MOST_NAMED = 20
BUSY_PAUSES = (0.2, 0.5, 1.0, 2.0, 5.0)
"""How long to wait before a question that the PBX was too busy to answer is asked again."""


class CstaPbx(CstaSwitch):
    """``own`` has the route points, and the calls whose legs over the trunk are left out here."""

    def __init__(
        self, reactor: Any, place: CstaPlace, link: CstaLinkSettings, password: str, own: Switch,
        configuration: Callable[[], Configuration],
    ) -> None:  # fmt: skip
        # Records of calls have these ids for ever, and a PBX gives its own again.
        prefix = f"{NODE}-{int(reactor.seconds()):x}-"
        super().__init__(reactor, lines_on_pbx(configuration()), own, self._party, prefix)
        self._place = place
        self._configuration = configuration
        self._own_points: frozenset[str] = frozenset()
        self.legs = TrunkLegs(own, self._is_mine, self._is_own, link.trunk)
        self.hidden.is_ours = self.legs.has
        self.legs.changed = self.judge_again
        endpoint: Any
        if place.tls:
            context = ClientTls(link.tls_authorities, link.tls_verify).context(place.host)
            endpoint = SSL4ClientEndpoint(reactor, place.host, place.port, context, CONNECT_SECONDS)
        else:
            endpoint = HostnameEndpoint(reactor, place.host, place.port, CONNECT_SECONDS)
        profile = Profile(Edition(link.edition), LoginForm(link.login), keeps_extensions=True)
        peer = Peer(profile, link.user, password, link.sessions)
        self._link = Link(reactor, self, peer, lambda session: connectProtocol(endpoint, session), random)

    def start(self) -> None:
        """Link."""
        self.legs.start()
        self._link.start()

    async def stop(self) -> None:
        """End the link in good order."""
        self.legs.stop()
        await self._link.stop()

    def standing(self) -> LinkStanding:
        """How the link stands."""
        monitored = self.lines.intersection(self.device_of.values()) if self.is_linked else frozenset()
        why, at = self.trouble
        names = None if self.permitted is None else tuple(sorted(self.permitted))
        return LinkStanding(
            "CSTA III", str(self._place), self.is_linked, self.since, self.down, why, at, names, len(self.lines),
            sum(map(self.in_service, self.lines)), len(monitored), tuple(sorted(self.lines - monitored)[:MOST_NAMED]),
            len(self.calls()), len(self.hidden),
        )  # fmt: skip

    def configure(self, configuration: Configuration) -> None:
        """The lines may be others."""
        lines = lines_on_pbx(configuration)
        if lines != self.lines:
            self.set_lines(lines)

    def route_register(self, devices: Any) -> None:
        """They are ours: the PBX has but a route to them, over the trunk."""
        self._own_points = frozenset(devices)

    def leg_of(self, connection: ConnectionId) -> ConnectionId | None:
        """Where a call of ours rings at a line of the PBX: the PBX's own part of it, if it is known for sure."""
        line = connection.device
        calls = [self.model.calls[call_id] for call_id in self.hidden if call_id in self.model.calls]
        found = [
            part.id
            for call in calls
            if (part := call.connection(line)) is not None
            and part.state is ConnectionState.ALERTING
            and self.legs.is_leg(call, line, connection.call_id)
        ]
        return found[0] if len(found) == 1 else None

    async def get_forwarding(self, device: str) -> Forwarding:
        """Asked again where the PBX is asked too much at once: after a link was down that is so for all lines."""
        clock: Any = self.clock
        for pause in BUSY_PAUSES:
            try:
                return await super().get_forwarding(device)
            except ServiceError as error:
                if error.failure is not Failure.RESOURCE_BUSY or not self.is_linked:
                    raise
            await deferLater(clock, pause, lambda: None)
        return await super().get_forwarding(device)

    def _is_mine(self, number: str) -> bool:
        return number in self.lines

    def _is_own(self, number: str) -> bool:
        """A manager number, or a line whose phones register here."""
        if number in self._own_points:
            return True
        line = self._configuration().line(number)
        return line is not None and not line.on_pbx

    def _party(self, number: str) -> Party:
        known = self._configuration().known(number)
        is_inside = known.line is not None or len(number) <= LONGEST_LOCAL_EXTENSION
        return Party(number, known.name, external=not is_inside)
