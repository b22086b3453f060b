"""Overflow: what happens to calls that nobody answered."""

from collections.abc import Mapping

from magroup.groups.editing import edits
from magroup.groups.rights import Rights
from magroup.groups.steering import Refused, Why
from magroup.model.configuration import Configuration
from magroup.model.groups import Group, Overflow, OverflowTo
from magroup.model.languages import Said
from magroup.web.phone.editing import Change, done, edit, expect, tag
from magroup.web.phone.forms import Field, Form, answered
from magroup.web.phone.groups.chosen import chosen_group, within
from magroup.web.phone.lists import CURRENT, paged
from magroup.web.phone.objects import InputFlags, Item
from magroup.web.phone.visit import Page, PageFunction, Visit

TITLE = Said("Overflow", "Überlauf", "Débordement")
NONE = Said("<No Overflow>", "<Kein Überlauf>", "<Aucun débordement>")
BUSY = Said("Busy", "Besetzt", "Occupé")
NUMBER = Said("To Number", "Zu einer Nummer", "Vers un numéro")
VOICEMAIL = Said("Voicemail", "Mailbox", "Messagerie")
PHONE_NUMBER = Said("Phone Number", "Telefonnummer", "Numéro")
BOX = Said("Voice Mail Box", "Mailboxnummer", "Numéro de messagerie")
SAVED = Said("Overflow: {detail}", "Überlauf: {detail}", "Débordement : {detail}")

_WORDS = {
    OverflowTo.NONE: NONE, OverflowTo.BUSY: BUSY, OverflowTo.NUMBER: NUMBER, OverflowTo.VOICEMAIL: VOICEMAIL
}  # fmt: skip
_FIELDS = {OverflowTo.NUMBER: PHONE_NUMBER, OverflowTo.VOICEMAIL: BOX}
_RULE = Rights.edits_group
Choice = OverflowTo | Group


def overflow_words(visit: Visit, overflow: Overflow) -> str:
    """Where calls go, in a few words."""
    match overflow.to:
        case OverflowTo.GROUP:
            group = _target(visit, overflow)
            return group.name if group is not None else visit.say(NONE)
        case OverflowTo.NUMBER:
            return overflow.target
        case OverflowTo.VOICEMAIL:
            return f"{visit.say(VOICEMAIL)} {overflow.target}"
        case _:
            return visit.say(_WORDS[overflow.to])


async def overflow(visit: Visit) -> Page:
    """What there is to choose from, all other groups too; what is set has a mark."""
    group = chosen_group(visit, _RULE)
    others = [other for other in visit.configuration.groups if other.id != group.id]
    choices: list[Choice] = [*_WORDS, *sorted(others, key=lambda other: (other.name.casefold(), other.id))]
    current = _target(visit, group.overflow) or group.overflow.to
    query = {"group": group.id, "from": tag(group.overflow)}

    def item(choice: Choice) -> Item:
        mark = CURRENT if choice == current else ""
        if isinstance(choice, Group):
            return Item(mark + choice.name, visit.url("set-overflow", **query, to="group", other=choice.id))
        page = "overflow-number" if choice in _FIELDS else "set-overflow"
        return Item(mark + visit.say(_WORDS[choice]), visit.url(page, **query, to=choice.value))

    return paged(visit, visit.say(TITLE), choices, item, "group-overflow", {"group": group.id})


async def set_overflow(visit: Visit) -> Page:
    """To nowhere, to the busy tone, or to another group."""
    group = chosen_group(visit, _RULE)
    to, other = visit.text("to"), visit.number("other")
    if to == OverflowTo.GROUP:
        if other == group.id or other not in visit.configuration.group_by_id:
            raise Refused(Why.NO_GROUP)
        new = Overflow(OverflowTo.GROUP, str(other))
    elif to in (OverflowTo.NONE, OverflowTo.BUSY):
        new = Overflow(OverflowTo(to))
    else:
        raise Refused(Why.NO_TARGET)
    return _saved(await edit(visit, within(group.id, _RULE), _change(visit, group, new)), group)


async def overflow_number(visit: Visit) -> Page:
    """To a number or a mailbox, which is typed."""
    group = chosen_group(visit, _RULE)
    to = next((to for to in _FIELDS if to == visit.text("to")), None)
    if to is None:
        raise Refused(Why.NO_TARGET)

    def fields(configuration: Configuration) -> list[Field]:
        now = configuration.group_by_id.get(group.id, group).overflow
        value = now.target if now.to is to else ""
        return [Field(_FIELDS[to], "number", value, InputFlags.TELEPHONE, is_number=True)]

    def change(configuration: Configuration) -> Configuration:
        typed = form.typed(visit)["number"]
        if typed and not form.changes(visit, configuration):
            return configuration
        return _change(visit, group, Overflow(to, typed))(configuration)

    query = {"group": group.id, "to": to.value, "from": visit.text("from", 6) or tag(group.overflow)}
    form = Form(group.name, "overflow-number", query, fields)
    return await answered(visit, form, within(group.id, _RULE), change, lambda now: _saved(now, group))


def _change(visit: Visit, group: Group, new: Overflow) -> Change:
    rules = visit.parts.editing.rules

    def change(configuration: Configuration) -> Configuration:
        before = configuration.group_by_id[group.id].overflow
        if new != before:
            expect(visit, before)
        return edits.change_group(configuration, rules, group.id, {"overflow": new})

    return change


def _saved(now: Visit, group: Group) -> Page:
    words = overflow_words(now, now.configuration.group_by_id[group.id].overflow)
    return done(now, group.name, now.say(SAVED, words), now.url("edit-group", group=group.id))


def _target(visit: Visit, overflow: Overflow) -> Group | None:
    is_group = overflow.to is OverflowTo.GROUP
    return visit.configuration.group_by_id.get(int(overflow.target)) if is_group else None


PAGES: Mapping[str, PageFunction] = {
    "group-overflow": overflow,
    "set-overflow": set_overflow,
    "overflow-number": overflow_number,
}
