"""A new member of a group: one of all users, of whom there may be many."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import partial
from heapq import merge
from urllib.parse import quote

from magroup.groups.editing import Problem, edits
from magroup.groups.rights import Rights
from magroup.groups.steering import Refused, Why
from magroup.model.configuration import Configuration
from magroup.model.groups import Group
from magroup.model.languages import Said
from magroup.model.people import User
from magroup.model.short_names import short_name
from magroup.web.phone.edit_errors import IN_GROUP
from magroup.web.phone.editing import done
from magroup.web.phone.forms import Field, Form, answered
from magroup.web.phone.groups.chosen import chosen_group, within
from magroup.web.phone.groups.member import NUMBER, SHORT_NAME
from magroup.web.phone.groups.roles import ask_role, role
from magroup.web.phone.lists import paged
from magroup.web.phone.objects import Input, InputFlags, InputItem, Item, Menu, SoftKey
from magroup.web.phone.visit import Page, PageFunction, Visit
from magroup.web.phone.words import DELETE_LEFT, SELECT, SUBMIT

TITLE = Said("Add a member", "Neues Mitglied", "Nouveau membre")
SEARCH = Said("Search", "Suche", "Chercher")
NAME_OR_NUMBER = Said("Name or number", "Name oder Nummer", "Nom ou numéro")
NOBODY = Said("Nobody found", "Niemand gefunden", "Personne trouvée")
NO_USER = Said("There is no such user", "Diese Person gibt es nicht", "Cette personne n'existe pas")
ADDED = Said("{detail} is in the group.", "{detail} ist in der Gruppe.", "{detail} est dans le groupe.")
LONGEST_QUOTED = 48
"""Characters of what is searched for, as they stand in a URL."""
REASONS = {(Problem.TAKEN, "number"): IN_GROUP, (Problem.UNKNOWN, "user_name"): NO_USER}
AT_ONCE = 2000
"""Users that are sorted in one piece."""
_BETWEEN = re.compile(r"[\W_]+")
_RULE = Rights.edits_members


async def new_member(visit: Visit) -> Page:
    """All users by name, or those that are searched for."""
    group = chosen_group(visit, _RULE)
    sought = searchable(visit.text("find", 64))
    users = await visit.parts.in_thread(partial(found_users, visit.configuration.users, sought))

    def item(user: User) -> Item:
        number = f" {user.lines[0]}" if user.lines else ""
        return Item(user.full_name + number, visit.url("add-member", group=group.id, user=user.id))

    search = visit.url("find-member", group=group.id)
    if not users:
        return Page(Menu(visit.say(NOBODY), "", visit.keys(SELECT), [Item(visit.say(SEARCH), search)]))
    keys = [SoftKey(visit.say(SEARCH), search)]
    return paged(visit, visit.say(TITLE), users, item, "new-member", {"group": group.id, "find": sought}, more=keys)


async def find_member(visit: Visit) -> Page:
    """What to search for."""
    group = chosen_group(visit, _RULE)
    keys = visit.keys(SUBMIT, "SoftKey:Submit", SoftKey(visit.say(DELETE_LEFT), "SoftKey:<<"))
    items = [InputItem(visit.say(NAME_OR_NUMBER), "find")]
    return Page(Input(visit.say(SEARCH), "", keys, visit.url("new-member", group=group.id), items))


async def add_member(visit: Visit) -> Page:
    """The role where there is no manager yet, then short name and number."""
    group = chosen_group(visit, _RULE)
    id = visit.number("user")
    user = next((user for user in visit.configuration.users if user.id == id), None)
    if user is None:
        raise Refused(Why.NO_MEMBER)
    chosen, query = role(visit), {"group": group.id, "user": id}
    if not chosen and visit.configuration.manager_of(group.id) is None:
        return ask_role(visit, user.full_name, "add-member", query)
    form = Form(
        user.full_name, "add-member", query | {"as": chosen}, partial(_fields, visit.configuration, group, user)
    )

    def change(configuration: Configuration) -> Configuration:
        typed = form.typed(visit)
        return edits.add_member(
            configuration, group.id, user.name, typed["number"], typed["short_name"], chosen == "manager"
        )  # fmt: skip

    def added(now: Visit) -> Page:
        text = now.say(ADDED, user.full_name)
        return done(now, group.name, text, now.url("group-members", group=group.id))

    return await answered(visit, form, within(group.id, _RULE), change, added, REASONS)


def _fields(shown: Configuration, group: Group, user: User, configuration: Configuration) -> list[Field]:
    """What is proposed: it is not a change when somebody else has become a member meanwhile."""
    taken = {other.short_name.casefold() for other in shown.members_of(group.id)}
    return [
        Field(SHORT_NAME, "short_name", short_name(user.first_name, user.name, taken)),
        Field(NUMBER, "number", user.lines[0] if user.lines else "", InputFlags.TELEPHONE, is_number=True),
    ]


def found_users(users: Sequence[User], sought: str) -> list[User]:
    """By name; each word of ``sought`` begins one of the person's names or numbers."""
    words = [f" {word}" for word in sought.split()]
    found = [user for user in users if _has(user, words)] if words else list(users)
    # Sorted as a whole, 100,000 would keep the interpreter, and the reactor with it, for a tenth of a second.
    parts = [sorted(found[begin : begin + AT_ONCE], key=_order) for begin in range(0, len(found), AT_ONCE)]
    return list(merge(*parts, key=_order))


def _order(user: User) -> tuple[str, int]:
    return _plain(user.full_name), user.id


def _has(user: User, words: Sequence[str]) -> bool:
    text = " " + _plain(" ".join((user.first_name, user.last_name, user.name, *user.lines)))
    return all(word in text for word in words)


def searchable(text: str) -> str:
    """What is searched for, so much of it that a URL has room for it."""
    words = _plain(text)
    while len(quote(words, safe="")) > LONGEST_QUOTED:
        words = words[:-1].rstrip()
    return words


def _plain(text: str) -> str:
    """Letters, digits and single spaces, without accents and case."""
    letters = text.casefold()
    if not letters.isascii():
        letters = "".join(one for one in unicodedata.normalize("NFKD", letters) if not unicodedata.combining(one))
    return _BETWEEN.sub(" ", letters).strip()


PAGES: Mapping[str, PageFunction] = {
    "new-member": new_member,
    "find-member": find_member,
    "add-member": add_member,
}
