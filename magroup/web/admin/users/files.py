"""Import and export: a file is looked at line by line first, and done as a whole or not at all."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from magroup.groups.editing import EditError, NotSavedError, Problem, Rules
from magroup.model.configuration import Configuration
from magroup.model.people import Privilege, User
from magroup.web.admin.pages import not_there
from magroup.web.admin.tabs import USERS
from magroup.web.admin.users import csv_file
from magroup.web.admin.users.csv_columns import TABLES
from magroup.web.admin.users.csv_file import FileError
from magroup.web.admin.users.csv_import import Line, Refusal, Result, result_of
from magroup.web.admin.users.pages import NOT_SAVED
from magroup.web.admin.users.people import refusal
from magroup.web.admin.users.sections import sections
from magroup.web.admin.visit import AdminVisit, Content, Gone, Outcome, Route, Shown
from magroup.web.api.csv_stream import lines
from magroup.web.uploads import TooLarge, uploaded

CSV = "text/csv; charset=utf-8; header=present"
PATH = "users/import"
MOST_SHOWN = 500
"""Lines on the page; all of them are in a file."""

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
"""By it Excel sees that a file is UTF-8."""

_ORDER = ("wrong", "changed", "new", "unchanged")
DIFFERS = "Something has changed since you looked: nothing was imported. Look at the answers again."
OWN = "nobody takes UserAdministration or Admin from the own account by a file"


@dataclass(frozen=True)
class _Draft:
    """A file that is looked at."""

    kind: str
    name: str
    content: bytes


class _Differs(Exception):
    """The answers are others than those that were looked at."""


async def page(visit: AdminVisit) -> Outcome:
    return _page(visit)


async def look(visit: AdminVisit) -> Outcome:
    """The dry run."""
    kind = visit.text("kind")
    if kind not in TABLES:
        return _page(visit, {"kind": "Choose one."})
    try:
        upload = await uploaded(visit.request, visit.parts.in_thread, "file", csv_file.LARGEST)
    except TooLarge:
        return _page(visit, {"file": f"The file is larger than {csv_file.LARGEST >> 20} MiB."}, kind)
    if upload is None:
        return _page(visit, {"file": "Choose a file."}, kind)
    with upload.content:
        content = await visit.parts.in_thread(upload.content.read)
    return await _answers(visit, _Draft(kind, upload.name[-100:], content))


async def confirm(visit: AdminVisit) -> Outcome:
    """Do what was looked at."""
    draft = _draft(visit)
    if draft is None:
        return _page(visit, {"file": "This is too long ago: choose the file again."})
    work = partial(_edited, visit.parts.editing.rules, draft, _refusal(visit), visit.text("digest"))
    try:
        await visit.edit(work)
    except _Differs:
        return await _answers(visit, draft, DIFFERS)
    except NotSavedError as reason:
        return await _answers(visit, draft, NOT_SAVED.format(reason=reason))
    visit.parts.drafts.end(visit.text("draft"))
    return Gone(visit.url("users" if draft.kind == "users" else f"users/{draft.kind}"), "imported")


async def answers(visit: AdminVisit) -> Outcome:
    """What is said of each line, as a file."""
    draft = _draft(visit)
    if draft is None:
        raise not_there()
    result = await _result(visit, draft)
    head = ("line", "what", "result", "column", "details")
    rows = [head, *((one.number, one.key, one.outcome, one.column, one.words) for one in result.lines)]
    return Content(BYTE_ORDER_MARK + await visit.parts.in_thread(partial(lines, rows)), CSV, "answers.csv")


async def export(visit: AdminVisit) -> Outcome:
    """What is there now."""
    kind = _kind(visit)
    content = await visit.parts.in_thread(partial(_exported, visit.configuration, kind))
    return Content(content, CSV, f"{kind}.csv")


async def template(visit: AdminVisit) -> Outcome:
    """A file with the header alone."""
    kind = _kind(visit)
    header = [column.field for column in TABLES[kind].columns]
    return Content(BYTE_ORDER_MARK + lines([header]), CSV, f"{kind}-template.csv")


def _exported(configuration: Configuration, kind: str) -> bytes:
    columns = [column for column in TABLES[kind].columns if not column.only_read]
    rows: list[Sequence[Any]] = [[column.field for column in columns]]
    rows += (
        [column.cell(configuration, getattr(thing, column.field)) for column in columns]
        for thing in getattr(configuration, kind)
    )  # fmt: skip
    return BYTE_ORDER_MARK + lines(rows)


def _edited(rules: Rules, draft: _Draft, refused: Refusal, digest: str, configuration: Configuration) -> Configuration:
    try:
        result = result_of(configuration, rules, draft.kind, draft.content, refused)
    except FileError:
        raise _Differs from None
    if result.count("wrong") or not secrets.compare_digest(result.digest, digest.encode("ascii", "replace").decode()):
        raise _Differs
    return result.configuration


async def _result(visit: AdminVisit, draft: _Draft) -> Result:
    rules, refused = visit.parts.editing.rules, _refusal(visit)
    return await visit.parts.in_thread(
        partial(result_of, visit.parts.editing.configuration, rules, draft.kind, draft.content, refused)
    )  # fmt: skip


async def _answers(visit: AdminVisit, draft: _Draft, wrong: str = "") -> Shown:
    try:
        result = await _result(visit, draft)
    except FileError as reason:
        return _page(visit, {"file": str(reason)}, draft.kind)
    word = visit.parts.drafts.keep(visit.user.key, draft)
    in_order: list[Line] = sorted(result.lines, key=lambda line: (_ORDER.index(line.outcome), line.number))
    return Shown("admin/users/answers.html", {
        "sections": sections(visit, PATH), "title": TABLES[draft.kind].title, "file": draft.name, "draft": word,
        "counts": [(outcome, result.count(outcome)) for outcome in _ORDER], "lines": in_order[:MOST_SHOWN],
        "more": max(0, len(in_order) - MOST_SHOWN), "digest": result.digest, "is_wrong": bool(result.count("wrong")),
        "is_same": result.count("unchanged") == len(result.lines), "confirm": visit.url(f"{PATH}/confirm"),
        "back": visit.url(PATH), "all": visit.url(f"{PATH}/answers", draft=word),
    }, {"": wrong} if wrong else {})  # fmt: skip


def _refusal(visit: AdminVisit) -> Refusal:
    """What this user may not do to users, also by a file."""

    def refused(before: Any, values: Mapping[str, Any]) -> EditError | None:
        if "privileges" not in values and not isinstance(before, User):
            return None
        if wrong := refusal(visit, before, dict(values)):
            return EditError(Problem.INVALID, "privileges", wrong)
        own = isinstance(before, User) and before.key == visit.user.key
        kept = {Privilege.USER_ADMINISTRATION, Privilege.ADMIN}
        if own and (before.privileges - values.get("privileges", before.privileges)) & kept:
            return EditError(Problem.INVALID, "privileges", OWN)
        return None

    return refused


def _draft(visit: AdminVisit) -> _Draft | None:
    found: _Draft | None = visit.parts.drafts.find(visit.user.key, visit.text("draft"))
    return found


def _kind(visit: AdminVisit) -> str:
    kind = visit.text("kind")
    if kind not in TABLES:
        raise not_there()
    return kind


def _page(visit: AdminVisit, wrong: Mapping[str, str] | None = None, kind: str = "") -> Shown:
    return Shown("admin/users/import.html", {
        "sections": sections(visit, PATH), "kinds": [(name, table.title) for name, table in TABLES.items()],
        "kind": kind or "users", "here": visit.url(PATH), "most": csv_file.LARGEST >> 20,
        "most_lines": csv_file.MOST_LINES,
        "tables": [
            (table.title, [(column.field, column.means) for column in table.columns],
             visit.url("users/export", kind=name), visit.url("users/template", kind=name))
            for name, table in TABLES.items()
        ],
    }, wrong or {})  # fmt: skip


ROUTES = (
    Route(PATH, USERS, page, look, body_limit=csv_file.LARGEST + (1 << 16)),
    Route(f"{PATH}/confirm", USERS, post=confirm),
    Route(f"{PATH}/answers", USERS, answers),
    Route("users/export", USERS, export),
    Route("users/template", USERS, template),
)
