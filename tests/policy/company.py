"""The company that the policy's and the groups' tests are about: that of the manual's pictures."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from magroup.model.configuration import Configuration
from magroup.model.groups import Announcement, Group, Member, Overflow, OverflowTo
from magroup.model.lines import Line
from magroup.model.people import User
from magroup.model.presence import Presence, PresenceState
from magroup.model.snapshot import Snapshot

NUMBER = "8973"
OTHER_NUMBER = "8974"
LINES = {"Tij": "1047", "Raf": "1175", "Ara": "1068", "Leo": "1118", "San": "1072"}
USERS = {"Tij": "tijana", "Raf": "rafael", "Ara": "aradhana", "Leo": "leonard", "San": "san"}
TIJ, RAF, ARA, LEO, SAN = (LINES[name] for name in LINES)
CALLER = "0315311111"

GROUP = Group(
    id=1,
    name="MA Group",
    number=NUMBER,
    manager_timeout=30,
    assistant_timeout=15,
    overflow=Overflow(OverflowTo.BUSY),
)
SALES = Group(
    id=2,
    name="Sales",
    number=OTHER_NUMBER,
    manager_timeout=20,
    assistant_timeout=10,
    overflow=Overflow(OverflowTo.BUSY),
)


def members(*short_names: str, manager: str = "Tij", group_id: int = 1, first_id: int = 1) -> tuple[Member, ...]:
    """Members in list order; ids count from ``first_id``."""
    return tuple(
        Member(first_id + at, group_id, USERS[name], LINES[name], name, name == manager, at + 1)
        for at, name in enumerate(short_names)
    )


def company(
    *,
    team: tuple[Member, ...] | None = None,
    other: Group | None = None,
    other_team: tuple[Member, ...] = (),
    waiting: Iterable[str] = (),
    **options: Any,
) -> Configuration:
    """One group of Tij (manager), Raf and Ara, with ``options`` of the group, and perhaps another group."""
    team = members("Tij", "Raf", "Ara") if team is None else team
    waves = (Announcement(at, 1, wave, at) for at, wave in enumerate(waiting, 1))
    users = (User(at, USERS[name], name, lines=(LINES[name],), stars=at % 6) for at, name in enumerate(LINES, 1))
    return Configuration(
        users=tuple(users),
        lines=tuple(Line(number, "secret") for number in LINES.values()),
        groups=(replace(GROUP, **options), *([other] if other else [])),
        members=(*team, *other_team),
        announcements=tuple(waves),
    )


def snapshot(
    configuration: Configuration | None = None,
    presence: Mapping[str, Presence] | None = None,
    out_of_service: Iterable[str] = (),
    **options: Any,
) -> Snapshot:
    """``presence`` by short name; ``out_of_service`` are numbers; ``options`` as for ``company``."""
    return Snapshot(
        configuration or company(**options),
        presence={USERS[name]: PresenceState(value) for name, value in (presence or {}).items()},
        in_service=frozenset(LINES.values()) - frozenset(out_of_service),
    )
