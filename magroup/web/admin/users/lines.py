"""Lines: numbers with the secret by which phones register."""

import secrets
from collections.abc import Sequence
from typing import Any

from magroup.groups.editing import edits
from magroup.model.lines import Line
from magroup.web.admin.reading import Reader
from magroup.web.admin.switch.states import of_line
from magroup.web.admin.users.kind import OF, Cell, Kind, Values
from magroup.web.admin.users.pages import pages_of
from magroup.web.admin.users.phone_settings import phone_settings
from magroup.web.admin.users.sections import sections
from magroup.web.admin.visit import AdminVisit, Outcome
from magroup.web.admin.visit import Shown as ShownPage

KEEP, MAKE, GIVEN, NONE = "keep", "make", "given", "none"
"""What becomes of the secret."""


def new_secret() -> str:
    """A secret that can be typed into a phone: letters and digits that look like no others."""
    return "".join(secrets.choice("abcdefghjkmnpqrstuvwxyz23456789") for _ in range(16))


def _row(visit: AdminVisit, line: Line) -> Sequence[Cell]:
    user = visit.configuration.user_of_number(line.number)
    group = visit.configuration.group_by_id.get(line.displayed_group)
    switching = visit.parts.switching
    state = of_line(line, switching.standing.line(line.number) if switching is not None else None)
    return (
        Cell(line.number),
        Cell(line.display_name),
        Cell(user.full_name, visit.url("users/edit", **{OF: user.id})) if user else Cell(""),
        Cell(group.name if group else ""),
        Cell.of(state),
    )


def _shown(visit: AdminVisit, line: Line | None) -> dict[str, Any]:
    held = line or Line("")
    choices = [(KEEP, "Leave it as it is" if held.secret else "None")] if line else []
    choices += [(MAKE, "Make a new one, shown once"), (GIVEN, "This one:")]
    choices += [(NONE, "None: no phone can register")] if held.secret or not line else []
    configuration = visit.configuration
    return {
        "form": {
            "number": held.number, "display_name": held.display_name, "on_pbx": "on" if held.on_pbx else "",
            "no_records": "on" if held.no_records else "", "displayed_group": str(held.displayed_group),
            "secret_is": KEEP if line else MAKE,
        },
        "secrets": choices,
        "groups": [(0, "None"), *((group.id, group.name) for group in sorted(
            configuration.groups, key=lambda group: group.name.casefold()
        ))],
        "users": [(user.full_name, visit.url("users/edit", **{OF: user.id})) for user in configuration.users
                  if line and line.number in user.lines],
        "phones": [(phone.device_name, visit.url("users/phones/edit", **{OF: phone.device_name}))
                   for phone in configuration.phones if line and line.number in phone.lines],
    }  # fmt: skip


def _read(visit: AdminVisit, reader: Reader, line: Line | None) -> Values:
    values: Values = {
        "number": reader.text("number"), "display_name": reader.text("display_name"),
        "on_pbx": reader.is_checked("on_pbx"), "no_records": reader.is_checked("no_records"),
        "displayed_group": reader.integer("displayed_group", 0, 2**31 - 1),
    }  # fmt: skip
    given, what = reader.secret("secret"), reader.text("secret_is")
    if what == MAKE and not values["on_pbx"]:
        values["secret"] = new_secret()
    elif what == GIVEN:
        values["secret"] = given
        if not given:
            reader.wrong["secret"] = "Type the secret, or choose another way."
    elif what in (NONE, MAKE):
        values["secret"] = ""
    return values


async def _made(visit: AdminVisit, line: Line, values: Values) -> Outcome | None:
    if visit.text("secret_is") != MAKE or not line.secret:
        return None
    return ShownPage("admin/users/line_made.html", {
        "sections": sections(visit, "users/lines"), "label": line.number,
        "settings": phone_settings(visit, line), "back": visit.url("users/lines"),
        "line": visit.url("users/lines/edit", **{OF: line.number}),
    })  # fmt: skip


def _touched(visit: AdminVisit, line: Line) -> Sequence[str]:
    configuration = visit.configuration
    users = [user.full_name for user in configuration.users if line.number in user.lines]
    phones = [phone.device_name for phone in configuration.phones if line.number in phone.lines]
    found = [f"Users who lose it: {', '.join(users)}"] if users else []
    return [*found, *([f"Phones that lose it: {', '.join(phones)}"] if phones else [])]


LINES = Kind(
    name="line",
    title="Lines",
    plural="lines",
    path="users/lines",
    template="admin/users/line.html",
    heads=("Number", "Display name", "User", "Shown group", "State"),
    listed=lambda configuration: configuration.lines,
    found=lambda configuration, number: configuration.line(number),
    key_of=lambda line: line.number,
    key_field="number",
    label=lambda line: line.number,
    row=_row,
    text=lambda line: f"{line.number} {line.display_name}".casefold(),
    order=lambda line: (len(line.number), line.number),
    shown=_shown,
    read=_read,
    made=_made,
    add=lambda configuration, rules, values: edits.add_line(configuration, rules, values),
    change=lambda configuration, rules, line, values: edits.change_line(configuration, rules, line.number, values),
    delete=lambda configuration, line: edits.delete_line(configuration, line.number),
    added=lambda configuration, values: str(values["number"]),
    touched=_touched,
)

ROUTES = pages_of(LINES)
