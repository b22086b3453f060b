"""Trunks: which calls come from them and go to them."""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Any, Final

from magroup.model.lines import Trunk
from magroup.sip.endpoint import Endpoint
from magroup.sip.hop import Hop
from magroup.sip.session import Authenticator
from magroup.sip.timers import Timers
from magroup.switch.trunk_state import Resolve, TrunkState, networks_of

MOST_SOURCES: Final = 4096

_address: Final = lru_cache(maxsize=4096)(ip_address)


class Trunks:
    """All trunks of the configuration. ``gone`` hears the id of one that does not answer any more.

    ``found`` is told when it is known where one is. ``registers``: another process does that for this one too if not.
    """

    def __init__(self, endpoint: Endpoint, timers: Timers, resolve: Resolve, registers: bool = True) -> None:
        self._registers = registers
        self._endpoint = endpoint
        self._timers = timers
        self._resolve = resolve
        self.gone: Callable[[int], None] = lambda trunk_id: None
        self.found: Callable[[], None] = lambda: None
        self._states: dict[int, TrunkState] = {}
        self._of_source: dict[tuple[str, int, bool], Trunk | None] = {}
        self._ways: dict[tuple[str, bool], list[Trunk]] = {}

    def configure(self, trunks: Sequence[Trunk]) -> None:
        """Take the configured trunks: unchanged ones go on, others start or stop."""
        self._of_source.clear()
        self._ways.clear()
        wanted = {trunk.id: trunk for trunk in trunks}
        for number, state in tuple(self._states.items()):
            if wanted.get(number) != state.trunk:
                state.stop()
                del self._states[number]
        states, self._states = self._states, {}
        for number, trunk in wanted.items():
            if number in states:
                self._states[number] = states[number]
            else:
                state = self._states[number] = TrunkState(
                    trunk, self._endpoint, self._timers, self._resolve, lambda trunk_id: self.gone(trunk_id),
                    self._found, self._registers,
                )  # fmt: skip
                state.start()

    def stop(self) -> None:
        self.configure(())

    def _found(self) -> None:
        self._of_source.clear()
        self.found()

    def of_source(self, hop: Hop) -> Trunk | None:
        """The trunk that a message from this address belongs to."""
        if not self._states:
            return None
        source = (hop.host, hop.port, bool(hop.flow))
        if source not in self._of_source:
            if len(self._of_source) >= MOST_SOURCES:
                self._of_source.clear()
            self._of_source[source] = self._find_source(hop)
        return self._of_source[source]

    def _find_source(self, hop: Hop) -> Trunk | None:
        address: Any = None
        for state in self._states.values():
            if state.networks:
                address = address or _address(hop.host)
                if any(address in network for network in state.networks):
                    return state.trunk
            elif state.hop is not None and state.hop.host == hop.host and (hop.flow or state.hop.port == hop.port):
                return state.trunk
        return None

    def of_number(self, number: str, behind: bool) -> Trunk | None:
        """The trunk for a number: the longest prefix that fits, else the default one.

        ``behind`` says that the number is a line on the PBX, which only the default trunk reaches without a prefix.
        """
        ways = self.ways(number, behind)
        return ways[0] if ways else None

    def ways(self, number: str, behind: bool) -> list[Trunk]:
        """``of_number``, and the trunks that may stand in for it, the best first; the list is not to be changed.

        They have the same prefix; or a shorter one, or are the default, and send the same number on. To a line on the
        PBX (``behind``) only the same prefix leads.
        """
        found = self._ways.get((number, behind))
        if found is None:
            if len(self._ways) >= MOST_SOURCES:
                self._ways.clear()
            found = self._ways[number, behind] = self._find_ways(number, behind)
        return found

    def _find_ways(self, number: str, behind: bool) -> list[Trunk]:
        all = [state.trunk for state in self._states.values()]
        fitting = [trunk for trunk in all if trunk.prefix and number.startswith(trunk.prefix)]
        defaults = [trunk for trunk in all if trunk.is_default]
        if not fitting:
            return defaults or (all if behind and len(all) == 1 else [])
        fitting.sort(key=lambda trunk: -len(trunk.prefix))
        best, *others = fitting
        sent = sent_as(best, number)
        others += [trunk for trunk in defaults if trunk not in fitting]
        return [best, *(
            trunk for trunk in others
            if trunk.prefix == best.prefix or (not behind and sent_as(trunk, number) == sent)
        )]  # fmt: skip

    def doubt(self, trunk_id: int, why: str) -> None:
        """It has said nothing to a call, or that it cannot take one; ``why`` in a few words."""
        state = self._states.get(trunk_id)
        if state is not None:
            state.doubt(why)

    def has_taken(self, trunk_id: int) -> None:
        """A call there was answered, or refused by whoever was called; before that it may still say 503."""
        state = self._states.get(trunk_id)
        if state is not None and (state.doubted_until or not state.takes_calls):
            state.has_taken()

    def is_doubted(self, trunk_id: int) -> bool:
        """Whether others are to be tried before it."""
        state = self._states.get(trunk_id)
        return state is not None and state.is_doubted

    def hop(self, trunk_id: int) -> Hop | None:
        """Where the trunk is, None while it is not resolved or does not answer."""
        state = self._states.get(trunk_id)
        return state.hop if state is not None and state.is_up else None

    def authenticator(self, trunk_id: int) -> Authenticator | None:
        state = self._states.get(trunk_id)
        return state.authenticate if state is not None else None

    def networks(self) -> list[IPv4Network | IPv6Network]:
        """Where messages of trunks come from."""
        found = [network for state in self._states.values() for network in state.networks]
        return [*found, *networks_of([state.hop.host for state in self._states.values() if state.hop is not None])]

    def states(self) -> Iterable[TrunkState]:
        """Each trunk at work."""
        return self._states.values()

    def describe(self) -> list[str]:
        """One line per trunk, for the debug dump."""
        return [str(state) for state in self._states.values()]


def sent_as(trunk: Trunk, number: str) -> str:
    """What the trunk is sent of a number."""
    return number[trunk.strip :] if trunk.prefix and number.startswith(trunk.prefix) else number
