"""Users: their list and the form with all of their fields."""

from collections.abc import Sequence
from typing import Any

from magroup.groups.editing import edits
from magroup.model.checks import MOST_STARS, pin
from magroup.model.configuration import Configuration
from magroup.model.people import Privilege, User
from magroup.web.admin.reading import Reader, sentence
from magroup.web.admin.users.kind import OF, Cell, Kind, Values
from magroup.web.admin.users.pages import pages_of
from magroup.web.admin.users.words import PRIVILEGES, languages
from magroup.web.admin.visit import AdminVisit
from magroup.web.file_urls import picture_url

_TEXTS = ("first_name", "last_name", "department", "email", "mobile", "voicemail", "language")
_KEPT = (Privilege.USER_ADMINISTRATION, Privilege.ADMIN)
"""Privileges that nobody takes from oneself without a warning."""

NOT_ADMIN = "Only who has the privilege Admin changes accounts that have it, or gives it."
OWN = "This is your own account: somebody else has to delete it."


def user_of(configuration: Configuration, id: str) -> User | None:
    """The user that an address names."""
    wanted = int(id) if id.isascii() and id.isdigit() and len(id) <= 10 else 0
    return next((user for user in configuration.users if user.id == wanted), None)


def is_own(visit: AdminVisit, user: User | None) -> bool:
    return user is not None and user.key == visit.user.key


def refusal(visit: AdminVisit, user: User | None, values: Values) -> str:
    """Nobody gets Admin, or takes over one's account who has it, by whoever has it not."""
    before = user.privileges if user is not None else frozenset()
    if not visit.rights.has(Privilege.ADMIN) and Privilege.ADMIN in before | values.get("privileges", before):
        return NOT_ADMIN
    return OWN if values.get("deleted") and is_own(visit, user) else ""


def _row(visit: AdminVisit, user: User) -> Sequence[Cell]:
    return (
        Cell(user.name, picture=picture_url(user.picture)),
        Cell(f"{user.first_name} {user.last_name}".strip()),
        Cell(user.department),
        Cell(", ".join(user.lines)),
        Cell("" if user.password_hash else "no login"),
    )


def _text(user: User) -> str:
    words = (user.name, user.first_name, user.last_name, user.department, user.email, *user.lines)
    return " ".join(words).casefold()


def _shown(visit: AdminVisit, user: User | None) -> dict[str, Any]:
    held = user or User(0, "")
    own_admin = visit.rights.has(Privilege.ADMIN)
    form = {name: getattr(held, name) for name in ("name", *_TEXTS)}
    form |= {"lines": ", ".join(held.lines), "stars": str(held.stars), "no_pin": "", "sure": ""}
    chosen = set(visit.texts("privilege")) if visit.request.method == b"POST" else set(held.privileges)
    tokens = visit.parts.admission.tokens.of_user(held.key) if user else ()
    return {
        "form": form, "user": user, "picture": picture_url(held.picture), "languages": languages(held.language),
        "privileges": [
            (one.value, words, one.value in chosen, own_admin or one is not Privilege.ADMIN)
            for one, words in PRIVILEGES
        ],
        "own": is_own(visit, user), "has_pin": bool(held.voicemail_pin_hash),
        "memberships": _memberships(visit, user) if user else [], "tokens": len(tokens),
        "sessions": visit.parts.admission.sessions.count_of_user(held.key) if user else 0,
        "urls": {what: visit.url(f"users/{what}", **{OF: held.id}) for what in
                 ("password", "picture", "picture/remove", "tokens", "sessions")},
        "line_urls": [(number, visit.url("users/lines/edit", **{OF: number})) for number in held.lines],
    }  # fmt: skip


def _memberships(visit: AdminVisit, user: User) -> list[str]:
    return [
        f"{visit.configuration.group_by_id[member.group_id].name}{' (manager)' if member.is_manager else ''}"
        for member in visit.configuration.members_of_user(user.name)
    ]


def _read(visit: AdminVisit, reader: Reader, user: User | None) -> Values:
    values: Values = {name: reader.text(name) for name in ("name", *_TEXTS)}
    values["stars"] = reader.integer("stars", 0, MOST_STARS)
    values["lines"] = reader.listed("lines")
    sent = set(reader.chosen("privilege"))
    known = {privilege.value for privilege in Privilege}
    if sent - known:
        reader.wrong[""] = "There is no such privilege."
    values["privileges"] = frozenset(Privilege(value) for value in sent & known)
    values["pin"], values["no_pin"] = reader.secret("pin").strip(), reader.is_checked("no_pin")
    if values["pin"] and (wrong := pin(values["pin"])):
        reader.wrong["pin"] = sentence(f"this {wrong}")
    _warn(visit, reader, user, values["privileges"])
    return values


def _warn(visit: AdminVisit, reader: Reader, user: User | None, privileges: frozenset[Privilege]) -> None:
    sure = reader.is_checked("sure")
    if user is None or not is_own(visit, user) or sure:
        return
    lost = [one for one in _KEPT if one in user.privileges - privileges]
    if not lost:
        return
    others = [other for other in visit.configuration.users if other.id != user.id and other.password_hash]
    left = [one.value for one in lost if not any(one in other.privileges for other in others)]
    words = f"You take {' and '.join(one.value for one in lost)} from yourself, and cannot give it back to you."
    if left:
        words += f" Nobody else who can log in has {' or '.join(left)}."
    reader.wrong["sure"] = f"{words} Tick this box if that is what you want."


async def _prepared(visit: AdminVisit, reader: Reader, values: Values) -> Values:
    """The PIN as a hash."""
    changed = {name: value for name, value in values.items() if name not in ("pin", "no_pin")}
    if values["pin"]:
        changed["voicemail_pin_hash"] = await visit.parts.admission.passwords.hashed(values["pin"])
    elif values["no_pin"]:
        changed["voicemail_pin_hash"] = ""
    return changed


def _touched(visit: AdminVisit, user: User) -> Sequence[str]:
    configuration = visit.configuration
    found = []
    for member in configuration.members_of_user(user.name):
        group = configuration.group_by_id[member.group_id].name
        vips = len(configuration.vips_of(member.id))
        role = "Manager" if member.is_manager else "Member"
        found.append(f"{role} of the group {group}" + (f", with a VIP list of {vips}" if vips else ""))
    if tokens := len(visit.parts.admission.tokens.of_user(user.key)):
        found.append(f"Tokens: {tokens}")
    if sessions := visit.parts.admission.sessions.count_of_user(user.key):
        found.append(f"Open logins: {sessions}")
    if user.lines:
        found.append(f"Lines that stay, with their phones, as nobody's: {', '.join(user.lines)}")
    return found


PEOPLE = Kind(
    name="user",
    title="Users",
    plural="users",
    path="users",
    template="admin/users/user.html",
    heads=("User", "Name", "Department", "Lines", ""),
    listed=lambda configuration: configuration.users,
    found=user_of,
    key_of=lambda user: user.id,
    label=lambda user: user.full_name,
    row=_row,
    text=_text,
    order=lambda user: (user.last_name.casefold() or user.key, user.first_name.casefold(), user.key),
    shown=_shown,
    read=_read,
    prepared=_prepared,
    refusal=refusal,
    add=lambda configuration, rules, values: edits.add_user(configuration, values),
    change=lambda configuration, rules, user, values: edits.change_user(configuration, user.id, values),
    delete=lambda configuration, user: edits.delete_user(configuration, user.id),
    added=lambda configuration, values: str(configuration.last_ids.users),
    touched=_touched,
)

ROUTES = pages_of(PEOPLE)
