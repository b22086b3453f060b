"""The voicemail as resources: mailboxes, and their messages listed, heard, downloaded and deleted."""

import json
from dataclasses import replace
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from magroup.model.messages import Message
from magroup.model.people import Privilege
from magroup.voicemail.boxes import Box
from magroup.web.api.call import Call
from magroup.web.api.fields import OptionalId, Seconds
from magroup.web.api.file_part import file_part
from magroup.web.api.operation import Answer, Operation
from magroup.web.api.paging import Page, Paged, page_of
from magroup.web.api.problem import not_found
from magroup.web.api.stream import Stream
from magroup.web.mail import place

WAV = "audio/wav"
MESSAGE = "voice message"
"""What the audit trail calls it."""


class ShownBox(Struct, frozen=True):
    """A mailbox: its number, who shares it, and how many messages are in it."""

    box: str
    user_names: Annotated[tuple[str, ...], Meta(description="Empty: only groups overflow to it, or it was somebody's.")]
    is_own: bool
    new: int
    heard: int
    has_greeting: Annotated[bool, Meta(description="It has a greeting of its own.")]


class ShownMessage(Struct, frozen=True):
    """A message that a caller has left."""

    id: str
    box: str
    caller_number: str
    caller_name: str
    left_at: Seconds
    seconds: Annotated[float, Meta(description="How long it is.")]
    heard: Annotated[bool, Meta(description="It was listened to; where all are, the lamps of the phones are off.")]
    group_id: OptionalId
    call_id: Annotated[str, Meta(description="The call in the journal.")]


class MessagePatch(Struct, kw_only=True, forbid_unknown_fields=True):
    """What may be changed of a message."""

    heard: bool | UnsetType = UNSET


class AudioQuery(Struct, kw_only=True, frozen=True):
    """How the file is sent."""

    download: Annotated[bool, Meta(description="To be kept as a file.")] = False


async def list_boxes(call: Call) -> Answer:
    mail, query = call.parts.mail, call.query
    if call.rights.has(Privilege.ADMIN):
        boxes = mail.mailboxes.boxes()
    else:
        user = call.configuration.user(call.identity.user_name)
        own = mail.box_of(user) if user is not None else None
        boxes = (own,) if own is not None else ()

    def page() -> tuple[list[Box], str]:
        found = sorted(boxes, key=lambda box: box.number)
        return page_of([box.number for box in found], found, query, str)

    found, after = await call.parts.in_thread(page)
    return Answer(Page([_box(call, box) for box in found], after))


def read_box(call: Call) -> Answer:
    return Answer(_box(call, box_of(call)))


def list_messages(call: Call) -> Answer:
    box = box_of(call)
    look(call, box)
    messages = call.parts.mail.newest_first(box.number)
    found, after = page_of([place(one) for one in messages], messages, call.query, tuple[float, str])
    return Answer(Page([_message(one) for one in found], after))


def read_message(call: Call) -> Answer:
    box, message = _found(call)
    look(call, box)
    return Answer(_message(message))


def change_message(call: Call) -> Answer:
    box, message = _found(call)
    look(call, box)
    heard = call.body.heard
    if heard is not UNSET:
        call.parts.mail.mailboxes.heard(box.number, message.id, heard)
        message = replace(message, heard=heard)
    return Answer(_message(message))


def delete_message(call: Call) -> Answer:
    box, message = _found(call)
    call.parts.mail.mailboxes.delete(box.number, message.id)
    if not is_own(call, box):
        caller = json.dumps({"caller_number": message.caller_number, "left_at": message.left_at}, ensure_ascii=False)
        record(call, MESSAGE, f"{box.number}/{message.id}", old=caller)
    return Answer()


async def read_audio(call: Call) -> Stream:
    """The file; whoever loads it keeps it, also when the message is deleted meanwhile."""
    box, message = _found(call)
    look(call, box)
    path = call.parts.mail.mailboxes.path(message)
    # Ids are made of what a file's name may have.
    headers = {"Content-Disposition": f'attachment; filename="{message.id}.wav"'} if call.query.download else {}
    try:
        return await file_part(call.request, call.parts.in_thread, lambda: path.open("rb"), WAV, headers)
    except OSError:
        raise not_found("The recording of this message is gone.") from None


def box_of(call: Call) -> Box:
    """The box that the path names, if the user has to do with it."""
    box = call.parts.mail.mailboxes.box(call.path["box"])
    if box is None or not (is_own(call, box) or call.rights.has(Privilege.ADMIN)):
        raise not_found("There is no such mailbox.")
    return box


def is_own(call: Call, box: Box) -> bool:
    return any(user.key == call.identity.user_name.casefold() for user in box.users)


def look(call: Call, box: Box) -> None:
    """Whoever looks at others' messages is in the audit trail."""
    if not is_own(call, box):
        call.parts.looks.look(call.identity, "voicemail", box.number)


def record(call: Call, what: str, key: str, old: str = "", new: str = "") -> None:
    admission = call.parts.admission
    admission.record(admission.change(call.identity, what, key, old, new))


def _found(call: Call) -> tuple[Box, Message]:
    box = box_of(call)
    message = call.parts.mail.mailboxes.get(box.number, call.path["message_id"])
    if message is None:
        raise not_found("There is no such message.")
    return box, message


def _box(call: Call, box: Box) -> ShownBox:
    mailboxes = call.parts.mail.mailboxes
    counts = mailboxes.counts(box.number)
    return ShownBox(
        box.number, tuple(user.name for user in box.users), is_own(call, box), counts.new, counts.old,
        mailboxes.greeting(box.number) is not None,
    )  # fmt: skip


def _message(message: Message) -> ShownMessage:
    return ShownMessage(**{name: getattr(message, name) for name in ShownMessage.__struct_fields__})


_ONE = "/voicemail/{box}/messages/{message_id}"
READS, WRITES = "voicemail:read", "voicemail:write"

OPERATIONS = (
    Operation(
        method="GET", path="/voicemail", id="listMailboxes", tag="voicemail", run=list_boxes, scope=READS,
        summary="List the mailboxes: the own one, with Admin all.", query=Paged, answer=Page[ShownBox],
    ),
    Operation(
        method="GET", path="/voicemail/{box}", id="getMailbox", summary="Read a mailbox.", tag="voicemail",
        run=read_box, scope=READS, answer=ShownBox,
    ),
    Operation(
        method="GET", path="/voicemail/{box}/messages", id="listMessages", tag="voicemail", run=list_messages,
        summary="List the messages, the newest first.", scope=READS, query=Paged, answer=Page[ShownMessage],
    ),
    Operation(
        method="GET", path=_ONE, id="getMessage", summary="Read what is known of a message.", tag="voicemail",
        run=read_message, scope=READS, answer=ShownMessage,
    ),
    Operation(
        method="PATCH", path=_ONE, id="changeMessage", summary="Mark a message as heard, or as new again.",
        tag="voicemail", run=change_message, scope=WRITES, body=MessagePatch, answer=ShownMessage,
    ),
    Operation(
        method="DELETE", path=_ONE, id="deleteMessage", summary="Delete a message and its file.", tag="voicemail",
        run=delete_message, scope=WRITES, code=204,
    ),
    Operation(
        method="GET", path=f"{_ONE}/audio", id="getMessageAudio", tag="voicemail", run=read_audio, scope=READS,
        summary="Hear a message; with Range a part of the file.", query=AudioQuery, streams={WAV: "The recording."},
        is_ranged=True,
    ),
)  # fmt: skip
