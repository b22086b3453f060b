"""The 4-eyes login: who has Reports4Eyes alone needs a second user with that privilege (the manual's "Reports")."""

from collections.abc import Callable
from functools import wraps

from werkzeug.exceptions import ServiceUnavailable, TooManyRequests

from magroup.model.people import Privilege
from magroup.web.admin.reports.reporting import Reporting
from magroup.web.admin.tabs import REPORTS
from magroup.web.admin.visit import AdminVisit, Gone, Outcome, PageFunction, Route, Shown
from magroup.web.admission.refusals import WrongCredentials

HOW = "4-eyes"
LOGIN = "reports/login"
LONGEST = 1024
SAME = "This is you. The second user must be somebody else."
WRONG = "User name or password is wrong."
NO_PRIVILEGE = "This user does not have the privilege Reports4Eyes."


def reporting(visit: AdminVisit) -> Reporting:
    """Raises ServiceUnavailable where no records are kept."""
    if visit.parts.reporting is None:
        raise ServiceUnavailable("No reports are made here.")
    return visit.parts.reporting


def second_of(visit: AdminVisit) -> str:
    """Who has let this session in; "" for nobody, or no longer. Its use counts."""
    held = reporting(visit).approvals.use(visit.csrf)
    second = visit.configuration.user(held.second) if held is not None else None
    if held is None or second is None or second.password_hash != held.password_hash:
        return ""
    return second.name if Privilege.REPORTS_4_EYES in second.privileges else ""


def guarded(page: Callable[[AdminVisit], object]) -> PageFunction:
    """The page, for who has Reports, and for who has been let in by a second user; others to the second login."""

    @wraps(page)
    async def run(visit: AdminVisit) -> Outcome:
        if not visit.identity.has(Privilege.REPORTS) and not second_of(visit):
            return Gone(visit.url(LOGIN))
        return await page(visit)  # type: ignore[misc, no-any-return]

    return run


async def form(visit: AdminVisit) -> Outcome:
    if visit.identity.has(Privilege.REPORTS) or second_of(visit):
        return Gone(visit.url(REPORTS.name))
    return _form({}, "")


async def log_in(visit: AdminVisit) -> Outcome:
    name, password = visit.text("user", LONGEST).strip(), visit.text("pwd", LONGEST)
    admission = visit.parts.admission
    if not name:
        return _form({"user": "Who is the second user?"}, name)
    if name.casefold() == visit.user.key:
        return _form({"user": SAME}, name)
    client = admission.clients.of(visit.request)
    try:
        second = await admission.log_in.check(name, password, client, HOW)
    except WrongCredentials:
        return _form({"pwd": WRONG}, name)
    except TooManyRequests as error:
        return _form({"": str(error.description)}, name)
    if second.key == visit.user.key:
        return _form({"user": SAME}, name)
    if Privilege.REPORTS_4_EYES not in second.privileges:
        return _form({"user": NO_PRIVILEGE}, name)
    reporting(visit).approvals.begin(visit.csrf, second.name, second.password_hash)
    admission.record(admission.change(visit.identity, "reports opened", second.name))
    return Gone(visit.url(REPORTS.name))


async def lock(visit: AdminVisit) -> Outcome:
    """The session is out again before its time."""
    reporting(visit).approvals.end(visit.csrf)
    return Gone(visit.url(LOGIN))


def _form(wrong: dict[str, str], name: str) -> Shown:
    return Shown("admin/reports/four_eyes.html", {"second": name}, wrong)


ROUTES = (Route(LOGIN, REPORTS, form, log_in), Route("reports/lock", REPORTS, post=lock))
