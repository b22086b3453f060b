"""Which sections of a group somebody sees, and which options are in them (the manual's "Groups")."""

from dataclasses import dataclass

from magroup.groups.rights import Rights
from magroup.model.configuration import Configuration
from magroup.model.groups import Group
from magroup.model.people import Privilege

_GENERAL = (
    "number", "caller_name", "caller_number", "welcome", "manager_timeout", "assistant_timeout", "overflow_to",
    "overflow_number", "overflow_box", "assistant_to_manager", "show_calls", "ring_parallel",
)  # fmt: skip
_VIPS = ("show_vip_calls", "vip_routing", "vip_by_stars", "vip_threshold")
_TONES = ("assistant_alarm", "assistant_alarm_gadget")
_MANAGER_TONES = ("manager_alarm", "manager_alarm_gadget")


@dataclass(frozen=True)
class Seen:
    """``options`` are the names of the form's fields; a section without any is not there."""

    general: tuple[str, ...]
    vips: tuple[str, ...]
    tones: tuple[str, ...]
    members: bool
    names: bool
    """Whether it can be renamed and deleted."""

    @property
    def options(self) -> tuple[str, ...]:
        return (*self.general, *self.vips, *self.tones)


def seen(rights: Rights, configuration: Configuration, group_id: int) -> Seen:
    """General needs the Groups privilege; MembersManagement without it sees the members only."""
    has_groups = rights.has(Privilege.GROUPS)
    is_open = rights.edits_group(configuration, group_id)
    has_manager = configuration.manager_of(group_id) is not None
    others = is_open and (has_groups or not rights.has(Privilege.MEMBERS_MANAGEMENT))
    general = _GENERAL if has_manager else ("show_calls",)
    tones = (*_MANAGER_TONES, *_TONES) if has_manager else _TONES
    return Seen(
        general if is_open and has_groups else (), _VIPS if others and has_manager else (), tones if others else (),
        rights.edits_members(configuration, group_id), rights.deletes_group(configuration, group_id),
    )  # fmt: skip


def choosable(rights: Rights, configuration: Configuration) -> list[Group]:
    """The groups of the list Choose...: the own ones, all with Admin; by name."""
    if rights.has(Privilege.ADMIN):
        found = list(configuration.groups)
    else:
        own = {member.group_id for member in configuration.members_of_user(rights.user_name)}
        found = [configuration.group_by_id[id] for id in own if id in configuration.group_by_id]
    return sorted(found, key=lambda group: (group.name.casefold(), group.id))
