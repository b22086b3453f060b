"""Users and contacts as resources."""

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta, Struct

from magroup.groups.editing import EditError, Problem, Rules, edits
from magroup.model.configuration import Configuration
from magroup.model.people import Contact, Privilege, User
from magroup.web.admission.passwords import LONGEST, weakness
from magroup.web.api.call import Call
from magroup.web.api.collection import Collection, Path, Values
from magroup.web.api.fields import SHOWN, Id, Name, OptionalPhoneNumber, PhoneNumber, Stars, Text

Password = Annotated[str, Meta(max_length=LONGEST, description="A new password; empty: no login.")]
Pin = Annotated[str, Meta(max_length=16, pattern=r"^([0-9]{4,16})?$", description="4 to 16 digits; empty: none.")]


class UserFields(Struct, kw_only=True, forbid_unknown_fields=True):
    """A person with an account."""

    name: Name
    first_name: Text = ""
    last_name: Text = ""
    department: Text = ""
    email: Text = ""
    picture: Text = ""
    stars: Stars = 0
    language: Annotated[
        str, Meta(max_length=20, pattern=SHOWN, description="Such as en or de-CH; empty: the site's.")
    ] = ""
    lines: Annotated[
        tuple[PhoneNumber, ...], Meta(max_length=100, description="Numbers of lines, the default first.")
    ] = ()
    mobile: OptionalPhoneNumber = ""
    voicemail: OptionalPhoneNumber = ""
    privileges: Annotated[tuple[Privilege, ...], Meta(max_length=20)] = ()


class ContactFields(Struct, kw_only=True, forbid_unknown_fields=True):
    """A number outside, with what is shown of its calls."""

    number: PhoneNumber
    name: Text = ""
    picture: Text = ""
    stars: Stars = 0


def _shown(configuration: Configuration, user: User) -> Values:
    return {name: getattr(user, name) for name in _PLAIN} | {
        "id": user.id,
        "privileges": tuple(sorted(user.privileges)),
        "has_password": bool(user.password_hash),
        "has_voicemail_pin": bool(user.voicemail_pin_hash),
    }


_PLAIN = tuple(name for name in UserFields.__struct_fields__ if name != "privileges")


async def _prepared(call: Call, values: Values) -> Values:
    """Passwords and PINs as hashes."""
    changed = dict(values)
    if (password := changed.pop("password", None)) is not None:
        name = values.get("name") or _user_name(call)
        wrong = weakness(password, name, call.parts.admission.settings.accounts.shortest_password) if password else ""
        if wrong:
            raise EditError(Problem.INVALID, "password", wrong)
        changed["password_hash"] = await call.parts.admission.passwords.hashed(password) if password else ""
    if (pin := changed.pop("voicemail_pin", None)) is not None:
        changed["voicemail_pin_hash"] = await call.parts.admission.passwords.hashed(pin) if pin else ""
    return changed


def _user_name(call: Call) -> str:
    user = _found(call.configuration, call.path)
    return user.name if user is not None else ""


def _values(sent: Values) -> Values:
    return sent | ({"privileges": frozenset(sent["privileges"])} if "privileges" in sent else {})


def _found(configuration: Configuration, path: Path) -> User | None:
    return next((user for user in configuration.users if user.id == path.get("user_id")), None)


def _may_add(call: Call) -> bool:
    return call.rights.has(Privilege.ADMIN) or Privilege.ADMIN not in call.body.privileges


def _may_change(call: Call, user: User, values: Values) -> bool:
    """Nobody gets Admin, or takes over one's account who has it, by whoever has it not."""
    privileges = values.get("privileges", user.privileges)
    if _is_own(call, user) and Privilege.USER_ADMINISTRATION not in privileges:
        return False
    return call.rights.has(Privilege.ADMIN) or Privilege.ADMIN not in user.privileges | privileges


def _may_delete(call: Call, user: User) -> bool:
    return not _is_own(call, user) and _may_change(call, user, {})


def _is_own(call: Call, user: User) -> bool:
    """The own account: people do not lock themselves out."""
    return user.key == call.identity.user_name.casefold()


def _text(user: User) -> str:
    return f"{user.name} {user.first_name} {user.last_name} {user.department} {' '.join(user.lines)}".casefold()


def _add(configuration: Configuration, rules: Rules, path: Path, values: Values) -> Configuration:
    return edits.add_user(configuration, values)


USERS = Collection(
    name="user",
    path="/users",
    key="user_id",
    tag="users",
    scope="users",
    fields=UserFields,
    read_only={"id": Id, "has_password": bool, "has_voicemail_pin": bool},
    write_only={"password": Password, "voicemail_pin": Pin},
    listed=lambda configuration, path: configuration.users,
    found=_found,
    shown=_shown,
    key_of=lambda user: user.id,
    key_type=int,
    add=_add,
    added=lambda configuration, values: configuration.last_ids.users,
    change=lambda configuration, rules, user, values: edits.change_user(configuration, user.id, values),
    delete=lambda configuration, user: edits.delete_user(configuration, user.id),
    values=_values,
    prepared=_prepared,
    readers=(Privilege.USER_ADMINISTRATION, Privilege.ADMIN, Privilege.GROUPS, Privilege.MEMBERS_MANAGEMENT),
    writers=(Privilege.USER_ADMINISTRATION,),
    may_add=_may_add,
    may_change=_may_change,
    may_delete=_may_delete,
    text=_text,
)


def _contact(configuration: Configuration, path: Path) -> Contact | None:
    return next((one for one in configuration.contacts if one.id == path["contact_id"]), None)


def _contacts(configuration: Configuration, path: Path) -> Sequence[Contact]:
    return configuration.contacts


CONTACTS = Collection(
    name="contact",
    path="/contacts",
    key="contact_id",
    tag="contacts",
    scope="contacts",
    fields=ContactFields,
    read_only={"id": Id},
    listed=_contacts,
    found=_contact,
    shown=lambda configuration, one: {name: getattr(one, name) for name in ("id", *ContactFields.__struct_fields__)},
    key_of=lambda one: one.id,
    key_type=int,
    add=lambda configuration, rules, path, values: edits.add_contact(configuration, values),
    added=lambda configuration, values: configuration.last_ids.contacts,
    change=lambda configuration, rules, one, values: edits.change_contact(configuration, one.id, values),
    delete=lambda configuration, one: edits.delete_contact(configuration, one.id),
    writers=(Privilege.USER_ADMINISTRATION, Privilege.ADMIN, Privilege.VIP_LIST),
    text=lambda one: f"{one.number} {one.name}".casefold(),
)

