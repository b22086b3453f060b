"""Lists on phones: groups, members with icons, all users; what is too long has pages with << and >>."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from magroup.model.groups import Group, Member
from magroup.model.people import Privilege, User
from magroup.web.phone.objects import ICON_ITEMS, MENU_ITEMS, Item, Menu, SoftKey
from magroup.web.phone.visit import Page, Visit
from magroup.web.phone.words import NEXT, PREVIOUS, SELECT

MANAGER_ICON, MEMBER_ICON = 0, 1
MANAGER_MARK = "* "
"""Before the manager's name where a model has no icons."""
CURRENT = "> "
"""Before what is set, in a list of what could be."""

T = TypeVar("T")
Query = Mapping[str, object]
NO_QUERY: Query = {}


def page_of(things: Sequence[T], page: int, per_page: int) -> tuple[Sequence[T], bool]:
    """Those on this page, counted from 0, and whether more follow; the last page where it is gone."""
    last = max(0, (len(things) - 1) // per_page)
    begin = min(page, last) * per_page
    return things[begin : begin + per_page], begin + per_page < len(things)


def listed(
    visit: Visit, title: str, items: Sequence[Item], where: str, query: Query = NO_QUERY,
    icons: Sequence[str] = (), more: Sequence[SoftKey] = (), prompt: str = "",
) -> Page:  # fmt: skip
    """A menu of ``items``, of which a page is shown; ``where`` with ``query`` is this page itself, without its number.

    ``more`` are softkeys beside the usual ones.
    """
    return paged(visit, title, items, lambda item: item, where, query, icons, more, prompt)


def paged(
    visit: Visit, title: str, things: Sequence[T], item: Callable[[T], Item], where: str, query: Query = NO_QUERY,
    icons: Sequence[str] = (), more: Sequence[SoftKey] = (), prompt: str = "",
) -> Page:  # fmt: skip
    """The same of any ``things``: ``item`` is made of those only that are on the page."""
    per_page = ICON_ITEMS if icons else MENU_ITEMS
    page = min(visit.number("page"), max(0, (len(things) - 1) // per_page))
    shown, follow = page_of(things, page, per_page)
    keys = list(more)
    if page:
        keys.append(SoftKey(visit.say(PREVIOUS), visit.url(where, **query, page=page - 1 or "")))
    if follow:
        keys.append(SoftKey(visit.say(NEXT), visit.url(where, **query, page=page + 1)))
    items = [item(thing) for thing in shown]
    return Page(Menu(title, prompt, visit.keys(SELECT if items else None, "", *keys), items, icons))


def groups_at_hand(visit: Visit) -> tuple[Group, ...]:
    """Those that the user has to do with, by name: the own ones, all with Admin."""
    configuration = visit.configuration
    if visit.rights.has(Privilege.ADMIN):
        found = list(configuration.groups)
    else:
        ids = {member.group_id for member in visit.memberships}
        found = [configuration.group_by_id[id] for id in ids]
    return tuple(sorted(found, key=lambda group: (group.name.casefold(), group.id)))


def own_groups(visit: Visit) -> tuple[Group, ...]:
    """Those that the user is a member of, by name."""
    ids = {member.group_id for member in visit.memberships}
    return tuple(group for group in groups_at_hand(visit) if group.id in ids)


def choose_group(
    visit: Visit, title: str, groups: Sequence[Group], to: str, where: str, query: Query = NO_QUERY
) -> Page:  # fmt: skip
    """Each group leads to the page ``to`` with its id as ``group``; ``where`` is the page that lists them."""

    def item(group: Group) -> Item:
        return Item(group.name, visit.url(to, **query, group=group.id))

    return paged(visit, title, groups, item, where, query)


def member_icons(visit: Visit) -> tuple[str, ...]:
    """For MANAGER_ICON and MEMBER_ICON; () where the model shows none."""
    if not visit.model.has_icons:
        return ()
    return tuple(f"{visit.site}/static/phone/{name}.png" for name in ("manager", "member"))


def member_item(visit: Visit, member: Member, url: str, state: str = "") -> Item:
    """The entry of a member: name, and what it is doing where that is told."""
    user = visit.configuration.user(member.user_name) or User(0, member.user_name)
    mark = MANAGER_MARK if member.is_manager and not visit.model.has_icons else ""
    name = f"{mark}{user.full_name}" + (f" - {state}" if state else "")
    return Item(name, url, MANAGER_ICON if member.is_manager else MEMBER_ICON)


def choose_member(
    visit: Visit, title: str, members: Sequence[Member], to: str, where: str, query: Query = NO_QUERY,
    more: Sequence[SoftKey] = (),
) -> Page:  # fmt: skip
    """Each member leads to the page ``to`` with its id as ``member``."""

    def item(member: Member) -> Item:
        return member_item(visit, member, visit.url(to, **query, member=member.id))

    return paged(visit, title, members, item, where, query, member_icons(visit), more)
