"""The sections of the tab Users, as far as somebody sees them."""

from typing import NamedTuple

from magroup.model.people import Privilege
from magroup.web.admin.visit import AdminVisit


class Section(NamedTuple):
    """``title`` is shown; of ``privileges`` any is enough, none: whoever sees the tab."""

    path: str
    title: str
    privileges: tuple[Privilege, ...] = ()


SECTIONS = (
    Section("users", "Users"),
    Section("users/lines", "Lines"),
    Section("users/phones", "Phones"),
    Section("users/contacts", "Contacts"),
    Section("users/trunks", "Trunks", (Privilege.ADMIN,)),
    Section("users/import", "Import and export"),
)
"""Trunks are for those who have Admin, as in the API: all calls out can be sent elsewhere there."""


def sections(visit: AdminVisit, path: str) -> list[tuple[str, str, bool]]:
    """Title, address and whether it is the one at ``path``."""
    return [
        (one.title, visit.url(one.path), one.path == path)
        for one in SECTIONS
        if not one.privileges or visit.rights.has(*one.privileges)
    ]
