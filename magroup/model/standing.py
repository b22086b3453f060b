"""How the switch stands at a moment, as those who look after it are shown it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from enum import StrEnum

from magroup.model.fixed import fixed
from magroup.model.lines import Registration, Trunk


class Answers(StrEnum):
    """Whether a phone answers when it is asked whether it is there (OPTIONS)."""

    YES = "yes"
    NO = "no"
    NOT_ASKED = "not asked yet"
    NEVER_ASKED = "nobody is asked"


@fixed
class Registered:
    """A registration; times are UTC seconds, ``since`` 0.0 before the last start, ``answered_at`` 0.0 for never."""

    registration: Registration
    since: float
    answers: Answers
    answered_at: float = 0.0


@fixed
class LineStanding:
    """How many phones of a line are registered, how many of them do not answer, and whether it is on the PBX."""

    phones: int = 0
    silent: int = 0
    on_pbx: bool = False

    @property
    def rings(self) -> int:
        """Phones that are there."""
        return self.phones - self.silent


class TrunkCondition(StrEnum):
    """Whether calls can go over a trunk."""

    UP = "up"
    DOWN = "does not answer"
    TAKES_NONE = "takes no calls"
    """It did not take the last one that it was given."""

    NO_ADDRESS = "no address"
    NOT_ASKED = "not asked"
    """It is not pinged, or not yet, and taken as up."""


@fixed
class TrunkStanding:
    """A trunk at work: where it is, the last that was heard of it and when (UTC seconds), its calls at this moment.

    ``is_registered`` is None where we do not register there.
    """

    trunk: Trunk
    condition: TrunkCondition
    address: str = ""
    answer: str = ""
    answered_at: float = 0.0
    is_registered: bool | None = None
    calls: int = 0

    @property
    def works(self) -> bool:
        """Whether calls go over it, as far as is known."""
        return self.condition in (TrunkCondition.UP, TrunkCondition.NOT_ASKED) and self.is_registered is not False


@fixed
class BanStanding:
    """An address, of IPv6 a network of 64 bits, that is not listened to; times are UTC seconds."""

    place: str
    why: str
    since: float
    until: float
    dropped: int


@fixed
class Defence:
    """What has been held off since the start: bans, and refused calls to the outside, by reason; ``dropped`` are
    datagrams and connections of the banned, ``outside`` the calls that went out.
    """

    bans: Mapping[str, int]
    dropped: int
    refused: Mapping[str, int]
    outside: int


@fixed
class Strain:
    """What there is too much of: how long messages waited lately at most (seconds), the share of new calls that are
    refused now (0-1), since when there is an overload (UTC seconds, 0.0 for none), and what was refused since the start
    by method; ``lost`` are datagrams for which there was no room.
    """

    wait: float
    share: float
    since: float
    refused: Mapping[str, int]
    lost: int = 0


@fixed
class StreamStanding:
    """Sound between the switch and somebody: the call ("" where it is in none), who hears it, and the sounds.

    ``local`` and ``remote`` are written as ``host port``, packets are counted both ways.
    """

    call_id: str
    device: str
    sounds: tuple[str, ...]
    is_held: bool
    codec: str
    local: str
    remote: str
    sent: int
    received: int
    lost: int


@fixed
class MonitorStanding:
    """What is monitored over CTI: a device, "" for all, and how often."""

    device: str
    count: int


@fixed
class LinkStanding:
    """The link to a PBX: its kind, where it leads, since when it is up or not (UTC seconds, 0.0: never yet).

    ``why`` says what it waits for while it is not up, ``trouble`` why it was down last and when. ``services`` are those
    that the PBX says it has, None where it does not say. ``monitored`` of ``lines`` tell what happens, the first others
    are ``unmonitored``; ``calls`` are the PBX's own, ``over_trunk`` those that are known here as calls over the trunk.
    """

    kind: str
    address: str
    is_up: bool
    since: float = 0.0
    why: str = ""
    trouble: str = ""
    trouble_at: float = 0.0
    services: tuple[str, ...] | None = None
    lines: int = 0
    in_service: int = 0
    monitored: int = 0
    unmonitored: tuple[str, ...] = ()
    calls: int = 0
    over_trunk: int = 0


@fixed
class Figures:
    """Of the whole switch: ``lines`` are those whose phones register here, of which ``registered`` have one.

    ``contacts`` are phones, ``silent`` those of them that do not answer; ``pairs`` are the pairs of RTP ports that are
    taken, of ``pairs_in_all``.
    """

    calls: int = 0
    lines: int = 0
    registered: int = 0
    contacts: int = 0
    silent: int = 0
    streams: int = 0
    pairs: int = 0
    pairs_in_all: int = 0


@fixed
class WorkerStanding:
    """One of several processes: its number and process id, since when it runs (UTC seconds), what it has of each.

    ``cpu`` are the seconds that it has computed, ``memory`` octets, ``contacts`` phones that have registered there,
    ``handed`` datagrams that it gave to others; ``reasons`` say why it is not ready.
    """

    number: int
    process: int
    since: float
    cpu: float = 0.0
    memory: int = 0
    calls: int = 0
    streams: int = 0
    pairs: int = 0
    pairs_in_all: int = 0
    contacts: int = 0
    handed: int = 0
    reasons: tuple[str, ...] = ()


@fixed
class Held:
    """What one process holds off: since its start, the load now, its guarded lines, and dropped by banned address."""

    defence: Defence
    strain: Strain
    locked: Mapping[str, float]
    dropped: Mapping[str, int]


def of_all(held: Sequence[Held]) -> Held:
    """What several processes hold off together."""
    bans: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    overload: Counter[str] = Counter()
    dropped: Counter[str] = Counter()
    locked: dict[str, float] = {}
    for one in held:
        bans.update(one.defence.bans)
        refused.update(one.defence.refused)
        overload.update(one.strain.refused)
        dropped.update(one.dropped)
        locked |= {line: max(until, locked.get(line, 0.0)) for line, until in one.locked.items()}
    strains = [one.strain for one in held]
    return Held(
        Defence(
            dict(bans), sum(one.defence.dropped for one in held), dict(refused),
            sum(one.defence.outside for one in held),
        ),
        Strain(
            max(one.wait for one in strains), max(one.share for one in strains),
            min((one.since for one in strains if one.since), default=0.0), dict(overload),
            sum(one.lost for one in strains),
        ),
        locked, dict(dropped),
    )  # fmt: skip


@fixed
class Layer:
    """What one layer holds: how much, and the first of it, a line each."""

    name: str
    title: str
    count: int
    lines: tuple[str, ...] = ()


class WayKind(StrEnum):
    """What is at a number, as the switch sees it."""

    LINE = "line"
    TRUNK = "trunk"
    GROUP = "group"
    VOICEMAIL = "voicemail"
    PICKUP = "pickup"
    NOBODY = "nobody"


@fixed
class Way:
    """The way to a number now. ``number`` is as the configuration spells it, or what a trunk is given.

    A line has ``phones`` that ring, of which it may be wanted that they do not (``is_undisturbed``); it or a number
    behind a trunk rings for ``seconds``. ``trunk`` is the trunk's name, ``is_up`` whether it answers; ``refused`` says
    why the number may not be called.
    """

    kind: WayKind
    number: str
    phones: int = 0
    is_undisturbed: bool = False
    seconds: int = 0
    trunk: str = ""
    is_up: bool = True
    refused: str = ""

    @property
    def is_reached(self) -> bool:
        """Whether something rings or answers there."""
        match self.kind:
            case WayKind.LINE:
                return self.phones > 0 and not self.is_undisturbed
            case WayKind.TRUNK:
                return self.is_up and not self.refused
        return self.kind in (WayKind.GROUP, WayKind.VOICEMAIL)


@fixed
class Allowance:
    """Whether a call to the outside may be made: ``payer`` is for whom it counts, in words ("": for nobody).

    ``refused`` is why it may not. ``used`` has how many there are, and may be, at once, in this hour and on this day.
    """

    payer: str = ""
    refused: str = ""
    used: tuple[tuple[int, int], ...] = ()
