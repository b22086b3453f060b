"""Trunks: SIP connections to other switches."""

from collections.abc import Sequence
from typing import Any

from magroup.groups.editing import edits
from magroup.model.configuration import Configuration
from magroup.model.lines import Trunk
from magroup.model.people import Privilege
from magroup.web.admin.reading import Reader
from magroup.web.admin.switch.states import of_trunk
from magroup.web.admin.users.kind import Cell, Kind, Values
from magroup.web.admin.users.pages import pages_of
from magroup.web.admin.visit import AdminVisit

_TEXTS = ("name", "address", "user_name", "prefix")


def _trunk(configuration: Configuration, id: str) -> Trunk | None:
    wanted = int(id) if id.isascii() and id.isdigit() and len(id) <= 10 else 0
    return next((trunk for trunk in configuration.trunks if trunk.id == wanted), None)


def _row(visit: AdminVisit, trunk: Trunk) -> Sequence[Cell]:
    what = [*(["default"] if trunk.is_default else []), *(["registers"] if trunk.registers else [])]
    switching = visit.parts.switching
    standing = switching.standing.trunk(trunk.id) if switching is not None else None
    state = Cell.of(of_trunk(standing)) if standing is not None else Cell("")
    return (Cell(trunk.name), Cell(trunk.address), Cell(trunk.prefix), Cell(", ".join(what)), state)


def _shown(visit: AdminVisit, trunk: Trunk | None) -> dict[str, Any]:
    held = trunk or Trunk(0, "", "")
    form: dict[str, Any] = {name: getattr(held, name) for name in _TEXTS}
    form |= {name: "on" if getattr(held, name) else "" for name in ("registers", "is_default")}
    form |= {"strip": held.strip, "expires": held.expires, "ping_interval": f"{held.ping_interval:g}"}
    form |= {"inbound_addresses": "\n".join(held.inbound_addresses), "no_password": ""}
    return {"form": form, "has_password": bool(held.password)}


def _read(visit: AdminVisit, reader: Reader, trunk: Trunk | None) -> Values:
    values: Values = {name: reader.text(name) for name in _TEXTS}
    values |= {name: reader.is_checked(name) for name in ("registers", "is_default")}
    values["strip"] = reader.integer("strip", 0, 32)
    values["expires"] = reader.integer("expires", 30, 604_800, 600)
    values["ping_interval"] = float(reader.integer("ping_interval", 0, 86_400))
    values["inbound_addresses"] = reader.listed("inbound_addresses")
    password, no_password = reader.secret("password"), reader.is_checked("no_password")
    if password or no_password:
        values["password"] = password
    return values


def _touched(visit: AdminVisit, trunk: Trunk) -> Sequence[str]:
    return ["It is the default: numbers that nobody else has cannot be called any more"] if trunk.is_default else []


TRUNKS = Kind(
    name="trunk",
    title="Trunks",
    plural="trunks",
    path="users/trunks",
    template="admin/users/trunk.html",
    heads=("Name", "Address", "Prefix", "", "State"),
    note="SIP connections to the PBX or a carrier.",
    listed=lambda configuration: configuration.trunks,
    found=_trunk,
    key_of=lambda trunk: trunk.id,
    label=lambda trunk: trunk.name,
    row=_row,
    text=lambda trunk: f"{trunk.name} {trunk.address}".casefold(),
    order=lambda trunk: trunk.name.casefold(),
    shown=_shown,
    read=_read,
    add=lambda configuration, rules, values: edits.add_trunk(configuration, values),
    change=lambda configuration, rules, trunk, values: edits.change_trunk(configuration, trunk.id, values),
    delete=lambda configuration, trunk: edits.delete_trunk(configuration, trunk.id),
    added=lambda configuration, values: str(configuration.last_ids.trunks),
    touched=_touched,
    privileges=(Privilege.ADMIN,),
)

ROUTES = pages_of(TRUNKS)
