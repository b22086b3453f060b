"""The columns of files with users, lines, phones and contacts: their names, what they hold, how it is written."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from magroup.groups.editing import EditError, Problem
from magroup.model.configuration import Configuration
from magroup.model.people import Privilege

_APART = re.compile(r"[,;|\n]")
_YES, _NO = ("yes", "true", "1", "x", "on"), ("", "no", "false", "0", "off")
_PRIVILEGES = {privilege.value.casefold(): privilege for privilege in Privilege}


class Column(NamedTuple):
    """``field`` is that of the model; ``value`` makes one of a cell, and raises EditError; ``cell`` the reverse.

    A column that is only ``read`` is not in files that are saved.
    """

    field: str
    means: str
    value: Callable[[Configuration, str, str], Any]
    cell: Callable[[Configuration, Any], Any]
    only_read: bool = False


class Table(NamedTuple):
    """The first column names the thing."""

    title: str
    columns: tuple[Column, ...]

    @property
    def key(self) -> str:
        return self.columns[0].field


def _text(configuration: Configuration, field: str, cell: str) -> str:
    return cell


def _as_it_is(configuration: Configuration, value: Any) -> Any:
    return value


def _stars(configuration: Configuration, field: str, cell: str) -> int:
    if cell and not (cell.isascii() and cell.isdigit() and len(cell) < 4):
        raise EditError(Problem.INVALID, field, f"{field} must be a whole number from 0 to 5")
    return int(cell or 0)


def _list(configuration: Configuration, field: str, cell: str) -> tuple[str, ...]:
    parts = tuple(part.strip() for part in _APART.split(cell) if part.strip())
    if len(parts) > 100:
        raise EditError(Problem.INVALID, field, f"{field} has more than 100")
    return parts


def _joined(configuration: Configuration, value: Sequence[str]) -> str:
    return ", ".join(value)


def _yes(configuration: Configuration, field: str, cell: str) -> bool:
    if cell.casefold() in _YES:
        return True
    if cell.casefold() not in _NO:
        raise EditError(Problem.INVALID, field, f"{field} must be yes or no")
    return False


def _yes_or_no(configuration: Configuration, value: bool) -> str:
    return "yes" if value else "no"


def _privileges(configuration: Configuration, field: str, cell: str) -> frozenset[Privilege]:
    names = _list(configuration, field, cell)
    for name in names:
        if name.casefold() not in _PRIVILEGES:
            raise EditError(Problem.UNKNOWN, field, f"there is no privilege {name[:50]}")
    return frozenset(_PRIVILEGES[name.casefold()] for name in names)


def _sorted(configuration: Configuration, value: frozenset[Privilege]) -> str:
    return ", ".join(sorted(privilege.value for privilege in value))


def _group(configuration: Configuration, field: str, cell: str) -> int:
    wanted = cell.casefold()
    for group in configuration.groups if cell else ():
        if group.name.casefold() == wanted:
            return group.id
    if cell:
        raise EditError(Problem.UNKNOWN, field, f"there is no group {cell[:50]}")
    return 0


def _group_name(configuration: Configuration, value: int) -> str:
    group = configuration.group_by_id.get(value)
    return group.name if group is not None else ""


def _hidden(configuration: Configuration, value: str) -> str:
    return "***" if value else ""


def _plain(field: str, means: str) -> Column:
    return Column(field, means, _text, _as_it_is)


_LINES = Column("lines", "numbers of lines that are there, the default first, commas between them", _list, _joined)
_STARS = Column("stars", "0 to 5", _stars, _as_it_is)

TABLES: Mapping[str, Table] = {
    "lines": Table("Lines", (
        _plain("number", "the number"), _plain("display_name", "shown where no user has the line"),
        Column("on_pbx", "yes or no", _yes, _yes_or_no),
        Column("no_records", "yes: its calls are not in the journal", _yes, _yes_or_no),
        Column("displayed_group", "name of the group on the status display", _group, _group_name),
        Column("secret", "the SIP secret; empty: as it is; not in files that you save", _text, _hidden, True),
    )),
    "users": Table("Users", (
        _plain("name", "the user name"), _plain("first_name", ""), _plain("last_name", ""), _plain("department", ""),
        _plain("email", ""), _LINES, _plain("mobile", "mobile number"), _plain("voicemail", "number of the voicemail"),
        _plain("language", "such as en or de"), _STARS,
        Column("privileges", "names of the manual, commas between them", _privileges, _sorted),
    )),
    "phones": Table("Phones", (
        _plain("device_name", "SEP and the MAC address, or any other"), _plain("model", "such as CP-8845"), _LINES,
        _plain("address", "IP address; empty: where it registers from"), _plain("push_user", "user for pushes"),
        Column("strip", "yes: status in the strip beside the calls", _yes, _yes_or_no),
    )),
    "contacts": Table("Contacts", (_plain("number", "the number"), _plain("name", "the name"), _STARS)),
}  # fmt: skip
"""By the name in the configuration; in the order in which files are imported."""
