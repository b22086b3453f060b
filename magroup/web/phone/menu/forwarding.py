"""Set forwarding: whose calls, and where to (the manual's "Set forwarding", and the service of this name).

Of members that is the forwarding of the line; of managers that of the application, which VIPs pass.
"""

from collections.abc import Iterator, Mapping

from magroup.groups.forwarding import target_of
from magroup.groups.steering import Refused, Why, set_forwarding
from magroup.model.forwarding import Forwarding, ForwardTo
from magroup.model.groups import Group, Member
from magroup.model.languages import Said
from magroup.model.people import Privilege
from magroup.web.phone.lists import groups_at_hand, listed, member_icons, member_item
from magroup.web.phone.menu.forms import form_keys
from magroup.web.phone.menu.people import choose_colleague, chosen_member, has_others, is_me, name_of, others_in, stored
from magroup.web.phone.menu.words import CURRENT, NO_GROUPS
from magroup.web.phone.objects import Input, InputFlags, InputItem, Item
from magroup.web.phone.visit import Page, PageFunction, PhoneError, Visit
from magroup.web.phone.words import WRONG_ENTRY

TITLE = Said("Set forwarding", "Umleitung", "Renvoi d'appels")
MINE = Said("My forwarding", "Meine Umleitung", "Mon renvoi")
TEAM = Said("Team member forwarding", "Umleitung im Team", "Renvoi d'un membre")
OF_LINE = Said("Line {detail}", "Leitung {detail}", "Ligne {detail}")
NUMBER = Said("Number (# = +)", "Nummer (# = +)", "Numéro (# = +)")
NO_NUMBER = Said("Please enter a number.", "Bitte geben Sie eine Nummer ein.", "Veuillez saisir un numéro.")
IS_NOW = Said("Forwarding is now: {detail}", "Die Umleitung ist jetzt: {detail}", "Le renvoi est maintenant : {detail}")
TO: Mapping[ForwardTo, Said] = {
    ForwardTo.NONE: Said("No Forwarding", "Keine Umleitung", "Aucun renvoi"),
    ForwardTo.GROUP: Said("Group", "Gruppe", "Groupe"),
    ForwardTo.VOICEMAIL: Said("Voicemail", "Mailbox", "Messagerie"),
    ForwardTo.MOBILE: Said("Mobile", "Mobiltelefon", "Mobile"),
    ForwardTo.NUMBER: Said("To Number", "Zu Nummer", "Vers un numéro"),
}


async def forwarding(visit: Visit) -> Page:
    """Whose: straight to the own one for those who may not change others'."""
    if not visit.rights.has(Privilege.TEAMMATE_STATUS) or not groups_at_hand(visit):
        return await my_forwarding(visit)
    items = [visit.item(MINE, "my-forwarding"), visit.item(TEAM, "forward-of")]
    return listed(visit, visit.say(TITLE), items, "forwarding")


async def my_forwarding(visit: Visit) -> Page:
    """Of which role, for who has several: each group that the user manages, and each line in the other groups."""
    roles = list(_roles(visit))
    if not roles:
        raise PhoneError(NO_GROUPS)
    if len(roles) == 1:
        return _targets(visit, roles[0])
    items = []
    for member in roles:
        group = visit.configuration.group_by_id[member.group_id]
        name = group.name if member.is_manager else visit.say(OF_LINE, member.number)
        shown = in_words(visit, member, current(visit, member))
        items.append(Item(f"{name} - {shown}", visit.url("forward", member=member.id)))
    return listed(visit, visit.say(MINE), items, "my-forwarding")


async def forward_of(visit: Visit) -> Page:
    """The members whose forwarding is to be changed."""
    if not visit.rights.has(Privilege.TEAMMATE_STATUS):
        raise Refused(Why.FORBIDDEN)
    return choose_colleague(visit, visit.say(TEAM), groups_at_hand(visit), "forward", "forward-of")


async def forward(visit: Visit) -> Page:
    """Where the calls of a member may go."""
    return _targets(visit, _whose(visit))


async def forward_to_member(visit: Visit) -> Page:
    """The members of a group as targets."""
    member = _whose(visit)
    group = next((one for one in _groups(visit, member) if one.id == visit.number("group")), None)
    if group is None:
        raise Refused(Why.NO_GROUP)
    query = {"member": member.id, "group": group.id}
    items = list(_member_items(visit, member, group))
    return listed(visit, group.name, items, "forward-member", query, member_icons(visit))


async def forward_to_number(visit: Visit) -> Page:
    """The number is typed; # at its beginning stands for +."""
    member = _whose(visit)
    now = current(visit, member)
    old = now.number if now.to is ForwardTo.NUMBER else ""
    old = "#" + old[1:] if old.startswith("+") else old
    url = visit.url("set-forward", member=member.id, to=ForwardTo.NUMBER.value)
    field = InputItem(visit.say(NUMBER), "number", InputFlags.TELEPHONE, old)
    return Page(Input(_title(visit, member), "", form_keys(visit), url, (field,)))


async def set_forward(visit: Visit) -> Page:
    """Set it."""
    member = _whose(visit)
    try:
        to = ForwardTo(visit.text("to"))
    except ValueError:
        raise PhoneError(WRONG_ENTRY) from None
    number = visit.phone_number("number") if to is ForwardTo.NUMBER else ""
    if to is ForwardTo.NUMBER and not number:
        raise PhoneError(NO_NUMBER)
    target = visit.number("target") if to is ForwardTo.MEMBER else 0
    if target:
        _check_target(visit, member, target)
    set_forwarding(
        visit.parts.application.forwarding, visit.configuration, visit.user, member.id,
        Forwarding(to, number, target), not member.is_manager, visit.language,
    )  # fmt: skip
    shown = in_words(visit, member, current(visit, member))
    return visit.message(_title(visit, member), visit.say(IS_NOW, shown))


def current(visit: Visit, member: Member) -> Forwarding:
    """The forwarding that these pages set: of a manager that of the application, else that of the line."""
    book = visit.parts.application.forwarding
    return book.of_member(member.id) if member.is_manager else book.of_line(member.number)


def in_words(visit: Visit, member: Member, forwarding: Forwarding) -> str:
    """Where calls go."""
    configuration = visit.configuration
    if forwarding.to is ForwardTo.MEMBER:
        target = configuration.member_by_id.get(forwarding.member_id)
        return name_of(visit, target) if target is not None else visit.say(TO[ForwardTo.NONE])
    if forwarding.to is ForwardTo.NUMBER:
        return forwarding.number
    number = target_of(configuration, forwarding, configuration.user(member.user_name))
    return visit.say(TO[forwarding.to]) + (f" ({number})" if number else "")


def _targets(visit: Visit, member: Member) -> Page:
    now, user = current(visit, member), visit.configuration.user(member.user_name)
    offered = [ForwardTo.NONE]
    offered += [ForwardTo.GROUP] if member.is_manager else []
    offered += [ForwardTo.VOICEMAIL] if user is not None and user.voicemail else []
    offered += [ForwardTo.MOBILE] if user is not None and user.mobile else []
    items = []
    for to in (*offered, ForwardTo.NUMBER):
        page, query = ("forward-number", {}) if to is ForwardTo.NUMBER else ("set-forward", {"to": to.value})
        mark = CURRENT if now.to is to else ""
        detail = f": {now.number}" if now.to is to and to is ForwardTo.NUMBER else ""
        items.append(Item(f"{mark}{visit.say(TO[to])}{detail}", visit.url(page, member=member.id, **query)))
    groups = _groups(visit, member)
    if len(groups) == 1:
        items += _member_items(visit, member, groups[0])
    else:
        items += [
            Item(group.name, visit.url("forward-member", member=member.id, group=group.id)) for group in groups
        ]  # fmt: skip
    icons = member_icons(visit) if len(groups) == 1 else ()
    title = f"{_title(visit, member)}: {in_words(visit, member, now)}"
    return listed(visit, title, items, "forward", {"member": member.id}, icons)


def _member_items(visit: Visit, member: Member, group: Group) -> Iterator[Item]:
    """The others of a group as targets of the forwarding of ``member``."""
    now = current(visit, member)
    for other in others_in(visit, group, member.user_name):
        url = visit.url("set-forward", member=member.id, to=ForwardTo.MEMBER.value, target=other.id)
        item = member_item(visit, other, url)
        is_now = now.to is ForwardTo.MEMBER and now.member_id == other.id
        yield Item(CURRENT + item.name, item.url, item.icon) if is_now else item


def _groups(visit: Visit, member: Member) -> list[Group]:
    """Those of the member whose calls are forwarded, with others in them, that the user of the phone has to do with."""
    ids = {one.group_id for one in visit.configuration.members_of_user(member.user_name)}
    groups = (group for group in groups_at_hand(visit) if group.id in ids)
    return [group for group in groups if has_others(visit, group, member.user_name)]


def _check_target(visit: Visit, member: Member, target: int) -> None:
    other = visit.configuration.member_by_id.get(target)
    if other is None or other.group_id not in {group.id for group in _groups(visit, member)}:
        raise Refused(Why.NO_MEMBER)


def _roles(visit: Visit) -> Iterator[Member]:
    lines = set()
    for member in visit.memberships:
        line = stored(visit, member.number)
        if member.is_manager or line not in lines:
            yield member
        if not member.is_manager:
            lines.add(line)


def _whose(visit: Visit) -> Member:
    member = chosen_member(visit)
    if not visit.rights.sets_state(visit.configuration, member.user_name):
        raise Refused(Why.FORBIDDEN)
    return member


def _title(visit: Visit, member: Member) -> str:
    return visit.say(MINE) if is_me(visit, member) else name_of(visit, member)


PAGES: Mapping[str, PageFunction] = {
    "forwarding": forwarding, "my-forwarding": my_forwarding, "forward-of": forward_of, "forward": forward,
    "forward-member": forward_to_member, "forward-number": forward_to_number, "set-forward": set_forward,
}  # fmt: skip
