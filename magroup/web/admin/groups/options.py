"""The options of a group as fields of a form, and the group's values of what was typed."""

from collections.abc import Collection, Mapping
from typing import Any

from magroup.model.checks import LONGEST_TIMEOUT
from magroup.model.groups import NO_VIP_BY_STARS, Group, Overflow, OverflowTo, ShowVipCalls, VipRouting
from magroup.web.admin.reading import Reader

LABELS = {
    "number": "Manager number", "caller_name": "Caller name identification",
    "caller_number": "Caller number identification", "welcome": "Announcement", "manager_timeout": "Manager timeout",
    "assistant_timeout": "Assistant timeout", "overflow_to": "Overflow", "overflow_number": "Phone number",
    "overflow_box": "Voice mail box number",
    "assistant_to_manager": "Connect assistants directly with the manager", "show_calls": "Show call information",
    "ring_parallel": "Ring assistant parallel", "show_vip_calls": "Show VIP calls", "vip_routing": "VIP call routing",
    "vip_by_stars": "VIP threshold", "vip_threshold": "Stars", "manager_alarm": "Manager call notification tone",
    "assistant_alarm": "Assistant call notification tone",
    "manager_alarm_gadget": "Manager call notification tone (Jabber)",
    "assistant_alarm_gadget": "Assistant call notification tone (Jabber)",
}  # fmt: skip
SHOW_VIPS = (("0", "VIP to manager only"), ("1", "Show to all"), ("2", "Show marked"))
ROUTINGS = (("0", "VIP to all"), ("1", "VIP to manager only"), ("2", "VIP to manager and available members"))
STARS = tuple((str(stars), "★" * stars or "none") for stars in range(6))
_CHECKS = ("assistant_to_manager", "show_calls", "ring_parallel")
_TIMES = ("manager_timeout", "assistant_timeout")
_TEXTS = (
    "number", "caller_name", "caller_number", "welcome", "manager_alarm", "assistant_alarm", "manager_alarm_gadget",
    "assistant_alarm_gadget",
)  # fmt: skip


def shown(group: Group) -> dict[str, str]:
    """The fields of the form; a check box that is checked has "on"."""
    to, target = group.overflow.to, group.overflow.target
    return {
        **{name: getattr(group, name) for name in _TEXTS},
        **{name: str(getattr(group, name)) for name in _TIMES},
        **{name: "on" if getattr(group, name) else "" for name in _CHECKS},
        "overflow_to": f"group:{target}" if to is OverflowTo.GROUP else to.value,
        "overflow_number": target if to is OverflowTo.NUMBER else "",
        "overflow_box": target if to is OverflowTo.VOICEMAIL else "",
        "show_vip_calls": str(int(group.show_vip_calls)), "vip_routing": str(int(group.vip_routing)),
        "vip_by_stars": "on" if group.vip_threshold < NO_VIP_BY_STARS else "",
        "vip_threshold": str(group.vip_threshold if group.vip_threshold < NO_VIP_BY_STARS else 5),
    }  # fmt: skip


def read(reader: Reader, names: Collection[str]) -> dict[str, Any]:
    """Values of these options; what is wrong with them is kept in the reader."""
    values: dict[str, Any] = {}
    for name in names:
        if name in _TEXTS:
            values[name] = reader.text(name)
        elif name in _TIMES:
            values[name] = reader.integer(name, 0, LONGEST_TIMEOUT)
        elif name in _CHECKS:
            values[name] = reader.is_checked(name)
    if "overflow_to" in names:
        values["overflow"] = _overflow(reader)
    if "show_vip_calls" in names:
        values["show_vip_calls"] = ShowVipCalls(reader.integer("show_vip_calls", 0, 2, 1))
        values["vip_routing"] = VipRouting(reader.integer("vip_routing", 0, 2))
        stars = reader.integer("vip_threshold", 0, 5, 5)
        values["vip_threshold"] = stars if reader.is_checked("vip_by_stars") else NO_VIP_BY_STARS
    return values


def merged(
    was: Mapping[str, str], typed: Mapping[str, str], now: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    """What another one has set meanwhile: where it was not touched here, and where it was; both by field."""
    changed = {name: now[name] for name in typed if name in was and now[name] != was[name]}
    theirs = {name: value for name, value in changed.items() if typed[name] == was[name]}
    both = {name: value for name, value in changed.items() if typed[name] not in (was[name], value)}
    return theirs, both


def _overflow(reader: Reader) -> Overflow:
    word, _, group = reader.text("overflow_to").partition(":")
    number, box = reader.text("overflow_number"), reader.text("overflow_box")
    try:
        to = OverflowTo(word)
    except ValueError:
        reader.wrong["overflow_to"] = "Choose one of the list."
        return Overflow()
    match to:
        case OverflowTo.NUMBER:
            if not number:
                reader.wrong["overflow_number"] = "The phone number is missing."
            return Overflow(to, number)
        case OverflowTo.VOICEMAIL:
            if not box:
                reader.wrong["overflow_box"] = "The voice mail box number is missing."
            return Overflow(to, box)
        case OverflowTo.GROUP:
            if not (group.isascii() and group.isdigit() and len(group) <= 10):
                reader.wrong["overflow_to"] = "Choose one of the list."
                return Overflow()
            return Overflow(to, str(int(group)))
    return Overflow(to)
