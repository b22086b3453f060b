"""The waiting announcements of a group in their order, and uploading of the sounds that callers and gadgets hear."""

from functools import partial
from typing import IO

from magroup.groups.editing import NotSavedError, Problem, edits
from magroup.model.configuration import Configuration
from magroup.model.groups import Group
from magroup.web.admin.groups.chosen import (
    CHANGED,
    NO_MORE,
    NOT_SAVED,
    TAG,
    around,
    chosen,
    number_in,
    page_of,
    saved,
)
from magroup.web.admin.groups.seen import seen
from magroup.web.admin.pages import not_there
from magroup.web.admin.reading import sentence
from magroup.web.admin.visit import AdminVisit, Gone, Outcome, Shown
from magroup.web.admission.to_the_end import to_the_end
from magroup.web.sounds import TONES, WAVES, Received, take_in
from magroup.web.uploads import TooLarge, uploaded

LARGEST = 32 << 20
"""Bytes of an upload."""

PIECE = 64 << 10
FIELD = "file"


async def page(visit: AdminVisit) -> Outcome:
    return await _page(visit, _opened(visit), "")


async def change(visit: AdminVisit) -> Outcome:
    """What the button ``do`` says, of the announcement ``id``; a new one is the sound ``wave``."""
    group = _opened(visit)
    what, id, wave, tag = visit.text("do"), number_in(visit.text("id")), visit.text("wave"), visit.text(TAG)
    ids = [number_in(one) for one in visit.text("order", 1000).split(",")]

    def edit(configuration: Configuration) -> Configuration:
        if "welcome" not in seen(visit.rights, configuration, group.id).general:
            raise NO_MORE
        edits.expect_group(configuration, group.id, tag)
        if what == "add":
            return edits.add_announcement(configuration, visit.parts.editing.rules, group.id, wave)
        own = [one.id for one in configuration.announcements_of(group.id)]
        if what == "order" and sorted(ids) == sorted(own):
            for place, one in enumerate(ids, 1):
                configuration = edits.place_announcement(configuration, one, place)
            return configuration
        if id not in own:
            raise NO_MORE
        if what == "remove":
            return edits.delete_announcement(configuration, id)
        return edits.move_announcement(configuration, id, up=what == "up")

    new, refused, reason = await saved(visit, edit)
    if new is not None:
        return Gone(page_of(visit, group.id, "groups/announcements"), "saved")
    is_conflict = refused is not None and refused.problem is Problem.CONFLICT
    return await _page(
        visit, group, reason or (CHANGED if is_conflict or refused is None else sentence(refused.sentence))
    )


async def upload(visit: AdminVisit) -> Outcome:
    """A WAV for callers or, with ``kind`` tones, an MP3 for gadgets."""
    group = chosen(visit)
    is_tone = visit.text("kind") == TONES
    sections = seen(visit.rights, visit.configuration, group.id)
    if not (sections.tones if is_tone else "welcome" in sections.general):
        raise not_there()
    try:
        sent = await uploaded(visit.request, visit.parts.in_thread, FIELD, LARGEST)
    except TooLarge:
        return _upload_page(visit, group, is_tone, f"The file is larger than {LARGEST >> 20} MiB.")
    if sent is None:
        return _upload_page(visit, group, is_tone, "Choose a file.")
    return await to_the_end(_taken(visit, group, is_tone, sent.name, sent.content))


async def upload_page(visit: AdminVisit) -> Outcome:
    group = chosen(visit)
    is_tone = visit.text("kind") == TONES
    sections = seen(visit.rights, visit.configuration, group.id)
    if not (sections.tones if is_tone else "welcome" in sections.general):
        raise not_there()
    return _upload_page(visit, group, is_tone, "")


async def _taken(visit: AdminVisit, group: Group, is_tone: bool, name: str, content: IO[bytes]) -> Outcome:
    parts = visit.parts
    files, kind = (parts.tones, TONES) if is_tone else (parts.waves, WAVES)

    def receive(received: list[tuple[str, Received]]) -> None:
        file: Received = files.receive()
        received.append((name, file))
        for piece in iter(partial(content.read, PIECE), b""):
            file.write(piece)

    try:
        await take_in(parts.editing, parts.in_thread, kind, files, receive, visit.identity)
    except ValueError as wrong:
        return _upload_page(visit, group, is_tone, sentence(str(wrong)))
    except NotSavedError as reason:
        return _upload_page(visit, group, is_tone, NOT_SAVED.format(reason=reason))
    except OSError as gone:
        return _upload_page(visit, group, is_tone, f"The file cannot be stored: {gone.strerror}.")
    finally:
        content.close()
    return Gone(page_of(visit, group.id), "uploaded")


def _opened(visit: AdminVisit) -> Group:
    group = chosen(visit)
    if "welcome" not in seen(visit.rights, visit.configuration, group.id).general:
        raise not_there()
    return group


async def _page(visit: AdminVisit, group: Group, wrong: str) -> Shown:
    configuration = visit.parts.editing.configuration
    if group.id not in configuration.group_by_id:
        raise not_there()
    announced = configuration.announcements_of(group.id)
    return Shown("admin/groups/announcements.html", {
        **around(visit, group), "announced": announced, "tag": edits.group_tag(configuration, group.id),
        "order": ",".join(str(one.id) for one in announced),
        "waves": [(name, name) for name in await visit.parts.in_thread(visit.parts.waves.names)],
    }, {"": wrong} if wrong else {})  # fmt: skip


def _upload_page(visit: AdminVisit, group: Group, is_tone: bool, wrong: str) -> Shown:
    return Shown("admin/groups/upload.html", {
        **around(visit, group), "is_tone": is_tone, "most": LARGEST >> 20,
        "action": visit.url("groups/sounds", of=group.id, kind=TONES if is_tone else WAVES),
    }, {FIELD: wrong} if wrong else {})  # fmt: skip
