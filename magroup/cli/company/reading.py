"""From the text of a company file to a configuration, or to everything that is wrong with it."""

import re
import secrets
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from argon2 import PasswordHasher

from magroup.cli.company.company import FORMAT, Company, CompanyError
from magroup.cli.company.form import Complaint, Form
from magroup.cli.company.groups import read_groups
from magroup.cli.company.memberships import read_memberships
from magroup.cli.company.people import read_contacts, read_users
from magroup.cli.company.places import Place, lines_of, written
from magroup.cli.company.switch import read_lines, read_phones, read_trunks
from magroup.model.configuration import Configuration
from magroup.model.numbers import NumberPlan
from magroup.model.service_numbers import ServiceNumbers
from magroup.store.configuration import ordered

_AT_LINE = re.compile(r" \(at line (\d+), column (\d+)\)\Z")


def new_secret() -> str:
    """A SIP secret that nobody guesses and that can be typed."""
    return secrets.token_hex(8)


def read_company(
    text: str,
    path: str,
    plan: NumberPlan = NumberPlan(),  # noqa: B008
    known: Configuration = Configuration(),  # noqa: B008
    make_secret: Callable[[], str] = new_secret,
    hasher: PasswordHasher | None = None,
    codes: Sequence[str] = (),
    pilot: str = "",
) -> Company:
    """The company that ``text`` describes; ``path`` is what the file is called in messages.

    ``codes`` are the service codes of the settings, with which no number may begin, ``pilot`` the voicemail's number.

    What is left out and was ``known`` before stays: ids, the secrets of lines, the passwords of users. Takes time for
    each password that is new. Raises CompanyError.
    """
    complaints: list[Complaint] = []
    document = Form(_parsed(text, path), (), complaints)
    if document.integer("format", FORMAT, 0) != FORMAT:
        document.complain(f"this magroup reads files of format {FORMAT}", "format")
    numbers = _Numbers(plan, ServiceNumbers(tuple(codes), pilot))
    group_forms = document.tables("groups")
    configuration = Configuration(groups=read_groups(group_forms, numbers.use, known), plan=plan)
    lines, new_secrets = read_lines(document.tables("lines"), configuration, numbers.use, known, make_secret)
    configuration = replace(configuration, lines=lines)
    users, presence = read_users(document.tables("users"), configuration, known, hasher or PasswordHasher())
    configuration = replace(
        configuration,
        users=users,
        phones=read_phones(document.tables("phones"), configuration),
        contacts=read_contacts(document.tables("contacts"), known),
        trunks=read_trunks(document.tables("trunks"), known),
    )
    configuration = read_memberships(group_forms, configuration, known)
    document.close()
    if complaints:
        raise CompanyError(_told(complaints, text, path))
    return Company(ordered(configuration), presence, new_secrets)


class _Numbers:
    """Which numbers are used by a line or a group, each once in all its spellings (spec 8)."""

    def __init__(self, plan: NumberPlan, services: ServiceNumbers) -> None:
        self._plan = plan
        self._services = services
        self._used: dict[str, Place] = {}

    def use(self, number: str, form: Form) -> None:
        """``form`` has it as its ``number``; complains when another has it already, or a service is dialled by it."""
        if wrong := self._services.wrong(number, self._plan):
            form.complain(wrong, "number")
        first = self._used.setdefault(self._plan.canonical(number), form.place)
        if first is not form.place:
            form.complain(f"{number} is used by {written(first)} already", "number")


def _parsed(text: str, path: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise CompanyError([f"{path}: is nested too deeply"]) from None
    except ValueError as error:
        found = _AT_LINE.search(str(error))
        place = f"{path}:{found[1]}" if found else path
        raise CompanyError([f"{place}: {_AT_LINE.sub('', str(error))}"]) from None


def _told(complaints: list[Complaint], text: str, path: str) -> list[str]:
    """A line for each, in the order of the file, each once."""
    lines = lines_of(text)

    def line_of(place: Place) -> int:
        return next((lines[place[:end]] for end in range(len(place), 0, -1) if place[:end] in lines), 0)

    found = sorted((line_of(complaint.place), order, complaint) for order, complaint in enumerate(complaints))
    told = []
    for line, _, complaint in found:
        where = f"{path}:{line}" if line else path
        told.append(f"{where}: {written(complaint.place)}: {complaint.message}")
    return list(dict.fromkeys(told))
