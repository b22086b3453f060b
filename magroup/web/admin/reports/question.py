"""What a report is asked for by, as the fields of an address or form say it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from json import dumps
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from magroup.model.configuration import Configuration
from magroup.model.report import Asked, Kind
from magroup.model.report_range import Month, Range, RangeError, free_range, month_range
from magroup.web.admin.visit import AdminVisit

KINDS = ((Kind.DETAILS, "Details"), (Kind.COUNT, "Call count"), (Kind.DURATION, "Call duration"))
OUTPUTS = (("screen", "Screen"), ("graph", "Graph"), ("xlsx", "Excel"), ("csv", "CSV"))
SHORTEST_TIME = "%Y-%m-%dT%H:%M"
TITLES = dict(KINDS)


class WrongQuestion(Exception):
    """``wrong`` are sentences by the name of the field."""

    def __init__(self, wrong: Mapping[str, str]) -> None:
        super().__init__(str(wrong))
        self.wrong = wrong


@dataclass(frozen=True)
class Question:
    """``fields`` are what it was said by, ``period`` and ``whose`` say it in words."""

    kind: Kind
    output: str
    asked: Asked
    fields: Mapping[str, str]
    period: str
    whose: str

    @property
    def title(self) -> str:
        return TITLES[self.kind]

    def query(self, **others: object) -> str:
        """For an address: the same with ``others`` in place; "" leaves a field out."""
        fields = {**self.fields, **{name: str(value) for name, value in others.items()}}
        return urlencode({name: value for name, value in fields.items() if value})

    @property
    def told(self) -> str:
        """For the audit trail."""
        return dumps({
            "output": self.output, "period": self.period, "whose": self.whose, "outbound": self.asked.outbound,
        })  # fmt: skip


def zone(visit: AdminVisit) -> ZoneInfo | None:
    """The site's; None is this machine's."""
    name = visit.parts.settings().time_zone
    return ZoneInfo(name) if name else None


def question(visit: AdminVisit) -> Question:
    """Raises WrongQuestion, BadRequest."""
    wrong: dict[str, str] = {}
    names = ("kind", "output", "month", "start", "end", "who", "outbound")
    fields = {name: visit.text(name, 100).strip() for name in names}
    if fields["kind"] not in set(Kind):
        wrong["kind"] = "Choose one of the three reports."
    if fields["output"] not in dict(OUTPUTS):
        wrong["output"] = "Choose how it is shown."
    range, period = _range(fields, zone(visit), wrong)
    group_id, number, whose = _whose(visit.configuration, fields["who"], wrong)
    if wrong or range is None:
        raise WrongQuestion(wrong)
    asked = Asked(range, group_id, number, bool(fields["outbound"]))
    return Question(Kind(fields["kind"]), fields["output"], asked, fields, period, whose)


def _range(fields: Mapping[str, str], zone: ZoneInfo | None, wrong: dict[str, str]) -> tuple[Range | None, str]:
    try:
        if fields["month"]:
            month = _month(fields["month"])
            return month_range(month, zone), str(month)
        times = [_time(fields, "start"), _time(fields, "end")]
        found = free_range(times[0], times[1], zone)
        return found, " to ".join(shown_time(time) for time in times)
    except RangeError as error:
        wrong[error.field] = str(error)
        return None, ""


def _month(text: str) -> Month:
    year, _, month = text.partition("-")
    if not (text.isascii() and year.isdigit() and month.isdigit() and len(text) <= 7):
        raise RangeError("start", "This is no month.")
    return Month(int(year), int(month))


def _time(fields: Mapping[str, str], name: str) -> datetime:
    try:
        return datetime.strptime(fields[name][:16], SHORTEST_TIME)
    except ValueError:
        raise RangeError(name, "A date and a time, such as 2026-08-20T00:00.") from None


def _whose(configuration: Configuration, who: str, wrong: dict[str, str]) -> tuple[int, str, str]:
    if not who:
        return 0, "", "All groups"
    id, _, number = who.partition(":")
    group = configuration.group_by_id.get(int(id)) if id.isascii() and id.isdigit() and len(id) < 10 else None
    if group is None:
        wrong["who"] = "There is no such group."
        return 0, "", ""
    if not number:
        return group.id, "", group.name
    if number not in [member.number for member in configuration.members_of(group.id)]:
        wrong["who"] = f"There is no such member in {group.name}."
        return 0, "", ""
    return group.id, number, f"{configuration.name_of_number(number) or number} in {group.name}"


def shown_time(time: datetime) -> str:
    """As the manual writes times."""
    return time.strftime("%d.%m.%Y %H:%M")


def first_times(now: float, zone: ZoneInfo | None) -> tuple[str, str]:
    """What the form begins with: yesterday."""
    midnight = datetime.fromtimestamp(now, zone).replace(hour=0, minute=0, tzinfo=None)
    return (midnight - timedelta(days=1)).strftime(SHORTEST_TIME), midnight.strftime(SHORTEST_TIME)
