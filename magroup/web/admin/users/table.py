"""All pages of the tab Users."""

from magroup.web.admin.users import contacts, files, lines, logins, passwords, people, person, phones, pictures, trunks
from magroup.web.admin.visit import Route

ROUTES: tuple[Route, ...] = (
    *people.ROUTES, *person.ROUTES, *passwords.ROUTES, *pictures.ROUTES, *logins.ROUTES, *lines.ROUTES,
    *phones.ROUTES, *contacts.ROUTES, *trunks.ROUTES, *files.ROUTES,
)  # fmt: skip
