"""Users and contacts of a company file."""

from collections.abc import Callable, Sequence

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from magroup.cli.company.form import Form
from magroup.cli.company.ids import assign, numbered
from magroup.cli.company.references import line_numbers
from magroup.model import checks
from magroup.model.checks import MOST_STARS
from magroup.model.configuration import Configuration
from magroup.model.people import Contact, Privilege, User
from magroup.model.presence import AVAILABLE, Presence, PresenceState

PRESENCE = {presence.name.lower(): presence for presence in Presence}
PRIVILEGES = {privilege.value: privilege for privilege in Privilege}
_WITH_MESSAGE = (Presence.AWAY, Presence.BUSY, Presence.DND)


def read_users(
    forms: Sequence[Form], configuration: Configuration, known: Configuration, hasher: PasswordHasher
) -> tuple[tuple[User, ...], dict[str, PresenceState]]:
    """The users, and the presence of those whose presence is in the file."""
    named = [(form, form.text("name", checks.name, required=True)) for form in forms]
    known_ids = {user.key: user.id for user in known.users}
    ids = assign([(form, name.casefold()) for form, name in named], known_ids, known.last_ids.users)
    users = []
    presence = {}
    names: set[str] = set()
    for id, (form, name) in zip(ids, named, strict=True):
        form.only_once("name", name, names)
        before = known.user(name)
        users.append(
            User(
                id=id,
                name=name,
                first_name=form.text("first_name"),
                last_name=form.text("last_name"),
                department=form.text("department"),
                email=form.text("email"),
                picture=form.text("picture", checks.file_name),
                stars=form.integer("stars", 0, 0, MOST_STARS),
                language=form.text("language", checks.language),
                password_hash=_hash(form, "password", before.password_hash if before else "", hasher),
                lines=line_numbers(form, "lines", configuration),
                mobile=form.text("mobile", checks.phone_number),
                voicemail=form.text("voicemail", checks.phone_number),
                voicemail_pin_hash=_hash(
                    form, "voicemail_pin", before.voicemail_pin_hash if before else "", hasher, checks.pin
                ),
                privileges=form.choices("privileges", PRIVILEGES),
            )
        )
        state = _presence(form)
        if state is not None:
            presence[name.casefold()] = state
        form.close()
    return tuple(users), presence


def read_contacts(forms: Sequence[Form], known: Configuration) -> tuple[Contact, ...]:
    read = [(form, form.text("number", checks.phone_number, required=True), form.text("name")) for form in forms]
    before = numbered((contact.number, contact.name) for contact in known.contacts)
    ids = assign(
        list(zip(forms, numbered((number, name) for _, number, name in read), strict=True)),
        {key: contact.id for key, contact in zip(before, known.contacts, strict=True)},
        known.last_ids.contacts,
    )
    contacts = []
    for id, (form, number, name) in zip(ids, read, strict=True):
        stars = form.integer("stars", 0, 0, MOST_STARS)
        contacts.append(Contact(id, number, name, form.text("picture", checks.file_name), stars))
        form.close()
    return tuple(contacts)


def _hash(
    form: Form, name: str, before: str, hasher: PasswordHasher, check: Callable[[str], str] | None = None
) -> str:
    """The hash in the file or of the password of that name, else the one before."""
    password = form.text(name, check)
    if form.has(f"{name}_hash"):
        if form.has(name):
            form.complain(f"is too much beside {name}_hash", name)
        return form.text(f"{name}_hash", checks.password_hash)
    if not password or (before and _fits(password, before, hasher)):
        return before
    return hasher.hash(password)


def _fits(password: str, hash: str, hasher: PasswordHasher) -> bool:
    try:
        return hasher.verify(hash, password)
    except (Argon2Error, InvalidHashError):
        return False


def _presence(form: Form) -> PresenceState | None:
    message = form.text("presence_message")
    value = form.choice("presence", PRESENCE, AVAILABLE.value)
    if message and value not in _WITH_MESSAGE:
        form.complain("goes with the presence away, busy or dnd only", "presence_message")
    return PresenceState(value, message) if form.has("presence") else None
