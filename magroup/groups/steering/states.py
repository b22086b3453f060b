"""Presence and forwarding, set by people for themselves and for others (spec 2); what their phones show (spec 8)."""

from magroup.groups.forwarding import ForwardingBook, ForwardingError
from magroup.groups.presence import PresenceBook, PresenceError
from magroup.groups.steering.refusals import Refused, Why
from magroup.model.configuration import Configuration
from magroup.model.forwarding import Forwarding
from magroup.model.languages import Language
from magroup.model.people import User
from magroup.model.presence import Presence
from magroup.policy import editing as edits
from magroup.policy import refusal_in_words
from magroup.policy.rights import Rights


def set_presence(
    book: PresenceBook, configuration: Configuration, by: User, user_name: str, value: Presence, message: str
) -> None:  # fmt: skip
    """``by`` sets the presence of a user. Raises Refused."""
    user = configuration.user(user_name)
    rights = Rights(by.name, by.privileges)
    if user is None or not rights.knows(configuration, user.name):
        raise Refused(Why.NO_MEMBER)
    if not rights.sets_state(configuration, user.name):
        raise Refused(Why.FORBIDDEN)
    try:
        book.set(user.name, value, message, by.name)
    except PresenceError:
        raise Refused(Why.WRONG_MESSAGE) from None


def show_on_phone(configuration: Configuration, by: User, member_id: int, is_shown: bool) -> Configuration:
    """An edit: the phone of one of the own members shows its group, or no group. Raises Refused."""
    member = configuration.member_by_id.get(member_id)
    if member is None:
        raise Refused(Why.NO_MEMBER)
    if member.user_name.casefold() != by.key:
        raise Refused(Why.FORBIDDEN)
    if configuration.line(member.number) is None:
        raise Refused(Why.NO_LINE)
    return edits.display_group(configuration, [member.id], member.group_id if is_shown else 0)


def set_forwarding(
    book: ForwardingBook, configuration: Configuration, by: User, member_id: int, forwarding: Forwarding,
    is_of_line: bool, language: Language,
) -> None:  # fmt: skip
    """``by`` sets the forwarding of a member's line, or the application forwarding. Raises Refused."""
    member = configuration.member_by_id.get(member_id)
    rights = Rights(by.name, by.privileges)
    if member is None or not rights.knows(configuration, member.user_name):
        raise Refused(Why.NO_MEMBER)
    line = configuration.line(member.number)
    if is_of_line and line is None:
        raise Refused(Why.NO_LINE)
    if is_of_line and line is not None:
        may = rights.sets_line(configuration, line.number)
    else:
        may = rights.sets_state(configuration, member.user_name)
    if not may:
        raise Refused(Why.FORBIDDEN)
    try:
        if is_of_line:
            book.set_line(member.number, forwarding, by.name)
        else:
            book.set_application(member.id, forwarding, by.name)
    except ForwardingError as refused:
        if refused.refusal is None:
            raise Refused(Why.NO_MEMBER) from None
        raise Refused(Why.WRONG, refusal_in_words(refused.refusal, language)) from None
