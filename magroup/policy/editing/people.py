"""Users and contacts."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from magroup.model import checks
from magroup.model.configuration import Configuration
from magroup.model.people import Contact, User
from magroup.policy.editing.errors import EditError, Problem
from magroup.policy.editing.members import delete_members
from magroup.policy.editing.rules import (
    check_integer,
    check_lines,
    check_room,
    check_text,
    unknown,
    with_instead,
    with_new,
)

MOST_USERS = 100_000
MOST_CONTACTS = 1_000_000


def user_of(configuration: Configuration, id: int) -> User:
    for found in configuration.users:
        if found.id == id:
            return found
    raise unknown("user_id", "user", id)


def add_user(configuration: Configuration, values: Mapping[str, Any]) -> Configuration:
    """A new user; the id is ``last_ids.users`` of what is returned."""
    check_room("users", len(configuration.users), MOST_USERS)
    user = checked_user(configuration, User(0, ""), replace(User(0, ""), **values))
    return with_new(configuration, "users", user)


def change_user(configuration: Configuration, id: int, values: Mapping[str, Any]) -> Configuration:
    """The user with other values of some fields; memberships follow a new name."""
    before = user_of(configuration, id)
    user = checked_user(configuration, before, replace(before, **values))
    if user.name != before.name:
        configuration = configuration.changed(
            members=tuple(
                replace(member, user_name=user.name) if member.user_name.casefold() == before.key else member
                for member in configuration.members
            )
        )
    return with_instead(configuration, "users", before, user)


def delete_user(configuration: Configuration, id: int) -> Configuration:
    """Without the user and all of the user's memberships."""
    gone = user_of(configuration, id)
    members = {member.id for member in configuration.members_of_user(gone.name)}
    configuration = delete_members(configuration, members)
    return configuration.changed(users=tuple(user for user in configuration.users if user is not gone))


def contact_of(configuration: Configuration, id: int) -> Contact:
    for found in configuration.contacts:
        if found.id == id:
            return found
    raise unknown("contact_id", "contact", id)


def add_contact(configuration: Configuration, values: Mapping[str, Any]) -> Configuration:
    """A new contact; the id is ``last_ids.contacts`` of what is returned."""
    check_room("contacts", len(configuration.contacts), MOST_CONTACTS)
    return with_new(configuration, "contacts", checked_contact(replace(Contact(0, ""), **values)))


def change_contact(configuration: Configuration, id: int, values: Mapping[str, Any]) -> Configuration:
    before = contact_of(configuration, id)
    return with_instead(configuration, "contacts", before, checked_contact(replace(before, **values)))


def delete_contact(configuration: Configuration, id: int) -> Configuration:
    gone = contact_of(configuration, id)
    return configuration.changed(contacts=tuple(one for one in configuration.contacts if one is not gone))


def checked_user(configuration: Configuration, before: User, user: User) -> User:
    """The user as it is stored in the place of ``before``, whose id is 0 where it is a new one."""
    check_text("name", user.name, checks.name, required=True)
    other = configuration.user(user.name)
    if other is not None and other.id != before.id:
        raise EditError(Problem.TAKEN, "name", f"there is a user {other.name} already")
    for field in ("first_name", "last_name", "department", "email"):
        check_text(field, getattr(user, field))
    check_text("picture", user.picture, checks.file_name)
    check_text("language", user.language, checks.language)
    check_text("password_hash", user.password_hash, checks.password_hash)
    check_text("voicemail_pin_hash", user.voicemail_pin_hash, checks.password_hash)
    check_text("mobile", user.mobile, checks.phone_number)
    check_text("voicemail", user.voicemail, checks.phone_number)
    check_integer("stars", user.stars, 0, checks.MOST_STARS)
    return replace(user, lines=check_lines(configuration, user.lines))


def checked_contact(contact: Contact) -> Contact:
    """The contact as it is stored."""
    check_text("number", contact.number, checks.phone_number, required=True)
    check_text("name", contact.name)
    check_text("picture", contact.picture, checks.file_name)
    check_integer("stars", contact.stars, 0, checks.MOST_STARS)
    return contact
