"""The switch offered to other programs, a switching function in CSTA's words: its clients and what they share."""

from collections import Counter
from collections.abc import Callable, Collection
from itertools import count

from twisted.logger import Logger

from magroup.csta.accounts import Account, Admit, nobody
from magroup.csta.association import Association, Take
from magroup.csta.computing_function import ComputingFunction
from magroup.csta.connection import Connections
from magroup.csta.edition import Profile
from magroup.csta.limits import Limits
from magroup.csta.monitors import Monitor, Monitors
from magroup.csta.routeing import Routeing
from magroup.csta.services import CallControlOf
from magroup.csta.session_messages import TermReason
from magroup.csta.telling import ForwardsTo
from magroup.cti.errors import Failure, ServiceError
from magroup.cti.switch import Switch
from magroup.model.clock import Clock
from magroup.model.forwarding import Forwarding

log = Logger(__name__)
USUAL = Limits()


def its_number(device: str, forwarding: Forwarding) -> str:
    """As long as nobody says where members and mailboxes are."""
    return forwarding.number


class SwitchingFunction:
    """``admit`` looks at credentials; ``trusted`` gives the account of an address that needs none.

    ``known`` gives a device's number as the switch spells it, None for what is none of its own; ``is_line`` tells lines
    from route points; ``forwards_to`` gives the number to which a line's forwarding leads; ``points`` the numbers whose
    calls clients route.
    """

    def __init__(
        self, clock: Clock, switch: Switch, admit: Admit, trusted: Callable[[str], Account | None],
        known: Callable[[str], str | None], limits: Limits = USUAL, forwards_to: ForwardsTo = its_number,
        is_line: Callable[[str], bool] = bool, points: Callable[[], Collection[str]] = tuple,
    ) -> None:  # fmt: skip
        self.clock = clock
        self.switch = switch
        self.admit = admit
        self.limits = limits
        self.services = CallControlOf(switch, forwards_to)
        self.monitors = Monitors(switch, forwards_to, self._monitor_over)
        self.routeing = Routeing(clock, switch, points)
        self.factory = Connections(clock, self)
        self.clients: dict[int, ComputingFunction] = {}
        self.refused: Counter[str] = Counter()
        self.is_line = is_line
        self._trusted = trusted
        self._known = known
        self._numbers = count(1)
        self._references = count(1)
        self._from_address: Counter[str] = Counter()
        self._is_stopping = False

    def admits(self, address: str) -> bool:
        """Whether one more connection of an address is within the limits."""
        if self._is_stopping:
            return False
        if len(self.clients) >= self.limits.clients or self._from_address[address] >= self.limits.clients_per_address:
            self.refused["connections"] += 1
            log.info("CSTA connection from {address} refused: over the limit", address=address)
            return False
        return True

    def connected(
        self, address: str, write: Callable[[bytes], None], close: Callable[[str], None]
    ) -> ComputingFunction:
        """A new client; ``over`` is called with it when its connection is gone."""

        def associate(take: Take) -> Association:
            return Association(self.clock, write, take, Profile(), follows=True)

        return self._enters(address, associate, close, self.admit, self._trusted(address))

    def joined(
        self, address: str, associate: Callable[[Take], Association], close: Callable[[str], None], account: Account
    ) -> ComputingFunction:
        """A new client that has been let in already, by an association of another kind; ``over`` as above."""
        return self._enters(address, associate, close, nobody, account)

    def _enters(
        self, address: str, associate: Callable[[Take], Association], close: Callable[[str], None], admit: Admit,
        trusted: Account | None,
    ) -> ComputingFunction:  # fmt: skip
        number = next(self._numbers)
        client = ComputingFunction(self, number, address, associate, close, admit, trusted)
        self.clients[number] = client
        self._from_address[address] += 1
        return client

    def over(self, client: ComputingFunction, why: str) -> None:
        """The client's connection is gone."""
        for number, one in tuple(self.clients.items()):
            if one is client:
                del self.clients[number]
                self._from_address[client.address] -= 1
                if not self._from_address[client.address]:
                    del self._from_address[client.address]
                self.routeing.over(client)
                client.over()
                log.info("CSTA client {name} from {address} is gone: {why}",
                         name=client.name or "without a session", address=client.address, why=why)  # fmt: skip

    def admit_again(self, still: Callable[[Account, str], Account | None]) -> None:
        """Who may what has changed: ``still`` gives the account of a client, by its former one and its address, if any.

        Sessions without one end.
        """
        for client in tuple(self.clients.values()):
            before = client.session.account
            if before is not None:
                client.session.account = now = still(before, client.address)
                if now is None:
                    client.terminate(TermReason(server_term_reason="this program is not admitted any more"))

    def device_of(self, number: str) -> str:
        """A line or route point, in the switch's spelling. Raises ServiceError."""
        found = self._known(number) if number else None
        if found is None:
            raise ServiceError(Failure.INVALID_DEVICE, f"{number[:60]} is no device of this switch")
        return found

    def next_reference(self) -> str:
        return str(next(self._references))

    def _monitor_over(self, monitor: Monitor) -> None:
        for client in tuple(self.clients.values()):
            client.monitor_over(monitor)

    async def stop(self) -> None:
        """End every session and connection."""
        self._is_stopping = True
        for client in tuple(self.clients.values()):
            client.terminate(TermReason(server_term_reason="magroup stops"))
        await self.factory.stop()
        self.routeing.stop()
        self.monitors.stop()

    def describe(self) -> list[str]:
        """One line per client, for the debug dump."""
        return [str(client) for client in self.clients.values()]
