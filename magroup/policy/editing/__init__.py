"""Edits of the configuration as pure functions: a configuration and a request give a new one, or an EditError."""

from magroup.policy.editing.announcements import (
    add_announcement,
    announcement_of,
    change_announcement,
    delete_announcement,
    move_announcement,
    place_announcement,
)
from magroup.policy.editing.bulk import Outcome, RowAnswer, put_all
from magroup.policy.editing.conflict import expect_group, group_tag
from magroup.policy.editing.errors import EditError, Problem
from magroup.policy.editing.groups import add_group, change_group, delete_group, group_of
from magroup.policy.editing.lines import (
    add_line,
    add_phone,
    change_line,
    change_phone,
    delete_line,
    delete_phone,
)
from magroup.policy.editing.members import (
    add_member,
    change_member,
    delete_members,
    display_group,
    member_of,
    move_member,
    order_members,
    place_member,
)
from magroup.policy.editing.people import (
    add_contact,
    add_user,
    change_contact,
    change_user,
    delete_contact,
    delete_user,
)
from magroup.policy.editing.rules import Rules
from magroup.policy.editing.trunks import add_trunk, change_trunk, delete_trunk
from magroup.policy.editing.vips import add_vip, change_vip, delete_vip, vip_of

__all__ = [
    "EditError",
    "Outcome",
    "Problem",
    "RowAnswer",
    "Rules",
    "add_announcement",
    "add_contact",
    "add_group",
    "add_line",
    "add_member",
    "add_phone",
    "add_trunk",
    "add_user",
    "add_vip",
    "announcement_of",
    "change_announcement",
    "change_contact",
    "change_group",
    "change_line",
    "change_member",
    "change_phone",
    "change_trunk",
    "change_user",
    "change_vip",
    "delete_announcement",
    "delete_contact",
    "delete_group",
    "delete_line",
    "delete_members",
    "delete_phone",
    "delete_trunk",
    "delete_user",
    "delete_vip",
    "display_group",
    "expect_group",
    "group_of",
    "group_tag",
    "member_of",
    "move_announcement",
    "move_member",
    "order_members",
    "place_announcement",
    "place_member",
    "put_all",
    "vip_of",
]
