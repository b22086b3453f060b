"""From a configuration to the text of a company file: always the same text for the same configuration."""

import json
from collections.abc import Iterable, Iterator

from magroup.cli.company.company import FORMAT
from magroup.cli.company.groups import SHOW_VIP_CALLS, VIP_ROUTING
from magroup.model.configuration import Configuration
from magroup.model.groups import Group, Member, OverflowTo
from magroup.model.lines import Line, Phone, Trunk
from magroup.model.people import Contact, Privilege, User
from magroup.store.configuration import ordered

Value = str | int | float | bool | tuple[str, ...]
Pair = tuple[str, Value, Value | None]
"""A key, its value, and the value that need not be written."""

ALWAYS = None

HEAD = """\
# A company of magroup: python -m magroup import FILE puts it in the place of the one that is there.
# THIS FILE HOLDS SECRETS: SIP secrets of lines, passwords of trunks and phones. Passwords and PINs of users are hashes.
# Keep the ids of what you change: calls in the journal and other programs know things by them.
"""

LINES = "Lines: the numbers that people are called at, each with the secret that its phones register with."
USERS = "Users: people with an account; their first line is the default."
PHONES = "Phones: devices, and the lines on them."
CONTACTS = "Contacts: numbers outside."
TRUNKS = "Trunks: SIP connections to other switches."
GROUPS = "Groups: the manager first, then the members in the order in which they are rung."

_WORDS_OF_SHOW_VIP_CALLS = {value: word for word, value in SHOW_VIP_CALLS.items()}
_WORDS_OF_VIP_ROUTING = {value: word for word, value in VIP_ROUTING.items()}


def write_company(configuration: Configuration) -> str:
    """The text that ``read_company`` reads as an equal configuration, its version aside."""
    company = ordered(configuration)
    parts = [HEAD, f"format = {FORMAT}\n"]
    parts += _section(LINES, (_table("lines", _line(line, company)) for line in company.lines))
    parts += _section(USERS, (_table("users", _user(user)) for user in company.users))
    parts += _section(PHONES, (_table("phones", _phone(phone)) for phone in company.phones))
    parts += _section(CONTACTS, (_table("contacts", _contact(contact)) for contact in company.contacts))
    parts += _section(TRUNKS, (_table("trunks", _trunk(trunk)) for trunk in company.trunks))
    parts += _section(GROUPS, (part for group in company.groups for part in _group_tables(group, company)))
    return "\n".join(parts)


def _section(title: str, tables: Iterable[str]) -> list[str]:
    found = list(tables)
    return [f"\n# {title}\n", *found] if found else []


def _table(name: str, pairs: Iterable[Pair], more: str = "") -> str:
    lines = [f"{key} = {_value(value)}\n" for key, value, default in pairs if value != default]
    return f"[[{name}]]\n{''.join(lines)}{more}"


def _value(value: Value) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return _quoted(value)
        case tuple():
            return f"[{', '.join(_quoted(text) for text in value)}]"
        case _:
            return repr(value)


def _quoted(text: str) -> str:
    # JSON's escapes are TOML's too; TOML wants DEL escaped as well.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _line(line: Line, company: Configuration) -> Iterator[Pair]:
    displayed = company.group_by_id.get(line.displayed_group)
    yield "number", line.number, ALWAYS
    # A line without a secret of its own would be given one.
    yield "secret", line.secret, "" if line.on_pbx else ALWAYS
    yield "on_pbx", line.on_pbx, False
    yield "display_name", line.display_name, ""
    yield "no_records", line.no_records, False
    yield "displayed_group", displayed.name if displayed else "", ""


def _user(user: User) -> Iterator[Pair]:
    yield "id", user.id, ALWAYS
    yield "name", user.name, ALWAYS
    yield "first_name", user.first_name, ""
    yield "last_name", user.last_name, ""
    yield "department", user.department, ""
    yield "email", user.email, ""
    yield "picture", user.picture, ""
    yield "stars", user.stars, 0
    yield "language", user.language, ""
    # Where it is left out the password that is there stays.
    yield "password_hash", user.password_hash, ALWAYS
    yield "lines", user.lines, ()
    yield "mobile", user.mobile, ""
    yield "voicemail", user.voicemail, ""
    # As for the password.
    yield "voicemail_pin_hash", user.voicemail_pin_hash, ALWAYS
    yield "privileges", tuple(granted.value for granted in Privilege if granted in user.privileges), ()


def _phone(phone: Phone) -> Iterator[Pair]:
    yield "device_name", phone.device_name, ALWAYS
    yield "model", phone.model, ""
    yield "lines", phone.lines, ()
    yield "address", phone.address, ""
    yield "push_user", phone.push_user, ""
    yield "push_password", phone.push_password, ""
    yield "token", phone.token, ""
    yield "strip", phone.strip, False


def _contact(contact: Contact) -> Iterator[Pair]:
    yield "id", contact.id, ALWAYS
    yield "number", contact.number, ALWAYS
    yield "name", contact.name, ""
    yield "picture", contact.picture, ""
    yield "stars", contact.stars, 0


def _trunk(trunk: Trunk) -> Iterator[Pair]:
    yield "id", trunk.id, ALWAYS
    yield "name", trunk.name, ALWAYS
    yield "address", trunk.address, ALWAYS
    yield "user_name", trunk.user_name, ""
    yield "password", trunk.password, ""
    yield "registers", trunk.registers, False
    yield "default", trunk.is_default, False
    yield "prefix", trunk.prefix, ""
    yield "strip", trunk.strip, 0
    yield "inbound_addresses", trunk.inbound_addresses, ()
    yield "ping_interval", trunk.ping_interval, Trunk.ping_interval
    yield "expires", trunk.expires, Trunk.expires


def _group_tables(group: Group, company: Configuration) -> Iterator[str]:
    """The group, then each of its members."""
    announcements = [f"{{ id = {one.id}, wave = {_quoted(one.wave)} }}" for one in company.announcements_of(group.id)]
    yield _table("groups", _group(group), _list("announcements", announcements))
    for member in company.members_of(group.id):
        vips = [
            f"{{ id = {vip.id}, number = {_quoted(vip.number)}, description = {_quoted(vip.description)} }}"
            for vip in company.vips_of(member.id)
        ]
        yield _table("groups.members", _member(member), _list("vips", vips))


def _list(name: str, items: list[str]) -> str:
    return "".join([f"{name} = [\n", *(f"    {item},\n" for item in items), "]\n"]) if items else ""


def _group(group: Group) -> Iterator[Pair]:
    overflow = "busy" if group.overflow.to is OverflowTo.BUSY else str(group.overflow)
    yield "id", group.id, ALWAYS
    yield "name", group.name, ALWAYS
    yield "number", group.number, ""
    yield "welcome", group.welcome, ""
    yield "manager_timeout", group.manager_timeout, ALWAYS
    yield "assistant_timeout", group.assistant_timeout, ALWAYS
    yield "overflow", "none" if group.overflow.to is OverflowTo.NONE else overflow, ALWAYS
    yield "ring_parallel", group.ring_parallel, False
    yield "assistant_to_manager", group.assistant_to_manager, False
    yield "show_calls", group.show_calls, True
    yield "show_vip_calls", _WORDS_OF_SHOW_VIP_CALLS[group.show_vip_calls], ALWAYS
    yield "vip_routing", _WORDS_OF_VIP_ROUTING[group.vip_routing], ALWAYS
    yield "vip_threshold", group.vip_threshold, ALWAYS
    yield "caller_name", group.caller_name, ""
    yield "caller_number", group.caller_number, ""
    yield "manager_alarm", group.manager_alarm, ""
    yield "assistant_alarm", group.assistant_alarm, ""
    yield "manager_alarm_gadget", group.manager_alarm_gadget, ""
    yield "assistant_alarm_gadget", group.assistant_alarm_gadget, ""


def _member(member: Member) -> Iterator[Pair]:
    yield "id", member.id, ALWAYS
    yield "user", member.user_name, ALWAYS
    yield "number", member.number, ALWAYS
    yield "short_name", member.short_name, ALWAYS
    yield "manager", member.is_manager, False
