"""The own greeting of a mailbox as a resource: a WAV file that is heard, sent and deleted."""

from typing import IO, cast

from werkzeug.http import parse_options_header

from magroup.voicemail.boxes import Box
from magroup.web.admission.to_the_end import to_the_end
from magroup.web.api.call import Call
from magroup.web.api.file_part import file_part
from magroup.web.api.operation import Answer, Operation
from magroup.web.api.problem import ApiError, FieldError, invalid, not_found
from magroup.web.api.stream import Stream
from magroup.web.api.voicemail import READS, WAV, WRITES, AudioQuery, box_of, look, record

GREETING = "greeting"
"""What the audit trail calls it."""

_SENT = (WAV, "audio/x-wav", "audio/wave", "audio/vnd.wave", "application/octet-stream")


async def read_greeting(call: Call) -> Stream:
    box = box_of(call)
    look(call, box)
    path = call.parts.mail.mailboxes.greeting(box.number)
    if path is None:
        raise _standard()
    headers = {"Content-Disposition": 'attachment; filename="greeting.wav"'} if call.query.download else {}
    try:
        return await file_part(call.request, call.parts.in_thread, lambda: path.open("rb"), WAV, headers)
    except OSError:
        raise not_found("The file of this greeting is gone.") from None


async def put_greeting(call: Call) -> Answer:
    box = box_of(call)
    sent, _ = parse_options_header(call.request.getHeader("content-type") or "")
    if sent not in _SENT:
        raise invalid("Content-Type", f"must be {WAV}", 415)
    await to_the_end(_put(call, box))
    return Answer()


async def _put(call: Call, box: Box) -> None:
    try:
        await call.parts.mail.greetings.take(box.number, cast(IO[bytes], call.request.content))
    except ValueError as wrong:
        raise ApiError(422, f"The greeting {wrong}.", (FieldError("body", str(wrong)),)) from None
    except OSError as gone:
        sentence = f"The greeting cannot be stored: {gone.strerror}."
        raise ApiError(503, sentence, headers={"Retry-After": "60"}) from None
    record(call, GREETING, box.number)


async def delete_greeting(call: Call) -> Answer:
    box = box_of(call)
    if not await call.parts.mail.greetings.delete(box.number):
        raise _standard()
    record(call, GREETING, box.number)
    return Answer()


def _standard() -> ApiError:
    return not_found("This mailbox has the standard greeting.")


_ONE = "/voicemail/{box}/greeting"

OPERATIONS = (
    Operation(
        method="GET", path=_ONE, id="getGreeting", tag="voicemail", run=read_greeting, scope=READS, query=AudioQuery,
        summary="Hear the own greeting; with Range a part of the file.", streams={WAV: "The greeting."},
        is_ranged=True,
    ),
    Operation(
        method="PUT", path=_ONE, id="putGreeting", tag="voicemail", run=put_greeting, scope=WRITES, code=204,
        summary="Send an own greeting, which the next caller hears.", raw_body=(WAV, "application/octet-stream"),
        problems=(422,),
    ),
    Operation(
        method="DELETE", path=_ONE, id="deleteGreeting", tag="voicemail", run=delete_greeting, scope=WRITES, code=204,
        summary="Go back to the standard greeting.",
    ),
)  # fmt: skip
