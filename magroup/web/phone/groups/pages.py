"""The pages of the menu Groups by name."""

from collections.abc import Mapping

from magroup.web.phone.groups import (
    announcement,
    announcements,
    create,
    delete,
    greeting,
    join,
    leave,
    member,
    members,
    menu,
    name,
    new_member,
    notifications,
    options,
    overflow,
)
from magroup.web.phone.visit import PageFunction

PAGES: Mapping[str, PageFunction] = {
    **menu.PAGES,
    **create.PAGES,
    **join.PAGES,
    **leave.PAGES,
    **delete.PAGES,
    **name.PAGES,
    **options.PAGES,
    **overflow.PAGES,
    **greeting.PAGES,
    **announcements.PAGES,
    **announcement.PAGES,
    **notifications.PAGES,
    **members.PAGES,
    **member.PAGES,
    **new_member.PAGES,
}
