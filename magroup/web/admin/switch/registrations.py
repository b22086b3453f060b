"""Which phones are registered: searched, a page at a time, and ended one by one."""

from functools import partial

from magroup.model.configuration import Configuration
from magroup.model.lines import Phone, Registration
from magroup.model.people import User
from magroup.model.standing import Registered
from magroup.web.admin.listing import FEW, MOST_WORDS, PAGE, Found
from magroup.web.admin.reports.question import zone
from magroup.web.admin.switch.sections import common
from magroup.web.admin.switch.states import of_answers
from magroup.web.admin.switch.switching import switching
from magroup.web.admin.switch.times import date_time, span
from magroup.web.admin.tabs import SWITCH, USERS
from magroup.web.admin.visit import AdminVisit, Gone, Outcome, Route, Shown
from magroup.web.phone.trust import may_be

REGISTRATIONS = "switch/registrations"
LONGEST_CONTACT = 2048


class _Indexes:
    """Phones by their lines and names by number, made once for each list of the configuration."""

    def __init__(self) -> None:
        self._phones: tuple[Phone, ...] = ()
        self._by_line: dict[str, list[Phone]] = {}
        self._users: tuple[User, ...] = ()
        self._names: dict[str, str] = {}

    def phones(self, configuration: Configuration) -> dict[str, list[Phone]]:
        """By the canonical number."""
        if self._phones is not configuration.phones:
            by_line: dict[str, list[Phone]] = {}
            for phone in configuration.phones:
                for number in phone.lines:
                    by_line.setdefault(configuration.plan.canonical(number), []).append(phone)
            self._phones, self._by_line = configuration.phones, by_line
        return self._by_line

    def names(self, configuration: Configuration) -> dict[str, str]:
        """Of users, by the canonical number."""
        if self._users is not configuration.users:
            canonical = configuration.plan.canonical
            names = {canonical(number): user.full_name for user in configuration.users for number in user.lines}
            self._users, self._names = configuration.users, names
        return self._names


_INDEXES = _Indexes()


async def page(visit: AdminVisit) -> Outcome:
    parts = switching(visit)
    wanted, number = visit.text("q").strip(), visit.text("page")
    things = parts.standing.registrations()
    work = partial(
        _find, visit.configuration, things, wanted,
        int(number) if number.isascii() and number.isdigit() and len(number) < 8 else 1,
    )  # fmt: skip
    found = work() if len(things) <= FEW else await visit.parts.in_thread(work)

    known = await parts.workers.phones(found.things) if parts.workers is not None else {}

    def pager(number: int) -> str:
        return visit.url(REGISTRATIONS, q=wanted, page=number) if 1 <= number <= found.pages else ""

    return Shown("admin/switch/registrations.html", {
        **common(visit, REGISTRATIONS), "found": found,
        "rows": [_row(visit, one, known.get((one.number, one.contact))) for one in found.things],
        "wanted": wanted, "here": visit.url(REGISTRATIONS), "end": visit.url(f"{REGISTRATIONS}/end"),
        "previous": pager(found.page - 1), "next": pager(found.page + 1),
    })  # fmt: skip


def _find(
    configuration: Configuration, things: list[Registration], wanted: str, page: int
) -> Found[Registration]:  # fmt: skip
    words = wanted.casefold().split()[:MOST_WORDS]
    if words:
        canonical, names = configuration.plan.canonical, _INDEXES.names(configuration)
        things = [
            one for one in things
            if _has(f"{one.number} {names.get(canonical(one.number), '')} {one.user_agent} {one.contact} "
                    f"{one.received[0]}".casefold(), words)
        ]  # fmt: skip
    things.sort(key=lambda one: (len(one.number), one.number, one.contact))
    pages = max(1, -(-len(things) // PAGE))
    page = min(max(1, page), pages)
    return Found(things[(page - 1) * PAGE : page * PAGE], page, pages, len(things))


def _has(text: str, words: list[str]) -> bool:
    return all(word in text for word in words)


def _row(visit: AdminVisit, one: Registration, known: Registered | None) -> dict[str, object]:
    """``known`` is what another process says of it, at which it has registered."""
    parts, configuration, site = switching(visit), visit.configuration, zone(visit)
    known, now = known or parts.standing.registered(one), parts.seconds()
    phones = _INDEXES.phones(configuration).get(configuration.plan.canonical(one.number), [])
    is_link = USERS.is_for(visit.identity.privileges)
    host, port = one.received
    return {
        "number": one.number, "url": visit.url("users/lines/edit", of=one.number) if is_link else "",
        "name": configuration.name_of_number(one.number),
        "phones": [(phone.device_name, visit.url("users/phones/edit", of=phone.device_name) if is_link else "")
                   for phone in phones if may_be(phone, one)],
        "address": f"{one.transport} {f'[{host}]' if ':' in host else host}:{port}", "contact": one.contact,
        "agent": one.user_agent, "since": date_time(known.since, site) if known.since else "before the start",
        "left": span(one.expires_at - now), "state": of_answers(known.answers),
        "ago": f"{span(now - known.answered_at)} ago" if known.answered_at else "",
    }  # fmt: skip


async def end(visit: AdminVisit) -> Outcome:
    number, contact = visit.text("number"), visit.text("contact", LONGEST_CONTACT)
    back = visit.url(REGISTRATIONS, q=visit.text("q"), page=visit.text("page"))
    if not switching(visit).standing.end(number, contact):
        return Gone(back, "unregistered_before")
    admission = visit.parts.admission
    admission.record(admission.change(visit.identity, "registration", number, contact, ""))
    return Gone(back, "unregistered")


ROUTES = (
    Route(REGISTRATIONS, SWITCH, page),
    Route(f"{REGISTRATIONS}/end", SWITCH, post=end),
)  # fmt: skip
