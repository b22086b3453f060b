"""As what, and with which line, somebody becomes a member: asked where there is a choice."""

from collections.abc import Mapping

from magroup.model.languages import Said
from magroup.model.people import User
from magroup.web.phone.lists import listed
from magroup.web.phone.objects import Item
from magroup.web.phone.visit import Page, PhoneError, Visit
from magroup.web.phone.words import WRONG_ENTRY

MEMBER = Said("As member", "Als Mitglied", "Comme membre")
MANAGER = Said("As manager", "Als Manager", "Comme manager")
WHICH_LINE = Said("Which line?", "Welche Leitung?", "Quelle ligne ?")
NO_LINE = Said("{detail} has no line.", "{detail} hat keine Leitung.", "{detail} n'a pas de ligne.")
ROLES = {"member": MEMBER, "manager": MANAGER}
"""What the parameter ``as`` says."""

Query = Mapping[str, object]


def ask_role(visit: Visit, title: str, page: str, query: Query) -> Page:
    items = [Item(visit.say(said), visit.url(page, **query, **{"as": role})) for role, said in ROLES.items()]
    return listed(visit, title, items, page, query)


def role(visit: Visit) -> str:
    """A key of ROLES, "" where nothing was chosen. Raises PhoneError."""
    chosen = visit.text("as", 10)
    if chosen and chosen not in ROLES:
        raise PhoneError(WRONG_ENTRY)
    return chosen


def ask_line(visit: Visit, user: User, page: str, query: Query) -> Page:
    items = [Item(number, visit.url(page, **query, line=number)) for number in user.lines]
    return listed(visit, visit.say(WHICH_LINE), items, page, query)


def chosen_line(visit: Visit, user: User) -> str:
    """The line of the user that was chosen or is the only one, "" where it is to be asked. Raises PhoneError."""
    if not user.lines:
        raise PhoneError(NO_LINE, user.full_name)
    number = visit.text("line", 40)
    if number and number not in user.lines:
        raise PhoneError(WRONG_ENTRY)
    return number or (user.lines[0] if len(user.lines) == 1 else "")
