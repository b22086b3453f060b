"""Phones: devices with their lines, and what is needed to send them something."""

import re
import secrets
from collections.abc import Sequence
from typing import Any

from magroup.groups.editing import edits
from magroup.model.lines import Phone
from magroup.web.admin.reading import Reader
from magroup.web.admin.switch.states import of_phone
from magroup.web.admin.users.kind import OF, Cell, Kind, Values
from magroup.web.admin.users.pages import pages_of
from magroup.web.admin.users.sections import sections
from magroup.web.admin.visit import AdminVisit, Outcome
from magroup.web.admin.visit import Shown as ShownPage
from magroup.web.phone.models import MODELS
from magroup.web.phone.trust import LONGEST_NAME

KEEP, MAKE, NONE = "keep", "make", "none"

_NAME = re.compile(r"[A-Za-z0-9._-]+")
_HARDWARE = re.compile(r"sep[0-9a-f]{12}", re.IGNORECASE)


def device_name_wrong(name: str) -> str:
    """What is wrong with the name of a device, "" where nothing is."""
    if len(name) > LONGEST_NAME or not _NAME.fullmatch(name):
        return f"Up to {LONGEST_NAME} letters, digits, dots, dashes and underscores."
    if name.casefold().startswith("sep") and not _HARDWARE.fullmatch(name):
        return "SEP and the MAC address: twelve digits from 0 to F, without colons."
    return ""


def _shown_on(visit: AdminVisit, phone: Phone) -> str:
    """What its status display shows."""
    line = visit.configuration.line(phone.lines[0]) if phone.lines else None
    group = visit.configuration.group_by_id.get(line.displayed_group) if line is not None else None
    return group.name if group is not None else ""


def _lines(visit: AdminVisit, phone: Phone) -> list[str]:
    """The numbers of its lines as they are stored there."""
    return [line.number for line in map(visit.configuration.line, phone.lines) if line is not None]


def _row(visit: AdminVisit, phone: Phone) -> Sequence[Cell]:
    return (
        Cell(phone.device_name), Cell(phone.model), Cell(", ".join(phone.lines)), Cell(phone.address),
        Cell(_shown_on(visit, phone)), Cell.of(of_phone(phone, visit.parts.switching, _lines(visit, phone))),
    )  # fmt: skip


def _shown(visit: AdminVisit, phone: Phone | None) -> dict[str, Any]:
    held = phone or Phone("")
    form = {name: getattr(held, name) for name in ("device_name", "model", "address", "push_user")}
    tokens = [(KEEP, "Leave it as it is" if held.token else "None"), (MAKE, "Make a new one, shown once")]
    tokens += [(NONE, "None")] if held.token else []
    return {
        "form": {**form, "lines": ", ".join(held.lines), "no_password": "", "token_is": KEEP,
                 "strip": "on" if held.strip else ""},
        "models": sorted(MODELS), "tokens": tokens, "has_password": bool(held.push_password),
        "shown_group": _shown_on(visit, held),
        "line_urls": [(number, visit.url("users/lines/edit", **{OF: number})) for number in held.lines],
    }  # fmt: skip


def _read(visit: AdminVisit, reader: Reader, phone: Phone | None) -> Values:
    values: Values = {name: reader.text(name) for name in ("device_name", "model", "address", "push_user")}
    values["lines"], values["strip"] = reader.listed("lines"), reader.is_checked("strip")
    is_other = phone is None or values["device_name"] != phone.device_name
    if values["device_name"] and is_other and (wrong := device_name_wrong(values["device_name"])):
        reader.wrong["device_name"] = wrong
    password, no_password = reader.secret("push_password"), reader.is_checked("no_password")
    if password or no_password:
        values["push_password"] = password
    match reader.text("token_is"):
        case "make":
            values["token"] = secrets.token_urlsafe(18)
        case "none":
            values["token"] = ""
    return values


async def _made(visit: AdminVisit, phone: Phone, values: Values) -> Outcome | None:
    if not values.get("token"):
        return None
    return ShownPage("admin/users/phone_made.html", {
        "sections": sections(visit, "users/phones"), "label": phone.device_name,
        "token": phone.token, "back": visit.url("users/phones"),
        "phone": visit.url("users/phones/edit", **{OF: phone.device_name}),
    })  # fmt: skip


PHONES = Kind(
    name="phone",
    title="Phones",
    plural="phones",
    path="users/phones",
    template="admin/users/phone.html",
    heads=("Device name", "Model", "Lines", "Address", "Status display", "State"),
    listed=lambda configuration: configuration.phones,
    found=lambda configuration, name: configuration.phone(name),
    key_of=lambda phone: phone.device_name,
    key_field="device_name",
    label=lambda phone: phone.device_name,
    row=_row,
    text=lambda phone: f"{phone.device_name} {phone.model} {phone.address} {' '.join(phone.lines)}".casefold(),
    order=lambda phone: phone.device_name.casefold(),
    shown=_shown,
    read=_read,
    made=_made,
    add=lambda configuration, rules, values: edits.add_phone(configuration, values),
    change=lambda configuration, rules, phone, values: edits.change_phone(configuration, phone.device_name, values),
    delete=lambda configuration, phone: edits.delete_phone(configuration, phone.device_name),
    added=lambda configuration, values: str(values["device_name"]),
)

ROUTES = pages_of(PHONES)
