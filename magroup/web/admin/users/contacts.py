"""Contacts: numbers outside with what is shown of their calls."""

from collections.abc import Sequence
from typing import Any

from magroup.groups.editing import edits
from magroup.model.checks import MOST_STARS
from magroup.model.configuration import Configuration
from magroup.model.people import Contact
from magroup.web.admin.reading import Reader
from magroup.web.admin.users.kind import OF, Cell, Kind, Values
from magroup.web.admin.users.pages import pages_of
from magroup.web.admin.visit import AdminVisit
from magroup.web.file_urls import picture_url


def contact_of(configuration: Configuration, id: str) -> Contact | None:
    """The contact that an address names."""
    wanted = int(id) if id.isascii() and id.isdigit() and len(id) <= 10 else 0
    return next((one for one in configuration.contacts if one.id == wanted), None)


def _row(visit: AdminVisit, contact: Contact) -> Sequence[Cell]:
    return (
        Cell(contact.name or contact.number, picture=picture_url(contact.picture)), Cell(contact.number),
        Cell("★" * contact.stars),
    )  # fmt: skip


def _shown(visit: AdminVisit, contact: Contact | None) -> dict[str, Any]:
    held = contact or Contact(0, "")
    return {
        "form": {"number": held.number, "name": held.name, "stars": str(held.stars)}, "contact": contact,
        "picture": picture_url(held.picture),
        "urls": {what: visit.url(f"users/contacts/{what}", **{OF: held.id}) for what in ("picture", "picture/remove")},
    }  # fmt: skip


def _read(visit: AdminVisit, reader: Reader, contact: Contact | None) -> Values:
    return {
        "number": reader.text("number"), "name": reader.text("name"), "stars": reader.integer("stars", 0, MOST_STARS),
    }  # fmt: skip


CONTACTS = Kind(
    name="contact",
    title="Contacts",
    plural="contacts",
    path="users/contacts",
    template="admin/users/contact.html",
    heads=("Name", "Number", "Stars"),
    listed=lambda configuration: configuration.contacts,
    found=contact_of,
    key_of=lambda contact: contact.id,
    label=lambda contact: contact.name or contact.number,
    row=_row,
    text=lambda contact: f"{contact.number} {contact.name}".casefold(),
    order=lambda contact: (contact.name.casefold(), contact.number),
    shown=_shown,
    read=_read,
    add=lambda configuration, rules, values: edits.add_contact(configuration, values),
    change=lambda configuration, rules, contact, values: edits.change_contact(configuration, contact.id, values),
    delete=lambda configuration, contact: edits.delete_contact(configuration, contact.id),
    added=lambda configuration, values: str(configuration.last_ids.contacts),
)

ROUTES = pages_of(CONTACTS)
