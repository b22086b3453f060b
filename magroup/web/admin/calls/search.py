"""What is looked for in the journal, as the fields of the form say it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlencode

from magroup.model.calls import LegOutcome
from magroup.model.configuration import Configuration
from magroup.model.numbers import bare
from magroup.model.records import CallsWanted
from magroup.web.admin.reports.question import zone
from magroup.web.admin.visit import AdminVisit

NAMES = ("from", "to", "number", "person", "group", "outcome", "q")
LONGEST = 200
_TIME = "%Y-%m-%dT%H:%M"


@dataclass(frozen=True)
class Search:
    """``fields`` are what was typed, ``wrong`` sentences by field: nothing is looked for then."""

    fields: Mapping[str, str]
    wanted: CallsWanted
    wrong: Mapping[str, str]

    @property
    def asked(self) -> dict[str, str]:
        """What was filled in."""
        return {name: value for name, value in self.fields.items() if value}

    def query(self, after: str = "") -> str:
        """For an address."""
        return urlencode(self.asked | ({"after": after} if after else {}))


def search_of(visit: AdminVisit) -> Search:
    """Raises BadRequest."""
    fields = {name: visit.text(name, LONGEST).strip() for name in NAMES}
    wrong: dict[str, str] = {}
    start, end = (_moment(visit, fields, name, wrong) for name in ("from", "to"))
    if start is not None and end is not None and start >= end:
        wrong["to"] = "This is not after the beginning."
    wanted = CallsWanted(start, end, text=fields["q"])
    if fields["number"]:
        number = bare(fields["number"])
        if number:
            wanted = replace(wanted, numbers=visit.configuration.plan.spellings(fields["number"]))
        else:
            wrong["number"] = "This is no number."
    if fields["person"]:
        wanted = replace(wanted, user_names=_user_names(visit.configuration, fields["person"]))
    if fields["group"]:
        group = fields["group"]
        if group.isascii() and group.isdigit() and len(group) < 10 and int(group):
            wanted = replace(wanted, group_id=int(group))
        else:
            wrong["group"] = "There is no such group."
    if fields["outcome"]:
        if fields["outcome"] in set(LegOutcome):
            wanted = replace(wanted, outcome=LegOutcome(fields["outcome"]))
        else:
            wrong["outcome"] = "Choose one of the list."
    return Search(fields, wanted, wrong)


def _moment(visit: AdminVisit, fields: Mapping[str, str], name: str, wrong: dict[str, str]) -> float | None:
    if not fields[name]:
        return None
    try:
        local = datetime.strptime(fields[name][:16], _TIME)
        return local.replace(tzinfo=zone(visit)).timestamp()
    except (ValueError, OverflowError, OSError):
        wrong[name] = "A date and a time, such as 2026-08-20T08:00."
        return None


def _user_names(configuration: Configuration, person: str) -> tuple[str, ...]:
    """Users of that user name or full name; one that was deleted is in the journal still."""
    user = configuration.user(person)
    if user is not None:
        return (user.name,)
    words = person.casefold()
    return tuple(user.name for user in configuration.users if user.full_name.casefold() == words) or (person,)
