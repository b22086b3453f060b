"""All operations of the API."""

from collections.abc import Mapping
from typing import Any

from magroup.groups.editing import edits
from magroup.model.configuration import Configuration
from magroup.model.people import Privilege
from magroup.web.api import (
    audit,
    calls,
    events,
    forwarding,
    greetings,
    integration,
    journal,
    me,
    member_states,
    pictures,
    presence,
    settings,
    sounds,
    voicemail,
)
from magroup.web.api.announcements import ANNOUNCEMENTS
from magroup.web.api.devices import LINES, PHONES, TRUNKS
from magroup.web.api.groups import GROUPS
from magroup.web.api.members import MEMBERS
from magroup.web.api.operation import Operation
from magroup.web.api.people import CONTACTS, USERS
from magroup.web.api.tags import tag_of
from magroup.web.api.vips import VIPS

COLLECTIONS = (USERS, LINES, PHONES, CONTACTS, TRUNKS, GROUPS, MEMBERS, ANNOUNCEMENTS, VIPS)

OPERATIONS: tuple[Operation, ...] = (
    *me.OPERATIONS,
    *settings.OPERATIONS,
    *integration.OPERATIONS,
    *(operation for collection in COLLECTIONS for operation in collection.operations()),
    *pictures.OPERATIONS,
    *member_states.OPERATIONS,
    *presence.OPERATIONS,
    *forwarding.OPERATIONS,
    *calls.OPERATIONS,
    *events.OPERATIONS,
    *voicemail.OPERATIONS,
    *greetings.OPERATIONS,
    *sounds.OPERATIONS,
    *journal.OPERATIONS,
    *audit.OPERATIONS,
)

READERS: Mapping[str, tuple[Privilege, ...]] = {
    "users": USERS.readers,
    "lines": LINES.readers,
    "phones": PHONES.readers,
    "contacts": CONTACTS.readers,
    "trunks": TRUNKS.readers,
    "groups": GROUPS.readers,
    "members": MEMBERS.readers,
    "announcements": ANNOUNCEMENTS.readers,
    "vips": VIPS.readers,
}
"""Who reads things of the configuration, by the names of their lists there."""

TAGS: Mapping[str, str] = {
    "me": "Who is asking, and the own tokens.",
    "users": "People with accounts.",
    "lines": "Numbers people are called at.",
    "phones": "Devices.",
    "contacts": "Numbers outside.",
    "trunks": "SIP connections to other switches.",
    "settings": "How the server works; each change is in force at once or, where it says so, from the next start on.",
    "integration": "The gadget in other programs, and the services of phones.",
    "groups": "Groups with their members, announcements and VIP lists.",
    "presence": "What people say of themselves.",
    "forwarding": "Where calls go instead.",
    "calls": "Calls that are up.",
    "events": "What changes, told as it happens.",
    "voicemail": "Mailboxes with their messages and greetings.",
    "sounds": "What callers hear, and the tones of the gadget.",
    "journal": "Calls that have ended, with the reasons for each step.",
    "audit": "Who changed what.",
}
"""The groups of operations."""


def thing_tag(configuration: Configuration, kind: str, thing: Any) -> str:
    """The ETag of a thing of the configuration; ``kind`` is the name of its list there."""
    return edits.group_tag(configuration, thing.id) if kind == "groups" else tag_of(thing)
