"""Calls that somebody has sent on: who did so is told when nobody takes them and they come back (spec 4)."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from magroup.cti.events import CallCleared, CallEvent, Established, Event, Failed, Offered, Transferred
from magroup.cti.switch import Monitor, Switch
from magroup.cti.types import Call, Cause, ConnectionId, ConnectionState
from magroup.model.configuration import Configuration
from magroup.model.fixed import fixed
from magroup.model.languages import Language, Said
from magroup.policy.identification import printable

_OVER = Established | Transferred | Offered | CallCleared
_TALKS = (ConnectionState.CONNECTED, ConnectionState.HOLD)
_NOT_REACHED = Said("{who} cannot be reached.", "{who} ist nicht erreichbar.", "{who} n'est pas joignable.")
_WHY: Mapping[Cause, Said] = {
    Cause.BUSY: Said("{who} is busy.", "Bei {who} ist besetzt.", "{who} est occupé."),
    Cause.CALL_NOT_ANSWERED: Said("{who} did not answer.", "{who} hat nicht abgehoben.", "{who} n'a pas répondu."),
    Cause.DO_NOT_DISTURB: Said(
        "{who} is not to be disturbed.", "{who} möchte nicht gestört werden.", "{who} ne souhaite pas être dérangé."
    ),
    Cause.INVALID_NUMBER: Said(
        "There is no number {who}.", "Die Nummer {who} gibt es nicht.", "Le numéro {who} n'existe pas."
    ),
    Cause.REJECTED: Said("{who} declined the call.", "{who} hat abgelehnt.", "{who} a refusé l'appel."),
}
_HAS_IT = Said("You have the call again.", "Sie haben den Anruf wieder.", "Vous avez de nouveau l'appel.")
_RINGS = Said("Your phone rings again.", "Ihr Telefon klingelt wieder.", "Votre téléphone sonne de nouveau.")


@fixed
class NotReached:
    """``number`` did not take the call, for ``cause``."""

    number: str
    cause: Cause

    def words(self, configuration: Configuration, language: Language) -> str:
        """For who called, or sent the call there."""
        known = configuration.known(self.number)
        name = printable(known.name or (known.group.name if known.group else ""))
        who = f"{name} ({self.number})" if name else self.number
        return _WHY.get(self.cause, _NOT_REACHED).by(language).format(who=who)


@fixed
class ComesBack(NotReached):
    """Who sent the call on talks or holds (``is_up``), or is rung again."""

    is_up: bool

    def words(self, configuration: Configuration, language: Language) -> str:
        return f"{super().words(configuration, language)} {(_HAS_IT if self.is_up else _RINGS).by(language)}"


Told = Callable[[NotReached], None]


class SentOn:
    """Listens to the switch as long as there are such calls."""

    def __init__(self, switch: Switch) -> None:
        self._switch = switch
        self._watched: list[tuple[ConnectionId, Told]] = []
        self._monitor: Monitor | None = None

    def __len__(self) -> int:
        """How many are on their way."""
        return len(self._watched)

    @contextmanager
    def watch(self, connection: ConnectionId, told: Told) -> Iterator[None]:
        """The call is sent on by the one at ``connection`` within the block, or is not where that raises."""
        watched = connection, told
        self._watched.append(watched)
        if self._monitor is None:
            self._monitor = self._switch.monitor_start(self._heard)
        try:
            yield
        except BaseException:
            self._forget(watched)
            raise

    def _heard(self, event: Event) -> None:
        if not isinstance(event, _OVER | Failed):
            return
        for watched in [one for one in self._watched if one[0].call_id == event.call_id]:
            if _is_back(event):
                self._forget(watched)
                connection, told = watched
                told(ComesBack(event.device, event.cause, _is_up(event.call, connection.device)))
            elif isinstance(event, _OVER):
                self._forget(watched)

    def _forget(self, watched: tuple[ConnectionId, Told]) -> None:
        if watched in self._watched:
            self._watched.remove(watched)
        if not self._watched and self._monitor is not None:
            self._monitor.stop()
            self._monitor = None


def _is_back(event: CallEvent) -> bool:
    """Whether nobody is rung any more for a call that goes on."""
    rings = any(one.state is ConnectionState.ALERTING for one in event.call.connections)
    return isinstance(event, Failed) and not rings


def _is_up(call: Call, device: str) -> bool:
    connection = call.connection(device)
    return connection is not None and connection.state in _TALKS
