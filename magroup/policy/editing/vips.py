"""The VIP lists of managers."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from magroup.model import checks
from magroup.model.configuration import Configuration
from magroup.model.groups import VipEntry
from magroup.policy.editing.errors import EditError, Problem
from magroup.policy.editing.rules import check_room, check_text, unknown, with_instead, with_new

MOST_VIPS = 5_000
"""Entries of one list."""


def vip_of(configuration: Configuration, id: int) -> VipEntry:
    for found in configuration.vips:
        if found.id == id:
            return found
    raise unknown("vip_id", "VIP entry", id)


def add_vip(configuration: Configuration, member_id: int, number: str, description: str = "") -> Configuration:
    """A new entry on the list of a manager; its id is ``last_ids.vips``."""
    member = configuration.member_by_id.get(member_id)
    if member is None:
        raise unknown("member_id", "member", member_id)
    if not member.is_manager:
        raise EditError(Problem.INVALID, "member_id", f"the member {member_id} is no manager: only managers have VIPs")
    check_room("vips", len(configuration.vips_of(member_id)), MOST_VIPS)
    return with_new(configuration, "vips", _checked(VipEntry(0, member_id, number, description)))


def change_vip(configuration: Configuration, id: int, values: Mapping[str, Any]) -> Configuration:
    """The entry with another ``number`` or ``description``."""
    before = vip_of(configuration, id)
    return with_instead(configuration, "vips", before, _checked(replace(before, **values)))


def delete_vip(configuration: Configuration, id: int) -> Configuration:
    gone = vip_of(configuration, id)
    return configuration.changed(vips=tuple(vip for vip in configuration.vips if vip is not gone))


def _checked(entry: VipEntry) -> VipEntry:
    check_text("number", entry.number, checks.vip_number, required=True)
    check_text("description", entry.description)
    return entry
