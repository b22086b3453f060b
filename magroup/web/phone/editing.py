"""Edits from phones, by the rights that the user has when they are done."""

import hashlib
from collections.abc import Callable
from dataclasses import replace

from magroup.groups.rights import Rights
from magroup.groups.steering import Refused, Why
from magroup.model.configuration import Configuration
from magroup.model.languages import Said
from magroup.web.phone.edit_errors import CHANGED
from magroup.web.phone.objects import Text
from magroup.web.phone.visit import Page, PhoneError, Visit
from magroup.web.phone.words import OK, YES

FROM = "from"
TAG = 6
"""Its characters."""

May = Callable[[Rights, Configuration], bool]
Change = Callable[[Configuration], Configuration]


async def edit(visit: Visit, may: May, change: Change) -> Visit:
    """The visit with the configuration in force then. Raises Refused, EditError, NotSavedError, and what change does.

    Both functions get the newest configuration, in a thread: it may be another one than that of the visit.
    """

    def work(configuration: Configuration) -> Configuration:
        user = configuration.user(visit.user.name)
        if user is None or not may(Rights(user.name, user.privileges), configuration):
            raise Refused(Why.FORBIDDEN)
        return change(configuration)

    new = await visit.parts.editing.edit(work, visit.user.name, visit.address)
    return replace(visit, configuration=new)


def must(allowed: bool) -> None:
    """Raise Refused unless it is allowed."""
    if not allowed:
        raise Refused(Why.FORBIDDEN)


def tag(value: object) -> str:
    """What is another one for another value: goes into the URL of an edit as ``from``."""
    return hashlib.sha256(repr(value).encode()).hexdigest()[:TAG]


def expect(visit: Visit, now: object) -> None:
    """Raise PhoneError where the page with this URL was shown when something else was there."""
    shown = visit.text(FROM, TAG)
    if shown and shown != tag(now):
        raise PhoneError(CHANGED)


def done(visit: Visit, title: str, text: str, url: str) -> Page:
    """A result in words; OK goes on to ``url``."""
    return Page(Text(title, "", visit.keys(OK, url), text), is_result=True)


def confirmation(visit: Visit, title: str, question: Said, detail: str, url: str) -> Page:
    """Yes goes to ``url``, where it is done."""
    return Page(Text(title, "", visit.keys(YES, url), visit.say(question, detail)))
