"""Members, announcements and VIP lists of the groups in a company file."""

from collections.abc import Sequence
from dataclasses import replace

from magroup.cli.company import references
from magroup.cli.company.form import Form
from magroup.cli.company.ids import assign, numbered
from magroup.model import checks
from magroup.model.configuration import Configuration
from magroup.model.fixed import fixed
from magroup.model.groups import Announcement, Group, Member, VipEntry
from magroup.model.short_names import short_name


@fixed
class _Draft:
    """A member without an id; ``form`` is what it was read from."""

    form: Form
    member: Member

    @property
    def key(self) -> tuple[int, str, str]:
        return _key(self.member)


def read_memberships(forms: Sequence[Form], configuration: Configuration, known: Configuration) -> Configuration:
    """``configuration`` with the members, announcements and VIP lists in the forms of its groups."""
    drafts = [
        draft
        for form, group in zip(forms, configuration.groups, strict=True)
        for draft in _in_list_order(_drafts(form, group, configuration))
    ]
    before = {_key(member): member.id for member in known.members}
    ids = assign([(draft.form, draft.key) for draft in drafts], before, known.last_ids.members)
    members = tuple(replace(draft.member, id=id) for id, draft in zip(ids, drafts, strict=True))
    vips = _vips([(draft.form, member) for draft, member in zip(drafts, members, strict=True)], known)
    announcements = _announcements(forms, configuration, known)
    for form in (*forms, *(draft.form for draft in drafts)):
        form.close()
    return replace(configuration, members=members, vips=vips, announcements=announcements)


def _key(member: Member) -> tuple[int, str, str]:
    return member.group_id, member.user_name.casefold(), member.number


def _drafts(form: Form, group: Group, configuration: Configuration) -> list[_Draft]:
    """The members of one group in the order of the file."""
    drafts = [_Draft(member_form, _member(member_form, group, configuration)) for member_form in form.tables("members")]
    seen: set[tuple[int, str, str]] = set()
    managers = 0
    for draft in drafts:
        if draft.member.user_name and draft.key in seen:
            draft.form.complain("is in the group twice with this number", "user")
        seen.add(draft.key)
        managers += draft.member.is_manager
        if draft.member.is_manager and managers > 1:
            draft.form.complain("a group can have one manager only", "manager")
    return _with_short_names(drafts, configuration)


def _member(form: Form, group: Group, configuration: Configuration) -> Member:
    name = form.text("user", required=True)
    user = configuration.user(name)
    if name and user is None:
        form.complain(f"there is no user {name}", "user")
    number = form.text("number", checks.phone_number)
    if number:
        number = references.line_number(form, "number", number, configuration)
    elif user and user.lines:
        number = user.lines[0]
    elif user and not form.has("number"):
        form.complain("is missing, and the user has no line", "number")
    return Member(
        id=0,
        group_id=group.id,
        user_name=user.name if user else "",
        number=number,
        short_name=form.text("short_name", checks.short_name),
        is_manager=form.flag("manager"),
    )


def _with_short_names(drafts: list[_Draft], configuration: Configuration) -> list[_Draft]:
    taken = {draft.member.short_name.casefold() for draft in drafts}
    found = []
    for draft in drafts:
        member = draft.member
        user = configuration.user(member.user_name)
        if user and not member.short_name:
            member = replace(member, short_name=short_name(user.first_name, user.name, taken))
            taken.add(member.short_name.casefold())
        found.append(_Draft(draft.form, member))
    return found


def _in_list_order(drafts: list[_Draft]) -> list[_Draft]:
    """The manager first, with positions from 1."""
    drafts = sorted(drafts, key=lambda draft: not draft.member.is_manager)
    return [_Draft(d.form, replace(d.member, position=place)) for place, d in enumerate(drafts, 1)]


def _vips(members: list[tuple[Form, Member]], known: Configuration) -> tuple[VipEntry, ...]:
    drafts = []
    for form, member in members:
        entries = form.tables("vips", "number")
        if entries and not member.is_manager:
            form.complain("only the manager has a VIP list", "vips")
        drafts += [(entry, member.id, entry.text("number", checks.vip_number, required=True)) for entry in entries]
    before = numbered((vip.member_id, vip.number) for vip in known.vips)
    ids = assign(
        list(zip((form for form, _, _ in drafts), numbered((id, n) for _, id, n in drafts), strict=True)),
        {key: vip.id for key, vip in zip(before, known.vips, strict=True)},
        known.last_ids.vips,
    )
    vips = []
    for id, (form, member_id, number) in zip(ids, drafts, strict=True):
        vips.append(VipEntry(id, member_id, number, form.text("description")))
        form.close()
    return tuple(vips)


def _announcements(
    forms: Sequence[Form], configuration: Configuration, known: Configuration
) -> tuple[Announcement, ...]:
    drafts = [
        (entry, group.id, priority, entry.text("wave", checks.file_name, required=True))
        for form, group in zip(forms, configuration.groups, strict=True)
        for priority, entry in enumerate(form.tables("announcements", "wave"), 1)
    ]
    before = numbered((one.group_id, one.wave) for one in known.announcements)
    ids = assign(
        list(zip((d[0] for d in drafts), numbered((group_id, wave) for _, group_id, _, wave in drafts), strict=True)),
        {key: one.id for key, one in zip(before, known.announcements, strict=True)},
        known.last_ids.announcements,
    )
    announcements = []
    for id, (form, group_id, priority, wave) in zip(ids, drafts, strict=True):
        announcements.append(Announcement(id, group_id, wave, priority))
        form.close()
    return tuple(announcements)
