"""One member of a group: another short name or number, away with the member."""

from collections.abc import Mapping

from magroup.groups.editing import Problem, edits
from magroup.groups.rights import Rights
from magroup.groups.steering import Refused, Why
from magroup.model.configuration import Configuration
from magroup.model.groups import Member
from magroup.model.languages import Said
from magroup.model.people import User
from magroup.web.phone.edit_errors import IN_GROUP
from magroup.web.phone.editing import confirmation, done, edit
from magroup.web.phone.forms import Field, Form, answered
from magroup.web.phone.groups.chosen import chosen_member, within
from magroup.web.phone.groups.departure import without_members
from magroup.web.phone.lists import listed
from magroup.web.phone.objects import InputFlags, Item
from magroup.web.phone.visit import Page, PageFunction, Visit

SHORT_NAME = Said("Short name", "Kurzname", "Nom court")
NUMBER = Said("Number", "Nummer", "Numéro")
CHANGE = Said("Short name, number", "Kurzname, Nummer", "Nom court, numéro")
REMOVE = Said("Remove", "Entfernen", "Retirer")
REMOVE_OR_NOT = Said(
    "Remove {detail} from the group?", "{detail} aus der Gruppe entfernen?", "Retirer {detail} du groupe ?"
)
WITH_VIPS = Said(
    "Remove {detail} from the group? The VIP list goes, too.",
    "{detail} aus der Gruppe entfernen? Die VIP-Liste geht mit.",
    "Retirer {detail} du groupe ? La liste VIP disparaît aussi.",
)
REMOVED = Said("{detail} is removed.", "{detail} ist entfernt.", "{detail} est retiré du groupe.")
SAVED = Said("Saved: {detail}", "Gesichert: {detail}", "Enregistré : {detail}")
REASONS = {(Problem.TAKEN, "number"): IN_GROUP}
_RULE = Rights.edits_members


async def group_member(visit: Visit) -> Page:
    """What there is to do."""
    member = chosen_member(visit, _RULE)
    items = [
        Item(visit.say(CHANGE), visit.url("edit-member", member=member.id)),
        Item(visit.say(REMOVE), visit.url("remove-member", member=member.id)),
    ]
    return listed(visit, _name(visit, member), items, "group-member", {"member": member.id})


async def edit_member(visit: Visit) -> Page:
    member = chosen_member(visit, _RULE)

    def fields(configuration: Configuration) -> list[Field]:
        now = configuration.member_by_id.get(member.id, member)
        return [
            Field(SHORT_NAME, "short_name", now.short_name),
            Field(NUMBER, "number", now.number, InputFlags.TELEPHONE, is_number=True),
        ]

    def change(configuration: Configuration) -> Configuration:
        return edits.change_member(configuration, member.id, form.changes(visit, configuration))

    def saved(now: Visit) -> Page:
        new = now.configuration.member_by_id[member.id]
        text = now.say(SAVED, f"{new.short_name}, {new.number}")
        return done(now, _name(now, member), text, now.url("group-members", group=member.group_id))

    form = Form(_name(visit, member), "edit-member", {"member": member.id}, fields)
    return await answered(visit, form, within(member.group_id, _RULE), change, saved, REASONS)


async def remove_member(visit: Visit) -> Page:
    """First the question; ``sure`` is the answer."""
    member = chosen_member(visit, _RULE)
    name, rules = _name(visit, member), visit.parts.editing.rules
    if not visit.number("sure"):
        question = WITH_VIPS if visit.configuration.vips_of(member.id) else REMOVE_OR_NOT
        return confirmation(visit, name, question, name, visit.url("remove-member", member=member.id, sure=1))

    def change(configuration: Configuration) -> Configuration:
        if member.id not in configuration.member_by_id:
            raise Refused(Why.NO_MEMBER)
        return without_members(configuration, rules, {member.id})

    now = await edit(visit, within(member.group_id, _RULE), change)
    return done(now, name, now.say(REMOVED, name), now.url("group-members", group=member.group_id))


def _name(visit: Visit, member: Member) -> str:
    return (visit.configuration.user(member.user_name) or User(0, member.user_name)).full_name


PAGES: Mapping[str, PageFunction] = {
    "group-member": group_member,
    "edit-member": edit_member,
    "remove-member": remove_member,
}
