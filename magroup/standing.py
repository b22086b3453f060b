"""How telephony stands, as plain values for the pages of the administration."""

import platform
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from importlib.metadata import version

from magroup.model.configuration import Configuration
from magroup.model.lines import Registration
from magroup.model.standing import (
    Allowance,
    Answers,
    BanStanding,
    Defence,
    Figures,
    Layer,
    LineStanding,
    LinkStanding,
    MonitorStanding,
    Registered,
    Strain,
    StreamStanding,
    TrunkCondition,
    TrunkStanding,
    Way,
    WayKind,
)
from magroup.switch.call import SwitchCall
from magroup.switch.guard import Offence
from magroup.switch.leg import Leg
from magroup.switch.outside import Payer
from magroup.switch.trunk_state import TrunkState
from magroup.telephony import Telephony
from magroup.version import VERSION


class Standing:
    """Asked at each page, so it answers from memory, no more than was asked for."""

    def __init__(
        self, telephony: Telephony, configuration: Callable[[], Configuration],
        link: Callable[[], LinkStanding | None] = lambda: None,
    ) -> None:  # fmt: skip
        self._telephony = telephony
        self._configuration = configuration
        self.link = link
        """How the link to the PBX stands; None where there is no PBX."""
        self._layers: dict[str, tuple[str, Callable[[], int], Callable[[int], list[str]]]] = {
            "transports": ("Transports", lambda: len(telephony.transports.listening()) + telephony.transports.open,
                           telephony.transports.describe),
            "transactions": ("Transactions", lambda: len(telephony.layer.clients) + len(telephony.layer.servers),
                             telephony.layer.describe),
            "dialogs": ("Dialogs", lambda: len(telephony.endpoint.dialogs), telephony.endpoint.describe),
            "calls": ("Calls", lambda: len(telephony.switch.calls_by_id), telephony.switch.describe),
            "subscriptions": ("Subscriptions", lambda: len(telephony.notifier), telephony.notifier.describe),
            "publications": ("Publications", lambda: len(telephony.publications), telephony.publications.describe),
            "streams": ("Streams", lambda: telephony.media.active, self._streams),
        }  # fmt: skip

    def figures(self) -> Figures:
        """Counts of what there is."""
        telephony = self._telephony
        return Figures(
            len(telephony.switch.calls_by_id), sum(not line.on_pbx for line in self._configuration().lines),
            len(telephony.bindings.numbers()),
            len(telephony.bindings), telephony.registrar.silent, telephony.media.active, telephony.ports.in_use,
            telephony.ports.all,
        )  # fmt: skip

    # registrations

    def registrations(self) -> list[Registration]:
        """All of them, in no order."""
        return self._telephony.bindings.all()

    def registered(self, registration: Registration) -> Registered:
        """What is known of one."""
        telephony = self._telephony
        is_there, at = telephony.registrar.ping_of(registration)
        if not is_there:
            answers = Answers.NO
        elif at:
            answers = Answers.YES
        else:
            answers = Answers.NOT_ASKED if telephony.registrar.pings else Answers.NEVER_ASKED
        return Registered(registration, telephony.bindings.since(registration), answers, at)

    def end(self, number: str, contact: str) -> bool:
        """Take a registration away; False where it is not there any more."""
        return self._telephony.registrar.end(number, contact)

    def line(self, number: str) -> LineStanding:
        """How many phones a line, as stored, has."""
        line = self._configuration().line(number)
        if line is None or line.on_pbx:
            return LineStanding(on_pbx=line is not None)
        found = self._telephony.bindings.contacts(line.number)
        silent = sum(not self._telephony.registrar.ping_of(one)[0] for one in found)
        return LineStanding(len(found), silent)

    def of_line(self, number: str) -> tuple[Registration, ...]:
        """The registrations of a line, as stored."""
        return self._telephony.bindings.contacts(number)

    # trunks

    def trunks(self) -> list[TrunkStanding]:
        """Each that is set up."""
        calls: Counter[int] = Counter()
        for call in self._telephony.switch.calls_by_id.values():
            calls.update({self._trunk_of(leg) for leg in legs(call)})
        return [_trunk(state, calls[state.trunk.id]) for state in self._telephony.trunks.states()]

    def trunk(self, trunk_id: int) -> TrunkStanding | None:
        """One, without its calls; None where there is none."""
        states = self._telephony.trunks.states()
        return next((_trunk(state, 0) for state in states if state.trunk.id == trunk_id), None)

    def _trunk_of(self, leg: Leg) -> int:
        """The trunk that a leg came from or goes to; 0 for none."""
        if leg.route is not None:
            return leg.route.trunk
        dialog = getattr(leg.session, "dialog", None)
        hop = dialog.hop if dialog is not None else getattr(leg.session, "hop", None)
        trunk = self._telephony.trunks.of_source(hop) if hop is not None else None
        return trunk.id if trunk is not None else 0

    # who is held off

    def bans(self) -> list[BanStanding]:
        """Those that hold, the oldest first."""
        return [BanStanding(one.place, one.why, one.since, one.until, one.dropped)
                for one in self._telephony.guard.bans()]  # fmt: skip

    def lift(self, place: str) -> bool:
        """Listen to a place again; False where it is not banned."""
        return self._telephony.guard.lift(place)

    def locked(self) -> dict[str, float]:
        """Lines whose password is being guessed, and until when (UTC seconds) they take no new addresses."""
        return self._telephony.guard.locked()

    def unlock(self, line: str) -> bool:
        """Let a line take new addresses again; False where it does."""
        return self._telephony.guard.unlock(line)

    def defence(self) -> Defence:
        """What was held off since the start."""
        guard, outside = self._telephony.guard, self._telephony.outside
        bans = {str(offence): guard.banned[offence] for offence in Offence}
        return Defence(bans, guard.dropped, dict(outside.refused), outside.made)

    def strain(self) -> Strain:
        """How long messages wait, and what is refused for that."""
        shedding = self._telephony.shedding
        return Strain(
            shedding.longest_wait, min(1.0, shedding.overload.pressure), shedding.since or 0.0, dict(shedding.refused),
            shedding.lost,
        )  # fmt: skip

    # what goes on

    def monitors(self) -> list[MonitorStanding]:
        """Who listens over CTI to what, all devices first."""
        found = Counter(monitor.device for monitor in self._telephony.switch.monitors)
        return [MonitorStanding(device, count) for device, count in sorted(found.items())]

    def streams(self, most: int) -> list[StreamStanding]:
        """The first ``most`` that are open."""
        owners = {
            leg.announcer.stream: (call.id, leg.device)
            for call in self._telephony.switch.calls_by_id.values() for leg in legs(call) if leg.announcer is not None
        }  # fmt: skip
        found = []
        for stream, _ in zip(self._telephony.media.streams, range(most), strict=False):
            said = stream.describe()
            call_id, device = owners.get(stream, ("", ""))
            count = stream.statistics()
            found.append(StreamStanding(
                call_id, device, tuple(map(str, said["playing"])), bool(said["held"]), str(said["codec"] or ""),  # type: ignore[call-overload]
                str(said["local"]), str(said["remote"]), count.packets_sent, count.packets_received, count.packets_lost,
            ))  # fmt: skip
        return found

    def listening(self) -> list[str]:
        """Where SIP is listened for, as ``udp 127.0.0.1:5060``."""
        return [f"{transport} {f'[{host}]' if ':' in host else host}:{port}"
                for transport, host, port in self._telephony.transports.listening()]  # fmt: skip

    def _streams(self, most: int) -> list[str]:
        return [", ".join(f"{name} {value}" for name, value in one.items())
                for one in self._telephony.media.describe(most)]  # fmt: skip

    def layers(self) -> list[Layer]:
        """Each with its count, without lines."""
        return [Layer(name, title, count()) for name, (title, count, _) in self._layers.items()]

    def layer(self, name: str, most: int) -> Layer | None:
        """One with its first ``most`` lines; None where there is no such layer."""
        if name not in self._layers:
            return None
        title, count, describe = self._layers[name]
        return Layer(name, title, count(), tuple(describe(most)))

    # where numbers are

    def way(self, number: str) -> Way:
        """What a call to ``number`` from here would meet now, forwardings aside."""
        telephony, switch, configuration = self._telephony, self._telephony.switch, self._configuration()
        group, line = configuration.group_of_number(number), configuration.line(number)
        seconds = int(switch.ring_limit)
        if switch.is_route_point(number):
            return Way(WayKind.GROUP if group is not None else WayKind.VOICEMAIL, switch.route_point_of(number))
        if line is not None and not line.on_pbx:
            is_undisturbed = line.number in switch.undisturbed
            phones = len(switch.registrar.routes(line.number))
            return Way(WayKind.LINE, line.number, phones, is_undisturbed, seconds)
        if switch.pickup_code and number.startswith(switch.pickup_code) and line is None:
            return Way(WayKind.PICKUP, number)
        trunk = telephony.trunks.of_number(number, line is not None)
        if trunk is None:
            return Way(WayKind.NOBODY, number)
        sent = number[trunk.strip :] if trunk.prefix and number.startswith(trunk.prefix) else number
        return Way(WayKind.TRUNK, sent, 0, False, seconds, trunk.name, telephony.trunks.hop(trunk.id) is not None)

    def allowance(
        self, number: str, sent: str, payer: str, is_group: bool, is_dialled: bool, at: float
    ) -> Allowance:  # fmt: skip
        """Whether ``number``, as ``sent`` to a trunk, may be called: see ``Ways``."""
        return self._telephony.outside.allowance(Payer(payer, is_group), number, sent, is_dialled, at)

    def seconds_of(self, sound: str) -> float:
        """How long a sound lasts, 0.0 for one that is not there."""
        found = self._telephony.switch.media.sound(sound)
        return found.seconds if found is not None else 0.0


@cache
def versions() -> tuple[tuple[str, str], ...]:
    """Of magroup and of what it stands on."""
    packages = tuple((name, version(name)) for name in ("Twisted", "klein", "SQLAlchemy", "cryptography"))
    return (
        ("magroup", VERSION), ("Python", platform.python_version()), *packages,
        ("System", f"{platform.system()} {platform.release()} {platform.machine()}"),
    )  # fmt: skip


def legs(call: SwitchCall) -> Iterator[Leg]:
    """The ends of a call, those that ring among them. A call that is being made has none before its phone answers."""
    if (caller := getattr(call, "caller", None)) is not None:
        yield caller
    if call.peer is not None:
        yield call.peer
    for ringing in call.ringing.values():
        yield from ringing.legs


def _trunk(state: TrunkState, calls: int) -> TrunkStanding:
    if state.hop is None:
        condition = TrunkCondition.NO_ADDRESS
    elif not state.is_up:
        condition = TrunkCondition.DOWN
    elif not state.takes_calls:
        condition = TrunkCondition.TAKES_NONE
    else:
        has_answered = state.trunk.ping_interval and state.answered_at
        condition = TrunkCondition.UP if has_answered else TrunkCondition.NOT_ASKED
    return TrunkStanding(
        state.trunk, condition, str(state.hop or ""), state.answer, state.answered_at, state.is_registered, calls
    )  # fmt: skip
