"""The settings of calls to the outside, which somebody pays for: see ``magroup.model.settings``."""

from dataclasses import dataclass

from magroup.model import settings_rules as rules
from magroup.model.hours import Hours
from magroup.model.setting import setting


@dataclass(frozen=True)
class OutsideSettings:
    """Calls over trunks to numbers that are no lines here: they count for the line or group that causes them."""

    at_once: int = setting(10, "Calls of one line at a time; 0: any number.", low=0, high=100_000)
    per_hour: int = setting(120, "Calls of one line in an hour of the clock; 0: any number.", low=0, high=1_000_000)
    per_day: int = setting(600, "Calls of one line in a day; 0: any number.", low=0, high=1_000_000)
    group_at_once: int = setting(50, "Calls of one group at a time; 0: any number.", low=0, high=100_000)
    group_per_hour: int = setting(
        1000, "Calls of one group in an hour of the clock; 0: any number.", low=0, high=1_000_000
    )
    group_per_day: int = setting(5000, "Calls of one group in a day; 0: any number.", low=0, high=1_000_000)
    hours: tuple[str, ...] = setting(
        (),
        "When such calls are allowed, such as Mon-Fri 07:00-19:00; empty: always.",
        check=Hours.parse,
    )
    refused: tuple[str, ...] = setting(
        (), "What numbers begin with that nobody may call, such as 0900 or +881.", check=rules.number
    )
    always: tuple[str, ...] = setting(
        ("112", "911", "999", "110", "117", "118", "144"),
        "Numbers that are never refused and not counted: those of emergencies.",
        check=rules.number,
    )
    registered_only: bool = setting(
        True, "Lines may dial such numbers only while one of their phones is registered."
    )
    from_trunks: bool = setting(
        True,
        "Calls that come over a trunk may go out over one: numbers that another trunk knows, and what people outside "
        "send on. Needed beside a PBX; false where trunks are those of carriers only.",
    )
