"""All that the web site serves, put together from the parts that run."""

from typing import NamedTuple

from twisted.internet.task import deferLater

from magroup.announcement import Announcement
from magroup.assembly import Assembly
from magroup.groups.editing import Editing
from magroup.groups.explaining import Explainer
from magroup.standing import Standing, versions
from magroup.store.current import Record
from magroup.store.records import StoredRecords
from magroup.web.admin.calls.part import CallsPart, no_stories, nowhere
from magroup.web.admin.switch.switching import Switching
from magroup.web.admin.visit import AdminParts
from magroup.web.admission import Admission
from magroup.web.api import ApiService, Looks
from magroup.web.file_pages import FilePages
from magroup.web.gadget.entrance import Entrance
from magroup.web.phone.opening import phone_pages
from magroup.web.phone.pages import PhonePages
from magroup.web.phone.push.pushes import Pushes
from magroup.web.rest import RestServices
from magroup.web.status import GroupStatus, Status


class Served(NamedTuple):
    """In the order in which the site takes them."""

    rest: RestServices
    api: ApiService
    files: FilePages
    gadgets: Entrance
    phones: PhonePages
    admin: AdminParts
    pushes: Pushes


def served(assembly: Assembly, admission: Admission, record: Record) -> Served:
    """``assembly`` has started; ``record`` is told of each change within its transaction."""
    administration = assembly.administration
    editing = administration.editing(assembly.current, assembly.database, assembly.reactor, record)
    return Served(
        administration.rest(editing, assembly.states, assembly.application, admission, assembly.reactor),
        administration.api(
            editing, assembly.settings_book, assembly.current, admission, assembly.reactor, assembly.live,
            StoredRecords(assembly.database), assembly.mailroom.mail,
        ),
        administration.files(admission),
        Entrance(assembly.gadgets, admission, assembly.reactor, assembly.in_thread),
        _phones(assembly, editing),
        administration.admin(
            editing, assembly.settings_book, admission, assembly.reporting, _calls(assembly, admission),
            _switching(assembly),
        ),
        assembly.pushes,
    )  # fmt: skip


def status_of(assembly: Assembly, announcement: Announcement) -> Status:
    """What the status page and the metrics show."""
    configuration, telephony, workers = assembly.current.value, assembly.telephony, assembly.workers
    groups = tuple(
        GroupStatus(group.name, group.number, len(configuration.members_of(group.id)))
        for group in configuration.groups
    )  # fmt: skip
    return Status(
        tuple(announcement.sip), len(configuration.lines), len(telephony.bindings.numbers()),
        len(telephony.switch.calls_by_id) + (workers.calls if workers is not None else 0), groups,
    )  # fmt: skip


def _calls(assembly: Assembly, admission: Admission) -> CallsPart:
    """What the tab Calls shows."""
    seconds, workers = assembly.reactor.seconds, assembly.workers
    return CallsPart(
        assembly.switch.calls, assembly.application, StoredRecords(assembly.database),
        assembly.telephony.traces, Looks(admission, seconds), seconds,
        *((workers.trace, workers.stories) if workers is not None else (nowhere, no_stories)),
    )  # fmt: skip


def _switching(assembly: Assembly) -> Switching:
    """How the switch stands, and what it would do."""
    pbx = assembly.pbx
    standing = Standing(
        assembly.telephony, lambda: assembly.current.value, pbx.standing if pbx is not None else lambda: None
    )  # fmt: skip
    reactor = assembly.reactor
    explainer = Explainer(assembly.application, standing, reactor.seconds, lambda: deferLater(reactor, 0))
    return Switching(standing, explainer.explain, reactor.seconds, versions, assembly.workers)


def _phones(assembly: Assembly, editing: Editing) -> PhonePages:
    """What Cisco IP phones show."""
    pages = phone_pages(
        assembly.application, assembly.switch, assembly.states, editing, assembly.administration.waves,
        lambda: assembly.settings, assembly.telephony.bindings.contacts, assembly.in_thread, assembly.reactor,
        assembly.pushes.text, assembly.display,
    )  # fmt: skip
    pages.seen = assembly.pushes.seen
    return pages
