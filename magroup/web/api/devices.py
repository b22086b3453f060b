"""Lines, phones and trunks as resources; their secrets are taken, never shown."""

from collections.abc import Sequence
from typing import Annotated, Any

from msgspec import Meta, Struct

from magroup.groups.editing import Rules, edits
from magroup.model.checks import LONGEST_TEXT
from magroup.model.configuration import Configuration
from magroup.model.lines import Line, Phone, Trunk
from magroup.model.people import Privilege
from magroup.web.api.collection import Collection, Path, Values
from magroup.web.api.fields import SHOWN, Id, Name, OptionalId, PhoneNumber, Text

_USERS = (Privilege.USER_ADMINISTRATION, Privilege.ADMIN)
_MEMBERS = (*_USERS, Privilege.GROUPS, Privilege.MEMBERS_MANAGEMENT)
Secret = Annotated[str, Meta(max_length=LONGEST_TEXT, pattern=SHOWN, description="Never shown; empty: none.")]


class LineFields(Struct, kw_only=True, forbid_unknown_fields=True):
    """A number people are called at, on the embedded switch or on the PBX behind a trunk."""

    number: PhoneNumber
    display_name: Text = ""
    on_pbx: bool = False
    no_records: Annotated[bool, Meta(description="Its calls are not in the journal.")] = False
    displayed_group: OptionalId = 0


class PhoneFields(Struct, kw_only=True, forbid_unknown_fields=True):
    """A device: its name (SEP and the MAC address, or any other), and the lines on it."""

    device_name: Name
    model: Text = ""
    lines: Annotated[tuple[PhoneNumber, ...], Meta(max_length=100, description="Numbers of lines.")] = ()
    address: Text = ""
    push_user: Text = ""
    strip: Annotated[bool, Meta(description="It shows the status of its group beside its calls.")] = False


class TrunkFields(Struct, kw_only=True, forbid_unknown_fields=True):
    """A SIP connection to another switch: static, or registered out to."""

    name: Name
    address: Annotated[Name, Meta(description="host, host:port or host:port;transport=tcp.")]
    user_name: Text = ""
    registers: bool = False
    is_default: bool = False
    prefix: Annotated[str, Meta(max_length=33, pattern=SHOWN, description="What its numbers begin with.")] = ""
    strip: Annotated[int, Meta(ge=0, le=32, description="How many leading characters are removed.")] = 0
    inbound_addresses: Annotated[
        tuple[Text, ...], Meta(max_length=100, description="Where its calls come from; none: its address.")
    ] = ()
    ping_interval: Annotated[float, Meta(ge=0, le=86_400, description="Seconds; 0: none.")] = 60.0
    expires: Annotated[int, Meta(ge=30, le=604_800, description="Seconds of a registration.")] = 600


def _plain(fields: type[Struct], *more: str) -> Any:
    names = (*fields.__struct_fields__, *more)
    return lambda thing: {name: getattr(thing, name) for name in names}


_LINE, _PHONE, _TRUNK = _plain(LineFields), _plain(PhoneFields), _plain(TrunkFields, "id")


def _line(configuration: Configuration, path: Path) -> Line | None:
    return configuration.line(path["number"])


def _phone(configuration: Configuration, path: Path) -> Phone | None:
    wanted = path["device_name"].casefold()
    return next((phone for phone in configuration.phones if phone.device_name.casefold() == wanted), None)


def _trunk(configuration: Configuration, path: Path) -> Trunk | None:
    return next((trunk for trunk in configuration.trunks if trunk.id == path["trunk_id"]), None)


def _phones(configuration: Configuration, path: Path) -> Sequence[Phone]:
    return configuration.phones


def _add_line(configuration: Configuration, rules: Rules, path: Path, values: Values) -> Configuration:
    return edits.add_line(configuration, rules, values)


LINES = Collection(
    name="line",
    path="/lines",
    key="number",
    tag="lines",
    scope="lines",
    fields=LineFields,
    read_only={"has_secret": bool},
    write_only={"secret": Secret},
    listed=lambda configuration, path: configuration.lines,
    found=_line,
    shown=lambda configuration, line: _LINE(line) | {"has_secret": bool(line.secret)},
    key_of=lambda line: line.number,
    key_type=str,
    add=_add_line,
    added=lambda configuration, values: values["number"],
    change=lambda configuration, rules, line, values: edits.change_line(configuration, rules, line.number, values),
    delete=lambda configuration, line: edits.delete_line(configuration, line.number),
    readers=_MEMBERS,
    writers=_USERS,
    text=lambda line: f"{line.number} {line.display_name}".casefold(),
)

PHONES = Collection(
    name="phone",
    path="/phones",
    key="device_name",
    tag="phones",
    scope="phones",
    fields=PhoneFields,
    read_only={"has_push_password": bool, "has_token": bool},
    write_only={"push_password": Secret, "token": Secret},
    listed=_phones,
    found=_phone,
    shown=lambda configuration, phone: _PHONE(phone)
    | {"has_push_password": bool(phone.push_password), "has_token": bool(phone.token)},
    key_of=lambda phone: phone.device_name,
    key_type=str,
    add=lambda configuration, rules, path, values: edits.add_phone(configuration, values),
    added=lambda configuration, values: values["device_name"],
    change=lambda configuration, rules, phone, values: edits.change_phone(configuration, phone.device_name, values),
    delete=lambda configuration, phone: edits.delete_phone(configuration, phone.device_name),
    readers=_USERS,
    writers=_USERS,
    text=lambda phone: f"{phone.device_name} {phone.model} {' '.join(phone.lines)}".casefold(),
)

TRUNKS = Collection(
    name="trunk",
    path="/trunks",
    key="trunk_id",
    tag="trunks",
    scope="trunks",
    fields=TrunkFields,
    read_only={"id": Id, "has_password": bool},
    write_only={"password": Secret},
    listed=lambda configuration, path: configuration.trunks,
    found=_trunk,
    shown=lambda configuration, trunk: _TRUNK(trunk) | {"has_password": bool(trunk.password)},
    key_of=lambda trunk: trunk.id,
    key_type=int,
    add=lambda configuration, rules, path, values: edits.add_trunk(configuration, values),
    added=lambda configuration, values: configuration.last_ids.trunks,
    change=lambda configuration, rules, trunk, values: edits.change_trunk(configuration, trunk.id, values),
    delete=lambda configuration, trunk: edits.delete_trunk(configuration, trunk.id),
    readers=(Privilege.ADMIN,),
    writers=(Privilege.ADMIN,),
    text=lambda trunk: f"{trunk.name} {trunk.address}".casefold(),
)
