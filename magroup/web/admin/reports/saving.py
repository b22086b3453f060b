"""Reports as files: begun by a form, a page with the progress, the file itself."""

import re
from typing import cast

from twisted.web.iweb import IRequest
from werkzeug.exceptions import TooManyRequests

from magroup.model.report import Form
from magroup.web.admin.pages import not_there
from magroup.web.admin.reports.asking import answering, note
from magroup.web.admin.reports.four_eyes import guarded, reporting
from magroup.web.admin.reports.jobs import Job, TooManyFiles
from magroup.web.admin.reports.question import Question, WrongQuestion
from magroup.web.admin.reports.start import first_page
from magroup.web.admin.tabs import REPORTS
from magroup.web.admin.visit import AdminVisit, Download, Gone, Outcome, Route, Shown

JOB, FILE = "reports/job", "reports/file"
TYPES = {
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".csv": "text/csv; charset=utf-8",
}
TOO_MANY = "Files are being written already. Fetch or cancel them first, or try again later."


async def save(visit: AdminVisit, asked: Question) -> Outcome:
    if asked.output not in set(Form):
        return await first_page(visit, dict(WrongQuestion({"output": "This is no file."}).wrong))
    form = Form(asked.output)
    stays = visit.parts.admission.login_of(cast(IRequest, visit.request)).stays
    name = re.sub(r"[^\w. -]+", "-", f"{asked.title} {asked.period} {asked.whose}", flags=re.ASCII) + f".{form}"
    try:
        job = reporting(visit).jobs.begin(visit.user.key, asked.kind, asked.asked, form, name, stays)
    except TooManyFiles:
        raise TooManyRequests(TOO_MANY) from None
    note(visit, asked)
    return Gone(visit.url(JOB, job=job.id))


async def watch(visit: AdminVisit) -> Outcome:
    job = _job(visit)
    return Shown("admin/reports/job.html", {
        "job": job, "file": visit.url(FILE, job=job.id), "here": visit.url(JOB, job=job.id),
        "reports": visit.url(REPORTS.name),
    })  # fmt: skip


async def cancel(visit: AdminVisit) -> Outcome:
    reporting(visit).jobs.end(_job(visit))
    return Gone(visit.url(REPORTS.name))


async def fetch(visit: AdminVisit) -> Outcome:
    job, jobs = _job(visit), reporting(visit).jobs
    if not job.done:
        raise not_there()
    return Download(job.file, TYPES[job.file.suffix], job.name, lambda: jobs.end(job))


def _job(visit: AdminVisit) -> Job:
    job = reporting(visit).jobs.find(visit.text("job", 100), visit.user.key)
    if job is None:
        raise not_there()
    return job


ROUTES = (
    Route("reports/save", REPORTS, post=answering(save)), Route(JOB, REPORTS, guarded(watch), guarded(cancel)),
    Route(FILE, REPORTS, guarded(fetch)),
)  # fmt: skip
