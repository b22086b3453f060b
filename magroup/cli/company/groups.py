"""Groups of a company file, without their members."""

from collections.abc import Sequence
from dataclasses import replace

from magroup.cli.company import references
from magroup.cli.company.form import Form
from magroup.cli.company.ids import assign
from magroup.cli.company.switch import Use
from magroup.model import checks
from magroup.model.checks import LONGEST_TIMEOUT
from magroup.model.configuration import Configuration
from magroup.model.groups import NO_VIP_BY_STARS, Group, Overflow, OverflowTo, ShowVipCalls, VipRouting

SHOW_VIP_CALLS = {show.name.lower(): show for show in ShowVipCalls}
VIP_ROUTING = {routing.name.lower().replace("_", " "): routing for routing in VipRouting}


def read_groups(forms: Sequence[Form], use: Use, known: Configuration) -> tuple[Group, ...]:
    """A group for each form; the forms are closed with their members."""
    named = [(form, form.text("name", checks.name, required=True)) for form in forms]
    ids = assign(
        [(form, name.casefold()) for form, name in named],
        {group.name.casefold(): group.id for group in known.groups},
        known.last_ids.groups,
    )
    names: set[str] = set()
    groups = []
    for id, (form, name) in zip(ids, named, strict=True):
        form.only_once("name", name, names)
        group = _group(form, id, name)
        if group.number:
            use(group.number, form)
        groups.append(group)
    configuration = Configuration(groups=tuple(groups))
    return tuple(
        replace(group, overflow=_overflow(form, configuration)) for form, group in zip(forms, groups, strict=True)
    )


def _group(form: Form, id: int, name: str) -> Group:
    return Group(
        id=id,
        name=name,
        welcome=form.text("welcome", checks.file_name),
        ring_parallel=form.flag("ring_parallel"),
        number=form.text("number", checks.phone_number),
        manager_timeout=form.integer("manager_timeout", 0, 0, LONGEST_TIMEOUT),
        assistant_timeout=form.integer("assistant_timeout", 0, 0, LONGEST_TIMEOUT),
        show_vip_calls=form.choice("show_vip_calls", SHOW_VIP_CALLS, Group.show_vip_calls),
        vip_routing=form.choice("vip_routing", VIP_ROUTING, Group.vip_routing),
        assistant_to_manager=form.flag("assistant_to_manager"),
        show_calls=form.flag("show_calls", True),
        caller_name=form.text("caller_name"),
        caller_number=form.text("caller_number"),
        manager_alarm=form.text("manager_alarm", checks.file_name),
        assistant_alarm=form.text("assistant_alarm", checks.file_name),
        vip_threshold=min(form.integer("vip_threshold", Group.vip_threshold, 0, 99), NO_VIP_BY_STARS),
        manager_alarm_gadget=form.text("manager_alarm_gadget", checks.file_name),
        assistant_alarm_gadget=form.text("assistant_alarm_gadget", checks.file_name),
    )


def _overflow(form: Form, configuration: Configuration) -> Overflow:
    """The words of ``gr_overflow``, ``none``, or ``group:`` with a name that is no number."""
    text = form.text("overflow", default="none")
    word, colon, wanted = text.partition(":")
    if text.strip().casefold() == "none":
        return Overflow()
    if colon and word.strip().casefold() == "group":
        wanted = wanted.strip()
        is_id = wanted.isascii() and wanted.isdigit() and len(wanted) < 12
        found = references.group(form, "overflow", int(wanted) if is_id else wanted, configuration)
        return Overflow(OverflowTo.GROUP, str(found.id)) if found else Overflow()
    try:
        return Overflow.parse(text)
    except ValueError:
        form.complain(
            f"{text} is no overflow: none, busy, a phone number, voicemail:<box> or group:<name or id>", "overflow"
        )
        return Overflow()
