"""Announcement functions."""

from collections.abc import Mapping

from lxml import etree

from magroup.groups.editing import Problem, edits
from magroup.model.groups import Announcement
from magroup.model.people import Privilege
from magroup.web.rest.call import Call, Content, Function, Listed
from magroup.web.rest.groups import NO_GROUP, with_status
from magroup.web.rest.refusal import Refusal
from magroup.web.rest.xml import leaves

MOVES = {"up": True, "down": False}
_NO_ANNOUNCEMENT = {(Problem.UNKNOWN, "announcement_id"): "INVALID_ANNOUNCEMENT_ID"}


async def add_announcement(call: Call) -> Content:
    call.parameters.required("gr_id", "an_wave")
    group_id, wave = call.parameters.id("gr_id"), call.parameters.text("an_wave") or ""
    priority = call.parameters.integer("an_priority")
    rules = call.parts.editing.rules
    await call.edit(
        lambda configuration: edits.add_announcement(configuration, rules, group_id, wave, priority), NO_GROUP
    )  # fmt: skip
    return with_status(group_id)


async def delete_announcement(call: Call) -> Content:
    id = call.parameters.id("an_id")
    await call.edit(lambda configuration: edits.delete_announcement(configuration, id), _NO_ANNOUNCEMENT)
    return "OK"


async def edit_announcement(call: Call) -> Content:
    call.parameters.required("an_id", "an_wave")
    id, wave = call.parameters.id("an_id"), call.parameters.text("an_wave") or ""
    rules = call.parts.editing.rules
    await call.edit(
        lambda configuration: edits.change_announcement(configuration, rules, id, wave), _NO_ANNOUNCEMENT
    )  # fmt: skip
    return "OK"


async def get_announcements(call: Call) -> Content:
    id = call.parameters.id("gr_id")
    if id not in call.configuration.group_by_id:
        raise Refusal("INVALID_GROUP_ID", f"there is no group {id}")
    return Listed(sorted(call.configuration.announcements_of(id), key=lambda one: one.id), shown)


async def reorder_announcements(call: Call) -> Content:
    call.parameters.required("an_id", "move")
    id, up = call.parameters.id("an_id"), bool(call.parameters.choice("move", MOVES))
    await call.edit(lambda configuration: edits.move_announcement(configuration, id, up), _NO_ANNOUNCEMENT)
    return "OK"


def sent_group(call: Call) -> str:
    """The group's id as it was sent, where it is a whole number."""
    text = call.parameters.text("gr_id") or ""
    return text if text.isascii() and text.isdigit() else ""


def shown(announcement: Announcement) -> etree._Element:
    return leaves("announcement", id=announcement.id, wave=announcement.wave, priority=announcement.priority)


_PRIVILEGES = (Privilege.GROUPS.value,)

FUNCTIONS: Mapping[str, Function] = {
    "addAnnouncement": Function("addAnnouncements", add_announcement, _PRIVILEGES, with_id=sent_group),
    "deleteAnnouncement": Function("deleteAnnouncements", delete_announcement, _PRIVILEGES),
    "editAnnouncement": Function("editAnnouncements", edit_announcement, _PRIVILEGES),
    "getAnnouncements": Function("getAnnouncements", get_announcements, _PRIVILEGES, depends=lambda call: None),
    "reorderAnnouncements": Function("reorderAnnouncements", reorder_announcements, _PRIVILEGES),
}
